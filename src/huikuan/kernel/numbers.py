"""Uniform numbers (统一编号) for customers, contracts, cases, letters and evidence: one shape for all (product A8).

CASE-MAIN-2026-000042: kind, entity, year, running number. They sort as text within a year up to 999,999.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from huikuan.kernel.refusal import Refusal, gettext_noop

_RUNNING_DIGITS: Final = 6
_NUMBER: Final = re.compile(r"(?P<prefix>[A-Z]{3,4})-(?P<entity>[A-Z0-9][A-Z0-9_-]*)-(?P<year>\d{4})-(?P<n>\d{6,})")
_ENTITY: Final = re.compile(r"[A-Z0-9][A-Z0-9_-]*")
_YEARS: Final = range(1900, 2200)


class NumberKind(StrEnum):
    """What is numbered; the value is the prefix."""

    CUSTOMER = "CUS"
    CONTRACT = "CON"
    CASE = "CASE"
    LETTER = "LTR"
    EVIDENCE = "EVD"
    PLAN = "PLAN"
    STATEMENT = "STMT"


class NumberUnreadable(Refusal):
    """The text is no uniform number."""

    code = "number.unreadable"
    text = gettext_noop("“{value}” is not a number of ours. They look like CASE-MAIN-2026-000042.")


@dataclass(frozen=True, slots=True)
class UniformNumber:
    """The parts of a uniform number."""

    kind: NumberKind
    entity_code: str
    year: int
    n: int

    def __str__(self) -> str:
        """Write it."""
        return format_number(self.kind, self.entity_code, self.year, self.n)


def format_number(kind: NumberKind, entity_code: str, year: int, n: int) -> str:
    """Write a uniform number: (CASE, "MAIN", 2026, 42) is "CASE-MAIN-2026-000042".

    Args:
        kind: What is numbered.
        entity_code: Capital letters, digits, - and _; begins with a letter or digit.
        year: Four digits.
        n: From 1, per kind, entity and year; above 999,999 it simply grows longer.

    Raises: ValueError when a part has another shape: the caller is wrong, not the user.
    """
    if not _ENTITY.fullmatch(entity_code) or year not in _YEARS or n < 1:
        message = f"no uniform number can be made of {entity_code!r}, {year}, {n}"
        raise ValueError(message)
    return f"{kind.value}-{entity_code}-{year}-{n:0{_RUNNING_DIGITS}}"


def parse_number(text: str) -> UniformNumber:
    """Read a uniform number, in any case and with blanks around it. Raises NumberUnreadable."""
    match = _NUMBER.fullmatch(text.strip().upper())
    if match is None or match["prefix"] not in set(NumberKind) or not match["n"].isascii():
        raise NumberUnreadable(value=text)
    number = UniformNumber(NumberKind(match["prefix"]), match["entity"], int(match["year"]), int(match["n"]))
    if number.year not in _YEARS or number.n < 1:
        raise NumberUnreadable(value=text)
    return number
