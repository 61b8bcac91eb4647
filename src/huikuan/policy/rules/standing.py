"""Where every climber stands after the day: why a step was or was not taken, and what comes next and when."""

from datetime import date
from typing import Final

import polars as pl

from huikuan.policy.rules.events import states_hold
from huikuan.policy.rules.triggers import (
    after_gap,
    again_on,
    counts_hold,
    is_before_end,
    is_in_season,
    is_unanswered,
    ripe_on,
)

REVIEW: Final = "review"
"""Next action when no step lies ahead: a person looks at the case again."""
HOLD_ENDS: Final = "hold_ends"
"""Next action while everything is held: the day after the hold."""

RANKS: Final = 2**20
"""More than any rank."""

NOTHING_AHEAD: Final = ["NO_LADDER", "CURRENT", "COVERED", "BELOW_MINIMUM", "UNSENT"]
"""Gates behind which the dates of the steps mean nothing."""


def standing_of(
    climbers: pl.DataFrame, *, chosen: pl.DataFrame, asked: frozenset[str], review_every_days: int, as_of: date
) -> pl.DataFrame:
    """Return the climbers with reason, next_action (null: the step next_rung), next_action_on and is_exhausted.

    Args:
        climbers: One row each, with `climber` (its number) and `gate`.
        chosen: The candidates of `ladder`: steps not yet taken, and the repeatable one.
        asked: `triggers.asked_by` of the steps.
        review_every_days: See `ladder.climb`.
        as_of: The day; every next action lies after it.
    """
    taken = chosen.filter(pl.col("rank") == pl.col("chosen_rank")).select(
        "climber", taken_rank="rank", taken_again="is_repeat"
    )
    was, is_taken = pl.col("last_occurrence"), pl.col("taken_rank").is_not_null()
    now_at = climbers.join(taken, on="climber", how="left", maintain_order="left").with_columns(
        new_rank=pl.coalesce("taken_rank", "last_step_rank"),
        new_on=pl.when(is_taken).then(pl.lit(as_of)).otherwise("last_step_on"),
        new_since_on=pl.when(is_taken).then(pl.lit(as_of)).otherwise("since_on"),
        new_occurrence=pl.when(~is_taken).then(was).when("taken_again").then(was + 1).otherwise(0),
    )
    ahead = _ahead(chosen, now_at=now_at, asked=asked, as_of=as_of)
    stood = now_at.join(ahead, on="climber", how="left", maintain_order="left").with_columns(
        is_exhausted=(pl.col("new_rank") > 0)
        & ~pl.col("has_steps_left").fill_null(False)
        & pl.col("climb").is_not_null()
    )
    return stood.with_columns(reason=_reason()).with_columns(**_next_action(review_every_days, as_of=as_of))


def _ahead(chosen: pl.DataFrame, *, now_at: pl.DataFrame, asked: frozenset[str], as_of: date) -> pl.DataFrame:
    """Return per climber the next step that can be dated: next_rung, next_on; also has_steps_left and is_waiting."""
    is_again, rank = pl.col("rank") == pl.col("new_rank"), pl.col("rank")
    may_repeat = is_again & pl.col("every_days").is_not_null() if "every_days" in asked else pl.lit(False)
    again = again_on(asked, last_on="new_on", last_occurrence="new_occurrence")
    first = ripe_on(asked, last_rank="new_rank", last_on="new_since_on")
    state = now_at.select(
        "climber", "new_rank", "new_on", "new_occurrence", "new_since_on", was_taken=pl.col("taken_rank").is_not_null()
    )
    dated = (
        chosen.join(state, on="climber", how="left", maintain_order="left")
        .filter((rank > pl.col("new_rank")) | may_repeat)
        .with_columns(next_trigger_on=pl.when(is_again).then(again).otherwise(first))
        .with_columns(
            next_on=pl.max_horizontal(after_gap("next_trigger_on", "new_on"), pl.lit(as_of).dt.offset_by("1d"))
        )
    )
    next_on, can_be_dated = pl.col("next_on"), pl.col("next_trigger_on").is_not_null()
    may_come = (
        can_be_dated
        & counts_hold(asked)
        & states_hold(asked)
        & is_in_season(asked, next_on)
        & is_before_end(asked, next_on)
        & (is_unanswered() | pl.col("was_taken"))
    )
    # The earliest day wins; on one day the highest step, or the lowest where none may be passed over.
    order = next_on.cast(pl.Int64) * RANKS + pl.when("is_latest").then(RANKS - 1 - rank).otherwise(rank)
    return (
        dated.select(
            "climber",
            "rung",
            "next_on",
            "is_triggered",
            order=pl.when(may_come).then(order),
            is_left=(rank > pl.col("new_rank")) | (can_be_dated & is_before_end(asked, next_on)),
        )
        .group_by("climber")
        .agg(
            has_steps_left=pl.col("is_left").max(),
            is_waiting=pl.col("is_triggered").max(),
            order=pl.col("order").min(),
            next_rung=pl.col("rung").min_by("order"),
            next_on=pl.col("next_on").min_by("order"),
        )
        .with_columns(pl.when(pl.col("order").is_not_null()).then(pl.col("next_rung", "next_on")))
    )


def _reason() -> pl.Expr:
    return (
        pl.when(pl.col("gate").is_not_null()).then("gate")
        .when(pl.col("taken_rank").is_not_null()).then(pl.lit("DUE"))
        .when("is_exhausted").then(pl.lit("EXHAUSTED"))
        .when(pl.col("is_waiting").fill_null(False)).then(pl.lit("WAITING"))
        .otherwise(pl.lit("NOT_DUE"))
    )  # fmt: skip


def _next_action(review_every_days: int, *, as_of: date) -> dict[str, pl.Expr]:
    """Return the next action and its day: a step, the end of the hold, or a review at steady intervals."""
    is_held = (pl.col("gate") == "HELD").fill_null(False)
    has_step = pl.col("next_rung").is_not_null() & ~pl.col("gate").is_in(NOTHING_AHEAD).fill_null(False)
    begun = pl.min_horizontal(pl.coalesce("new_on", "anchor_on", "opened_on", pl.lit(as_of)), pl.lit(as_of))
    passed = (pl.lit(as_of) - begun).dt.total_days()
    review_on = begun + pl.duration(days=passed - passed % review_every_days + review_every_days)
    return {
        "next_action": pl.when(is_held).then(pl.lit(HOLD_ENDS)).when(~has_step).then(pl.lit(REVIEW)),
        "next_action_on": pl.when(is_held)
        .then("held_until")
        .when(has_step)
        .then(pl.max_horizontal("next_on", "not_before_on"))
        .otherwise(review_on),
    }
