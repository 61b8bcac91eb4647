"""What follows from the allocations: balances, days of settlement, and the penalties up to then.

The commands keep these as they go; a bulk load works them out once, by the same definitions (`ledger verify` agrees).
"""

from datetime import date

import polars as pl

from huikuan.receivables.rules.penalty import penalty


def settled(
    items: pl.DataFrame, allocations: pl.DataFrame, *, terms: pl.DataFrame, reference: pl.DataFrame, as_of: date
) -> pl.DataFrame:
    """Add open_minor, settled_on and settled_penalty_minor to the items.

    Args:
        items: id, due_on, amount_minor, terms_id.
        allocations: item_id, amount_minor, effective_on; all of them.
        terms: `receivables.rules.terms.TERMS_SCHEMA`.
        reference: `receivables.rules.reference.REFERENCE_SCHEMA`.
        as_of: Last day of the allocations, or later.
    """
    by_day = allocations.group_by("item_id", "effective_on").agg(pl.col("amount_minor").sum())
    # A day on which something was taken back and done again moved nothing.
    moved = pl.col("effective_on").filter(pl.col("amount_minor") != 0)
    applied = by_day.group_by("item_id").agg(applied_minor=pl.col("amount_minor").sum(), last_on=moved.max())
    balanced = items.join(applied, left_on="id", right_on="item_id", how="left", maintain_order="left").with_columns(
        open_minor=pl.col("amount_minor") - pl.col("applied_minor").fill_null(0)
    )
    is_settled = pl.col("open_minor") == 0
    borne = penalty(
        balanced.filter(is_settled & (pl.col("last_on") > pl.col("due_on"))).rename({"id": "item_id"}),
        allocations=allocations,
        terms=terms,
        reference=reference,
        as_of=as_of,
    ).select(id="item_id", settled_penalty_minor="penalty_minor")
    return (
        balanced.with_columns(settled_on=pl.when(is_settled).then("last_on"))
        .join(borne, on="id", how="left", maintain_order="left")
        .with_columns(pl.col("settled_penalty_minor").fill_null(0))
        .drop("applied_minor", "last_on")
    )
