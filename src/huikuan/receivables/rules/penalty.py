"""The late penalty (违约金), exact for any terms, payments and rate changes (domain.md §3).

Every unit of principal bears the same from the day after `start` to the day it is paid, that day included:
`gain(p) = num × (p − start) + ref_num × (cum(p) − cum(start))`, in parts of `den`. So
`penalty = round_half_away(Σ allocation × gain(its day) + open × gain(as_of), den)`, then the cap: no loop over days, no
windows. A reversal is an allocation with a minus and needs no rule of its own.

Grace: nothing is borne by what is paid, nor shown while `as_of` lies, on or before `due_on + grace_days`. Beyond it
FORGIVING counts from the day after `due_on`, SHIFTING from the day after grace.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

import polars as pl

from huikuan.kernel.columns import check_bounds, mul128, round_half_away, share_ppm, wide
from huikuan.receivables.rules.accrual import index_for, late_pieces, prepared, with_terms
from huikuan.receivables.rules.stretches import daily_amount, stretches
from huikuan.receivables.rules.waiver import less_waived

ADDED: Final = (
    "days_overdue", "penalty_minor", "fee_minor", "penalty_num", "penalty_den", "is_reference_missing",
)  # fmt: skip

_NEEDED: Final = (
    "item_id", "terms_id", "amount_minor", "open_minor", "den", "today_gain", "is_late", "is_per_day", "cap_share_ppm",
    "cap_minor", "days_overdue", "is_reference_missing",
)  # fmt: skip


def penalty(
    items: pl.DataFrame,
    *,
    allocations: pl.DataFrame,
    terms: pl.DataFrame,
    reference: pl.DataFrame,
    as_of: date,
    waivers: pl.DataFrame | None = None,
    added: Sequence[str] = ADDED,
) -> pl.DataFrame:
    """Add what each item bears for being late, as of a day.

    Args:
        items: item_id, due_on, amount_minor, open_minor (as of the day), terms_id (null: bears nothing).
        allocations: item_id, amount_minor (signed), effective_on; those after `as_of` and of other items are ignored.
        terms: `terms.TERMS_SCHEMA`.
        reference: `reference.REFERENCE_SCHEMA` through `as_of`.
        as_of: The last day that counts.
        waivers: `waiver.WAIVERS`: what is no longer claimed, taken off last.
        added: Only these of the columns below; who asks less, waits less.

    Returns: the items, in their order, with
        days_overdue: days after `due_on` while something is open, else 0; grace does not change it.
        penalty_minor: rounded half away from zero, once per item (terms may say: per day), capped, less the waived.
        fee_minor: fixed recovery cost, by what was still unpaid when lateness began; never part of the cap.
        penalty_num, penalty_den: the exact penalty before rounding and cap; for terms rounded per day the rounded sum.
        is_reference_missing: part of the time lies before the first publication of the rate, and bore nothing of it.

    Raises: ColumnOutOfBounds, ColumnHasGap for amounts and terms beyond what the arithmetic holds exactly.
    """
    check_bounds(items, "amount_minor", "open_minor", key="item_id")
    check_bounds(allocations, "amount_minor", key="item_id")
    index = index_for(terms, reference, as_of=as_of)
    shaped = prepared(terms, index)
    pieces = late_pieces(items, allocations, shaped, index, as_of=as_of)
    summed = _summed(with_terms(items, shaped, index, as_of=as_of), pieces)
    if shaped["is_per_day"].any():
        by_the_day = items.join(shaped.filter("is_per_day"), on="terms_id", how="semi")
        few = with_terms(by_the_day, shaped, index, as_of=as_of).collect()
        summed = _rounded_per_day(summed, stretches(few, pieces, index))
    result = _with_fees(_capped(summed, terms), terms, added)
    return less_waived(items.hstack(result.select(added)), waivers)


def _summed(work: pl.LazyFrame, pieces: pl.DataFrame) -> pl.LazyFrame:
    """Add penalty_num and penalty_den, and late_minor: what was unpaid when lateness began."""
    paid = pieces.group_by("item_id").agg(
        paid_num=mul128(pl.col("paid_minor"), pl.col("gain")).sum(), paid_late_minor=pl.col("paid_minor").sum()
    )
    still_open = pl.when("is_late").then("open_minor").otherwise(0)
    return (
        work.select(_NEEDED)
        .collect()
        .join(paid, on="item_id", how="left", maintain_order="left")
        .lazy()
        .with_columns(
            penalty_num=mul128(pl.col("open_minor"), pl.col("today_gain")) + pl.col("paid_num").fill_null(wide(0)),
            penalty_den=pl.col("den"),
            late_minor=still_open + pl.col("paid_late_minor").fill_null(0),
        )
    )


def _rounded_per_day(summed: pl.LazyFrame, by_the_day: pl.DataFrame) -> pl.LazyFrame:
    """Replace the exact sum by the sum of rounded days where the terms say so."""
    daily = by_the_day.lazy().group_by("item_id").agg(daily_num=(wide(pl.col("days")) * wide(daily_amount())).sum())
    return summed.join(daily, on="item_id", how="left", maintain_order="left").with_columns(
        penalty_num=pl.when("is_per_day").then(pl.col("daily_num").fill_null(wide(0))).otherwise("penalty_num"),
        penalty_den=pl.when("is_per_day").then(1).otherwise("penalty_den"),
    )


def _capped(summed: pl.LazyFrame, terms: pl.DataFrame) -> pl.LazyFrame:
    """Add penalty_minor: the one rounding, then the lower of the caps. A cap that no terms have costs nothing."""
    least = [round_half_away(pl.col("penalty_num"), pl.col("penalty_den")).clip(0)]
    if terms["cap_share_ppm"].count():
        least.append(share_ppm(pl.col("amount_minor"), pl.col("cap_share_ppm")))
    if terms["cap_minor"].count():
        least.append(pl.col("cap_minor"))
    return summed.with_columns(penalty_minor=pl.min_horizontal(least))


def _with_fees(priced: pl.LazyFrame, terms: pl.DataFrame, added: Sequence[str]) -> pl.DataFrame:
    """Add fee_minor: the fee of the highest band that what was late reaches; 0 where terms have no bands."""
    wanted = [name for name in added if name != "fee_minor"]
    bands = (
        terms.filter(pl.col("fee_bands").list.len() > 0)
        .select("terms_id", pl.col("fee_bands").alias("band"))
        .explode("band")
        .select("terms_id", from_minor=pl.col("band").list.get(0), fee_minor=pl.col("band").list.get(1))
    )
    if bands.is_empty():
        return priced.select(*wanted, fee_minor=pl.lit(0, pl.Int64)).collect()
    result = priced.select("item_id", "terms_id", "late_minor", *wanted).collect()
    fees = (
        result.filter(pl.col("late_minor") > 0)
        .select("item_id", "terms_id", "late_minor")
        .join(bands, on="terms_id")
        .filter(pl.col("from_minor") <= pl.col("late_minor"))
        .group_by("item_id")
        .agg(pl.col("fee_minor").get(pl.col("from_minor").arg_max()))
    )
    return result.join(fees, on="item_id", how="left", maintain_order="left").with_columns(
        pl.col("fee_minor").fill_null(0)
    )
