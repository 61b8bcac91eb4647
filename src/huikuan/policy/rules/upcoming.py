"""Upcoming steps (到期前): moments in the life of an item that is not yet due."""

from datetime import date, timedelta
from typing import Final

import polars as pl

from huikuan.kernel.columns import floor_div, mul128
from huikuan.policy.rules.ladder import DETAILS, KEY
from huikuan.policy.rules.schema import PARTS
from huikuan.policy.rules.triggers import is_in_season

MOMENT: Final = ["before_due_days", "after_issue_days", "share_of_term_ppm"]
"""What names a moment in the life of an item: one of the three."""

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
    rungs = steps.filter(pl.col("family") == "UPCOMING")
    came = [_came(alive, moment, after=after, as_of=as_of) for moment in rungs.select(MOMENT).unique().iter_rows()]
    due = _due(pl.concat(came) if came else _came(alive.head(0), (0, None, None), after=after, as_of=as_of), rungs)
    said = ["segment", "ladder", "rank", "action", "trigger", "while_overdue", *DETAILS]
    grouped = (
        due.sort(*KEY, "step_code", "rank", "segment", descending=[False, False, False, True, False])
        .group_by(*KEY, "step_code", maintain_order=True)
        .agg(pl.col(said).first(), pl.col("item_id").sort().alias("item_ids"), pl.col("trigger_on").min())
    )
    return _led(grouped, climb_decisions=climb_decisions, standing=standing)


def _came(alive: pl.DataFrame, moment: tuple[int | None, ...], *, after: date, as_of: date) -> pl.DataFrame:
    """Return the items whose moment lies in (after, as_of], marked with the moment."""
    came_on = _moment(*moment)
    if "booked_on" in alive.columns:
        came_on = pl.max_horizontal(came_on, "booked_on")
    marks = {name: pl.lit(value, dtype=pl.Int32) for name, value in zip(MOMENT, moment, strict=True)}
    return (
        alive.select(*KEY, "item_id", "segment", "ladder", "grade", trigger_on=came_on, **marks)
        .filter((pl.col("trigger_on") > after) & (pl.col("trigger_on") <= as_of))
    )  # fmt: skip


def _moment(before_due: int | None, after_issue: int | None, share_ppm: int | None) -> pl.Expr:
    """Return the day of the step in the life of the item."""
    if before_due is not None:
        return pl.col("due_on").dt.offset_by(f"-{before_due}d")
    if after_issue is not None:
        return pl.col("issued_on").dt.offset_by(f"{after_issue}d")
    term = (pl.col("due_on") - pl.col("issued_on")).dt.total_days()
    passed = floor_div(mul128(term, share_ppm or 0), PARTS).cast(pl.Int64)
    return pl.col("issued_on") + pl.duration(days=passed)


def _due(came: pl.DataFrame, rungs: pl.DataFrame) -> pl.DataFrame:
    """Return the items with the steps of their ladder that have this moment, for their grade and in season."""
    names = ["ladder", "currency", "step_code", "rank", "action", "trigger", "while_overdue", "grades", "months"]
    met = came.join(rungs.select(*names, *MOMENT, *DETAILS), on=["ladder", "currency", *MOMENT], nulls_equal=True)
    for_grade = pl.col("grades").is_null() | pl.col("grades").list.contains(pl.col("grade")).fill_null(False)
    return met.filter(for_grade & is_in_season(frozenset({"months"}), pl.col("trigger_on")))


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
