"""Holds (暂缓): what of each item dunning must leave alone on a day, and how long each clock stood still.

A hold on the customer holds every item of the customer; a hold on an item holds the item, or only its disputed part.
Parts held for different reasons add up, never beyond what is open. While a hold runs nothing is due; when it ends the
ladder goes on from where it stood, with the one step that is then due (`ladder`): no burst.
"""

from datetime import date

import polars as pl

from huikuan.kernel.columns import total

NO_HOLD = {"held_minor": pl.lit(0, dtype=pl.Int64), "hold_ends_on": pl.lit(None, dtype=pl.Date)}


def apply_holds(
    items: pl.DataFrame, *, holds: pl.DataFrame, as_of: date, stops_clock: frozenset[str] = frozenset()
) -> pl.DataFrame:
    """Add held_minor, hold_ends_on and paused_days to the items; row order is kept.

    Args:
        items: item_id, customer_id, due_on, open_minor, ….
        holds: customer_id, item_id (null: every item of the customer), kind, amount_minor (null: all of it), starts_on,
            ends_on (last day it really holds, an early release applied). Past holds count for paused_days only.
        as_of: The day; a hold holds from starts_on to ends_on, both included.
        stops_clock: Kinds of hold whose days do not count as days overdue for the ladder.

    Returns: the items with held_minor (0 … open_minor), hold_ends_on (when the last of the holds on the item ends;
        null: not held) and paused_days (Int32: days after the due day, up to as_of, on which its clock stood still;
        days covered by several holds count once).
    """
    running = holds.filter((pl.col("starts_on") <= as_of) & (pl.col("ends_on") >= as_of))
    held = items.with_columns(**NO_HOLD) if running.is_empty() else _with_held(items, running)
    stopping = holds.filter(pl.col("kind").is_in(sorted(stops_clock)) & (pl.col("starts_on") <= as_of))
    if stopping.is_empty():
        return held.with_columns(paused_days=pl.lit(0, dtype=pl.Int32))
    paused = paused_days(items, holds=stopping, as_of=as_of)
    return held.join(paused, on="item_id", how="left", maintain_order="left").with_columns(
        pl.col("paused_days").fill_null(0)
    )


def _with_held(items: pl.DataFrame, running: pl.DataFrame) -> pl.DataFrame:
    """Add what the running holds keep back: those on the customer and those on the item."""
    whole = running.filter(pl.col("item_id").is_null())
    of_customer = whole.group_by("customer_id").agg(customer_hold_ends_on=pl.col("ends_on").max())
    of_item = (
        running.filter(pl.col("item_id").is_not_null())
        .group_by("item_id")
        .agg(
            item_hold_ends_on=pl.col("ends_on").max(),
            holds_all=pl.col("amount_minor").is_null().any(),
            held_part_minor=total(pl.col("amount_minor").fill_null(0)),
        )
    )
    open_minor = pl.col("open_minor")
    all_of_it = pl.col("customer_hold_ends_on").is_not_null() | pl.col("holds_all").fill_null(False)
    return (
        items.join(of_customer, on="customer_id", how="left", maintain_order="left")
        .join(of_item, on="item_id", how="left", maintain_order="left")
        .with_columns(
            held_minor=pl.when(all_of_it)
            .then(open_minor)
            .otherwise(pl.min_horizontal(open_minor, pl.col("held_part_minor").fill_null(0))),
            hold_ends_on=pl.max_horizontal("customer_hold_ends_on", "item_hold_ends_on"),
        )
        .drop("customer_hold_ends_on", "item_hold_ends_on", "holds_all", "held_part_minor")
    )


def paused_days(items: pl.DataFrame, *, holds: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Count per item the days after its due day, up to and including as_of, that a hold on all of it covers.

    The day a hold begins is still counted as overdue (the item was overdue that morning): a pause from the 17th to the
    30th takes 13 days off the age. A hold on part of an item does not stop its clock.

    Args:
        items: item_id, customer_id, due_on.
        holds: As in `apply_holds`, already narrowed to the kinds that stop the clock.
        as_of: The day.

    Returns: item_id, paused_days (Int32); items never paused are absent.
    """
    whole = holds.filter(pl.col("amount_minor").is_null())
    due = items.select("item_id", "customer_id", "due_on")
    spans = ["starts_on", "ends_on"]
    by_customer = whole.filter(pl.col("item_id").is_null()).select("customer_id", *spans)
    by_item = whole.filter(pl.col("item_id").is_not_null()).select("item_id", *spans)
    met = pl.concat(
        [
            due.join(by_customer, on="customer_id").select("item_id", "due_on", *spans),
            due.join(by_item, on="item_id").select("item_id", "due_on", *spans),
        ]
    )
    day = pl.col("day")
    return (
        met.with_columns(
            pl.max_horizontal("starts_on", "due_on").alias("starts_on"),
            pl.min_horizontal("ends_on", pl.lit(as_of)).alias("ends_on"),
        )
        .filter(pl.col("ends_on") > pl.col("starts_on"))
        .with_columns(day=pl.date_ranges(pl.col("starts_on").dt.offset_by("1d"), pl.col("ends_on")))
        .explode("day")
        .group_by("item_id")
        .agg(paused_days=day.n_unique().cast(pl.Int32))
    )
