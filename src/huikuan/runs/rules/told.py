"""The facts that a decision keeps, as JSON text built in bulk: what the rule saw, in numbers a person can check."""

from typing import Final

import polars as pl

from huikuan.kernel.columns import total
from huikuan.policy.rules.ladder import KEY
from huikuan.receivables.rules.penalty import penalty
from huikuan.runs.rules.climbing import Climbing
from huikuan.runs.rules.facts import Details, Facts, Setting

OF_DECISION: Final = ["rank", "segment", "ladder", "trigger_on"]
OF_POSITION: Final = [
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
]
TOLD: Final = [*OF_DECISION, *OF_POSITION, "item_ids"]
"""Keys of `Decision.facts`. Amounts in minor units of the decision's currency, all as of its day.

Where a policy climbs item by item there is also `item_steps`: what each item takes (`joining.ITEM_STEP`).
"""


def told(facts: Facts, climbed: Climbing, details: Details, *, setting: Setting) -> pl.DataFrame:
    """Return the decisions with what their position was, `penalty_minor` and `facts`; sorted by customer and rank.

    A position has several decisions, and most of the facts are its own: their text is written once and shared.
    """
    days = (pl.lit(setting.as_of) - pl.col("oldest_due_on")).dt.total_days()
    stood = (
        climbed.positions.join(_penalties(facts, climbed, details, setting=setting), on=KEY, how="left")
        .with_columns(pl.col("penalty_minor").fill_null(0), days_overdue=days.fill_null(0))
        .select(*KEY, "case_id", "opened_on", "unpaid_minor", *OF_POSITION, of_position=_inside(OF_POSITION))
    )
    items = [] if "item_ids" in climbed.decisions.columns else [pl.lit(None, pl.List(pl.Int64)).alias("item_ids")]
    of_items = ["item_ids"] if climbed.by_item is None else ["item_ids", "item_steps"]
    return (
        climbed.decisions.with_columns(items)
        .sort(*KEY, "rank", "step_code")
        .join(stood, on=KEY, how="left", maintain_order="left")
        .with_columns(
            facts=pl.format("{{{},{},{}}}", _inside(OF_DECISION), "of_position", _inside(of_items)),
        )
        .drop("of_position")
    )


def _inside(names: list[str]) -> pl.Expr:
    """Return the columns as the inside of a JSON object: `"name":value` each, with commas between."""
    return pl.struct(names).struct.json_encode().str.slice(1).str.strip_suffix("}")


def _penalties(facts: Facts, climbed: Climbing, details: Details, *, setting: Setting) -> pl.DataFrame:
    """Return the penalty and recovery cost that the overdue items of the contacted have borne so far."""
    contacted = climbed.decisions.filter(pl.col("is_overdue_step")).select(KEY).unique()
    items = (
        facts.items.lazy()
        .filter(pl.col("due_on") < setting.as_of)
        .select(*KEY, "item_id", "due_on", "amount_minor", "open_minor", "terms_id")
        .join(contacted.lazy(), on=KEY, how="semi")
        .collect()
    )
    priced = penalty(
        items,
        allocations=details.allocations,
        terms=details.terms,
        reference=details.reference,
        as_of=setting.as_of,
        waivers=details.waivers,
        added=("penalty_minor", "fee_minor"),
    )
    return priced.group_by(KEY).agg(penalty_minor=total(pl.col("penalty_minor") + pl.col("fee_minor")))
