"""The ladder (催收阶梯): which step is due for whom on a day. Pure and columnar: one row is one climber.

A *position* is one customer in one currency (or one item, where the policy climbs per item): how late, how much, how
far it has climbed. It meets every step of its ladder at once; thresholds come from the frames of `compile`, never from
here. Both families of steps are answered here:

* OVERDUE steps (`climb`): the highest step whose trigger holds, never below one already taken in the same spell. What
  was passed over is reported as SKIPPED and never made up for: no burst after a hold or after days without a run. A
  formal step is never passed over: it goes first, and the steps above it wait.
* UPCOMING steps (`upcoming`): moments in the life of an item that is not yet due (issued, half of the term, three days
  before). One contact per customer and currency, and none when an overdue step goes out on that day: it lists them too.

Columns of `positions` (one row per customer_id and currency; built by `positions.positions`, segmented by
`segments.assign`):
    customer_id Int64, currency, segment String, ladder String (null: nobody is to be contacted),
    oldest_due_on Date (oldest overdue item with an unheld part; null: nothing to pursue),
    ladder_due_on Date (the same, moved on by the days its clock stood still; equal to it unless the policy stops it),
    oldest_issued_on Date (oldest unheld unpaid item), held_until Date (first day on which a hold ends; null: none),
    net_overdue_minor Int64 (overdue, unheld, less money on account), unpaid_minor Int64 (open, unheld),
    overdue_count, unpaid_count UInt32, grade String,
    opened_on Date, last_step_code String, last_step_rank Int32 (0: none), last_step_on Date, last_occurrence Int64,
    fruitless_count Int64, last_inbound_on Date; optional: last_is_sent Boolean (default true), not_before_on Date
    (moved by hand: nothing before that day), since_on Date (day from which `days_since` counts the last step, default
    last_step_on; null: its letter has not arrived), and what `events` names: <event>_on, unread_hours,
    standing_signals.

Columns of `decisions` (what to write; at most one row per position that is not SKIPPED):
    customer_id, currency, step_code, rank Int32, occurrence Int64, action String TASK | NOTICE | BOTH | SKIPPED,
    rule String "segment/step@trigger", segment, ladder, trigger_on Date (day from which the trigger held),
    is_formal Boolean, stage, task_kind, task_owner, task_script, notice_template String,
    notice_channels List(String).

Columns of `standing` (one row per position): customer_id, currency, reason String (below), next_action String,
    next_action_on Date (always after as_of), is_exhausted Boolean (the last step was taken and does not repeat).

Reasons: CURRENT nothing is overdue · DUE a step is taken · DONE_TODAY one was taken on this day · NOT_DUE no further
step is due yet · WAITING a step is due but its gap has not passed · UNSENT the last step has not left (climb:
one_per_sent) · POSTPONED moved by hand · HELD · COVERED by money on account · BELOW_MINIMUM · NO_LADDER (excluded, or
no policy) · EXHAUSTED.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from huikuan.policy.rules.events import ASKED, completed, has_happened, needed_by, within_reach
from huikuan.policy.rules.standing import standing_of
from huikuan.policy.rules.triggers import THRESHOLDS, after_gap, again_on, asked_by, clocks, holds_on, ripe_on

KEY: Final = ["customer_id", "currency"]
"""What a position is known by. With `item_id` in the frame the climber is the item, and it belongs to the key."""

DETAILS: Final = [
    "is_formal",
    "stage",
    "task_kind",
    "task_owner",
    "task_script",
    "notice_template",
    "notice_channels",
]

CLIMBER: Final = [
    "climber",
    "ladder",
    "currency",
    "grade",
    "anchor_on",
    "last_step_rank",
    "last_step_on",
    "last_occurrence",
    "since_on",
    "has_answered",
    "silent_on",
    "may_repeat",
    *THRESHOLDS.values(),
]
STEP: Final = [
    "rank",
    "is_formal",
    "no_response",
    "anchor_days",
    "end_of_month_days",
    "since_days",
    "since_rank",
    "months",
    "every_days",
    "until_days",
    "max_count",
    "min_gap_days",
    *THRESHOLDS,
    *ASKED,
]
"""What the two bring to their meeting."""

NOBODY_CLIMBS: Final = ["NO_LADDER", "HELD", "CURRENT"]
"""Gates behind which there is nothing to climb for."""


@dataclass(frozen=True, slots=True)
class Climb:
    """What the day brings: `decisions` to write and the `standing` of every position."""

    decisions: pl.DataFrame
    standing: pl.DataFrame


def climb(
    positions: pl.DataFrame, *, steps: pl.DataFrame, ladders: pl.DataFrame, review_every_days: int, as_of: date
) -> Climb:
    """Choose the due step of every position, or say why there is none.

    Args:
        positions: See the head of this file.
        steps: `compile.PolicyFrames.steps`: one row per ladder, currency and step.
        ladders: `compile.PolicyFrames.ladders`: ladder, currency, climb, scope, minimum_minor.
        review_every_days: How often a person looks at a case with no step ahead.
        as_of: The day. A state dated today or later gives nothing new: twice is once.
    """
    key = [*KEY, *(["item_id"] if "item_id" in positions.columns else [])]
    rungs = steps.filter(pl.col("family") == "OVERDUE").with_row_index("rung")
    asked = asked_by(rungs)
    climbers = _gated(_on_this_ladder(_completed(positions, asked), rungs=rungs), ladders=ladders, as_of=as_of)
    reachable = within_reach(rungs, climbers)
    asked = asked if reachable.is_empty() else asked_by(reachable)
    chosen = _choose(_candidates(climbers, rungs=reachable, asked=asked, as_of=as_of))
    standing = standing_of(climbers, chosen=chosen, asked=asked, review_every_days=review_every_days, as_of=as_of).join(
        rungs.select(next_rung="rung", next_code="step_code"), on="next_rung", how="left", maintain_order="left"
    )
    return Climb(
        decisions=_decisions(chosen, climbers=climbers, rungs=rungs, key=key),
        standing=standing.select(
            *key,
            "reason",
            pl.coalesce("next_action", "next_code").alias("next_action"),
            "next_action_on",
            "is_exhausted",
        ),
    )


def _completed(positions: pl.DataFrame, asked: frozenset[str]) -> pl.DataFrame:
    """Number the climbers and give the optional columns their defaults."""
    absent = {
        "last_is_sent": pl.lit(True),
        "not_before_on": pl.lit(None, dtype=pl.Date),
        "since_on": pl.col("last_step_on"),
    }
    return (
        completed(positions, asked)
        .with_columns(**{name: value for name, value in absent.items() if name not in positions.columns})
        .with_columns(
            pl.col("last_step_rank", "last_occurrence", "fruitless_count").fill_null(0),
            pl.col("last_is_sent").fill_null(True),
            pl.col("grade").fill_null(""),
            climber=pl.int_range(pl.len(), dtype=pl.UInt32),
        )
    )


def _on_this_ladder(climbers: pl.DataFrame, *, rungs: pl.DataFrame) -> pl.DataFrame:
    """Read the last step by its code: a new policy version, or another segment, may rank it differently.

    A code that this ladder does not have keeps the rank that was stored, and nothing is repeated.
    """
    known = rungs.select("ladder", "currency", last_step_code="step_code", known_rank="rank")
    return climbers.join(
        known, on=["ladder", "currency", "last_step_code"], how="left", maintain_order="left"
    ).with_columns(
        last_step_rank=pl.coalesce("known_rank", "last_step_rank"), may_repeat=pl.col("known_rank").is_not_null()
    )


def _gated(climbers: pl.DataFrame, *, ladders: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Add the ladder's settings, the day its days are counted from, and `gate`: why nothing can be due, or null."""
    by_issue = pl.col("scope") == "oldest_issue"
    anchored = climbers.join(ladders, on=["ladder", "currency"], how="left", maintain_order="left").with_columns(
        anchor_on=pl.when(by_issue).then("oldest_issued_on").otherwise("ladder_due_on"),
        pursued_minor=pl.when(by_issue).then("unpaid_minor").otherwise("net_overdue_minor"),
    )
    day = pl.lit(as_of)
    gate = (
        pl.when(pl.col("climb").is_null()).then(pl.lit("NO_LADDER"))
        .when(pl.col("anchor_on").is_null() & pl.col("held_until").is_not_null()).then(pl.lit("HELD"))
        .when(pl.col("anchor_on").is_null()).then(pl.lit("CURRENT"))
        .when(pl.col("pursued_minor") <= 0).then(pl.lit("COVERED"))
        .when(pl.col("pursued_minor") < pl.col("minimum_minor")).then(pl.lit("BELOW_MINIMUM"))
        .when(pl.col("last_step_on") >= day).then(pl.lit("DONE_TODAY"))
        .when((pl.col("climb") == "one_per_sent") & ~pl.col("last_is_sent")).then(pl.lit("UNSENT"))
        .when(pl.col("not_before_on") > day).then(pl.lit("POSTPONED"))
    )  # fmt: skip
    return anchored.with_columns(gate=gate, **clocks())


def _candidates(climbers: pl.DataFrame, *, rungs: pl.DataFrame, asked: frozenset[str], as_of: date) -> pl.DataFrame:
    """Meet every climber with the steps still above it and the one it may repeat, and date both.

    Adds trigger_on (from which day the trigger holds), ripe_on (the same and the gap has passed), is_triggered,
    is_ripe, is_repeat, is_strict (may not be passed over). Narrow on purpose: this is the one frame that is many times
    as long as the positions.
    """
    met = (
        climbers.filter(pl.col("gate").is_null() | ~pl.col("gate").is_in(NOBODY_CLIMBS))
        .select(*CLIMBER, *needed_by(asked), is_latest=pl.col("climb") == "latest", may_take=pl.col("gate").is_null())
        .join(_per_grade(rungs, climbers["grade"].unique(), asked), on=["ladder", "currency", "grade"])
        .drop("ladder", "currency", "grade")
    )
    is_at_last = pl.col("rank") == pl.col("last_step_rank")
    repeats = pl.col("every_days").is_not_null() if "every_days" in asked else pl.lit(False)
    may_repeat = is_at_last & repeats & pl.col("may_repeat")
    again = again_on(asked, last_on="last_step_on", last_occurrence="last_occurrence")
    first = ripe_on(asked, last_rank="last_step_rank", last_on="since_on")
    return (
        met.lazy()
        .filter(((pl.col("rank") > pl.col("last_step_rank")) | may_repeat) & has_happened(asked))
        .with_columns(
            is_repeat=is_at_last,
            trigger_on=pl.when(is_at_last).then(again).otherwise(first),
            is_strict=(pl.col("is_formal") | ~pl.col("is_latest")) & ~is_at_last,
            is_met=holds_on(asked, as_of),
        )
        .with_columns(
            ripe_on=after_gap("trigger_on", "last_step_on"),
            is_triggered=pl.col("is_met") & (pl.col("trigger_on") <= as_of).fill_null(False),
        )
        .with_columns(is_ripe=pl.col("is_triggered") & (pl.col("ripe_on") <= as_of))
        .collect()
    )


def _per_grade(rungs: pl.DataFrame, grades: pl.Series, asked: frozenset[str]) -> pl.DataFrame:
    """Return the steps once for every grade that may take them: who may not never meets them."""
    said = [name for name in STEP if name in asked]
    return (
        rungs.join(pl.DataFrame({"grade": grades}), how="cross")
        .filter(pl.col("grades").is_null() | pl.col("grades").list.contains(pl.col("grade")))
        .select("rung", "ladder", "currency", "grade", *said)
    )


def _choose(candidates: pl.DataFrame) -> pl.DataFrame:
    """Add `chosen_rank`, the rank of the step of the day (null: none), the same on all rows of a climber.

    A strict step goes first, and while its gap runs nothing else goes. Otherwise the highest ripe step.
    """
    rank, strict = pl.col("rank"), pl.col("is_strict")
    ranked = candidates.select(
        "climber",
        strict_rank=pl.when(strict & pl.col("is_triggered")).then(rank),
        strict_ripe_rank=pl.when(strict & pl.col("is_ripe")).then(rank),
        highest_rank=pl.when("is_ripe").then(rank),
    )
    per_climber = ranked.group_by("climber").agg(
        pl.col("strict_rank", "strict_ripe_rank").min(), pl.col("highest_rank").max()
    )
    first = (
        pl.when(pl.col("strict_rank").is_null()).then("highest_rank")
        .when(pl.col("strict_ripe_rank") == pl.col("strict_rank")).then("strict_rank")
    )  # fmt: skip
    return candidates.join(
        per_climber.select("climber", first=first), on="climber", how="left", maintain_order="left"
    ).with_columns(chosen_rank=pl.when("may_take").then("first"))


def _decisions(chosen: pl.DataFrame, *, climbers: pl.DataFrame, rungs: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Return the steps taken and, below each of them, what it passed over."""
    passed_over = pl.col("is_triggered") & ~pl.col("is_repeat") & (pl.col("rank") < pl.col("chosen_rank"))
    is_taken = pl.col("rank") == pl.col("chosen_rank")
    found = chosen.filter(is_taken | passed_over).select(
        "climber",
        "rung",
        "trigger_on",
        is_taken=is_taken,
        occurrence=pl.when("is_repeat").then(pl.col("last_occurrence") + 1).otherwise(0).cast(pl.Int64),
    )
    names = ["rung", "step_code", "rank", "action", "trigger", *DETAILS]
    return (
        found.join(climbers.select("climber", *key, "segment", "ladder"), on="climber")
        .join(rungs.select(names), on="rung")
        .with_columns(
            action=pl.when("is_taken").then("action").otherwise(pl.lit("SKIPPED")),
            rule=pl.format("{}/{}@{}", "segment", "step_code", "trigger"),
        )
        .select(*key, "step_code", "rank", "occurrence", "action", "rule", "segment", "ladder", "trigger_on", *DETAILS)
        .sort(*key, "rank")
    )
