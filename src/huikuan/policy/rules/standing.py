"""Where every climber stands after the day: why a step was or was not taken, and what comes next and when."""

from datetime import date
from typing import Final

import polars as pl

from huikuan.policy.rules.triggers import after_gap, counts_hold, is_before_end, is_in_season, is_unanswered, ripe_on

REVIEW: Final = "review"
"""Next action when no step lies ahead: a person looks at the case again."""
HOLD_ENDS: Final = "hold_ends"
"""Next action while everything is held: the day after the hold."""

NOTHING_AHEAD: Final = ["NO_LADDER", "CURRENT", "COVERED", "BELOW_MINIMUM", "UNSENT"]
"""Gates behind which the dates of the steps mean nothing."""


def standing_of(
    climbers: pl.DataFrame, *, chosen: pl.DataFrame, taken: pl.DataFrame, review_every_days: int, as_of: date
) -> pl.DataFrame:
    """Return the climbers with reason, next_action, next_action_on and is_exhausted.

    Args:
        climbers: One row each, with `climber` (its number) and `gate`.
        chosen: The candidates of `ladder`: steps not yet taken, and the repeatable one.
        taken: The one row per climber that is taken today.
        review_every_days: See `ladder.climb`.
        as_of: The day; every next action lies after it.
    """
    now_at = climbers.join(
        taken.select("climber", taken_rank="rank", taken_repeat="is_repeat"), on="climber", how="left"
    ).with_columns(
        new_rank=pl.coalesce("taken_rank", "last_step_rank"),
        new_on=pl.when(pl.col("taken_rank").is_not_null()).then(pl.lit(as_of)).otherwise("last_step_on"),
        new_occurrence=pl.when(pl.col("taken_rank").is_null() | pl.col("taken_repeat"))
        .then(pl.col("last_occurrence").fill_null(0) + pl.col("taken_repeat").fill_null(False).cast(pl.Int64))
        .otherwise(0),
    )
    ahead = _ahead(chosen, now_at=now_at, as_of=as_of)
    stood = now_at.join(ahead, on="climber", how="left").with_columns(
        is_exhausted=(pl.col("new_rank") > 0) & pl.col("steps_left").fill_null(0).eq(0) & pl.col("climb").is_not_null()
    )
    return stood.with_columns(reason=_reason()).with_columns(**_next_action(review_every_days, as_of=as_of))


def _ahead(chosen: pl.DataFrame, *, now_at: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Return per climber the next step that can be dated: next_code, next_on; also steps_left and is_waiting."""
    is_again = pl.col("rank") == pl.col("new_rank")
    again_on = pl.when(pl.col("max_count").is_null() | (pl.col("new_occurrence") + 1 < pl.col("max_count"))).then(
        pl.col("new_on") + pl.duration(days=pl.col("every_days"))
    )
    dated = (
        chosen.join(now_at.select("climber", "new_rank", "new_on", "new_occurrence", "taken_rank"), on="climber")
        .filter((pl.col("rank") > pl.col("new_rank")) | (is_again & pl.col("every_days").is_not_null()))
        .with_columns(next_trigger_on=pl.when(is_again).then(again_on).otherwise(ripe_on("new_rank", "new_on")))
        .with_columns(
            next_on=pl.max_horizontal(after_gap("next_trigger_on", "new_on"), pl.lit(as_of).dt.offset_by("1d"))
        )
    )
    may_come = (
        pl.col("next_trigger_on").is_not_null()
        & counts_hold()
        & is_in_season(pl.col("next_on"))
        & is_before_end(pl.col("next_on"))
        & (is_unanswered() | pl.col("taken_rank").is_not_null())
    )
    order = pl.when(pl.col("climb") == "latest").then(-pl.col("rank")).otherwise(pl.col("rank"))
    first = (
        dated.filter(may_come).sort("climber", "next_on", order).unique("climber", keep="first", maintain_order=True)
    )
    is_left = (pl.col("rank") > pl.col("new_rank")) | (
        pl.col("next_trigger_on").is_not_null() & is_before_end(pl.col("next_on"))
    )
    return (
        dated.group_by("climber")
        .agg(steps_left=is_left.sum(), is_waiting=pl.col("is_triggered").any())
        .join(first.select("climber", next_code="step_code", next_on="next_on"), on="climber", how="left")
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
    has_step = pl.col("next_code").is_not_null() & ~pl.col("gate").is_in(NOTHING_AHEAD).fill_null(False)
    begun = pl.min_horizontal(pl.coalesce("new_on", "anchor_on", "opened_on", pl.lit(as_of)), pl.lit(as_of))
    passed = (pl.lit(as_of) - begun).dt.total_days()
    review_on = begun + pl.duration(days=passed - passed % review_every_days + review_every_days)
    return {
        "next_action": pl.when(is_held)
        .then(pl.lit(HOLD_ENDS))
        .when(has_step)
        .then("next_code")
        .otherwise(pl.lit(REVIEW)),
        "next_action_on": pl.when(is_held)
        .then("held_until")
        .when(has_step)
        .then(pl.max_horizontal("next_on", "not_before_on"))
        .otherwise(review_on),
    }
