"""The grade for people: every component with its points and what it saw."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from huikuan.credit.models.grade import Letter
from huikuan.credit.queries import GradePanel
from huikuan.parties.models import Customer

COMPONENTS = {
    "late_share": gettext_lazy("Share of items paid late"),
    "mean_days_late": gettext_lazy("Days late on average, weighted by amount"),
    "worst_open_days": gettext_lazy("Worst open item"),
    "cooperation_months": gettext_lazy("Length of cooperation"),
    "size_class": gettext_lazy("Size of the company"),
    "industry": gettext_lazy("Industry"),
    "reputation": gettext_lazy("Public records"),
}

KNOCK_OUTS = {
    "open_overdue_days": gettext_lazy("an item has been overdue too long"),
    "broken_plan_months": gettext_lazy("an installment plan was broken on {plan_broken_on}"),
}
"""Why the letter is limited, in words with the facts of the grade."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentRow:
    """One component: points earned of points possible, and the fact behind it."""

    name: str
    points: int
    most: int
    fact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRow:
    """A grade of the past, or the present one."""

    letter: str
    score: int
    begun_on: date
    ended_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeExplained:
    """A grade with its reasons; `letter` is "" before the first run."""

    letter: str
    name: str
    score: int
    begun_on: date | None
    knocked_out: str
    components: tuple[ComponentRow, ...]
    past: tuple[PastRow, ...]
    by_hand: str
    by_hand_reason: str
    by_hand_who: str
    by_hand_until: date | None


def explained(panel: GradePanel) -> GradeExplained:
    """Put a grade into words."""
    override = panel.override
    return GradeExplained(
        letter=panel.letter,
        name=str(Letter(panel.letter).label) if panel.letter else "",
        score=panel.score,
        begun_on=panel.begun_on,
        knocked_out=str(KNOCK_OUTS.get(panel.knocked_out_by, panel.knocked_out_by)).format(**panel.facts),
        components=tuple(
            ComponentRow(name=str(COMPONENTS.get(code, code)), points=got, most=most, fact=_fact(code, panel.facts))
            for code, got, most in panel.points
        ),
        past=tuple(
            PastRow(letter=letter, score=score, begun_on=begun, ended_on=ended)
            for begun, ended, letter, score in panel.past
        ),
        by_hand=override.letter if override else "",
        by_hand_reason=override.reason if override else "",
        by_hand_who=str(override.placed_by) if override else "",
        by_hand_until=override.ends_on if override else None,
    )


def _fact(code: str, facts: dict[str, Any]) -> str:
    """Say what a component saw."""
    said = FACT_WORDS.get(code)
    return said(facts) if said else str(facts.get(code) or _("unknown"))


def _late_share(facts: dict[str, Any]) -> str:
    settled, late = facts.get("settled_count") or 0, facts.get("late_count") or 0
    return _("{late} of {settled} settled items").format(late=late, settled=settled) if settled else _nothing_settled()


def _mean_days(facts: dict[str, Any]) -> str:
    return _nothing_settled() if facts.get("mean_days_late") is None else _days(facts["mean_days_late"])


def _nothing_settled() -> str:
    return _("nothing settled yet")


def _months(facts: dict[str, Any]) -> str:
    months = facts.get("months_known") or 0
    return ngettext("%(months)d month", "%(months)d months", months) % {"months": months}


def _size(facts: dict[str, Any]) -> str:
    known = facts.get("size_class")
    return str(dict(Customer.Size.choices).get(known, known)) if known else _("unknown")


def _days(days: int) -> str:
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}


FACT_WORDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "late_share": _late_share,
    "mean_days_late": _mean_days,
    "worst_open_days": lambda facts: _days(facts.get("worst_days") or 0),
    "cooperation_months": _months,
    "size_class": _size,
}
