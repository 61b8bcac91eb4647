"""Look at a day without writing anything: the next one, or any that has passed, as its run saw it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import polars as pl

from huikuan.kernel.zones import day_instants
from huikuan.parties.models import Customer, Entity
from huikuan.policy.queries import policy_in_force, policy_of
from huikuan.policy.reading.policy import default_policy
from huikuan.policy.rules.schema import Policy
from huikuan.runs import refusals
from huikuan.runs.models import Run
from huikuan.runs.queries.plan import CHUNK_ITEMS, chunk_ranges
from huikuan.runs.queries.preparation import Preparation, decided, narrowed, prepare_day
from huikuan.runs.queries.warnings import merged, of_facts, of_work
from huikuan.runs.rules.day import Decisions
from huikuan.storage.bulk import read_frame
from huikuan.storage.transactions import one_view

SHOWN: Final = [
    "customer_code", "customer_name", "currency", "step_code", "action", "rule", "days_overdue", "overdue_minor",
    "net_overdue_minor", "penalty_minor", "item_count", "grade", "segment", "priority",
]  # fmt: skip
"""Columns of a preview's decisions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a run of the day would do, or what it decided then.

    Attributes:
        is_replay: The day has been run, or lies before one that has: state and contacts are those of that morning.
        counts: As `Run.counts`.
        warnings: As `Run.warnings`.
        decisions: SHOWN, by priority.
    """

    entity_code: str
    as_of: date
    previous_on: date | None
    policy_name: str
    is_replay: bool
    counts: dict[str, int]
    warnings: list[dict[str, Any]]
    decisions: pl.DataFrame


def look(entity: Entity, as_of: date, *, now: datetime) -> tuple[Preparation, str]:
    """Prepare a day for looking at it only; return it with the name of the policy.

    A day up to the latest run is a replay: with the policy and the instant of its own run where there was one. An
    entity without any policy is looked at under the shipped one.

    Raises: NoPolicyInForce.
    """
    runs = Run.objects.filter(entity=entity).select_related("policy_version").order_by("-as_of")
    own = runs.filter(as_of=as_of).first()
    before = runs.filter(as_of__lt=as_of).first()
    latest = runs.first()
    is_replay = latest is not None and as_of <= latest.as_of
    policy, name = _policy(entity, as_of, own)
    prepared = prepare_day(
        entity,
        policy,
        as_of=as_of,
        previous_on=own.previous_on if own else before.as_of if before else None,
        now=own.started_at if own else day_instants(as_of, entity.time_zone)[1] if is_replay else now,
        booked_since=before.started_at if before and not is_replay else None,
        is_replay=is_replay,
    )
    return prepared, name


def _policy(entity: Entity, as_of: date, own: Run | None) -> tuple[Policy, str]:
    if own is not None:
        return policy_of(own.policy_version), str(own.policy_version)
    in_force = policy_in_force(entity.pk, as_of)
    if in_force is not None:
        return in_force.policy, str(in_force.version)
    if entity.policy_versions.exists():
        raise refusals.NoPolicyInForce(entity=entity.code, as_of=as_of)
    shipped = default_policy()
    return shipped, shipped.name


def preview(*, entity_id: int, as_of: date, now: datetime, chunk_items: int = CHUNK_ITEMS) -> Preview:
    """Decide the day for every customer of the entity and write nothing. Raises NoPolicyInForce.

    Args:
        entity_id: The entity.
        as_of: Any day, past or to come.
        now: Instant of asking.
        chunk_items: Open items decided at a time.
    """
    entity = Entity.objects.get(pk=entity_id)
    prepared, policy_name = look(entity, as_of, now=now)
    counts = {"customers": 0, "items": 0}
    warnings, shown = list(prepared.warnings), []
    for first, last in chunk_ranges(entity.pk, items_max=chunk_items):
        with one_view():
            facts, what = decided(narrowed(prepared, first, last), prepared)
        shown.append(what.decisions)
        for name, count in {"customers": facts.customers.height, "items": facts.items.height, **_counts(what)}.items():
            counts[name] = counts.get(name, 0) + count
        warnings += of_facts(facts) + of_work(what.work)
    return Preview(
        entity_code=entity.code,
        as_of=as_of,
        previous_on=prepared.setting.previous_on,
        policy_name=policy_name,
        is_replay=prepared.scope.is_replay,
        counts={name: count for name, count in counts.items() if count or name in {"customers", "items"}},
        warnings=merged(warnings),
        decisions=_shown(shown, entity.pk),
    )


def _counts(what: Decisions) -> dict[str, int]:
    return {
        "cases_opened": what.cases.opened.height,
        "cases_closed": what.cases.closed.height,
        "decisions": what.decisions.height,
        "tasks": what.work.tasks.height,
        "deliveries": what.work.deliveries.height,
        "grades_changed": what.grades.begun.height,
        "warnings_begun": what.marks.begun.height,
        "warnings_ended": what.marks.ended.height,
        "tasks_cancelled": what.work.tasks_cancelled.height,
        "deliveries_cancelled": what.work.deliveries_cancelled.height,
    }


def _shown(parts: list[pl.DataFrame], entity_id: int) -> pl.DataFrame:
    """Put the decisions of all chunks together, with the customers' names, the most urgent first."""
    if not parts:
        return pl.DataFrame(schema=dict.fromkeys(SHOWN, pl.String))
    names = read_frame(
        "SELECT id AS customer_id, code AS customer_code, name AS customer_name FROM parties_customer"
        " WHERE entity_id = %s",
        [entity_id],
        {"customer_id": pl.Int64, "customer_code": pl.String, "customer_name": pl.String},
    )
    together = pl.concat(parts, how="vertical_relaxed").join(names, on="customer_id", how="left")
    return together.select(SHOWN).sort(
        "priority", "customer_code", "currency", descending=[True, False, False], maintain_order=True
    )


def look_at_customer(customer: Customer, as_of: date, *, now: datetime) -> tuple[Preparation, str, Decisions]:
    """Decide the day for one customer and write nothing; return the preparation, the policy's name, the decisions."""
    prepared, policy_name = look(customer.entity, as_of, now=now)
    with one_view():
        _, what = decided(narrowed(prepared, customer.pk, customer.pk), prepared)
    return prepared, policy_name, what
