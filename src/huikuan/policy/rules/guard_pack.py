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
    "opt_out",
    "wrong_person",
    "acts_for_debtor",
    "hold",
    "language",
    "utilities",
)
"""Every rule of a pack, by id."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a rule and the direction in which it may be changed."""

    value: int | time
    stricter: str

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
    """

    code: str
    says: Mapping[str, str]
    source: str
    is_verified: bool
    channels: frozenset[str] = frozenset()
    numbers: Mapping[str, Number] = field(default_factory=dict)
    kinds: frozenset[str] = frozenset()
    consent_lifts: bool = False

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
        return text.format(**{name: number.value for name, number in self.numbers.items()})


@dataclass(frozen=True, slots=True)
class WordList:
    """Phrases that must not be written or said, and how to put it instead."""

    kind: str
    language: str
    phrases: tuple[str, ...]
    instead: str


@dataclass(frozen=True, slots=True)
class GuardPack:
    """The rules of one jurisdiction."""

    name: str
    rules: Mapping[str, GuardRule]
    words: tuple[WordList, ...]

    def tightened(self, changes: Mapping[str, Mapping[str, int | time]]) -> "GuardPack":
        """Return the pack with a policy's own numbers. Raises ValueError when one is looser: it was to be checked."""
        rules = dict(self.rules)
        for code, numbers in changes.items():
            rule = rules[code]
            for name, value in numbers.items():
                if not rule.numbers[name].allows(value):
                    message = f"{code}.{name}: {value} is looser than {rule.numbers[name].value}"
                    raise ValueError(message)
            changed = {name: replace(rule.numbers[name], value=value) for name, value in numbers.items()}
            rules[code] = replace(rule, numbers={**rule.numbers, **changed})
        return replace(self, rules=rules)
