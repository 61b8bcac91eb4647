"""The printed calculation of a penalty: lines that a customer can check with a pocket calculator, and that add up."""

from datetime import date

import polars as pl

from huikuan.kernel.columns import mul128, round_half_away, wide
from huikuan.receivables.rules.accrual import index_for, late_pieces, prepared, with_terms
from huikuan.receivables.rules.penalty import penalty
from huikuan.receivables.rules.stretches import daily_amount, stretches
from huikuan.receivables.rules.waiver import waived_lines

_COLUMNS = (
    "item_id", "line", "kind", "starts_on", "ends_on", "days", "base_minor", "rate_num", "rate_den", "reference_ppm",
    "amount_minor",
)  # fmt: skip


def penalty_lines(
    items: pl.DataFrame,
    *,
    allocations: pl.DataFrame,
    terms: pl.DataFrame,
    reference: pl.DataFrame,
    as_of: date,
    waivers: pl.DataFrame | None = None,
    borne: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return the calculation of each item's penalty, line by line: for pages and letters, not for the nightly run.

    Args: As for `penalty.penalty`; of the items any columns that it adds are recomputed, unless `borne` is what it
        returned for these items before any waiver.

    Returns: item_id; line (from 1); kind: DAYS, CAP for what the cap takes off, CHARGED, WAIVED (all negative);
        starts_on and ends_on (both counted), days, base_minor; rate_num / rate_den (what one unit bears on a day,
        exactly); reference_ppm (the reference rate of the stretch; null when the terms hang on none); amount_minor.

    The amounts are the steps of the rounded running total, so that they add up to `penalty_minor` to the cent.
    """
    index = index_for(terms, reference, as_of=as_of)
    shaped = prepared(terms, index)
    work = with_terms(items, shaped, index, as_of=as_of).collect()
    pieces = late_pieces(items, allocations, shaped, index, as_of=as_of)
    running = mul128(pl.col("base_minor"), pl.col("rate_num")) * wide(pl.col("days"))
    so_far = round_half_away(running.cum_sum().over("item_id"), pl.col("den"))
    once = so_far - so_far.shift(1).over("item_id").fill_null(0)
    days = stretches(work, pieces, index).select(
        "item_id", "days", "base_minor", "rate_num", "reference_ppm",
        kind=pl.lit("DAYS"),
        starts_on=(pl.col("after") + 1).cast(pl.Int32).cast(pl.Date),
        ends_on=pl.col("until").cast(pl.Int32).cast(pl.Date),
        rate_den="den",
        amount_minor=pl.when("is_per_day").then(pl.col("days") * daily_amount()).otherwise(once),
    )  # fmt: skip
    if borne is None:
        borne = penalty(
            items.select("item_id", "due_on", "amount_minor", "open_minor", "terms_id"),
            allocations=allocations, terms=terms, reference=reference, as_of=as_of,
        )  # fmt: skip
    lines = pl.concat([days, _taken_off(days, borne), waived_lines(borne, waivers)], how="diagonal")
    return (
        lines.with_columns(line=pl.int_range(1, pl.len() + 1).over("item_id")).sort("item_id", "line").select(_COLUMNS)
    )


def _taken_off(days: pl.DataFrame, borne: pl.DataFrame) -> pl.DataFrame:
    """Return the line that brings the sum down to the cap, where there is one."""
    sums = days.group_by("item_id").agg(sum_minor=pl.col("amount_minor").sum())
    return (
        borne.join(sums, on="item_id")
        .select("item_id", kind=pl.lit("CAP"), amount_minor=pl.col("penalty_minor") - pl.col("sum_minor"))
        .filter(pl.col("amount_minor") != 0)
    )
