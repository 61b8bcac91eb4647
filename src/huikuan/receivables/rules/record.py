"""The payment record (付款记录): what a customer settled in each month, and how late."""

from typing import Final

import polars as pl

from huikuan.kernel.columns import mul128, wide

LATE_AFTER_DAYS: Final = 3
"""Up to three days may be the bank's: what is counted as late by the scorecard begins after them (domain.md §4)."""

MONTH_KEY: Final = ("customer_id", "month_on")


def _days_late() -> pl.Expr:
    return (pl.col("settled_on") - pl.col("due_on")).dt.total_days().clip(0)


def payment_months(items: pl.DataFrame) -> pl.DataFrame:
    """Add up what was settled per customer and month of the value date, as the table PaymentMonth holds it.

    Args:
        items: customer_id, due_on, settled_on (null: still open), amount_minor.

    Returns: customer_id, month_on, settled_count, late_count (more than 3 days), any_late_count, days_late_sum,
        days_late_worst, amount_minor_sum, amount_days_sum (Int128); sorted.
    """
    settled = items.filter(pl.col("settled_on").is_not_null()).with_columns(
        month_on=pl.col("settled_on").dt.month_start(), days_late=_days_late()
    )
    return (
        settled.group_by(MONTH_KEY)
        .agg(
            settled_count=pl.len().cast(pl.Int64),
            late_count=(pl.col("days_late") > LATE_AFTER_DAYS).sum().cast(pl.Int64),
            any_late_count=(pl.col("days_late") > 0).sum().cast(pl.Int64),
            days_late_sum=pl.col("days_late").sum().cast(pl.Int64),
            days_late_worst=pl.col("days_late").max().cast(pl.Int64),
            amount_minor_sum=wide(pl.col("amount_minor")).sum().cast(pl.Int64, strict=True),
            amount_days_sum=mul128(pl.col("amount_minor"), pl.col("days_late")).sum(),
        )
        .sort(MONTH_KEY)
    )


def histories(items: pl.DataFrame) -> pl.DataFrame:
    """Add up the life-time facts per customer, as the table CustomerHistory holds them.

    Args:
        items: As for `payment_months`, and issued_on.

    Returns: customer_id, first_item_on, item_count, settled_count, late_count (late however little); sorted.
    """
    late = _days_late() > 0
    return (
        items.group_by("customer_id")
        .agg(
            first_item_on=pl.col("issued_on").min(),
            item_count=pl.len().cast(pl.Int64),
            settled_count=pl.col("settled_on").is_not_null().sum().cast(pl.Int64),
            late_count=late.sum().cast(pl.Int64),
        )
        .sort("customer_id")
    )
