"""Which text a customer gets: the most specific one that fits, the same one every time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol, TypeVar

from huikuan.kernel.days import add_months

LONG_TERM_MONTHS: Final = 36
"""From so many months of business on a customer counts as a long-term one."""
NO_SOFT_WORDS: Final = frozenset({"C"})
"""Grades to which no soft note goes, however long the business."""


@dataclass(frozen=True, slots=True)
class Variant:
    """For whom a text is meant; "" and False mean everybody."""

    tone: str
    industry: str = ""
    grade: str = ""
    is_long_term: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is to read it, and in which tone."""

    tone: str
    industry: str = ""
    grade: str = ""
    is_long_term: bool = False


class Text(Protocol):
    """A text to choose from: for whom it is meant, and its version (0: shipped with the product)."""

    @property
    def variant(self) -> Variant: ...  # noqa: D102

    @property
    def number(self) -> int: ...  # noqa: D102


T = TypeVar("T", bound=Text)


def fits(variant: Variant, reader: Reader) -> bool:
    """Tell whether a text may go to this reader: its tone is the one asked for, and whatever it names holds."""
    return (
        variant.tone == reader.tone
        and variant.industry in {"", reader.industry}
        and variant.grade in {"", reader.grade}
        and (reader.is_long_term or not variant.is_long_term)
    )


def choose(texts: Iterable[T], reader: Reader) -> T | None:
    """Return the text that fits best; None when none fits.

    The one that names most of the reader; among equals the long-term customer before the industry before the grade;
    then the company's own before the shipped one. No two own texts have the same variant, so one is best.
    """
    fitting = [text for text in texts if fits(text.variant, reader)]
    return max(fitting, key=_rank, default=None)


def _rank(text: Text) -> tuple[int, bool, bool, bool, bool]:
    named = (text.variant.is_long_term, bool(text.variant.industry), bool(text.variant.grade))
    return (sum(named), *named, text.number > 0)


def is_long_term(business_since: date | None, grade: str, *, as_of: date) -> bool:
    """Tell whether a customer counts as a long-term one: long in business with us, and not of the worst grade."""
    if business_since is None or grade in NO_SOFT_WORDS:
        return False
    return add_months(business_since, LONG_TERM_MONTHS) <= as_of
