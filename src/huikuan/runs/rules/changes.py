"""What the day changes in rows that stand: cases, balances, grades, warnings. Only what differs is returned."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from huikuan.cash.rules.closing import cases_over
from huikuan.credit.rules.grading import GradeChanges, grade_changes
from huikuan.policy.rules.ladder import KEY
from huikuan.runs.rules.climbing import Climbing
from huikuan.runs.rules.facts import BALANCES, Facts
from huikuan.runs.rules.standing import Standing

STAGES: Final = ("REMINDER", "COLLECTION", "FORMAL", "LEGAL", "AGENCY")
"""In order: a case never goes back within its spell."""

_AMOUNTS: Final = ["overdue_minor", "open_minor", "on_account_minor", "held_minor", "item_count"]
_STEP: Final = ["last_step_code", "last_step_rank", "last_step_on", "last_occurrence"]
BALANCE_VALUES: Final = [*_AMOUNTS, "oldest_due_on", *_STEP]


@dataclass(frozen=True, slots=True)
class CaseChanges:
    """Cases to open, to change and to close.

    Attributes:
        opened: customer_id, stage, owner_id, next_action, next_action_on; the run's day is the day they open.
        changed: case_id, stage, next_action, next_action_on.
        reopened: case_id of those closed earlier on the same day that go on; they are among the changed.
        closed: case_id, customer_id, opened_on.
    """

    opened: pl.DataFrame
    changed: pl.DataFrame
    reopened: pl.DataFrame
    closed: pl.DataFrame


def case_changes(facts: Facts, climbed: Climbing) -> CaseChanges:
    """Open a case where something is pursued and none is open, close it where nothing is, move it on otherwise."""
    pursued = climbed.positions.filter("is_pursued")
    ahead = (
        pursued.sort("customer_id", "next_action_on", "currency")
        .group_by("customer_id", maintain_order=True)
        .agg(pl.col("next_action", "next_action_on").first())
    )
    now = ahead.join(_stages(climbed), on="customer_id", how="left")
    known = now.join(facts.cases, on="customer_id", how="left", suffix="_before")
    staged = known.with_columns(
        stage=_highest(pl.col("stage_before").fill_null(STAGES[0]), pl.col("stage").fill_null(STAGES[0]))
    )
    owners = facts.customers.select("customer_id", "collector_id")
    differs = pl.any_horizontal(
        pl.col(name).ne_missing(pl.col(f"{name}_before")) for name in ("stage", "next_action", "next_action_on")
    )
    return CaseChanges(
        opened=staged.filter(pl.col("case_id").is_null())
        .join(owners, on="customer_id", how="left")
        .select("customer_id", "stage", "next_action", "next_action_on", owner_id="collector_id")
        .sort("customer_id"),
        changed=staged.filter(pl.col("case_id").is_not_null() & (differs | pl.col("closed_on").is_not_null()))
        .select("case_id", "stage", "next_action", "next_action_on")
        .sort("case_id"),
        reopened=staged.filter(pl.col("closed_on").is_not_null()).select("case_id").sort("case_id"),
        closed=cases_over(facts.cases, pursued),
    )


def _stages(climbed: Climbing) -> pl.DataFrame:
    """Return the highest stage that a step of the day brings a customer to."""
    order = pl.col("stage").replace_strict(list(STAGES), list(range(len(STAGES))), return_dtype=pl.Int32)
    taken = climbed.decisions.filter(
        pl.col("is_overdue_step") & (pl.col("action") != "SKIPPED") & pl.col("stage").is_not_null()
    )
    return taken.group_by("customer_id").agg(pl.col("stage").sort_by(order).last())


def _highest(first: pl.Expr, second: pl.Expr) -> pl.Expr:
    numbers = [
        stage.replace_strict(list(STAGES), list(range(len(STAGES))), return_dtype=pl.Int32) for stage in (first, second)
    ]
    highest = pl.max_horizontal(numbers)
    return highest.replace_strict(list(range(len(STAGES))), list(STAGES), return_dtype=pl.String)


@dataclass(frozen=True, slots=True)
class BalanceChanges:
    """Balances of open cases: `added` by customer_id and currency, `changed` by balance_id; both with all values."""

    added: pl.DataFrame
    changed: pl.DataFrame


def balance_changes(facts: Facts, climbed: Climbing, cases: CaseChanges, *, as_of: date) -> BalanceChanges:
    """Return what each open case is about now, and the step that was taken in it today."""
    taken = climbed.decisions.filter(pl.col("is_overdue_step") & (pl.col("action") != "SKIPPED")).select(
        *KEY,
        last_step_code="step_code",
        last_step_rank=pl.col("rank").cast(pl.Int32),
        last_step_on=pl.lit(as_of),
        last_occurrence=pl.col("occurrence").cast(pl.Int64),
        is_by_item="is_by_item",
    )
    over = facts.cases.filter(pl.col("closed_on").is_not_null()).join(cases.reopened, on="case_id", how="anti")
    kept = facts.balances.join(cases.closed, on="case_id", how="anti").join(over, on="case_id", how="anti")
    now = climbed.positions.select(
        *KEY, "is_pursued", *(pl.col(name).cast(pl.Int64) for name in _AMOUNTS), "oldest_due_on"
    )
    met = (
        now.join(kept.select("balance_id", *KEY, *_STEP), on=KEY, how="full", coalesce=True)
        .filter(pl.col("is_pursued").fill_null(False) | pl.col("balance_id").is_not_null())
        .join(taken, on=KEY, how="left", suffix="_today")
        .with_columns(
            pl.col(_AMOUNTS).fill_null(0),
            *(pl.when(_taken_today()).then(f"{name}_today").otherwise(name).alias(name) for name in _STEP),
        )
        .with_columns(pl.col("last_step_code").fill_null(""), pl.col("last_step_rank", "last_occurrence").fill_null(0))
        .select("balance_id", *KEY, *BALANCE_VALUES)
        .cast({name: BALANCES[name] for name in BALANCE_VALUES})
    )
    before = kept.select("balance_id", *BALANCE_VALUES)
    changed = met.join(before, on="balance_id", suffix="_before").filter(
        pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_before")) for name in BALANCE_VALUES)
    )
    return BalanceChanges(
        added=met.filter(pl.col("balance_id").is_null()).drop("balance_id").sort(KEY),
        changed=changed.select("balance_id", *KEY, *BALANCE_VALUES).sort("balance_id"),
    )


def _taken_today() -> pl.Expr:
    """Tell whether the step of the day is the customer's last: of single items the highest stays, not the last."""
    is_highest = pl.col("last_step_rank_today") >= pl.col("last_step_rank").fill_null(0)
    return pl.col("last_step_code_today").is_not_null() & (is_highest | ~pl.col("is_by_item"))


def regraded(facts: Facts, stand: Standing, cases: CaseChanges) -> GradeChanges:
    """Return the changes of letter of those who owe anything, and of those whose case closes today.

    Other customers with nothing open keep the grade they had: nothing would be done with a new one.
    """
    concerned = pl.concat([facts.items.select("customer_id"), cases.closed.select("customer_id")]).unique()
    return grade_changes(stand.customers.join(concerned, on="customer_id", how="semi"))


@dataclass(frozen=True, slots=True)
class MarkChanges:
    """Warnings that begin today (customer_id, kind, facts as JSON text) and those that end (mark_id)."""

    begun: pl.DataFrame
    ended: pl.DataFrame


def mark_changes(facts: Facts, stand: Standing) -> MarkChanges:
    """Return the warnings that begin and end; the fact that decided is kept with the beginning."""
    key = ["customer_id", "kind"]
    return MarkChanges(
        begun=stand.marks.join(facts.marks, on=key, how="anti")
        .select(*key, facts=pl.struct("fact").struct.json_encode())
        .sort(key),
        ended=facts.marks.join(stand.marks, on=key, how="anti").select("mark_id").sort("mark_id"),
    )
