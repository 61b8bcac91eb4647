"""What is still claimed of a penalty after a part of it was waived (减免), and how a waived share falls on items."""

import polars as pl

from huikuan.kernel.columns import share_ppm

WAIVERS = {"item_id": pl.Int64, "waived_minor": pl.Int64}
"""Waived per item, as of the day: waivers less their reversals. What was charged as an item is waived too."""

PRINTED = {**WAIVERS, "charged_minor": pl.Int64}
"""The same for the printed calculation: `charged_minor` is what of it was charged."""


def less_waived(priced: pl.DataFrame, waivers: pl.DataFrame | None) -> pl.DataFrame:
    """Take what was waived off the penalty, and what is left of the waiver off the fixed cost; never below zero.

    Args:
        priced: item_id, penalty_minor and, where it is asked for, fee_minor.
        waivers: `WAIVERS`; None or empty: nothing is touched, and nothing costs.
    """
    if waivers is None or waivers.is_empty():
        return priced
    columns = priced.columns
    joined = priced.join(waivers, on="item_id", how="left", maintain_order="left").with_columns(
        pl.col("waived_minor").fill_null(0)
    )
    off_penalty = pl.min_horizontal("waived_minor", "penalty_minor")
    less = {"penalty_minor": pl.col("penalty_minor") - off_penalty}
    if "fee_minor" in columns:
        less["fee_minor"] = (pl.col("fee_minor") - (pl.col("waived_minor") - off_penalty)).clip(0)
    return joined.with_columns(**less).select(columns)


def waived_lines(borne: pl.DataFrame, waivers: pl.DataFrame | None) -> pl.DataFrame:
    """Return the line of the printed calculation that brings the penalty down to what is claimed.

    Args:
        borne: item_id, penalty_minor before any waiver.
        waivers: `PRINTED`, or `WAIVERS` where nothing was charged.

    Returns: item_id, kind (CHARGED, then WAIVED), amount_minor (negative); only items of which something was taken off.
    """
    if waivers is None or waivers.is_empty():
        return pl.DataFrame(schema={"item_id": pl.Int64, "kind": pl.String, "amount_minor": pl.Int64})
    if "charged_minor" not in waivers.columns:
        waivers = waivers.with_columns(charged_minor=pl.lit(0, pl.Int64))
    taken = borne.join(waivers, on="item_id").select(
        "item_id",
        CHARGED=pl.min_horizontal("charged_minor", "penalty_minor"),
        both=pl.min_horizontal("waived_minor", "penalty_minor"),
    )
    lines = taken.select("item_id", "CHARGED", WAIVED=pl.col("both") - pl.col("CHARGED"))
    return (
        lines.unpivot(index="item_id", variable_name="kind", value_name="amount_minor")
        .with_columns(-pl.col("amount_minor"))
        .filter(pl.col("amount_minor") != 0)
        .sort("item_id", "kind")
    )


def share_waived(penalties: pl.DataFrame, *, share_ppm_waived: int) -> pl.DataFrame:
    """Add waived_minor: the share of the whole penalty, rounded once, laid on the items in their order.

    The share of the running total is rounded and its steps are the items' parts: they add up to the share of the whole
    to the cent, and no part is more than the item's penalty.

    Args:
        penalties: penalty_minor (not negative) per item, in the order in which they are listed.
        share_ppm_waived: Parts per million, at most all of it.
    """
    running = share_ppm(pl.col("penalty_minor").cum_sum(), pl.lit(share_ppm_waived))
    return penalties.with_columns(waived_minor=running - running.shift(1).fill_null(0))
