"""Who gets another grade today: one rule for the daily run and for money that closes a case. Source: domain.md §4."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from huikuan.credit.rules.grade import explanation, grade
from huikuan.credit.rules.scorecard import Scorecard


@dataclass(frozen=True, slots=True)
class GradeChanges:
    """Grades that begin today (customer_id, letter, score, explanation), and those they end (grade_id, begun_on)."""

    begun: pl.DataFrame
    ended: pl.DataFrame


BROKEN_PLANS: Final[dict[str, type[pl.DataType]]] = {"customer_id": pl.Int64, "plan_broken_on": pl.Date}
"""When customers last broke an installment plan. Credit lies below agreements: whoever grades hands it in."""


def graded(
    customers: pl.DataFrame,
    items: pl.DataFrame,
    *,
    broken_plans: pl.DataFrame,
    scorecard: Scorecard,
    as_of: date,
) -> pl.DataFrame:
    """Return the customers with what their open items say of them and their grade of the day.

    Args:
        customers: `credit.queries.GRADING`; more columns are kept.
        items: customer_id, due_on, issued_on of everything open on the day.
        broken_plans: BROKEN_PLANS; no row: none.
        scorecard: Of the policy in force.
        as_of: The day.

    Returns: the customers with oldest_issued_on, worst_days (0 for none), letter, score and explanation (JSON text).
    """
    oldest = items.group_by("customer_id").agg(
        oldest_due_on=pl.col("due_on").min(), oldest_issued_on=pl.col("issued_on").min()
    )
    overdue_days = (pl.lit(as_of) - pl.col("oldest_due_on")).dt.total_days()
    begun = oldest.select("customer_id", "oldest_issued_on", worst_days=overdue_days.clip(0))
    known = (
        customers.join(begun, on="customer_id", how="left")
        .join(broken_plans, on="customer_id", how="left")
        .with_columns(
            pl.col("worst_days").fill_null(0),
            known_since=pl.min_horizontal("business_since", "first_item_on", "oldest_issued_on"),
        )
    )
    scored = grade(known, scorecard=scorecard, as_of=as_of).with_columns(explanation=explanation(scorecard))
    return known.join(scored.select("customer_id", "letter", "score", "explanation"), on="customer_id", how="left")


def grade_changes(graded_customers: pl.DataFrame) -> GradeChanges:
    """Return the changes of letter. A new score with the same letter is no change: it moves with every day."""
    changed = graded_customers.filter(pl.col("letter").ne_missing(pl.col("current_letter"))).sort("customer_id")
    return GradeChanges(
        begun=changed.select("customer_id", "letter", "score", "explanation"),
        ended=changed.filter(pl.col("current_grade_id").is_not_null()).select(
            grade_id="current_grade_id", begun_on="current_grade_on"
        ),
    )
