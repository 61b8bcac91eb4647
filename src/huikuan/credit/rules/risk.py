"""Risk marks (预警): overdue, high risk, long-term, stop new orders, blacklist proposed. Source: product.md C2, D6."""

from datetime import date
from typing import Final

import polars as pl

from huikuan.credit.rules.scorecard import RiskThresholds
from huikuan.kernel.days import add_months, month_start

BY_DAYS_LATE: Final = ("OVERDUE", "HIGH_RISK", "LONG_TERM", "STOP_ORDERS", "BLACKLIST")
"""The marks of `risk_marks`: none stands without anything overdue."""


def overdue_months(items: pl.DataFrame, *, as_of: date, months: int) -> pl.DataFrame:
    """Count, for each of the last complete months, the items that were overdue on at least one of its days.

    Args:
        items: customer_id, due_on, settled_on (null while open), for open items and for those settled since the first
            of the months looked at. An item is overdue on a day after due_on and before settled_on.
        as_of: Any day; its own month is not complete and not counted.
        months: How many complete months, the latest first.

    Returns: customer_id, months_back (1 = last month), overdue_count; only rows above 0.
    """
    first = month_start(as_of)
    begins, settled_on = pl.col("due_on").to_physical() + 1, pl.col("settled_on").to_physical()
    was_overdue = {}
    for back in range(1, months + 1):
        starts, ends_before = (pl.lit(add_months(first, -back + shift)).to_physical() for shift in (0, 1))
        is_open = settled_on.is_null() | (settled_on > pl.max_horizontal(begins, starts))
        was_overdue[str(back)] = (begins < ends_before) & is_open
    # One column a month, and one pass over the items: a row per item and month would be `months` times as many.
    counted = items.lazy().select("customer_id", **was_overdue).group_by("customer_id").agg(pl.all().sum())
    return (
        counted.unpivot(index="customer_id", variable_name="months_back", value_name="overdue_count")
        .filter(pl.col("overdue_count") > 0)
        .with_columns(pl.col("months_back", "overdue_count").cast(pl.Int64))
        .sort("customer_id", "months_back")
        .collect()
    )


def stop_orders(counts: pl.DataFrame, *, thresholds: RiskThresholds) -> pl.DataFrame:
    """Return customer_id of those with enough overdue items in *every* one of the months of `overdue_months`."""
    return (
        counts.filter(pl.col("overdue_count") >= thresholds.stop_orders_items)
        .group_by("customer_id")
        .agg(month_count=pl.col("months_back").n_unique())
        .filter(pl.col("month_count") >= thresholds.stop_orders_months)
        .select("customer_id")
        .sort("customer_id")
    )


def risk_marks(customers: pl.DataFrame, *, thresholds: RiskThresholds) -> pl.DataFrame:
    """Return the marks that stand today, one row a customer and kind.

    Args:
        customers: customer_id; worst_days (days overdue of the worst open item, 0 none); late_count (late settlements
            of the scorecard's window); breaks_three_months (from `stop_orders`); is_stopped (it stands already).
        thresholds: The numbers.

    Returns: customer_id, kind, fact (the number that decided). An order stop, once placed, stands until nothing is
        overdue any more; a blacklist proposal by late settlements needs something overdue as well, so that a customer
        who has paid everything is not proposed on his past alone.
    """
    days, overdue = pl.col("worst_days"), pl.col("worst_days") >= thresholds.overdue_days
    rules = {
        "OVERDUE": (overdue, days),
        "HIGH_RISK": (days > thresholds.high_risk_days, days),
        "LONG_TERM": (days > thresholds.long_term_days, days),
        "STOP_ORDERS": (overdue & (pl.col("breaks_three_months") | pl.col("is_stopped")), days),
        "BLACKLIST": (
            (days > thresholds.blacklist_days)
            | (overdue & (pl.col("late_count") >= thresholds.blacklist_late_settlements)),
            pl.col("late_count"),
        ),
    }
    return pl.concat(
        [
            customers.filter(holds).select("customer_id", kind=pl.lit(kind), fact=fact.cast(pl.Int64))
            for kind, (holds, fact) in rules.items()
        ]
    ).sort("customer_id", "kind")
