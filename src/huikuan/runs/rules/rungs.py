"""Why each step of a ladder is or is not taken on the day: the same triggers as the ladder itself, step by step."""

from datetime import date
from typing import Final

import polars as pl

from huikuan.policy.rules.compile import PolicyFrames
from huikuan.policy.rules.events import completed, has_happened, states_hold
from huikuan.policy.rules.ladder import KEY
from huikuan.policy.rules.triggers import (
    after_gap,
    again_on,
    asked_by,
    clocks,
    counts_hold,
    is_before_end,
    is_in_season,
    is_unanswered,
    ripe_on,
)

ANSWERS: Final = (
    "TAKEN",  # today
    "PASSED_OVER",  # today: a later one goes
    "BEHIND",  # this step or a later one has been taken in this spell
    "NOT_FOR_GRADE",
    "STOPPED",  # nothing is due for this customer and currency at all: `reason` of the position says why
    "NO_EVENT",  # what it waits for has not happened in this spell
    "NOT_YET",  # its day has not come: `answer_on`, null when it hangs on a step not yet taken
    "OUT_OF_SEASON",
    "OVER",  # it only ran until so many days
    "NOT_THE_CASE",  # no such delay signal stands, or nothing has been unread for so long
    "TOO_LITTLE",  # amounts or counts are below what it asks for
    "ANSWERED",  # it is for silence, and the customer has spoken
    "GAP",  # too soon after the step before: `answer_on`
    "OUTRANKED",  # it could be taken, but another goes first
)
"""Stable codes, in the order in which they are asked."""


def rungs(positions: pl.DataFrame, decisions: pl.DataFrame, *, frames: PolicyFrames, as_of: date) -> pl.DataFrame:
    """Return one row per position and overdue step of its ladder: step_code, rank, trigger, answer, answer_on.

    A position is a customer in a currency, or one item where `item_id` is among the columns.

    Args:
        positions: Of `climbing.climbing`, with `reason`.
        decisions: Of the same.
        frames: Of the policy, for the positions' currencies.
        as_of: The day.
    """
    key = [*KEY, *(["item_id"] if "item_id" in positions.columns else [])]
    settings = frames.ladders.select("ladder", "currency", "scope")
    steps = frames.steps.filter(pl.col("family") == "OVERDUE")
    asked = asked_by(steps)
    met = (
        completed(positions, asked)
        .join(settings, on=["ladder", "currency"])
        .join(steps, on=["ladder", "currency"])
        .join(decisions.select(*key, "step_code", today="action"), on=[*key, "step_code"], how="left")
        .with_columns(
            pl.col("last_step_rank", "last_occurrence", "fruitless_count").fill_null(0),
            anchor_on=pl.when(pl.col("scope") == "oldest_issue").then("oldest_issued_on").otherwise("ladder_due_on"),
        )
        .with_columns(**clocks())
    )
    is_repeat = (pl.col("rank") == pl.col("last_step_rank")) & pl.col("every_days").is_not_null()
    dated = met.with_columns(is_repeat=is_repeat).with_columns(
        trigger_on=pl.when("is_repeat")
        .then(again_on(asked, last_on="last_step_on", last_occurrence="last_occurrence"))
        .otherwise(ripe_on(asked, last_rank="last_step_rank", last_on="since_on")),
    )
    gapped = dated.with_columns(ripe_on=after_gap("trigger_on", "last_step_on"))
    return (
        gapped.with_columns(answer=_answer(asked, as_of))
        .with_columns(
            answer_on=pl.when(pl.col("answer") == "NOT_YET").then("trigger_on")
            .when(pl.col("answer") == "GAP").then("ripe_on")
        )
        .select(*key, "rank", "step_code", "trigger", "action", "answer", "answer_on")
        .sort(*key, "rank")
    )  # fmt: skip


def _answer(asked: frozenset[str], as_of: date) -> pl.Expr:
    day = pl.lit(as_of)
    for_grade = pl.col("grades").is_null() | pl.col("grades").list.contains(pl.col("grade")).fill_null(False)
    is_behind = (pl.col("rank") <= pl.col("last_step_rank")) & ~pl.col("is_repeat")
    return (
        pl.when(pl.col("today") == "SKIPPED").then(pl.lit("PASSED_OVER"))
        .when(pl.col("today").is_not_null()).then(pl.lit("TAKEN"))
        .when(is_behind).then(pl.lit("BEHIND"))
        .when(~for_grade).then(pl.lit("NOT_FOR_GRADE"))
        .when(~has_happened(asked)).then(pl.lit("NO_EVENT"))
        .when(pl.col("trigger_on").is_null() | (pl.col("trigger_on") > day)).then(pl.lit("NOT_YET"))
        .when(~is_in_season(asked, day)).then(pl.lit("OUT_OF_SEASON"))
        .when(~is_before_end(asked, day)).then(pl.lit("OVER"))
        .when(~states_hold(asked)).then(pl.lit("NOT_THE_CASE"))
        .when(~counts_hold(asked)).then(pl.lit("TOO_LITTLE"))
        .when(~is_unanswered()).then(pl.lit("ANSWERED"))
        .when(~pl.col("reason").is_in(["DUE", "NOT_DUE", "WAITING", "EXHAUSTED", "CURRENT"])).then(pl.lit("STOPPED"))
        .when(pl.col("ripe_on") > day).then(pl.lit("GAP"))
        .otherwise(pl.lit("OUTRANKED"))
    )  # fmt: skip
