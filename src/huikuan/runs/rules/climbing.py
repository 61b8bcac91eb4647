"""Who is contacted today and by which step: positions, segments, ladder, upcoming steps, one contact each."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import polars as pl

from huikuan.policy.rules.compile import (
    PolicyFrames,
    climbs_per_item,
    compile_ladders,
    posted_steps,
    stopping_kinds,
)
from huikuan.policy.rules.holds import apply_holds
from huikuan.policy.rules.ladder import KEY, Climb, climb
from huikuan.policy.rules.positions import positions
from huikuan.policy.rules.schema import Policy
from huikuan.policy.rules.segments import assign
from huikuan.policy.rules.upcoming import upcoming
from huikuan.runs.rules.facts import Facts, Setting
from huikuan.runs.rules.happened import with_events
from huikuan.runs.rules.item_positions import item_positions, item_states
from huikuan.runs.rules.joining import ITEM_STEP, joined
from huikuan.runs.rules.standing import Standing

LADDER_STATE: Final = [
    *KEY,
    "case_id",
    "opened_on",
    "last_step_code",
    "last_step_rank",
    "last_step_on",
    "last_occurrence",
]

OF_CUSTOMER: Final = ["customer_id", "customer_code", "grade", "size_class", "industry", "region", "country"]
"""What segments may ask of a customer."""


@dataclass(frozen=True, slots=True)
class ItemClimbing:
    """What the ladders say that are climbed item by item.

    Attributes:
        positions: One row per item, with the same columns as of a customer.
        decisions: Steps taken or passed over by items, as the ladder says them: not all are taken on the same day.
        steps: What is to be kept of them: KEY, item_id, step_code, rank, occurrence, action, spell_on, decided_on.
    """

    positions: pl.DataFrame
    decisions: pl.DataFrame
    steps: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Climbing:
    """What the ladders say.

    Attributes:
        positions: One row per customer and currency with anything open: amounts, segment, ladder, state, `reason`,
            `next_action`, `next_action_on`, `is_pursued` (it is the business of a case).
        decisions: One row per step taken or passed over; `is_overdue_step` tells the families apart, `is_by_item` tells
            whether it is the contact for items that climb one by one.
        by_item: Of the items that do; None: the policy has no such ladder.
    """

    positions: pl.DataFrame
    decisions: pl.DataFrame
    by_item: ItemClimbing | None = None


def climbing(facts: Facts, stand: Standing, *, setting: Setting, policy: Policy) -> Climbing:
    """Let every position climb and every upcoming moment speak, one contact per customer and currency at most."""
    as_of = setting.as_of
    frames = compile_ladders(policy, currencies=facts.items["currency"].unique().to_list())
    items = apply_holds(facts.items, holds=facts.holds, as_of=as_of, stops_clock=stopping_kinds(policy))
    placed = _positions(items, facts, stand, setting=setting, policy=policy)
    by_item = None
    if climbs_per_item(policy):
        climbed, by_item = _climb_both_ways(placed, items, facts, frames, setting=setting, policy=policy)
    else:
        climbed = _climb(placed, frames, setting=setting, policy=policy)
    coming = upcoming(
        _soon_due(items, frames, stand, setting=setting, policy=policy),
        steps=frames.steps,
        climb_decisions=climbed.decisions,
        standing=climbed.standing,
        previous_on=setting.previous_on,
        as_of=as_of,
    )
    decisions = pl.concat(
        [
            climbed.decisions.with_columns(is_overdue_step=pl.lit(True)),
            coming.with_columns(is_overdue_step=pl.lit(False)),
        ],
        how="diagonal",
    ).join(facts.taken, on=KEY, how="anti")
    is_by_item = pl.lit(False) if by_item is None else pl.col("item_steps").is_not_null()
    return Climbing(
        placed.join(climbed.standing, on=KEY, how="left").with_columns(is_pursued=_is_pursued()),
        decisions.with_columns(is_by_item=is_by_item),
        by_item,
    )


def _climb(placed: pl.DataFrame, frames: PolicyFrames, *, setting: Setting, policy: Policy) -> Climb:
    return climb(
        placed,
        steps=frames.steps,
        ladders=frames.ladders,
        review_every_days=policy.review_every_days,
        as_of=setting.as_of,
    )


def _climb_both_ways(
    placed: pl.DataFrame, items: pl.DataFrame, facts: Facts, frames: PolicyFrames, *, setting: Setting, policy: Policy
) -> tuple[Climb, ItemClimbing]:
    """Let customers climb, or each of their items, as their ladder says; return both as climbs of customers."""
    item_ladders = frames.ladders.filter(pl.col("scope") == "item").select("ladder", "currency")
    of_customers = placed.join(item_ladders, on=["ladder", "currency"], how="semi")
    whole = _climb(placed.join(of_customers, on=KEY, how="anti"), frames, setting=setting, policy=policy)
    mine = items.join(of_customers, on=KEY, how="semi")
    states = item_states(mine, facts, from_due_day=policy.counts_from_due_day)
    single = item_positions(
        mine,
        facts,
        states=states,
        of_customers=of_customers,
        posted=posted_steps(policy),
        setting=setting,
        from_due_day=policy.counts_from_due_day,
    )
    climbed = _climb(single, frames, setting=setting, policy=policy)
    contacts = joined(climbed, single, facts, frames=frames, as_of=setting.as_of)
    both = Climb(
        pl.concat([whole.decisions, contacts.decisions], how="diagonal"),
        pl.concat([whole.standing, contacts.standing], how="diagonal"),
    )
    steps = _kept(contacts.steps, states, of_customers, as_of=setting.as_of)
    return both, ItemClimbing(
        single.join(contacts.of_items, on=[*KEY, "item_id"], how="left"), climbed.decisions, steps
    )


def _kept(steps: pl.DataFrame, states: pl.DataFrame, of_customers: pl.DataFrame, *, as_of: date) -> pl.DataFrame:
    """Return what is written down of the items: today's steps, and what they had climbed with their customer before."""
    inherited = states.filter("is_inherited").select(
        *KEY,
        "item_id",
        step_code="last_step_code",
        rank="last_step_rank",
        occurrence="last_occurrence",
        action=pl.lit("TOGETHER"),
        decided_on="last_step_on",
    )
    today = steps.select(
        *KEY,
        *ITEM_STEP,
        action=pl.when("is_taken").then(pl.lit("TAKEN")).otherwise(pl.lit("SKIPPED")),
        decided_on=pl.lit(as_of),
    )
    return (
        pl.concat([inherited, today])
        .join(of_customers.select(*KEY, spell_on=pl.col("opened_on").fill_null(as_of)), on=KEY)
        .sort(*KEY, "item_id", "decided_on", "rank")
    )


def _is_pursued() -> pl.Expr:
    """Tell whether a position is the business of a case: something is overdue, or its ladder counts from the issue.

    Such a ladder (scope oldest_issue) climbs before anything is due, and what it has climbed is kept with the case.
    """
    climbs = (pl.col("reason") == "DUE") | (pl.col("last_step_rank") > 0)
    return (pl.col("overdue_minor") > 0) | (climbs & ~pl.col("reason").is_in(["CURRENT", "NO_LADDER"])).fill_null(False)


def _positions(items: pl.DataFrame, facts: Facts, stand: Standing, *, setting: Setting, policy: Policy) -> pl.DataFrame:
    """Return the positions with segment and ladder, and with the state that their open case gives them."""
    opened = facts.cases.select("customer_id", "case_id", "opened_on")
    state = facts.balances.join(opened.drop("customer_id"), on="case_id").select(LADDER_STATE)
    waiting = facts.deliveries.select(*KEY, last_step_code="step_code", last_is_sent=pl.lit(False)).unique()
    placed = assign(
        positions(
            items,
            on_account=facts.on_account,
            ladder_state=state,
            customers=stand.customers.select(OF_CUSTOMER),
            contacts=facts.contacts,
            as_of=setting.as_of,
            from_due_day=policy.counts_from_due_day,
        )
        .join(opened, on="customer_id", how="left", suffix="_of_customer")
        .join(facts.contacts.select("customer_id", "not_before_on"), on="customer_id", how="left")
        .join(waiting, on=[*KEY, "last_step_code"], how="left")
        .join(stand.arrears, on=KEY, how="left")
        .with_columns(
            pl.col("last_is_sent").fill_null(True),
            # A case may be open in another currency only: the spell is the customer's.
            case_id=pl.coalesce("case_id", "case_id_of_customer"),
            opened_on=pl.coalesce("opened_on", "opened_on_of_customer"),
            business=pl.lit(setting.business),
        )
        .drop("case_id_of_customer", "opened_on_of_customer"),
        policy=policy,
    )
    return with_events(placed, facts, posted=posted_steps(policy), now=setting.now)


def _soon_due(
    items: pl.DataFrame, frames: PolicyFrames, stand: Standing, *, setting: Setting, policy: Policy
) -> pl.DataFrame:
    """Return the items on which some upcoming step may fall today, with their segment.

    Most items are far from every such moment: leaving them out first keeps the many steps from asking all of them.
    """
    after = setting.previous_on or setting.as_of - timedelta(days=1)
    alive = items.filter(
        (pl.col("due_on") >= setting.as_of)
        & (pl.col("issued_on") <= setting.as_of)
        & (pl.col("open_minor") > pl.col("held_minor"))
    ).filter(_has_moment(frames.steps, after=after, as_of=setting.as_of))
    named = alive.join(stand.customers.select(OF_CUSTOMER), on="customer_id", how="left")
    return assign(named.with_columns(business=pl.lit(setting.business)), policy=policy)


def _has_moment(steps: pl.DataFrame, *, after: date, as_of: date) -> pl.Expr:
    """Tell whether a moment of any step lies in (after, as_of]; never too narrow."""
    within = (pl.col("booked_on") > after).fill_null(False)
    moments = ["before_due_days", "after_issue_days", "share_of_term_ppm"]
    term = (pl.col("due_on") - pl.col("issued_on")).dt.total_days()
    for before_due, after_issue, share in steps.filter(pl.col("family") == "UPCOMING").select(moments).unique().rows():
        if before_due is not None:
            within |= (pl.col("due_on") - pl.duration(days=before_due)).is_between(after, as_of)
        elif after_issue is not None:
            within |= (pl.col("issued_on") + pl.duration(days=after_issue)).is_between(after, as_of)
        else:
            passed = (pl.lit(as_of) - pl.col("issued_on")).dt.total_days() * 1_000_000
            span = (as_of - after).days * 1_000_000
            within |= (passed - term * share).is_between(-1_000_000, span + 1_000_000)
    return within
