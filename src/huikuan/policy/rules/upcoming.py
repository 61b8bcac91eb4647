"""Upcoming steps (到期前): moments in the life of an item that is not yet due."""

from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from huikuan.kernel.columns import floor_div, mul128
from huikuan.policy.rules.ladder import DETAILS, KEY
from huikuan.policy.rules.schema import PARTS

QUIET: Final = ["NO_LADDER", "HELD", "CURRENT", "COVERED", "BELOW_MINIMUM"]
"""Standings in which nothing overdue is being pursued."""


def upcoming(
    items: pl.DataFrame,
    *,
    steps: pl.DataFrame,
    climb_decisions: pl.DataFrame,
    standing: pl.DataFrame,
    previous_on: date | None,
    as_of: date,
) -> pl.DataFrame:
    """Choose at most one upcoming step per customer and currency.

    A step is due when its moment lies in (previous_on, as_of], the item is not yet past its due day and has an unheld
    part. The highest of the customer's due steps leads and its contact lists all items; the others are SKIPPED. All are
    SKIPPED when an overdue step goes out today, since that contact lists what is coming too; steps that are not meant
    for customers in arrears (while_overdue false) are left out while anything is pursued.

    Args:
        items: Open items after `holds.apply_holds` and `segments.assign`: item_id, customer_id, currency, issued_on,
            due_on, open_minor, held_minor, grade, segment, ladder; optional booked_on (Date): an item that reached the
            ledger after its moment has it on the day it was booked.
        steps: `compile.PolicyFrames.steps`.
        climb_decisions: `Climb.decisions` of the same day.
        standing: `Climb.standing` of the same day.
        previous_on: Day of the run before; None: none, so only today's moments count.
        as_of: The day.

    Returns: the columns of `ladder` decisions, plus item_ids List(Int64): the items whose moment came.
    """
    after = previous_on if previous_on is not None else as_of - timedelta(days=1)
    alive = items.filter(
        (pl.col("due_on") >= as_of) & (pl.col("issued_on") <= as_of) & (pl.col("open_minor") > pl.col("held_minor"))
    )
    rungs = steps.filter(pl.col("family") == "UPCOMING").to_dicts()
    found = [_found(alive, rung, after=after, as_of=as_of) for rung in rungs]
    due = pl.concat(found) if found else _none(alive, steps)
    said = ["segment", "ladder", "rank", "action", "trigger", "while_overdue", *DETAILS]
    grouped = (
        due.sort(*KEY, "step_code", "rank", "segment", descending=[False, False, False, True, False])
        .group_by(*KEY, "step_code", maintain_order=True)
        .agg(pl.col(said).first(), pl.col("item_id").sort().alias("item_ids"), pl.col("trigger_on").min())
    )
    return _led(grouped, climb_decisions=climb_decisions, standing=standing)


def _found(alive: pl.DataFrame, rung: dict[str, Any], *, after: date, as_of: date) -> pl.DataFrame:
    """Return the items whose moment of this step lies in (after, as_of], with the step's columns."""
    moment = _moment(rung)
    if "booked_on" in alive.columns:
        moment = pl.max_horizontal(moment, "booked_on")
    wanted = (pl.col("ladder") == rung["ladder"]) & (pl.col("currency") == rung["currency"])
    if rung["grades"] is not None:
        wanted = wanted & pl.col("grade").is_in(rung["grades"])
    found = alive.filter(wanted).with_columns(trigger_on=moment)
    found = found.filter((pl.col("trigger_on") > after) & (pl.col("trigger_on") <= as_of))
    if rung["months"] is not None:
        found = found.filter(pl.col("trigger_on").dt.month().is_in(rung["months"]))
    return found.select(*KEY, "item_id", "segment", "trigger_on", **_said(rung))


def _moment(rung: dict[str, Any]) -> pl.Expr:
    """Return the day of the step in the life of the item."""
    if rung["before_due_days"] is not None:
        return pl.col("due_on").dt.offset_by(f"-{rung['before_due_days']}d")
    if rung["after_issue_days"] is not None:
        return pl.col("issued_on").dt.offset_by(f"{rung['after_issue_days']}d")
    term = (pl.col("due_on") - pl.col("issued_on")).dt.total_days()
    passed = floor_div(mul128(term, rung["share_of_term_ppm"]), PARTS).cast(pl.Int64)
    return pl.col("issued_on") + pl.duration(days=passed)


def _said(rung: dict[str, Any]) -> dict[str, pl.Expr]:
    """Return what the step says of itself, as constant columns."""
    types: dict[str, pl.DataType | type[pl.DataType]] = {
        "rank": pl.Int32,
        "is_formal": pl.Boolean,
        "while_overdue": pl.Boolean,
        "notice_channels": pl.List(pl.String),
    }
    names = ["ladder", "step_code", "rank", "action", "trigger", "while_overdue", *DETAILS]
    return {name: pl.lit(rung[name], dtype=types.get(name, pl.String)) for name in names}


def _none(alive: pl.DataFrame, steps: pl.DataFrame) -> pl.DataFrame:
    """Return no rows, with the columns of `_found`."""
    empty = alive.head(0).select(*KEY, "item_id", "segment", trigger_on=pl.col("due_on"))
    said = steps.head(0).select("ladder", "step_code", "rank", "action", "trigger", "while_overdue", *DETAILS)
    return pl.concat([empty, said], how="horizontal")


def _led(grouped: pl.DataFrame, *, climb_decisions: pl.DataFrame, standing: pl.DataFrame) -> pl.DataFrame:
    """Let the highest step lead the contact; nothing leads when an overdue step goes out, or holds the floor."""
    goes_out = climb_decisions.filter(pl.col("action") != "SKIPPED").select(*KEY).unique().with_columns(goes_out=True)
    pursued = standing.filter(~pl.col("reason").is_in(QUIET)).select(*KEY).unique().with_columns(is_pursued=True)
    known = grouped.join(goes_out, on=KEY, how="left").join(pursued, on=KEY, how="left")
    kept = known.filter(pl.col("while_overdue") | pl.col("is_pursued").is_null())
    leads = (pl.int_range(pl.len()).over(KEY) == 0) & pl.col("goes_out").is_null()
    return (
        kept.sort(*KEY, "rank", "step_code", descending=[False, False, True, False])
        .with_columns(
            action=pl.when(leads).then("action").otherwise(pl.lit("SKIPPED")),
            occurrence=pl.lit(0, dtype=pl.Int64),
            rule=pl.format("{}/{}@{}", "segment", "step_code", "trigger"),
        )
        .select(
            *KEY, "step_code", "rank", "occurrence", "action", "rule", "segment", "ladder", "trigger_on", *DETAILS,
            "item_ids",
        )
        .sort(*KEY, "rank")
    )  # fmt: skip
