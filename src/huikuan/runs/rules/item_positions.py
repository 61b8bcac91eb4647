"""Every item as a climber of its own (`scope: item`): what it owes and how far it has climbed."""

from typing import Final

import polars as pl

from huikuan.kernel.columns import wide
from huikuan.policy.rules.ladder import KEY
from huikuan.policy.rules.positions import positions
from huikuan.runs.rules.facts import Facts, Setting
from huikuan.runs.rules.happened import with_arrivals

STATE: Final = [*KEY, "item_id", "last_step_code", "last_step_rank", "last_step_on", "last_occurrence"]

OF_ITEM: Final = ["since_on", "last_is_sent", "on_account_minor"]
"""Columns of a position that are the item's own matter."""


def item_states(items: pl.DataFrame, facts: Facts, *, from_due_day: bool) -> pl.DataFrame:
    """Return how far each item has climbed in the running spell: STATE and `is_inherited`.

    Where nothing has been taken item by item yet, an item has what its customer had climbed when it was overdue
    already: a policy that begins to climb item by item goes on from there.
    """
    own = (
        facts.item_steps.sort("taken_on", "rank", "occurrence")
        .group_by(*KEY, "item_id")
        .last()
        .select(
            *KEY,
            "item_id",
            last_step_code="step_code",
            last_step_rank="rank",
            last_step_on="taken_on",
            last_occurrence="occurrence",
            is_inherited=pl.lit(False),
        )
    )
    was_due = pl.col("due_on") <= pl.col("last_step_on") if from_due_day else pl.col("due_on") < pl.col("last_step_on")
    inherited = (
        items.join(facts.climbed_by_item, on=KEY, how="anti")
        .join(facts.balances.drop_nulls("last_step_on"), on=KEY)
        .filter(was_due)
        .select(*STATE, is_inherited=pl.lit(True))
    )
    return pl.concat([own, inherited])


def item_positions(
    items: pl.DataFrame,
    facts: Facts,
    *,
    states: pl.DataFrame,
    of_customers: pl.DataFrame,
    posted: pl.DataFrame,
    setting: Setting,
    from_due_day: bool,
) -> pl.DataFrame:
    """Return one position per item, as `policy.rules.ladder` wants it.

    Money on account covers the oldest overdue items first. Thresholds and the minimum of the ladder are asked of the
    item alone; segment, grade, contacts and what happened are the customer's. The spell of an item begins when it is
    overdue: an answer before that was about others.

    Args:
        items: Open items after `holds.apply_holds`, of the customers below.
        facts: Of the day.
        states: `item_states`.
        of_customers: Positions by customer and currency, with segment and ladder.
        posted: ladder, last_step_code of the steps whose clock starts when their letter arrives.
        setting: Of the run.
        from_due_day: As for `positions`.
    """
    rolled = positions(
        items,
        on_account=facts.on_account.clear(),
        ladder_state=states.select(STATE),
        customers=of_customers.select("customer_id").unique(),
        contacts=facts.contacts,
        as_of=setting.as_of,
        from_due_day=from_due_day,
        per_item=True,
    )
    shared = [name for name in of_customers.columns if name not in {*rolled.columns, *OF_ITEM}]
    unsent = facts.unsent_items.select("item_id").unique().with_columns(last_is_sent=pl.lit(False))
    placed = (
        rolled.join(of_customers.select(*KEY, *shared, money_minor="on_account_minor"), on=KEY)
        .join(unsent, on="item_id", how="left")
        .with_columns(pl.col("last_is_sent").fill_null(True), opened_on=pl.max_horizontal("opened_on", "ladder_due_on"))
    )
    return with_arrivals(_covered(placed), facts, posted)


def _covered(placed: pl.DataFrame) -> pl.DataFrame:
    """Let the money on account cover what is overdue and not held, the oldest items first."""
    free = wide(pl.col("overdue_minor") - pl.col("held_minor"))
    ordered = placed.sort(*KEY, "oldest_due_on", "item_id", nulls_last=True).with_columns(free=free)
    before = pl.col("free").cum_sum().over(KEY) - pl.col("free")
    covered = pl.min_horizontal(pl.max_horizontal(wide(pl.col("money_minor")) - before, wide(0)), pl.col("free"))
    return (
        ordered.with_columns(on_account_minor=covered.cast(pl.Int64))
        .with_columns(net_overdue_minor=(pl.col("free") - pl.col("on_account_minor")).cast(pl.Int64))
        .drop("free", "money_minor")
    )
