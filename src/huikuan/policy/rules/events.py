"""What happened and what stands: the conditions of a step that neither count days overdue nor amounts (E2).

An *event* (a promise broken, a letter signed for …) holds from the day it happened, or so many days later, until the
spell ends; the latest of its kind counts. A *state* (a delay signal, a message unread) holds while it stands. Both
reach the ladder as columns of the positions, and only those that some step asks for.
"""

from collections.abc import Mapping
from typing import Final

import polars as pl

EVENTS: Final = (
    "promise_broken",
    "installment_missed",
    "plan_broken",
    "dispute_opened",
    "dispute_closed",
    "letter_delivered",
    "letter_refused",
    "message_bounced",
)
"""Keys of `when:`; the step's column is `<event>_days`, the position's `<event>_on`."""

SIGNAL_KINDS: Final = (
    "PROMISES_BROKEN",
    "VAGUE_PROCESS",
    "SHRINKING_PAYMENTS",
    "UNREACHABLE",
    "PAYER_CHANGED",
    "ENFORCEMENT",
)
"""Kinds of delay signal (`arrangements.Signal`), all of which `delay_signal: true` means."""

EVENT_DAYS: Final = tuple(f"{event}_days" for event in EVENTS)
SILENT_DAYS: Final = "silent_days"
UNREAD_HOURS: Final = "unread_at_least_hours"
SIGNALS: Final = "signals"
ASKED: Final = (*EVENT_DAYS, SILENT_DAYS, UNREAD_HOURS, SIGNALS)
"""Columns of the steps that ask for an event or a state."""

ABSENT: Final[Mapping[str, pl.Expr]] = {
    **{f"{event}_on": pl.lit(None, dtype=pl.Date) for event in EVENTS},
    "unread_hours": pl.lit(None, dtype=pl.Int64),
    "standing_signals": pl.lit(None, dtype=pl.List(pl.String)),
}
"""Columns of the positions, and what they hold where nobody has read anything."""

_NEEDS: Final = {f"{event}_days": f"{event}_on" for event in EVENTS} | {
    UNREAD_HOURS: "unread_hours",
    SIGNALS: "standing_signals",
}


def needed_by(asked: frozenset[str]) -> list[str]:
    """Return the columns of the positions that the steps' conditions look at."""
    return [column for condition, column in _NEEDS.items() if condition in asked]


def completed(positions: pl.DataFrame, asked: frozenset[str]) -> pl.DataFrame:
    """Give the positions the columns that are asked for and that nobody has read: nothing of the kind happened."""
    missing = [column for column in needed_by(asked) if column not in positions.columns]
    return positions.with_columns(**{column: ABSENT[column] for column in missing})


def event_clocks(asked: frozenset[str]) -> list[tuple[pl.Expr, pl.Expr]]:
    """Return (day from which to count, days) of every dated condition that is asked for; days null: not by this step.

    Silence counts from the last sign of life in the spell, or from its beginning.
    """
    clocks = [(pl.col(f"{event}_on"), pl.col(f"{event}_days")) for event in EVENTS if f"{event}_days" in asked]
    if SILENT_DAYS in asked:
        clocks.append((pl.col("silent_on"), pl.col(SILENT_DAYS)))
    return clocks


def has_happened(asked: frozenset[str]) -> pl.Expr:
    """Tell whether every event that the step counts from has happened in this spell."""
    return pl.all_horizontal(pl.lit(True), *(days.is_null() | day.is_not_null() for day, days in event_clocks(asked)))


def within_reach(steps: pl.DataFrame, positions: pl.DataFrame) -> pl.DataFrame:
    """Leave out the steps that wait for events which have happened to nobody: they would be met in vain."""
    for event in EVENTS:
        day = f"{event}_on"
        if day not in positions.columns or positions[day].null_count() == positions.height:
            steps = steps.filter(pl.col(f"{event}_days").is_null())
    return steps


def silent_on() -> pl.Expr:
    """Return, per climber, since when the customer has been silent."""
    return pl.max_horizontal("last_inbound_on", pl.coalesce("opened_on", "anchor_on"))


def states_hold(asked: frozenset[str]) -> pl.Expr:
    """Tell whether what must stand stands: a delay signal of a named kind, a message unread for so many hours."""
    holds = pl.lit(True)
    if UNREAD_HOURS in asked:
        wanted = pl.col(UNREAD_HOURS)
        holds &= wanted.is_null() | (pl.col("unread_hours") >= wanted).fill_null(False)
    if SIGNALS in asked:
        wanted = pl.col(SIGNALS)
        found = pl.col("standing_signals").list.set_intersection(wanted).list.len() > 0
        holds &= wanted.is_null() | found.fill_null(False)
    return holds
