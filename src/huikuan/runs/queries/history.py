"""What a past day knew: the state before its run, from rows that only ever grow. For replays and explanations."""

from typing import Final

import polars as pl

from huikuan.runs.queries.scope import Scope
from huikuan.runs.rules import facts as f
from huikuan.storage.bulk import read_frame

CASE_WAS_OPEN: Final = "c.opened_on < %(as_of)s AND (c.closed_on IS NULL OR c.closed_on >= %(as_of)s)"
"""Opened by an earlier run, and not closed before the day's own run."""

_CASES = f"""
SELECT c.id AS case_id, c.customer_id, c.opened_on, CAST(NULL AS date) AS closed_on, 'REMINDER' AS stage,
       c.owner_id, '' AS next_action, c.opened_on AS next_action_on
  FROM cases_case c
 WHERE c.entity_id = %(entity)s AND c.customer_id BETWEEN %(first)s AND %(last)s AND {CASE_WAS_OPEN}"""  # noqa: S608

_STEPS = """
SELECT d.customer_id, d.currency, d.case_id, d.step_code, d.occurrence, d.decided_on, d.facts
  FROM runs_decision d JOIN cases_case c ON c.id = d.case_id
 WHERE c.entity_id = %(entity)s AND d.customer_id BETWEEN %(first)s AND %(last)s
   AND d.decided_on < %(as_of)s AND d.action <> 'SKIPPED'"""

_SETTLED = """
SELECT customer_id, due_on, settled_on, amount_minor FROM receivables_openitem
 WHERE entity_id = %(entity)s AND customer_id BETWEEN %(first)s AND %(last)s
   AND settled_on BETWEEN %(window)s AND %(as_of)s"""


def cases(scope: Scope) -> pl.DataFrame:
    """Return the cases that were open before the day's run."""
    return read_frame(_CASES, scope.params, f.CASES)


def balances(scope: Scope, open_cases: pl.DataFrame) -> pl.DataFrame:
    """Return how far each open case had climbed: its last step, from the decisions before the day."""
    schema: f.Columns = {
        "customer_id": pl.Int64,
        "currency": pl.String,
        "case_id": pl.Int64,
        "step_code": pl.String,
        "occurrence": pl.Int64,
        "decided_on": pl.Date,
        "facts": pl.String,
    }
    key = ["customer_id", "currency", "case_id"]
    steps = (
        read_frame(_STEPS, scope.params, schema)
        .join(open_cases.select("case_id"), on="case_id", how="semi")
        .with_columns(
            rank=pl.col("facts").str.json_path_match("$.rank").cast(pl.Int32),
            is_by_item=pl.col("facts").str.json_path_match("$.item_steps").is_not_null(),
        )
        .sort("decided_on", "rank", "occurrence")
        # Of single items the highest stays, whichever was last: as `rules.changes` writes it.
        .filter(~pl.col("is_by_item") | (pl.col("rank") >= pl.col("rank").cum_max().over(key)))
        .group_by(key)
        .last()
    )
    none = pl.lit(0, dtype=pl.Int64)
    return steps.select(
        pl.lit(None, dtype=pl.Int64).alias("balance_id"),
        "case_id",
        "customer_id",
        "currency",
        *(none.alias(name) for name in ("overdue_minor", "open_minor", "on_account_minor", "held_minor", "item_count")),
        pl.lit(None, dtype=pl.Date).alias("oldest_due_on"),
        pl.col("step_code").alias("last_step_code"),
        pl.col("rank").alias("last_step_rank"),
        pl.col("decided_on").alias("last_step_on"),
        pl.col("occurrence").alias("last_occurrence"),
    )


def record(scope: Scope) -> pl.DataFrame:
    """Return the payment record of the window as it stood on the day, from the items themselves."""
    schema: f.Columns = {"customer_id": pl.Int64, "due_on": pl.Date, "settled_on": pl.Date, "amount_minor": pl.Int64}
    days_late = (pl.col("settled_on") - pl.col("due_on")).dt.total_days().clip(lower_bound=0)
    amount = pl.col("amount_minor").cast(pl.Int128)
    return (
        read_frame(_SETTLED, scope.params, schema)
        .with_columns(days_late=days_late)
        .group_by("customer_id")
        .agg(
            settled_count=pl.len().cast(pl.Int64),
            late_count=(pl.col("days_late") > scope.late_after_days).sum().cast(pl.Int64),
            amount_minor_sum=amount.sum(),
            amount_days_sum=(amount * pl.col("days_late")).sum(),
        )
    )
