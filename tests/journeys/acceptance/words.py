"""The words of a case: what a step says, taken apart; what is not understood is named, never passed over."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

AMOUNT = re.compile(r"-?\d+(\.\d+)?")
AMOUNT_IN = re.compile(r"(?P<number>-?\d+(\.\d+)?) ?(?P<currency>[A-Z]{3})?")
DAYS_LATER = re.compile(r"\+(\d+) days?")
BASE_DAY = date(2025, 1, 1)
"""What "any day" is, and the day from which "+50 days" counts."""


class Unsupported(Exception):  # noqa: N818  it is an answer, not an error
    """The case asks for something that the system, or this runner, does not do. Never a pass."""

    def __init__(self, *, what: str) -> None:
        super().__init__(what)


@dataclass
class Deed:
    """What is done: a verb, the words after it, what it is done to (`on I1=50.00,I2`), and options (`dated=…`).

    Whoever carries it out takes the words one by one; words that are left over make the case unsupported.
    """

    verb: str
    words: list[str] = field(default_factory=list)
    targets: dict[str, Decimal | None] | None = None
    options: dict[str, str] = field(default_factory=dict)

    def word(self) -> str:
        """Take the next word."""
        if not self.words:
            raise Unsupported(what=f"words: {self.verb} wants one more word")
        return self.words.pop(0)

    def flag(self, word: str) -> bool:
        """Take the word if it stands next."""
        if self.words[:1] == [word]:
            self.words.pop(0)
            return True
        return False

    def amount(self) -> tuple[Decimal, str | None]:
        """Take the next word as an amount, with its currency if it names one."""
        return amount_in(self.word())

    def has_amount(self) -> bool:
        """Tell whether an amount stands next."""
        return bool(self.words) and AMOUNT_IN.fullmatch(self.words[0]) is not None

    def option(self, name: str) -> str | None:
        """Take an option, None when it was not given."""
        return self.options.pop(name, None)

    def on(self) -> dict[str, Decimal | None] | None:
        """Take what it is done to."""
        targets, self.targets = self.targets, None
        return targets

    def finish(self) -> None:
        """Refuse what nobody took."""
        left = [*self.words, *(f"{name}=" for name in self.options), *(["on …"] if self.targets else [])]
        if left:
            raise Unsupported(what=f"words: {self.verb} {' '.join(left)}")


def deed(text: str) -> Deed:
    """Take a step apart."""
    verb, *words = text.replace(",", ", ").replace(",  ", ", ").split() if " on " not in text else text.split()
    read = Deed(verb)
    while words:
        word = words.pop(0)
        if word == "on" and words:
            read.targets = dict(_target(part) for part in words.pop(0).split(","))
        elif re.fullmatch(r"[a-z_]+=.+", word):
            name, _, value = word.partition("=")
            read.options[name] = value
        else:
            read.words.append(word.rstrip(","))
    return read


def _target(text: str) -> tuple[str, Decimal | None]:
    name, _, amount = text.partition("=")
    return name, Decimal(amount) if amount else None


def amount_in(text: str) -> tuple[Decimal, str | None]:
    """Return "50.99 EUR" or "100.00USD" or "5.00" as number and currency."""
    found = AMOUNT_IN.fullmatch(text.strip())
    if found is None:
        raise Unsupported(what=f"words: {text!r} is no amount")
    return Decimal(found["number"]), found["currency"]


def moment(text: str) -> tuple[date, datetime | None]:
    """Return the day of a step, and the instant if it names one."""
    if found := DAYS_LATER.fullmatch(text):
        return BASE_DAY + timedelta(days=int(found[1])), None
    if text == "any day":
        return BASE_DAY, None
    try:
        if "T" in text:
            instant = datetime.fromisoformat(text)
            return instant.date(), instant.replace(tzinfo=instant.tzinfo or UTC)
        return date.fromisoformat(text), None
    except ValueError:
        raise Unsupported(what=f"on: {text!r} is no day") from None


def midnight(day: date) -> datetime:
    """Return the first instant of the day in UTC."""
    return datetime.combine(day, time(), UTC)


def only(found: dict[str, Any], known: set[str], where: str) -> None:
    """Refuse fields that nobody would look at."""
    unknown = sorted(set(found) - known)
    if unknown:
        raise Unsupported(what=f"{where}: {', '.join(unknown)}")


def same(actual: Any, expected: Any) -> bool:
    """Compare as the cases mean it: amounts by value, everything else exactly."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return set(actual) == set(expected) and all(same(actual[key], expected[key]) for key in expected)
    if isinstance(expected, list) and isinstance(actual, list):
        return len(actual) == len(expected) and all(map(same, actual, expected))
    if isinstance(expected, str) and isinstance(actual, str):
        return actual == expected or _is_same_amount(actual, expected)
    return type(actual) is type(expected) and bool(actual == expected)


def _is_same_amount(actual: str, expected: str) -> bool:
    if not (AMOUNT.fullmatch(actual) and AMOUNT.fullmatch(expected)):
        return False
    try:
        return Decimal(actual) == Decimal(expected)
    except InvalidOperation:
        return False
