"""What happened and what stands, put beside the positions that climb: columns of `policy.rules.events`."""

from datetime import datetime

import polars as pl

from huikuan.policy.rules.events import EVENTS
from huikuan.policy.rules.ladder import KEY
from huikuan.runs.rules.facts import Facts


def with_events(positions: pl.DataFrame, facts: Facts, *, posted: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Add since_on, <event>_on, unread_hours and standing_signals, each only where there is anything to add.

    Args:
        positions: With ladder, last_step_code, last_step_on.
        facts: Of the day.
        posted: ladder, last_step_code of the steps whose clock starts when their letter arrives.
        now: Instant of the run.
    """
    return _with_signals(_with_unread(_with_latest(with_arrivals(positions, facts, posted), facts), facts, now), facts)


def with_arrivals(positions: pl.DataFrame, facts: Facts, posted: pl.DataFrame) -> pl.DataFrame:
    """Add since_on: the days since a letter count from its arrival; since any other step, from the day it was taken."""
    arrived = facts.arrivals.rename({"step_code": "last_step_code"})
    return (
        positions.join(posted.with_columns(is_posted=True), on=["ladder", "last_step_code"], how="left")
        .join(arrived, on=[*KEY, "last_step_code", "last_step_on"], how="left")
        .with_columns(since_on=pl.when("is_posted").then("arrived_on").otherwise("last_step_on"))
        .drop("is_posted", "arrived_on")
    )


def _with_latest(positions: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    if facts.events.is_empty():
        return positions
    days = facts.events.group_by(KEY).agg(
        pl.col("on").filter(pl.col("kind") == event).max().alias(f"{event}_on") for event in EVENTS
    )
    return positions.join(days, on=KEY, how="left")


def _with_unread(positions: pl.DataFrame, facts: Facts, now: datetime) -> pl.DataFrame:
    """Count full hours since the last message, unless the customer has been in touch on that day or since."""
    if facts.unread.is_empty():
        return positions
    is_answered = (pl.col("last_inbound_on") >= pl.col("unread_at").dt.date()).fill_null(False)
    hours = (pl.lit(now) - pl.col("unread_at")).dt.total_hours()
    return (
        positions.join(facts.unread, on=KEY, how="left")
        .with_columns(unread_hours=pl.when(~is_answered).then(hours))
        .drop("unread_at")
    )


def _with_signals(positions: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    if facts.signals.is_empty():
        return positions
    standing = facts.signals.group_by("customer_id").agg(standing_signals=pl.col("kind").unique())
    return positions.join(standing, on="customer_id", how="left")
