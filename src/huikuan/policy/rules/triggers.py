"""When a step's trigger holds: expressions over a climber that has met a step (columns of `ladder` and `compile`).

`asked` names the columns of the steps that say anything at all; a condition that no step asks for costs nothing.
"""

from datetime import date

import polars as pl

from huikuan.policy.rules.events import event_clocks, has_happened, silent_on, states_hold

THRESHOLDS = {
    "overdue_at_least_minor": "net_overdue_minor",
    "unpaid_at_least_minor": "unpaid_minor",
    "overdue_count_at_least": "overdue_count",
    "unpaid_count_at_least": "unpaid_count",
    "fruitless_at_least": "fruitless_count",
}
"""What each threshold is compared with."""

ALWAYS = pl.lit(True)


def days_after(day: pl.Expr, days: pl.Expr) -> pl.Expr:
    """Return the day so many days later. On day numbers: durations pass through microseconds and cost three times."""
    return (day.to_physical() + days).cast(pl.Date)


def asked_by(steps: pl.DataFrame) -> frozenset[str]:
    """Return the columns in which at least one step says something; without any step, all of them."""
    return frozenset(name for name in steps.columns if steps.is_empty() or steps[name].null_count() < steps.height)


def ripe_on(asked: frozenset[str], *, last_rank: str, last_on: str) -> pl.Expr:
    """Return the day from which every dated part of the trigger holds, as Date; null: cannot be dated yet.

    Parts: anchor_days (from anchor_on), end_of_month_days (the end of the month of anchor_on + days), since_days (from
    the step before, which must have been taken: rank since_rank or higher), days after an event, which must have
    happened. A trigger of amounts only holds from the anchor itself.

    Args:
        asked: See above.
        last_rank: Column with the rank of the last step taken; 0: none.
        last_on: Column with the day from which to count it: when it was taken, or when its letter arrived.
    """
    anchor = pl.col("anchor_on")
    parts = [anchor]
    if "anchor_days" in asked:
        parts.append(days_after(anchor, pl.col("anchor_days")))
    if "end_of_month_days" in asked:
        parts.append(days_after(anchor, pl.col("end_of_month_days")).dt.month_end())
    events = event_clocks(asked)
    parts += [days_after(day, days) for day, days in events]
    can_be_dated = [has_happened(asked)] if events else []
    if "since_days" in asked:
        parts.append(days_after(pl.col(last_on), pl.col("since_days")))
        is_reached = pl.col(last_on).is_not_null() & (pl.col(last_rank) >= pl.col("since_rank"))
        can_be_dated.append(pl.col("since_days").is_null() | is_reached)
    dated = pl.max_horizontal(parts)
    return pl.when(pl.all_horizontal(can_be_dated)).then(dated) if can_be_dated else dated


def again_on(asked: frozenset[str], *, last_on: str, last_occurrence: str) -> pl.Expr:
    """Return the day on which the last step is due again, as Date; null when it has been made often enough."""
    if "every_days" not in asked:
        return pl.lit(None, dtype=pl.Date)
    again = days_after(pl.col(last_on), pl.col("every_days"))
    if "max_count" not in asked:
        return again
    is_left = pl.col("max_count").is_null() | (pl.col(last_occurrence) + 1 < pl.col("max_count"))
    return pl.when(is_left).then(again)


def after_gap(trigger_on: str, last_on: str) -> pl.Expr:
    """Return the day on which the trigger holds and the gap since the step before has passed."""
    return pl.when(pl.col(trigger_on).is_not_null()).then(
        pl.max_horizontal(trigger_on, days_after(pl.col(last_on), pl.col("min_gap_days")))
    )


def is_in_season(asked: frozenset[str], day: pl.Expr) -> pl.Expr:
    """Tell whether the step may be taken in the month of that day."""
    if "months" not in asked:
        return ALWAYS
    months = pl.col("months")
    return months.is_null() | months.list.contains(day.dt.month()).fill_null(False)


def is_before_end(asked: frozenset[str], day: pl.Expr) -> pl.Expr:
    """Tell whether a step that only runs until so many days after the anchor may still be taken on that day."""
    if "until_days" not in asked:
        return ALWAYS
    last_on = days_after(pl.col("anchor_on"), pl.col("until_days"))
    return pl.col("until_days").is_null() | (day <= last_on)


def counts_hold(asked: frozenset[str]) -> pl.Expr:
    """Tell whether the conditions on amounts and counts hold: each that is given, all together, edges included."""
    holds = ALWAYS
    for threshold, value in THRESHOLDS.items():
        if threshold in asked:
            holds = holds & (pl.col(threshold).is_null() | (pl.col(value).cast(pl.Int64) >= pl.col(threshold)))
    return holds


def is_unanswered() -> pl.Expr:
    """Tell whether the customer has been silent since the last step, or since the case opened when none was taken."""
    return ~(pl.col("no_response") & pl.col("has_answered"))


def clocks() -> dict[str, pl.Expr]:
    """Return the columns of a climber that follow from others: has_answered, silent_on."""
    return {"has_answered": has_answered(), "silent_on": silent_on()}


def has_answered() -> pl.Expr:
    """Tell, per climber, whether the customer has been in touch since the last step (or the opening of the case)."""
    since = pl.coalesce("last_step_on", "opened_on", "anchor_on")
    return (pl.col("last_inbound_on") >= since).fill_null(False)


def holds_on(asked: frozenset[str], as_of: date) -> pl.Expr:
    """Tell whether everything but the dates holds on the day: season, end, amounts, counts, silence."""
    day = pl.lit(as_of)
    return (
        is_in_season(asked, day) & is_before_end(asked, day) & counts_hold(asked) & states_hold(asked) & is_unanswered()
    )
