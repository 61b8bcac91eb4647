"""The contact guard's rules as data: numbers, sources, and the words that are refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import time
from typing import Final

LOWER, HIGHER, EARLIER, LATER = "lower", "higher", "earlier", "later"

RULES: Final = (
    "quiet_hours",
    "automatic_hours",
    "connected_calls_per_day",
    "dials_per_day",
    "calls_per_week",
    "visits_per_day",
    "visit_persons",
    "demand_gap",
    "number_gap",
    "opt_out",
    "wrong_person",
    "acts_for_debtor",
    "hold",
    "language",
    "utilities",
)
"""Every rule of a whole pack, by id."""
ADDED: Final = (
    "calls_per_day",
    "conversation_silence",
    "rest_days",
    "visit_consent",
    "access",
    "posting",
    "lockout",
)
"""Rules that only additional packs have."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a rule, the direction in which it may be changed, and what it was before a policy did."""

    value: int | time
    stricter: str
    tightened_from: int | time | None = None

    def allows(self, other: int | time) -> bool:
        """Tell whether the other value is as strict or stricter. Raises TypeError when it is of another kind."""
        if isinstance(self.value, time) != isinstance(other, time):
            message = "a time of day and a count cannot be compared"
            raise TypeError(message)
        mine, others = _ordinal(self.value), _ordinal(other)
        return others <= mine if self.stricter in {LOWER, EARLIER} else others >= mine


def _ordinal(value: int | time) -> int:
    """Return a count as it is, a time of day as seconds since midnight."""
    return value if isinstance(value, int) else value.hour * 3600 + value.minute * 60 + value.second


def shown(value: int | time) -> str:
    """Return a number of a rule as it is written: 6, 21:00."""
    return value.strftime("%H:%M") if isinstance(value, time) else str(value)


@dataclass(frozen=True, slots=True)
class GuardRule:
    """One rule of the guard.

    Attributes:
        code: Its id, one of RULES.
        says: The rule in words, per language ("zh", "en"), with {numbers}.
        source: Statute or standard it comes from.
        is_verified: The source was read in full; else the rule applies because the pack adopts it.
        channels: What it is about; empty: every channel.
        numbers: Its numbers.
        kinds: Kinds of hold it is about.
        consent_lifts: A consent for this very rule, not yet expired, lifts it.
        warns: It only warns, except in the regions.
        regions: Where it blocks all the same.
        pack: Name of the pack it stands in.
    """

    code: str
    says: Mapping[str, str]
    source: str
    is_verified: bool
    channels: frozenset[str] = frozenset()
    numbers: Mapping[str, Number] = field(default_factory=dict)
    kinds: frozenset[str] = frozenset()
    consent_lifts: bool = False
    warns: bool = False
    regions: frozenset[str] = frozenset()
    pack: str = ""

    def blocks_in(self, region: str) -> bool:
        """Tell whether the rule blocks in a region ("山东省潍坊市"); else it only warns."""
        return not self.warns or any(each in region for each in self.regions)

    def is_about(self, channel: str) -> bool:
        """Tell whether the rule concerns the channel."""
        return not self.channels or channel in self.channels

    def whole(self, name: str) -> int:
        """Return a count. Raises TypeError for a time of day."""
        value = self.numbers[name].value
        if isinstance(value, time):
            message = f"{self.code}.{name} is a time of day"
            raise TypeError(message)
        return value

    def clock(self, name: str) -> time:
        """Return a time of day. Raises TypeError for a count."""
        value = self.numbers[name].value
        if not isinstance(value, time):
            message = f"{self.code}.{name} is a count"
            raise TypeError(message)
        return value

    def in_words(self, language: str) -> str:
        """Return the rule in words with its numbers, in Chinese for zh…, else in English."""
        text = self.says["zh" if language.lower().startswith("zh") else "en"]
        return text.format(**{name: shown(number.value) for name, number in self.numbers.items()})


@dataclass(frozen=True, slots=True)
class WordList:
    """Phrases that must not be written or said, how to put it instead, and harmless ones that hold such a phrase."""

    kind: str
    language: str
    phrases: tuple[str, ...]
    instead: str
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Debtor:
    """What decides which packs apply to a customer.

    Attributes:
        country: ISO 3166.
        size_class: PERSON for a natural person.
        businesses: What the debt is from: the entity's line, and the kinds of the customer's contracts.
    """

    country: str
    size_class: str = ""
    businesses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class GuardPack:
    """The rules of one jurisdiction, line of business or kind of debtor.

    Attributes:
        name: Its file.
        title: What it is called, per language.
        rules: By code; a whole pack has all of RULES, an additional one some of RULES and ADDED.
        words: What must not be written.
        countries, sizes, businesses: For whom an additional pack applies by itself; empty: for everybody.
    """

    name: str
    rules: Mapping[str, GuardRule]
    words: tuple[WordList, ...]
    title: Mapping[str, str] = field(default_factory=dict)
    countries: frozenset[str] = frozenset()
    sizes: frozenset[str] = frozenset()
    businesses: frozenset[str] = frozenset()

    @property
    def is_whole(self) -> bool:
        """Tell whether a policy may rest on this pack alone."""
        return set(RULES) <= set(self.rules)

    def concerns(self, debtor: Debtor) -> bool:
        """Tell whether an additional pack applies to a debtor."""
        return (
            (not self.countries or debtor.country in self.countries)
            and (not self.sizes or debtor.size_class in self.sizes)
            and (not self.businesses or bool(self.businesses & debtor.businesses))
        )

    def titled(self, language: str) -> str:
        """Return the name of the pack in Chinese for zh…, else in English."""
        return self.title.get("zh" if language.lower().startswith("zh") else "en", self.name)

    def tightened(self, changes: Mapping[str, Mapping[str, int | time]]) -> "GuardPack":
        """Return the pack with a policy's own numbers, as far as they are its numbers.

        Raises ValueError when one is looser: it was to be checked.
        """
        rules = dict(self.rules)
        for code, numbers in changes.items():
            if code in rules:
                rules[code] = _tightened(rules[code], numbers)
        return replace(self, rules=rules)


def _tightened(rule: GuardRule, numbers: Mapping[str, int | time]) -> GuardRule:
    changed = {}
    for name, value in numbers.items():
        given = rule.numbers[name]
        if not given.allows(value):
            message = f"{rule.code}.{name}: {value} is looser than {given.value}"
            raise ValueError(message)
        if value != given.value:
            changed[name] = replace(given, value=value, tightened_from=given.value)
    return replace(rule, numbers={**rule.numbers, **changed})
