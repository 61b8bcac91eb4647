"""Warn, never cut: a penalty above 1.3 times the loss is "generally too high" (民法典 585, 合同编通则解释 65)."""

from datetime import date
from typing import Final

import polars as pl

from huikuan.kernel.columns import wide
from huikuan.receivables.rules.penalty import penalty
from huikuan.receivables.rules.profiles import LPR_1Y
from huikuan.receivables.rules.terms import Terms, terms_table

LOSS: Final = Terms(kind="REFERENCE", reference_code=LPR_1Y, multiple_ppm=1_000_000, basis_days=365, anchor="FLOATING")
"""What the creditor loses at least: the LPR of each day."""
ABOVE_LOSS: Final = (13, 10)
"""Thirty percent above."""


def beside_loss(
    borne: pl.DataFrame, *, allocations: pl.DataFrame, reference: pl.DataFrame, as_of: date
) -> pl.DataFrame:
    """Add `loss_minor` (what the LPR of each day would have borne) and `is_excessive`: a court could be asked to cut.

    Not excessive where no LPR is known to compare with, and never for a penalty of nothing.

    Args:
        borne: As `penalty.penalty` returns it.
        allocations: As for `penalty`; of the same items.
        reference: As for `penalty`.
        as_of: The same day.
    """
    base = borne.select("item_id", "due_on", "amount_minor", "open_minor", terms_id=pl.lit(1, pl.Int64))
    loss = penalty(base, allocations=allocations, terms=terms_table({1: LOSS}), reference=reference, as_of=as_of)
    times, per = ABOVE_LOSS
    above = wide(pl.col("penalty_minor")) * wide(per) * wide(pl.col("loss_den")) > pl.col("loss_num") * wide(times)
    return (
        borne.with_columns(
            loss_minor=loss["penalty_minor"],
            loss_num=loss["penalty_num"],
            loss_den=loss["penalty_den"],
            is_missing=loss["is_reference_missing"],
        )
        .with_columns(is_excessive=above & ~pl.col("is_missing") & (pl.col("penalty_minor") > 0))
        .drop("loss_num", "loss_den", "is_missing")
    )
