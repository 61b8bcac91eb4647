"""How each customer stands on the day: grade, warnings, type of arrears; composed from the rules of credit."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from huikuan.credit.rules.arrears import arrears_type
from huikuan.credit.rules.grading import graded
from huikuan.credit.rules.risk import overdue_months, risk_marks, stop_orders
from huikuan.kernel.columns import total
from huikuan.policy.rules.holds import apply_holds
from huikuan.policy.rules.schema import Policy
from huikuan.runs.rules.facts import Facts


@dataclass(frozen=True, slots=True)
class Standing:
    """Grades and warnings of the customers of a chunk.

    Attributes:
        customers: The facts' customers with letter, score, explanation (JSON text), worst_days, and `grade`, the letter
            they climb as.
        marks: customer_id, kind, fact: the warnings that stand today.
        arrears: customer_id, currency, arrears_type.
    """

    customers: pl.DataFrame
    marks: pl.DataFrame
    arrears: pl.DataFrame


def standing(facts: Facts, *, policy: Policy, as_of: date) -> Standing:
    """Grade and warn."""
    known = graded(facts.customers, facts.items, broken_plans=facts.broken_plans, scorecard=policy.grade, as_of=as_of)
    climbs_as = pl.when(pl.col("letter") == "N").then(pl.lit(policy.grade.new_climbs_as)).otherwise("letter")
    customers = known.with_columns(grade=climbs_as)
    return Standing(
        customers, _marks(facts, known, policy=policy, as_of=as_of), _arrears(facts, policy=policy, as_of=as_of)
    )


def _marks(facts: Facts, known: pl.DataFrame, *, policy: Policy, as_of: date) -> pl.DataFrame:
    """Return the warnings. An order stop is asked only of customers who are overdue today."""
    thresholds = policy.risk
    overdue = known.filter(pl.col("worst_days") > 0).select("customer_id")
    spells = pl.concat(
        [
            facts.items.select("customer_id", "due_on", settled_on=pl.lit(None, dtype=pl.Date)),
            facts.settled_late.select("customer_id", "due_on", "settled_on"),
        ]
    )
    months = overdue_months(spells, as_of=as_of, months=thresholds.stop_orders_months)
    breaking = stop_orders(months, thresholds=thresholds).join(overdue, on="customer_id", how="semi")
    stopped = facts.marks.filter(pl.col("kind") == "STOP_ORDERS").select("customer_id").unique()
    asked = (
        known.select("customer_id", "worst_days", "late_count")
        .join(breaking.with_columns(breaks_three_months=pl.lit(True)), on="customer_id", how="left")
        .join(stopped.with_columns(is_stopped=pl.lit(True)), on="customer_id", how="left")
        .with_columns(pl.col("breaks_three_months", "is_stopped").fill_null(False))
    )
    return risk_marks(asked, thresholds=thresholds)


def _arrears(facts: Facts, *, policy: Policy, as_of: date) -> pl.DataFrame:
    needed = facts.items.select("item_id", "customer_id", "currency", "due_on", "open_minor", "amount_minor")
    overdue = needed.filter(pl.col("due_on") < as_of)
    disputes = facts.holds.filter(pl.col("kind") == "DISPUTE")
    if disputes.is_empty():
        disputed = overdue.with_columns(held_minor=pl.lit(0, dtype=pl.Int64))
    else:
        disputed = apply_holds(overdue, holds=disputes, as_of=as_of)
    rolled = disputed.group_by("customer_id", "currency").agg(
        worst_days=(pl.lit(as_of) - pl.col("due_on").min()).dt.total_days(),
        disputed_minor=total(pl.col("held_minor")),
        overdue_minor=total(pl.col("open_minor")),
        overdue_original_minor=total(pl.col("amount_minor")),
    )
    named = arrears_type(rolled, long_term_days=policy.arrears.long_term_days)
    return named.select("customer_id", "currency", arrears_type="arrears")
