"""The facts that a decision keeps, as JSON text built in bulk: what the rule saw, in numbers a person can check."""

from typing import Final

import polars as pl

from huikuan.kernel.columns import total
from huikuan.policy.rules.ladder import KEY
from huikuan.receivables.rules.penalty import penalty
from huikuan.runs.rules.climbing import Climbing
from huikuan.runs.rules.facts import Details, Facts, Setting

TOLD: Final = [
    "rank",
    "segment",
    "ladder",
    "trigger_on",
    "days_overdue",
    "overdue_minor",
    "held_minor",
    "on_account_minor",
    "net_overdue_minor",
    "open_minor",
    "penalty_minor",
    "item_count",
    "oldest_due_on",
    "grade",
    "arrears_type",
    "last_step_code",
    "last_step_on",
    "fruitless_count",
    "item_ids",
]
"""Keys of `Decision.facts`. Amounts in minor units of the decision's currency, all as of its day."""


def told(facts: Facts, climbed: Climbing, details: Details, *, setting: Setting) -> pl.DataFrame:
    """Return the decisions with what their position was, `penalty_minor` and `facts`; sorted by customer and rank."""
    of_position = [
        *KEY, "case_id", "opened_on", "overdue_minor", "held_minor", "on_account_minor", "net_overdue_minor",
        "open_minor", "unpaid_minor", "item_count", "oldest_due_on", "grade", "arrears_type", "last_step_code",
        "last_step_on", "fruitless_count",
    ]  # fmt: skip
    absent = (
        [] if "item_ids" in climbed.decisions.columns else [pl.lit(None, dtype=pl.List(pl.Int64)).alias("item_ids")]
    )
    days = (pl.lit(setting.as_of) - pl.col("oldest_due_on")).dt.total_days()
    return (
        climbed.decisions.with_columns(absent)
        .join(climbed.positions.select(of_position), on=KEY, how="left")
        .join(_penalties(facts, climbed, details, setting=setting), on=KEY, how="left")
        .with_columns(
            pl.col("penalty_minor").fill_null(0),
            days_overdue=days.fill_null(0),
        )
        .with_columns(facts=pl.struct(TOLD).struct.json_encode())
        .sort(*KEY, "rank", "step_code")
    )


def _penalties(facts: Facts, climbed: Climbing, details: Details, *, setting: Setting) -> pl.DataFrame:
    """Return the penalty and recovery cost that the overdue items of the contacted have borne so far."""
    contacted = climbed.decisions.filter(pl.col("is_overdue_step")).select(KEY).unique()
    items = facts.items.filter(pl.col("due_on") < setting.as_of).join(contacted, on=KEY, how="semi")
    priced = penalty(
        items.select(*KEY, "item_id", "due_on", "amount_minor", "open_minor", "terms_id"),
        allocations=details.allocations,
        terms=details.terms,
        reference=details.reference,
        as_of=setting.as_of,
    )
    return priced.group_by(KEY).agg(penalty_minor=total(pl.col("penalty_minor") + pl.col("fee_minor")))
