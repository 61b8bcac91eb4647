"""When a case is over, and which contact lost its point: one rule for the daily run and for money that arrives.

The run looks further (holds, coverage, newer steps); what is here is what money alone decides.
"""

from typing import Final

import polars as pl

ALLOCATE: Final = "allocate"
"""Step code of the task to allocate money on account that covers everything overdue."""
SETTLED: Final = "SETTLED"
ALLOCATED: Final = "ALLOCATED"

OF_BILLS: Final = "bill_"
"""How step codes begin of tasks about bills of exchange: what a bill has settled is safe only once it is paid."""

DIFFERS: Final = "statement_differs"
"""Step code of the task about an account statement that differs: no money resolves what a customer objects to."""

OUTLIVES: Final = ("COMPLAINT", "INSOLVENCY", "SPECIAL_PERIOD")
"""Kinds of hold that are about the customer, not about a debt: no money ends them."""


def cases_over(cases: pl.DataFrame, pursued: pl.DataFrame) -> pl.DataFrame:
    """Return the open cases (case_id, customer_id, opened_on) of customers in whom nothing is pursued any more."""
    return (
        cases.filter(pl.col("closed_on").is_null())
        .join(pursued, on="customer_id", how="anti")
        .select("case_id", "customer_id", "opened_on")
        .sort("case_id")
    )


def why_task_is_over(*, is_here: pl.Expr, is_pursued: pl.Expr, is_covered: pl.Expr) -> pl.Expr:
    """Return why an open task (kind, step_code, case_id) is pointless once money has come, null where it is not.

    Args:
        is_here: Anything is open in its currency.
        is_pursued: Anything of it is the business of a case.
        is_covered: Money on account covers what is overdue.
    """
    return (
        pl.when(pl.col("step_code").str.starts_with(OF_BILLS) | (pl.col("step_code") == DIFFERS)).then(None)
        .when(~is_here).then(pl.lit(SETTLED))
        .when(pl.col("kind") == "REPAIR").then(None)
        .when(pl.col("step_code") == ALLOCATE).then(pl.when(~is_covered).then(pl.lit(ALLOCATED)))
        .when(pl.col("case_id").is_not_null() & ~is_pursued).then(pl.lit(SETTLED))
    )  # fmt: skip


def why_message_is_over(*, is_here: pl.Expr, is_pursued: pl.Expr, is_overdue_step: pl.Expr) -> pl.Expr:
    """Return why a waiting message has nothing to say any more, null where it still has; arguments as above."""
    return (
        pl.when(~is_here).then(pl.lit(SETTLED))
        .when(is_overdue_step & ~is_pursued).then(pl.lit(SETTLED))
    )  # fmt: skip


def holds_over(holds: pl.DataFrame, open_items: pl.DataFrame, *, closed: pl.DataFrame) -> pl.DataFrame:
    """Return the holds (hold_id) that are about nothing any more.

    A hold on an item ends with the item; a postponement by hand ends with the case it postponed; a dispute, promise or
    plan over the whole account ends when nothing is open. What concerns the customer himself goes on (`OUTLIVES`).

    Args:
        holds: hold_id, customer_id, item_id, kind of those that still hold.
        open_items: item_id and customer_id of everything open.
        closed: customer_id of those whose case closes now.
    """
    of_item = pl.col("item_id").is_not_null()
    has_item = pl.col("item_id").is_in(open_items["item_id"].implode())
    owes = pl.col("customer_id").is_in(open_items["customer_id"].unique().implode())
    closes = pl.col("customer_id").is_in(closed["customer_id"].implode())
    of_debt = ~pl.col("kind").is_in(list(OUTLIVES))
    by_hand = pl.col("kind") == "MANUAL"
    is_over = pl.when(of_item).then(~has_item).otherwise(of_debt & (~owes | (by_hand & closes)))
    return holds.filter(is_over).select("hold_id", "customer_id").sort("hold_id")
