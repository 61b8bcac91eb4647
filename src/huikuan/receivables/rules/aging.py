"""Aging (账龄): what is open, spread over how long it is overdue (domain.md §2). Edges are data, never in the rule."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import polars as pl

from huikuan.kernel.columns import bucket, bucket_labels, check_bounds, total

DEFAULT_EDGES: Final = (30, 60, 90, 180, 365)
"""Shipped default, in days overdue: current, 1-30, 31-60, 61-90, 91-180, 181-365, >365."""


def labels(edges: Sequence[int] = DEFAULT_EDGES) -> list[str]:
    """Return the names of the buckets, in order: "current", "1-30", … ">365"."""
    return bucket_labels([0, *edges])


def bucketed(items: pl.DataFrame, *, as_of: date, edges: Sequence[int] = DEFAULT_EDGES) -> pl.DataFrame:
    """Add `bucket_no`, from 0, and `bucket`, its name: "current" is what is not yet overdue, the due day included.

    Args:
        items: due_on.
        as_of: The day of the list.
        edges: Last day of each bucket, ascending; the last bucket is open-ended.

    Raises: ValueError unless the edges are positive and ascend.
    """
    overdue = pl.lit(as_of).sub(pl.col("due_on")).dt.total_days()
    names = labels(edges)
    numbered = items.with_columns(bucket_no=bucket(overdue, [0, *edges]))
    return numbered.with_columns(
        bucket=pl.col("bucket_no").replace_strict(list(range(len(names))), names, return_dtype=pl.String)
    )


def aging(
    items: pl.DataFrame,
    *,
    on_account: pl.DataFrame,
    by: Sequence[str],
    as_of: date,
    edges: Sequence[int] = DEFAULT_EDGES,
) -> pl.DataFrame:
    """Spread what is open over the buckets, per group and currency. Currencies are never added.

    Args:
        items: open_minor (as of the day), due_on, currency, the columns of `by`; penalty_minor when it is to be shown.
        on_account: on_account_minor (money and credit not allocated, positive), currency, the columns of `by`.
        by: Columns to group by; none for the totals.
        as_of: The day of the list.
        edges: As for `bucketed`.

    Returns: the columns of `by`, currency; item_count (with something open); total_minor (the sum of the buckets); one
        column per bucket, named as `labels` says; on_account_minor (negative, never netted into a bucket);
        penalty_minor. Sorted by group and currency; a group with money on account alone has its row too.
    """
    check_bounds(items, "open_minor")
    check_bounds(on_account, "on_account_minor")
    keys, names = [*by, "currency"], labels(edges)
    open_items = bucketed(items.filter(pl.col("open_minor") != 0), as_of=as_of, edges=edges)
    penalties = (
        items.group_by(keys).agg(penalty_minor=total(pl.col("penalty_minor")))
        if "penalty_minor" in items.columns
        else items.select(keys).unique().with_columns(penalty_minor=pl.lit(0, pl.Int64))
    )
    spread = open_items.group_by(keys).agg(
        item_count=pl.len().cast(pl.Int64),
        total_minor=total(pl.col("open_minor")),
        **{
            name: total(pl.when(pl.col("bucket_no") == number).then("open_minor").otherwise(0))
            for number, name in enumerate(names)
        },
    )
    credit = (
        on_account.filter(pl.col("on_account_minor") != 0)
        .group_by(keys)
        .agg(on_account_minor=-total(pl.col("on_account_minor")))
    )
    amounts = ["item_count", "total_minor", *names, "on_account_minor", "penalty_minor"]
    return (
        spread.join(credit, on=keys, how="full", coalesce=True, nulls_equal=True)
        .join(penalties.filter(pl.col("penalty_minor") != 0), on=keys, how="full", coalesce=True, nulls_equal=True)
        .with_columns(pl.col(amounts).fill_null(0))
        .select(*keys, *amounts)
        .sort(keys, nulls_last=True)
    )
