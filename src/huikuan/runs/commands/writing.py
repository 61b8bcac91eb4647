"""Write what a chunk decided: in bulk, only what changed, inside the chunk's transaction."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import polars as pl

from huikuan.cases.commands.bulk import call_off_tasks, close_cases
from huikuan.credit.commands import write_grades
from huikuan.kernel.numbers import NumberKind
from huikuan.outreach.commands.withdrawing import withdraw
from huikuan.parties.commands.entities import take_numbers
from huikuan.parties.models import Entity
from huikuan.policy.rules.ladder import KEY
from huikuan.runs.rules.changes import BALANCE_VALUES
from huikuan.runs.rules.day import Decisions
from huikuan.runs.rules.work import Work
from huikuan.storage.bulk import insert_frame, read_frame, update_frame

_OPEN_CASES: Final = """
SELECT id AS case_id, customer_id FROM cases_case
 WHERE entity_id = %(entity)s AND customer_id BETWEEN %(first)s AND %(last)s AND closed_on IS NULL"""

CASE_KEY: Final = {"case_id": pl.Int64, "customer_id": pl.Int64}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where and when a chunk is written."""

    run_id: int
    entity: Entity
    as_of: date
    now: datetime
    first_customer_id: int
    last_customer_id: int

    @property
    def params(self) -> dict[str, int | date]:
        """Values for the placeholders of the statements."""
        return {
            "entity": self.entity.pk,
            "first": self.first_customer_id,
            "last": self.last_customer_id,
            "as_of": self.as_of,
        }


def write(decided: Decisions, target: Target) -> dict[str, int]:
    """Write everything; return how many rows of each kind are new or changed, leaving out what is zero."""
    counts = _write_cases(decided, target)
    open_cases = read_frame(_OPEN_CASES, target.params, CASE_KEY)
    counts |= _write_balances(decided, open_cases)
    counts |= _write_credit(decided, target)
    counts["decisions"] = _write_decisions(decided, open_cases, target)
    counts["item_steps"] = _write_item_steps(decided, target)
    counts |= _write_work(decided.work, open_cases, target)
    return {name: count for name, count in counts.items() if count}


def _instant(target: Target) -> pl.Expr:
    return pl.lit(target.now).cast(pl.Datetime("us", "UTC"))


def _write_cases(decided: Decisions, target: Target) -> dict[str, int]:
    """Open, change, reopen and close cases."""
    cases = decided.cases
    if not cases.opened.is_empty():
        numbers = take_numbers(
            entity=target.entity, kind=NumberKind.CASE, year=target.as_of.year, count=cases.opened.height
        )
        insert_frame(
            "cases_case",
            cases.opened.with_columns(
                entity_id=pl.lit(target.entity.pk, dtype=pl.Int64),
                number=pl.Series(numbers, dtype=pl.String),
                opened_on=pl.lit(target.as_of),
                closing=pl.lit(""),
            ),
        )
    still_open = cases.reopened.select(id="case_id", closed_on=pl.lit(None, dtype=pl.Date), closing=pl.lit(""))
    update_frame("cases_case", ["id"], still_open)
    return {
        "cases_opened": cases.opened.height,
        "cases_changed": update_frame("cases_case", ["id"], cases.changed.rename({"case_id": "id"})),
        "cases_closed": close_cases(cases.closed, as_of=target.as_of).height,
    }


def _write_balances(decided: Decisions, open_cases: pl.DataFrame) -> dict[str, int]:
    added = decided.balances.added.join(open_cases, on="customer_id").select("case_id", "currency", *BALANCE_VALUES)
    changed = decided.balances.changed.rename({"balance_id": "id"}).select("id", *BALANCE_VALUES)
    return {
        "balances_added": insert_frame("cases_casebalance", added),
        "balances_changed": update_frame("cases_casebalance", ["id"], changed),
    }


def _write_credit(decided: Decisions, target: Target) -> dict[str, int]:
    """End grades and warnings before others begin: at most one of a kind is open at a time."""
    today = pl.lit(target.as_of)
    marks = decided.marks
    ended = update_frame("credit_riskmark", ["id"], marks.ended.select(id="mark_id", ended_on=today))
    return {
        "grades_changed": write_grades(decided.grades, as_of=target.as_of),
        "warnings_ended": ended,
        "warnings_begun": insert_frame("credit_riskmark", marks.begun.with_columns(begun_on=today)),
    }


def _write_decisions(decided: Decisions, open_cases: pl.DataFrame, target: Target) -> int:
    """Insert the decisions; the unique constraint lets none in twice, on any path."""
    rows = (
        decided.decisions.drop("case_id")
        .join(open_cases, on="customer_id", how="left")
        .select(
            *KEY,
            "step_code",
            "spell_on",
            "occurrence",
            "action",
            "rule",
            "facts",
            case_id=pl.when("is_overdue_step").then("case_id"),
            run_id=pl.lit(target.run_id, dtype=pl.Int64),
            decided_on=pl.lit(target.as_of),
        )
    )
    return insert_frame("runs_decision", rows, on_conflict="ignore")


def _write_item_steps(decided: Decisions, target: Target) -> int:
    """Insert what single items took and passed over; none gets in twice."""
    if decided.by_item is None:
        return 0
    rows = decided.by_item.steps.with_columns(run_id=pl.lit(target.run_id, dtype=pl.Int64))
    return insert_frame("runs_itemstep", rows, on_conflict="ignore")


def _write_work(todo: Work, open_cases: pl.DataFrame, target: Target) -> dict[str, int]:
    entity_id = pl.lit(target.entity.pk, dtype=pl.Int64)
    tasks = todo.tasks.join(open_cases, on="customer_id", how="left").select(
        pl.exclude("is_of_case", "case_id"),
        case_id=pl.when("is_of_case").then("case_id"),
        entity_id=entity_id,
        created_at=_instant(target),
        outcome=pl.lit(""),
        cancel_reason=pl.lit(""),
    )
    blank = pl.lit("")
    deliveries = todo.deliveries.with_columns(
        entity_id=entity_id,
        as_of=pl.lit(target.as_of),
        state=pl.lit("QUEUED"),
        created_at=_instant(target),
        attempt_count=pl.lit(0),
        address=blank,
        claimed_by=blank,
        last_error=blank,
        provider_reference=blank,
    )
    return {
        "tasks_cancelled": call_off_tasks(todo.tasks_cancelled, now=target.now),
        "deliveries_cancelled": withdraw(todo.deliveries_cancelled, now=target.now),
        "tasks": insert_frame("cases_task", tasks, on_conflict="ignore"),
        "deliveries": insert_frame("outreach_delivery", deliveries, on_conflict="ignore"),
    }
