"""Reads of the credit module: the grade with its explanation, as plain data for pages."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from huikuan.credit.models import Grade, GradeOverride, RiskMark


@dataclass(frozen=True, slots=True, kw_only=True)
class GradePanel:
    """A customer's grade on a day.

    Attributes:
        letter: "" when no run has graded the customer yet.
        points: (component, points earned, points it could earn) in the order of the scorecard.
        facts: What the components saw, as the run wrote it.
        override: The grade by hand in force on the day, or None.
        past: (begun_on, ended_on, letter, score), the latest first.
    """

    letter: str
    score: int
    begun_on: date | None
    knocked_out_by: str
    points: tuple[tuple[str, int, int], ...]
    facts: dict[str, Any]
    override: GradeOverride | None
    past: tuple[tuple[date, date | None, str, int], ...]


def grade_panel(customer_id: int, *, as_of: date) -> GradePanel:
    """Return the grade of one customer as it stood on a day, explained. Two queries."""
    rows = list(Grade.objects.filter(customer_id=customer_id, begun_on__lte=as_of).order_by("-begun_on", "-pk")[:24])
    override = (
        GradeOverride.objects.filter(customer_id=customer_id, ended_at=None, starts_on__lte=as_of, ends_on__gte=as_of)
        .select_related("placed_by")
        .first()
    )
    past = tuple((row.begun_on, row.ended_on, row.letter, row.score) for row in rows)
    if not rows:
        return GradePanel(
            letter="", score=0, begun_on=None, knocked_out_by="", points=(), facts={}, override=override, past=past
        )
    current, said = rows[0], rows[0].explanation
    return GradePanel(
        letter=current.letter,
        score=current.score,
        begun_on=current.begun_on,
        knocked_out_by=said.get("knocked_out_by", ""),
        points=tuple((name, got, said["weights"].get(name, 0)) for name, got in said["points"].items()),
        facts=said.get("facts", {}),
        override=override,
        past=past,
    )


def open_risk_marks(customer_id: int) -> list[RiskMark]:
    """Return the warnings that stand, the oldest first. One query."""
    return list(RiskMark.objects.filter(customer_id=customer_id, ended_on=None).order_by("begun_on", "kind"))
