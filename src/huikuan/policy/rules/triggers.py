"""When a step's trigger holds: expressions over a climber that has met a step (columns of `ladder` and `compile`)."""

from datetime import date

import polars as pl


def ripe_on(last_rank: str, last_on: str) -> pl.Expr:
    """Return the day from which every dated part of the trigger holds, as Date; null: cannot be dated yet.

    Parts: days_overdue (from anchor_on), end_of_month_days (the end of the month of anchor_on + days), since_days (from
    the step before, which must have been taken: rank since_rank or higher). A trigger of amounts only holds from the
    anchor itself.

    Args:
        last_rank: Column with the rank of the last step taken; 0: none.
        last_on: Column with its day.
    """
    anchor = pl.col("anchor_on")
    by_days = anchor + pl.duration(days=pl.col("anchor_days"))
    by_month = (anchor + pl.duration(days=pl.col("end_of_month_days"))).dt.month_end()
    since = pl.col(last_on) + pl.duration(days=pl.col("since_days"))
    unmet = pl.col("since_days").is_not_null() & (
        pl.col(last_on).is_null() | (pl.col(last_rank) < pl.col("since_rank"))
    )
    return pl.when(~unmet).then(pl.max_horizontal(anchor, by_days, by_month, since))


def repeat_on() -> pl.Expr:
    """Return the day on which the last step is due again, as Date; null when it has been made often enough."""
    left = pl.col("max_count").is_null() | (pl.col("last_occurrence") + 1 < pl.col("max_count"))
    return pl.when(left).then(pl.col("last_step_on") + pl.duration(days=pl.col("every_days")))


def after_gap(trigger_on: str, last_on: str) -> pl.Expr:
    """Return the day on which the trigger holds and the gap since the step before has passed."""
    return pl.when(pl.col(trigger_on).is_not_null()).then(
        pl.max_horizontal(trigger_on, pl.col(last_on) + pl.duration(days=pl.col("min_gap_days")))
    )


def is_in_season(day: pl.Expr) -> pl.Expr:
    """Tell whether the step may be taken in the month of that day."""
    months = pl.col("months")
    return months.is_null() | months.list.contains(day.dt.month()).fill_null(False)


def is_before_end(day: pl.Expr) -> pl.Expr:
    """Tell whether a step that only runs until so many days after the anchor may still be taken on that day."""
    last_on = pl.col("anchor_on") + pl.duration(days=pl.col("until_days"))
    return pl.col("until_days").is_null() | (day <= last_on)


def counts_hold() -> pl.Expr:
    """Tell whether the conditions on amounts and counts hold: each that is given, all together, edges included."""
    conditions = [
        ("overdue_at_least_minor", pl.col("net_overdue_minor")),
        ("unpaid_at_least_minor", pl.col("unpaid_minor")),
        ("overdue_count_at_least", pl.col("overdue_count")),
        ("unpaid_count_at_least", pl.col("unpaid_count")),
        ("fruitless_at_least", pl.col("fruitless_count")),
    ]
    holds = pl.lit(True)
    for threshold, value in conditions:
        holds = holds & (pl.col(threshold).is_null() | (value.cast(pl.Int64).fill_null(0) >= pl.col(threshold)))
    return holds


def is_unanswered() -> pl.Expr:
    """Tell whether the customer has been silent since the last step, or since the case opened when none was taken."""
    since = pl.coalesce("last_step_on", "opened_on", "anchor_on")
    silent = pl.col("last_inbound_on").is_null() | (pl.col("last_inbound_on") < since)
    return ~pl.col("no_response") | silent


def holds_on(as_of: date) -> pl.Expr:
    """Tell whether everything but the dates holds on the day: season, end, amounts, counts, silence."""
    day = pl.lit(as_of)
    return is_in_season(day) & is_before_end(day) & counts_hold() & is_unanswered()
