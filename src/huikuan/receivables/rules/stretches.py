"""Time cut into stretches in which neither balance nor rate changes: for printing, and for rounding by the day."""

import polars as pl

from huikuan.kernel.columns import mul128, round_half_away
from huikuan.receivables.rules.accrual import LATE
from huikuan.receivables.rules.reference import DayIndex


def stretches(work: pl.DataFrame, pieces: pl.DataFrame, index: DayIndex) -> pl.DataFrame:
    """Cut the late time of some items at every payment and every change of the rate.

    A payment on day p still bears p: a stretch ends with it. Costs a sort: only for pages and for few items.

    Args:
        work: As `accrual.with_terms` gives it.
        pieces: As `accrual.late_pieces` gives it.
        index: The reference rates.

    Returns: item_id, after (day number before the first day), until (last day), days, base_minor, rate_num and den (per
        day), reference_ppm (null when the rate hangs on none), is_per_day; by item and day, without empty stretches.
    """
    is_mine = pl.col("item_id").is_in(work["item_id"].implode())
    still_open = work.filter(LATE).select("item_id", until="p", paid_minor="open_minor")
    paid = pieces.filter(is_mine).select("item_id", until="p", paid_minor="paid_minor")
    balances = pl.concat([still_open, paid])
    known = ("item_id", "start", "num", "ref_num", "den", "is_per_day", "ref_offset", "ref_first", "ref_size")
    return (
        pl.concat([balances, _rate_changes(work, balances, index)])
        .group_by("item_id", "until")
        .agg(pl.col("paid_minor").sum())
        .sort("item_id", "until")
        .join(work.select(known), on="item_id", how="left", maintain_order="left")
        .with_columns(
            base_minor=pl.col("paid_minor").cum_sum(reverse=True).over("item_id"),
            after=pl.col("until").shift(1).over("item_id").fill_null(pl.col("start")),
            reference_ppm=pl.when(pl.col("ref_num") > 0).then(index.rate_at(pl.col("until"))),
        )
        .filter(pl.col("base_minor") != 0)
        .select(
            "item_id", "after", "until", "base_minor", "den", "reference_ppm", "is_per_day",
            days=(pl.col("until") - pl.col("after")).cast(pl.Int64),
            rate_num=pl.col("num") + pl.col("ref_num") * pl.col("reference_ppm").fill_null(0),
        )
    )  # fmt: skip


def _rate_changes(work: pl.DataFrame, balances: pl.DataFrame, index: DayIndex) -> pl.DataFrame:
    """Return the last day before each change of a floating rate, within the late time of each item."""
    last = balances.group_by("item_id").agg(last=pl.col("until").max())
    floating = work.filter(pl.col("ref_num") > 0).join(last, on="item_id")
    return (
        floating.select("item_id", "ref_offset", "start", "last")
        .join(index.changes, on="ref_offset")
        .filter((pl.col("until") > pl.col("start")) & (pl.col("until") < pl.col("last")))
        .select("item_id", "until", paid_minor=pl.lit(0, pl.Int64))
    )


def daily_amount() -> pl.Expr:
    """Return what a stretch bears on each of its days, rounded: the meaning of rounding by the day."""
    return round_half_away(mul128(pl.col("base_minor"), pl.col("rate_num")), pl.col("den"))
