"""What stands in the fields :25:, :60:, :61:, :62:, :90: of a SWIFT statement."""

import re
from datetime import date
from typing import Final, NamedTuple

from huikuan.adapters.mt940.fields import Field
from huikuan.cash.rules.statement import Balance, tidy_reference
from huikuan.kernel.days import end_of_month
from huikuan.kernel.money import parse_minor
from huikuan.kernel.refusal import Refusal, gettext_noop

_CENTURY: Final = 80
"""Two-digit years from 80 on are of the 1900s."""
_BALANCE: Final = re.compile(r"([CD])(\d{6})([A-Z]{3})(\d*[,.]?\d*)\s*")
_ENTRY: Final = re.compile(
    r"(?P<value>\d{6})(?P<entry>\d{4})?\s*(?P<mark>R[CD]|E[CD]|[CD])(?P<funds>[A-Z])?\s*"
    r"(?P<amount>\d+[,.]\d*|\d*[,.]\d+)(?P<kind>[A-Z][A-Z0-9 ]{3})?(?P<rest>.*)"
)
_TOTAL: Final = re.compile(r"(\d*)([A-Z]{3})(\d*[,.]?\d*)\s*")
_MONTHS_OF_HALF_YEAR: Final = 6


class FieldWrong(Refusal):
    """A field is not what the standard says."""

    code = "bank.field-wrong"
    text = gettext_noop(
        "Line {line}: the field :{tag}: reads “{value}”, which is not its form in SWIFT. Nothing was imported."
    )


class Entry(NamedTuple):
    """A statement line, :61:."""

    line: int
    value_on: date
    booked_on: date
    amount: str
    is_credit: bool
    is_reversal: bool
    is_expected: bool
    kind: str
    reference: str
    bank_reference: str
    details: str
    day_was_moved: bool


def _wrong(field: Field) -> FieldWrong:
    return FieldWrong(line=field.line, tag=field.tag, value=field.first[:60])


def amount(text: str, currency: str) -> int:
    """Read "1234,5" in minor units. Raises the refusals of `kernel.money`."""
    whole, _, part = text.replace(".", ",").partition(",")
    return parse_minor(f"{whole.lstrip('0') or '0'}.{part or '0'}", currency)


def balance(field: Field) -> Balance:
    """Read :60F:, :60M:, :62F: or :62M:. Raises FieldWrong."""
    match = _BALANCE.fullmatch(field.first)
    if match is None or not match[4].strip(",."):
        raise _wrong(field)
    try:
        _day(match[2])
        minor = amount(match[4], match[3])
    except (ValueError, Refusal):
        raise _wrong(field) from None
    return Balance(minor if match[1] == "C" else -minor, match[3], field.line)


def balance_day(field: Field) -> date:
    """Return the day of a balance that `balance` has read."""
    return _day(field.first[1:7])[0]


def total(field: Field) -> tuple[int, str, int]:
    """Read :90C: or :90D: as count, currency and sum in minor units. Raises FieldWrong."""
    match = _TOTAL.fullmatch(field.first)
    try:
        if match is None:
            raise _wrong(field)
        return int(match[1] or "0"), match[2], amount(match[3] or "0", match[2])
    except Refusal:
        raise _wrong(field) from None


def floor_currency(field: Field) -> str:
    """Return the currency of :34F:. Raises FieldWrong."""
    code = field.first[:3]
    if not re.fullmatch("[A-Z]{3}", code):
        raise _wrong(field)
    return code


def entry(field: Field) -> Entry:
    """Read :61:. A day that is not in the calendar (30 February of banks' months) is the last day of its month.

    Raises: FieldWrong.
    """
    match = _ENTRY.fullmatch(field.first)
    if match is None:
        raise _wrong(field)
    try:
        value_on, moved = _day(match["value"])
        booked_on = _entry_day(match["entry"], value_on)
    except ValueError:
        raise _wrong(field) from None
    mark = match["mark"]
    reference, _, of_bank = match["rest"].partition("//")
    return Entry(
        line=field.line,
        value_on=value_on,
        booked_on=booked_on,
        amount=match["amount"],
        is_credit=mark in {"C", "RD", "EC"},
        is_reversal=mark.startswith("R") or (match["kind"] or "")[1:] == "RTI",
        is_expected=mark.startswith("E"),
        kind=(match["kind"] or "").strip(),
        reference=tidy_reference(reference),
        bank_reference=tidy_reference(of_bank),
        details=" ".join(each.strip() for each in field.lines[1:] if each.strip()),
        day_was_moved=moved,
    )


def _day(text: str) -> tuple[date, bool]:
    """Read YYMMDD; tell whether the day had to be moved into its month. Raises ValueError."""
    year, month, day = int(text[:2]), int(text[2:4]), int(text[4:])
    year += 1900 if year >= _CENTURY else 2000
    last = end_of_month(date(year, month, 1))
    if not 1 <= day <= 31:  # noqa: PLR2004
        raise ValueError(text)
    return (last, True) if day > last.day else (date(year, month, day), False)


def _entry_day(text: str | None, value_on: date) -> date:
    """Read MMDD in the year that brings it nearest to the value date. Raises ValueError."""
    if not text:
        return value_on
    month = int(text[:2])
    year = value_on.year
    if month - value_on.month > _MONTHS_OF_HALF_YEAR:
        year -= 1
    elif value_on.month - month > _MONTHS_OF_HALF_YEAR:
        year += 1
    return _day(f"{year % 100:02d}{text}")[0]
