"""Reads of the credit module: the grade with its explanation, as plain data for pages; the facts it is made from."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl

from huikuan.credit.models import Grade, GradeOverride, RiskMark
from huikuan.kernel.days import add_months, month_start
from huikuan.storage.among import among
from huikuan.storage.bulk import Param, read_frame

GRADING_SQL: Final = """c.size_class, c.industry, c.business_since, h.first_item_on, o.letter AS override_letter,
       g.letter AS current_letter, g.id AS current_grade_id, g.begun_on AS current_grade_on
  FROM parties_customer c
  LEFT JOIN receivables_customerhistory h ON h.customer_id = c.id
  LEFT JOIN credit_grade g ON g.customer_id = c.id AND g.ended_on IS NULL
  LEFT JOIN credit_gradeoverride o ON o.customer_id = c.id AND o.ended_at IS NULL
       AND o.starts_on <= %(as_of)s AND o.ends_on >= %(as_of)s"""
"""What a grade is made from, one row a customer; `SELECT c.id AS customer_id, ` goes before, the condition behind."""

RECORD_SQL: Final = """
SELECT m.customer_id, sum(m.settled_count) AS settled_count, sum(m.late_count) AS late_count,
       sum(m.amount_minor_sum) AS amount_minor_sum, sum(m.amount_days_sum) AS amount_days_sum
  FROM receivables_paymentmonth m JOIN parties_customer c ON c.id = m.customer_id
 WHERE c.entity_id = %(entity)s AND {of_these} AND m.month_on BETWEEN %(window)s AND %(month)s
 GROUP BY m.customer_id"""
"""The payment record of the window; `of_these` says whose."""

RECORD: Final[dict[str, type[pl.DataType]]] = {
    "customer_id": pl.Int64,
    "settled_count": pl.Int64,
    "late_count": pl.Int64,
    "amount_minor_sum": pl.Int128,
    "amount_days_sum": pl.Int128,
}
GRADING: Final[dict[str, type[pl.DataType]]] = {
    "customer_id": pl.Int64,
    "size_class": pl.String,
    "industry": pl.String,
    "business_since": pl.Date,
    "first_item_on": pl.Date,
    "override_letter": pl.String,
    "current_letter": pl.String,
    "current_grade_id": pl.Int64,
    "current_grade_on": pl.Date,
}
"""What `credit.rules.grading` asks of a customer, beside the counts of `RECORD`."""


def window_starts_on(as_of: date, months: int) -> date:
    """Return the first day of the payment record: whole calendar months, the present one included."""
    return add_months(month_start(as_of), 1 - months)


def grading_frame(*, entity_id: int, customer_ids: Collection[int], as_of: date, window_months: int) -> pl.DataFrame:
    """Return what the grades of these customers are made from, beside their open items. Two statements."""
    of_these, ids = among("c.id", "customers", sorted(customer_ids))
    params: dict[str, Param] = {
        **ids, "entity": entity_id, "as_of": as_of, "window": window_starts_on(as_of, window_months),
        "month": month_start(as_of),
    }  # fmt: skip
    record = read_frame(RECORD_SQL.format(of_these=of_these), params, RECORD)
    customers = read_frame(
        f"SELECT c.id AS customer_id, {GRADING_SQL} WHERE c.entity_id = %(entity)s AND {of_these}",
        params,
        GRADING,
    )
    return customers.join(record, on="customer_id", how="left").with_columns(
        pl.col(name).fill_null(0) for name in RECORD if name != "customer_id"
    )


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
