"""Write what a chunk decided: in bulk, only what changed, inside the chunk's transaction."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import polars as pl

from huikuan.kernel.numbers import NumberKind
from huikuan.parties.commands.entities import take_numbers
from huikuan.parties.models import Entity
from huikuan.policy.rules.ladder import KEY
from huikuan.runs.rules.changes import BALANCE_VALUES
from huikuan.runs.rules.day import Decisions
from huikuan.runs.rules.work import Work
from huikuan.storage.among import among
from huikuan.storage.bulk import insert_frame, read_frame, update_frame

_OPEN_CASES: Final = """
SELECT id AS case_id, customer_id FROM cases_case
 WHERE entity_id = %(entity)s AND customer_id BETWEEN %(first)s AND %(last)s AND closed_on IS NULL"""

_PAID: Final = """
SELECT DISTINCT i.customer_id
  FROM cases_case c
  JOIN receivables_openitem i ON i.customer_id = c.customer_id
  JOIN receivables_allocation a ON a.item_id = i.id
 WHERE {of_these}
   AND (i.settled_on IS NULL OR i.settled_on >= c.opened_on) AND a.receipt_id IS NOT NULL
   AND a.effective_on >= c.opened_on"""

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
        "cases_closed": _close(cases.closed, target),
    }


def _close(closed: pl.DataFrame, target: Target) -> int:
    """Close cases: PAID when money came in since they opened, SETTLED by credit note or agreement otherwise."""
    if closed.is_empty():
        return 0
    of_these, params = among("c.id", "closing", closed["case_id"].to_list())
    paid = read_frame(_PAID.format(of_these=of_these), params, {"customer_id": pl.Int64})
    return update_frame(
        "cases_case",
        ["id"],
        closed.select(
            id="case_id",
            closed_on=pl.lit(target.as_of),
            closing=pl.when(pl.col("customer_id").is_in(paid["customer_id"].implode()))
            .then(pl.lit("PAID"))
            .otherwise(pl.lit("SETTLED")),
        ),
    )


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
    grades, marks = decided.grades, decided.marks
    update_frame(
        "credit_grade", ["id"], grades.ended.select(id="grade_id", ended_on=pl.max_horizontal("begun_on", today))
    )
    ended = update_frame("credit_riskmark", ["id"], marks.ended.select(id="mark_id", ended_on=today))
    return {
        "grades_changed": insert_frame(
            "credit_grade", grades.begun.with_columns(pl.col("score").cast(pl.Int64), begun_on=today)
        ),
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
        "tasks_cancelled": _cancel_tasks(todo.tasks_cancelled, target),
        "deliveries_cancelled": _cancel_deliveries(todo.deliveries_cancelled, target),
        "tasks": insert_frame("cases_task", tasks, on_conflict="ignore"),
        "deliveries": insert_frame("outreach_delivery", deliveries, on_conflict="ignore"),
    }


def _cancel_tasks(cancelled: pl.DataFrame, target: Target) -> int:
    return update_frame(
        "cases_task",
        ["id"],
        cancelled.select(id="task_id", cancelled_at=_instant(target), cancel_reason="reason"),
    )


def _cancel_deliveries(cancelled: pl.DataFrame, target: Target) -> int:
    """Take waiting messages back, each with its event. A worker that claims one meanwhile makes the chunk try again."""
    done = update_frame(
        "outreach_delivery",
        ["id"],
        cancelled.select(
            id="delivery_id", state=pl.lit("CANCELLED"), finished_at=_instant(target), last_error="reason"
        ),
    )
    insert_frame(
        "outreach_deliveryevent",
        cancelled.select(
            "delivery_id",
            at=_instant(target),
            state=pl.lit("CANCELLED"),
            detail=pl.struct(why="reason").struct.json_encode(),
        ),
    )
    return done
