"""One contact for the items that take a step on a day (`scope: item`): the highest step heads it, each has its own.

A step that must not be swallowed by another (a formal one, a letter that is posted) heads its own contact: the lower
steps of other items join it, the higher ones wait for the next day. Otherwise the highest step heads, and all join.
What an earlier contact was to say and has not said yet joins as well: nobody gets two messages where one will do.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import polars as pl

from huikuan.policy.rules.compile import LETTER, PolicyFrames
from huikuan.policy.rules.ladder import DETAILS, KEY, Climb
from huikuan.policy.rules.upcoming import QUIET
from huikuan.runs.rules.facts import Facts

ITEM_STEP: Final = ["item_id", "step_code", "rank", "occurrence"]
"""What a contact says of each of its items; in `Decision.facts` under `item_steps`."""

REASONS: Final = (
    "DUE", "DONE_TODAY", "UNSENT", "POSTPONED", "WAITING", "NOT_DUE", "EXHAUSTED", "BELOW_MINIMUM", "COVERED", "HELD",
    "CURRENT", "NO_LADDER",
)  # fmt: skip
"""How a customer stands whose items stand differently: by the first of these that is true of one of them."""

IDLE: Final = ("BELOW_MINIMUM", "COVERED", "CURRENT", "NO_LADDER")
"""Reasons for which nothing lies ahead: what comes next for the others comes next for the customer."""


@dataclass(frozen=True, slots=True)
class Joined:
    """What the climbs of the items make of their customers.

    Attributes:
        decisions: One contact per customer and currency at most: columns of `policy.rules.ladder`, item_ids, and
            item_steps (list of ITEM_STEP).
        standing: One row per customer and currency, of `policy.rules.ladder`.
        steps: What the items took and passed over today, to be kept: KEY, ITEM_STEP, is_taken.
        of_items: The standing of every item.
    """

    decisions: pl.DataFrame
    standing: pl.DataFrame
    steps: pl.DataFrame
    of_items: pl.DataFrame


def joined(climbed: Climb, positions: pl.DataFrame, facts: Facts, *, frames: PolicyFrames, as_of: date) -> Joined:
    """Join what the items take today into contacts.

    Args:
        climbed: Of the items.
        positions: `item_positions`, of the same.
        facts: Of the day.
        frames: Of the policy.
        as_of: The day.
    """
    wanted = climbed.decisions.filter(pl.col("action") != "SKIPPED")
    due = wanted.join(facts.taken, on=KEY, how="anti")
    waiting = _waiting(due, climbed.standing, positions, facts, frames)
    listed = _listed(pl.concat([due.with_columns(is_new=pl.lit(True)), waiting.with_columns(is_new=pl.lit(False))]))
    taken = listed.filter("is_new")
    passed_over = climbed.decisions.filter(pl.col("action") == "SKIPPED").join(taken, on="item_id", how="semi")
    of_items = _put_off(climbed.standing, wanted.join(taken, on="item_id", how="anti"), as_of=as_of)
    return Joined(
        decisions=_contacts(listed),
        standing=_rolled_up(of_items),
        steps=pl.concat(
            [
                taken.select(*KEY, *ITEM_STEP, is_taken=pl.lit(True)),
                passed_over.select(*KEY, *ITEM_STEP, is_taken=pl.lit(False)),
            ]
        ),
        of_items=of_items,
    )


def _waiting(
    due: pl.DataFrame, standing: pl.DataFrame, positions: pl.DataFrame, facts: Facts, frames: PolicyFrames
) -> pl.DataFrame:
    """Return the last steps of items whose message has not left, of those who are contacted today anyway.

    A message that stands alone leaves by itself; and nothing is said of what is settled, covered or on hold.
    """
    pursued = standing.filter(~pl.col("reason").is_in(QUIET)).select("item_id")
    unsent = facts.unsent_items.filter("is_queued").select("item_id").unique()
    rungs = frames.steps.select("ladder", "currency", "step_code", "rank", "action", "trigger", *DETAILS)
    return (
        positions.select(*KEY, "item_id", "segment", "ladder", "last_step_code", "last_step_on", "last_occurrence")
        .join(unsent, on="item_id", how="semi")
        .join(pursued, on="item_id", how="semi")
        .join(due, on="item_id", how="anti")
        .join(due, on=KEY, how="semi")
        .join(rungs, left_on=["ladder", "currency", "last_step_code"], right_on=["ladder", "currency", "step_code"])
        .filter(~_stands_alone())
        .with_columns(
            step_code="last_step_code",
            occurrence="last_occurrence",
            trigger_on="last_step_on",
            rule=pl.format("{}/{}@{}", "segment", "last_step_code", "trigger"),
        )
        .select(due.columns)
    )


def _stands_alone() -> pl.Expr:
    """Tell whether no contact may swallow the step."""
    return pl.col("is_formal") | (pl.col("task_kind") == LETTER).fill_null(False)


def _listed(steps: pl.DataFrame) -> pl.DataFrame:
    """Return the steps that belong to the contact of the day, with the rank of the one that heads it."""
    alone = _stands_alone()
    head = pl.coalesce(pl.when(alone).then("rank").max().over(KEY), pl.col("rank").max().over(KEY))
    return steps.with_columns(head_rank=head).filter(
        (pl.col("rank") == pl.col("head_rank")) | (~alone & (pl.col("rank") < pl.col("head_rank")))
    )


def _contacts(listed: pl.DataFrame) -> pl.DataFrame:
    """Return one row per customer and currency: the step that heads, and all items with their own."""
    ordered = listed.sort(*KEY, "item_id")
    heads = (
        ordered.filter(pl.col("rank") == pl.col("head_rank"))
        .group_by(KEY, maintain_order=True)
        .agg(
            pl.col("step_code", "rank", "action", "rule", "segment", "ladder", *DETAILS).first(),
            pl.col("occurrence").max(),
            pl.col("trigger_on").min(),
        )
    )
    items = ordered.group_by(KEY, maintain_order=True).agg(item_ids="item_id", item_steps=pl.struct(ITEM_STEP))
    return heads.join(items, on=KEY, maintain_order="left")


def _put_off(standing: pl.DataFrame, late: pl.DataFrame, *, as_of: date) -> pl.DataFrame:
    """Let the items whose step is due and not taken wait for the next day, behind the contact of this one."""
    waits = pl.col("put_off").is_not_null()
    return (
        standing.join(late.select("item_id", put_off="step_code"), on="item_id", how="left")
        .with_columns(
            reason=pl.when(waits).then(pl.lit("WAITING")).otherwise("reason"),
            next_action=pl.coalesce("put_off", "next_action"),
            next_action_on=pl.when(waits).then(pl.lit(as_of + timedelta(days=1))).otherwise("next_action_on"),
            is_exhausted=pl.col("is_exhausted") & ~waits,
        )
        .drop("put_off")
    )


def _rolled_up(of_items: pl.DataFrame) -> pl.DataFrame:
    """Return how the customers stand: the first of REASONS, and what comes first of what is pursued."""
    order = pl.col("reason").replace_strict(list(REASONS), list(range(len(REASONS))), return_dtype=pl.Int32)
    return (
        of_items.with_columns(order=order, is_idle=pl.col("reason").is_in(IDLE))
        .sort(*KEY, "order", "next_action_on", "item_id", nulls_last=True)
        .group_by(KEY, maintain_order=True)
        .agg(
            pl.col("reason").first(),
            pl.col("next_action", "next_action_on").sort_by("is_idle", "next_action_on", nulls_last=True).first(),
            pl.col("is_exhausted").all(),
        )
    )
