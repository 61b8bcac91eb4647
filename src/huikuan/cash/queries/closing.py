"""What some customers owe after money came, and what waits to be done about it: the facts of closing the loop."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from huikuan.policy.queries import holds_frame, policy_in_force
from huikuan.policy.rules.holds import apply_holds
from huikuan.policy.rules.ladder import KEY
from huikuan.policy.rules.positions import positions
from huikuan.policy.rules.schema import Family, Policy, Scope
from huikuan.receivables.queries.frames import Scope as LedgerScope
from huikuan.receivables.queries.frames import item_frame, on_account_frame
from huikuan.storage.among import among
from huikuan.storage.bulk import read_frame

_CASES: Final = """
SELECT id AS case_id, customer_id, opened_on, closed_on FROM cases_case
 WHERE {of_these} AND closed_on IS NULL"""
_TASKS: Final = """
SELECT id AS task_id, customer_id, currency, kind, step_code, case_id FROM cases_task WHERE {of_these}"""
_OPEN: Final = " AND done_at IS NULL AND cancelled_at IS NULL"
_DELIVERIES: Final = """
SELECT id AS delivery_id, customer_id, currency, step_code FROM outreach_delivery WHERE {of_these}"""
_WAITING: Final = """ AND state IN ('QUEUED', 'FAILED') AND about = ''"""
_HOLDS: Final = """
SELECT id AS hold_id, customer_id, item_id, kind FROM policy_hold
 WHERE {of_these} AND ends_on >= %(as_of)s AND (released_on IS NULL OR released_on > %(as_of)s)"""


_DISCOUNTED: Final = """(
SELECT c.customer_id FROM arrangements_discountterms t JOIN receivables_contract c ON c.id = t.contract_id
UNION ALL
SELECT i.customer_id FROM arrangements_discountterms t JOIN receivables_openitem i ON i.id = t.item_id) AS discounted"""
_CONCERNED: Final = " UNION ".join(
    f"SELECT customer_id FROM {table} WHERE {{of_these}}{condition}"  # noqa: S608  our own names
    for table, condition in (
        ("cases_case", " AND closed_on IS NULL"),
        ("cases_task", _OPEN),
        ("outreach_delivery", _WAITING),
        ("policy_hold", " AND ends_on >= %(as_of)s AND released_on IS NULL"),
        ("credit_riskmark", " AND ended_on IS NULL"),
        ("arrangements_promise", ""),
        ("arrangements_plan", ""),
        ("arrangements_offer", " AND withdrawn_at IS NULL"),
        ("arrangements_dispute", " AND decided_at IS NULL"),
        (_DISCOUNTED, ""),
    )
)

Columns = dict[str, type[pl.DataType]]
_NAMED: Final[Columns] = {"customer_id": pl.Int64, "currency": pl.String, "step_code": pl.String}
_TASK: Final[Columns] = {"task_id": pl.Int64, **_NAMED, "kind": pl.String, "case_id": pl.Int64}
_DELIVERY: Final[Columns] = {"delivery_id": pl.Int64, **_NAMED}

_STATE: Final[Columns] = {
    "customer_id": pl.Int64,
    "currency": pl.String,
    "last_step_rank": pl.Int64,
    "last_occurrence": pl.Int64,
}
_CONTACTS: Final[Columns] = {"customer_id": pl.Int64, "fruitless_count": pl.Int64, "last_inbound_on": pl.Date}
"""What `positions` asks of the ladder and of contacts; money changes neither."""


@dataclass(frozen=True, slots=True)
class Affairs:
    """The affairs of some customers of one entity on a day.

    Attributes:
        day: The day they are judged on: a case that a run of tomorrow opened is judged by tomorrow.
        items: item_id, customer_id, issued_on, due_on of everything open.
        positions: `policy.rules.positions`, with `is_pursued` and `is_covered`.
        cases: case_id, customer_id, opened_on, closed_on of the open ones.
        tasks: task_id, KEY, kind, step_code, case_id of the open ones, with how their customer stands (`standing`).
        deliveries: delivery_id, KEY, step_code of those that the run asked for, waiting or failed; likewise, and with
            `is_overdue_step`.
        holds: hold_id, customer_id, item_id, kind of those that hold today or later.
        overdue_steps: Codes of the steps that speak of what is overdue.
        policy: In force on the day; None: none is.
    """

    day: date
    items: pl.DataFrame
    positions: pl.DataFrame
    cases: pl.DataFrame
    tasks: pl.DataFrame
    deliveries: pl.DataFrame
    holds: pl.DataFrame
    overdue_steps: tuple[str, ...]
    policy: Policy | None


def with_something_to_end(customer_ids: Collection[int], *, as_of: date) -> list[int]:
    """Return those customers about whom anything waits, holds or is agreed: money changes nothing about the others."""
    of_these, params = among("customer_id", "customers", sorted(customer_ids))
    found = read_frame(_CONCERNED.format(of_these=of_these), {**params, "as_of": as_of}, {"customer_id": pl.Int64})
    return sorted(found["customer_id"].to_list())


def affairs_of(*, entity_id: int, customer_ids: Collection[int], as_of: date) -> Affairs:
    """Read the affairs of these customers: a handful of statements, however many they are."""
    in_force = policy_in_force(entity_id, as_of)
    policy = None if in_force is None else in_force.policy
    of_these, params = among("customer_id", "customers", sorted(customer_ids))

    def read(sql: str, schema: Columns) -> pl.DataFrame:
        return read_frame(sql.format(of_these=of_these), {**params, "as_of": as_of}, schema)

    ids: Columns = {"customer_id": pl.Int64}
    cases = read(_CASES, {"case_id": pl.Int64, **ids, "opened_on": pl.Date, "closed_on": pl.Date})
    day = max([as_of, *cases["opened_on"].to_list()])
    scope = LedgerScope(as_of=day, entity_id=entity_id, customer_ids=customer_ids)
    items = item_frame(scope)
    stand = _positions(items, on_account_frame(scope), policy, entity_id=entity_id, day=day)
    steps = _overdue_steps(policy)
    deliveries = read(_DELIVERIES + _WAITING, _DELIVERY)
    return Affairs(
        day=day,
        items=items.select("item_id", "customer_id", "issued_on", "due_on"),
        positions=stand,
        cases=cases,
        tasks=standing(read(_TASKS + _OPEN, _TASK), stand),
        deliveries=standing(_with_family(deliveries, steps), stand),
        holds=read(_HOLDS, {"hold_id": pl.Int64, **ids, "item_id": pl.Int64, "kind": pl.String}),
        overdue_steps=steps,
        policy=policy,
    )


def task_rows(ids: Sequence[int]) -> pl.DataFrame:
    """Return tasks, open or not, as `Affairs` holds them without how their customer stands."""
    of_these, params = among("id", "tasks", ids)
    return read_frame(_TASKS.format(of_these=of_these), params, _TASK)


def delivery_rows(ids: Sequence[int], overdue_steps: Sequence[str]) -> pl.DataFrame:
    """Return messages, waiting or not, as `Affairs` holds them without how their customer stands."""
    of_these, params = among("id", "deliveries", ids)
    return _with_family(read_frame(_DELIVERIES.format(of_these=of_these), params, _DELIVERY), overdue_steps)


def _with_family(deliveries: pl.DataFrame, overdue_steps: Sequence[str]) -> pl.DataFrame:
    return deliveries.with_columns(is_overdue_step=pl.col("step_code").is_in(list(overdue_steps)))


def _positions(
    items: pl.DataFrame, on_account: pl.DataFrame, policy: Policy | None, *, entity_id: int, day: date
) -> pl.DataFrame:
    """Return how each customer stands in each currency, by the rules of the run."""
    holds = holds_frame(entity_id=entity_id, as_of=day, customer_ids=items["customer_id"].unique().to_list())
    stand = positions(
        apply_holds(items, holds=holds, as_of=day),
        on_account=on_account,
        ladder_state=pl.DataFrame(schema=_STATE),
        customers=pl.DataFrame(schema={"customer_id": pl.Int64}),
        contacts=pl.DataFrame(schema=_CONTACTS),
        as_of=day,
        from_due_day=policy is not None and policy.counts_from_due_day,
    )
    # Under a ladder that counts from the issue even what is not due is pursued: such a case is left to the run.
    from_issue = policy is not None and any(each.scope is Scope.OLDEST_ISSUE for each in policy.ladders.values())
    return stand.with_columns(
        is_pursued=(pl.col("overdue_minor") > 0) | pl.lit(from_issue),
        is_covered=(pl.col("overdue_count") > 0) & (pl.col("net_overdue_minor") <= 0),
    )


def _overdue_steps(policy: Policy | None) -> tuple[str, ...]:
    """Return the codes of the steps that speak of what is overdue."""
    if policy is None:
        return ()
    steps = [step for ladder in policy.ladders.values() for step in ladder.steps]
    return tuple(sorted({step.code for step in steps if step.trigger.family is Family.OVERDUE}))


def standing(rows: pl.DataFrame, stand: pl.DataFrame) -> pl.DataFrame:
    """Add how the customer stands in the currency of a task or message: is_here, is_pursued, is_covered."""
    known = stand.select(*KEY, "is_pursued", "is_covered", is_here=pl.lit(True))
    return rows.join(known, on=KEY, how="left").with_columns(
        pl.col("is_here", "is_pursued", "is_covered").fill_null(False)
    )
