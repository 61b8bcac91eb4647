"""Reference rates (LPR, …) by the day, summed up so that any stretch of days costs two look-ups."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from huikuan.kernel.columns import check_bounds
from huikuan.receivables.rules.terms import REFERENCE_PPM_MAX

REFERENCE_SCHEMA: Final = pl.Schema(
    {"reference_code": pl.String, "day": pl.Date, "cum": pl.Int64, "rate_ppm": pl.Int64}
)
"""One row per code and day without gaps; `cum` is the sum of the rates of all days so far, this one included."""


def rates_by_day(changes: pl.DataFrame, *, through: date) -> pl.DataFrame:
    """Spread publications over the days on which they hold.

    Args:
        changes: reference_code, starts_on, rate_ppm (a year; 3.00 % is 30 000): each holds until the next of its code.
        through: Last day; the newest publication holds until then. A publication after it is left out.

    Returns: `REFERENCE_SCHEMA`, sorted by code and day.
    """
    known = check_bounds(changes.filter(pl.col("starts_on") <= through), "rate_ppm", limit=REFERENCE_PPM_MAX)
    if known.is_empty():
        return pl.DataFrame(schema=REFERENCE_SCHEMA)
    ends_before = pl.col("starts_on").shift(-1).over("reference_code").fill_null(pl.lit(through) + pl.duration(days=1))
    return (
        known.sort("reference_code", "starts_on")
        .with_columns(ends_before=ends_before.cast(pl.Date))
        .select(
            "reference_code",
            pl.date_ranges("starts_on", "ends_before", closed="left").alias("day"),
            pl.col("rate_ppm").cast(pl.Int64),
        )
        .explode("day")
        .with_columns(cum=pl.col("rate_ppm").cum_sum().over("reference_code"))
        .select(REFERENCE_SCHEMA.names())
    )


@dataclass(frozen=True, slots=True)
class DayIndex:
    """The reference table laid out so that a day's sum is found by position: no join, whatever the number of items.

    Before the first publication of a code its rate is nothing: never claim what no table supports.
    """

    cum: pl.Series
    """Sums of all codes, one block each; a block begins with a 0 for every day before its first publication."""
    rate_ppm: pl.Series
    codes: pl.DataFrame
    """reference_code, ref_offset (position of the block), ref_first (day number of the block's leading 0), ref_size."""
    changes: pl.DataFrame
    """ref_offset, until: the last day before each change of the rate."""

    @classmethod
    def of(cls, reference: pl.DataFrame, *, as_of: date) -> "DayIndex":
        """Lay out a table of `REFERENCE_SCHEMA`. Raises ValueError when a code has gaps or ends before `as_of`."""
        days = reference.sort("reference_code", "day").with_columns(number=pl.col("day").to_physical())
        codes = days.group_by("reference_code", maintain_order=True).agg(
            ref_first=pl.col("number").first() - 1,
            last=pl.col("number").last(),
            ref_size=pl.len().cast(pl.Int32) + 1,
        )
        flawed = codes.filter(
            (pl.col("last") - pl.col("ref_first") + 1 != pl.col("ref_size"))
            | (pl.col("last") < (as_of - date(1970, 1, 1)).days)
        )
        if not flawed.is_empty():
            message = f"reference rates with gaps, or that end before {as_of}: {flawed['reference_code'].to_list()}"
            raise ValueError(message)
        zeros = codes.select(
            "reference_code", number="ref_first", cum=pl.lit(0, pl.Int64), rate_ppm=pl.lit(0, pl.Int64)
        )
        laid = pl.concat([zeros, days.select("reference_code", "number", "cum", "rate_ppm")]).sort(
            "reference_code", "number"
        )
        codes = codes.with_columns(ref_offset=pl.col("ref_size").cum_sum() - pl.col("ref_size")).drop("last")
        if laid.is_empty():  # a block to look into even when nothing is published
            laid = pl.DataFrame({"cum": [0], "rate_ppm": [0]}, schema={"cum": pl.Int64, "rate_ppm": pl.Int64})
        differs = pl.col("rate_ppm") != pl.col("rate_ppm").shift(1).over("reference_code").fill_null(0)
        changes = days.filter(differs).join(codes, on="reference_code").select("ref_offset", until=pl.col("number") - 1)
        return cls(laid["cum"], laid["rate_ppm"], codes, changes)

    def position(self, day: pl.Expr) -> pl.Expr:
        """Return where a day number stands, by the row's ref_offset, ref_first and ref_size; null without reference."""
        return pl.col("ref_offset") + (day - pl.col("ref_first")).clip(0, pl.col("ref_size") - 1)

    def cum_at(self, day: pl.Expr) -> pl.Expr:
        """Return the sum of the rates up to a day, that day included; 0 without reference."""
        return pl.lit(self.cum).gather(self.position(day)).fill_null(0)

    def rate_at(self, day: pl.Expr) -> pl.Expr:
        """Return the rate on a day, ppm a year; 0 without reference."""
        return pl.lit(self.rate_ppm).gather(self.position(day)).fill_null(0)
