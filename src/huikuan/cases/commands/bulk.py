"""Ends of many cases and tasks at once: for the daily run and for money that arrives. Not journaled: the caller is."""

from datetime import date, datetime
from typing import Final

import polars as pl

from huikuan.storage.among import among
from huikuan.storage.bulk import read_frame, update_frame

_PAID: Final = """
SELECT DISTINCT i.customer_id
  FROM cases_case c
  JOIN receivables_openitem i ON i.customer_id = c.customer_id
  JOIN receivables_allocation a ON a.item_id = i.id
 WHERE {of_these}
   AND (i.settled_on IS NULL OR i.settled_on >= c.opened_on) AND a.receipt_id IS NOT NULL
   AND a.effective_on >= c.opened_on"""


def close_cases(over: pl.DataFrame, *, as_of: date) -> pl.DataFrame:
    """Close cases: PAID when money came in since they opened, SETTLED by credit note or agreement otherwise.

    Args:
        over: case_id, customer_id, opened_on.
        as_of: The day; a case that a run of tomorrow opened closes tomorrow.

    Returns: the cases with closed_on and closing.
    """
    if over.is_empty():
        return over.with_columns(closed_on=pl.lit(None, pl.Date), closing=pl.lit(None, pl.String))
    of_these, params = among("c.id", "closing", over["case_id"].to_list())
    paid = read_frame(_PAID.format(of_these=of_these), params, {"customer_id": pl.Int64})
    is_paid = pl.col("customer_id").is_in(paid["customer_id"].implode())
    closed = over.with_columns(
        closed_on=pl.max_horizontal(pl.lit(as_of), "opened_on"),
        closing=pl.when(is_paid).then(pl.lit("PAID")).otherwise(pl.lit("SETTLED")),
    )
    update_frame("cases_case", ["id"], closed.select("closed_on", "closing", id="case_id"))
    return closed


def call_off_tasks(pointless: pl.DataFrame, *, now: datetime) -> int:
    """Cancel open tasks: task_id, reason. Returns how many."""
    instant = pl.lit(now).cast(pl.Datetime("us", "UTC"))
    rows = pointless.select(id="task_id", cancelled_at=instant, cancel_reason="reason")
    return update_frame("cases_task", ["id"], rows)
