"""What the day does with promises and plans before it decides anything: judge them, and step up what was broken."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction

from huikuan.arrangements.commands.plans import judge_plans_due
from huikuan.arrangements.commands.promises import judge_promises_due
from huikuan.arrangements.models import Plan, PlanChange, Promise, PromiseChange
from huikuan.arrangements.models.plan import PlanState
from huikuan.arrangements.models.promise import PromiseState
from huikuan.cases.models import Case, Task
from huikuan.journal.commands import record
from huikuan.parties.models import Customer
from huikuan.runs.queries.plan import managers

LOOKED_BACK_DAYS: Final = 7
"""Verdicts of so many days are stepped up, whoever found them: the night, or money that went back by day."""
PROMISE_BROKEN: Final = "promise_broken"
PLAN_BROKEN: Final = "plan_broken"


def judge_arrangements(*, entity_id: int, as_of: date, now: datetime) -> list[Task]:
    """Judge what is due by the money that has arrived, and give the manager a task for each promise or plan broken.

    Asked again on the same day it does nothing new: a verdict is stepped up once.

    Returns: the tasks asked for, new or as they stood.
    """
    judge_promises_due(entity_id=entity_id, as_of=as_of, now=now)
    judge_plans_due(entity_id=entity_id, as_of=as_of, now=now)
    return _step_up(entity_id, as_of=as_of, now=now)


@transaction.atomic
def _step_up(entity_id: int, *, as_of: date, now: datetime) -> list[Task]:
    since = as_of - timedelta(days=LOOKED_BACK_DAYS)
    broken: dict[str, Iterator[Promise | Plan]] = {
        PROMISE_BROKEN: (change.promise for change in PromiseChange.objects.filter(
            state=PromiseState.BROKEN, promise__state=PromiseState.BROKEN, promise__entity_id=entity_id,
            as_of__gt=since, as_of__lte=as_of,
        ).select_related("promise")),
        PLAN_BROKEN: (change.plan for change in PlanChange.objects.filter(
            state=PlanState.BROKEN, plan__state=PlanState.BROKEN, plan__entity_id=entity_id,
            as_of__gt=since, as_of__lte=as_of,
        ).select_related("plan")),
    }  # fmt: skip
    wanted = {f"task/{code}/{each.pk}": (code, each) for code, found in broken.items() for each in found}
    known = set(Task.objects.filter(key__in=wanted).values_list("key", flat=True))
    missing = {key: pair for key, pair in wanted.items() if key not in known}
    if not missing:
        return []
    tasks = _tasks(missing.items(), entity_id, as_of=as_of, now=now)
    Task.objects.bulk_create(tasks, ignore_conflicts=True)
    record(
        "runs.broken-arrangements-stepped-up", now=now, entity_id=entity_id, as_of=as_of, tasks=sorted(missing)
    )  # fmt: skip
    return tasks


def _tasks(
    missing: Iterable[tuple[str, tuple[str, Promise | Plan]]], entity_id: int, *, as_of: date, now: datetime
) -> list[Task]:
    """Return a task for each, for the manager of the customer's collector."""
    pairs = list(missing)
    customer_ids = {each.customer_id for _, (_, each) in pairs}
    leads = dict(managers(entity_id).iter_rows())
    collectors = dict(Customer.objects.filter(pk__in=customer_ids).values_list("pk", "collector_id"))
    cases = dict(Case.objects.filter(customer_id__in=customer_ids, closed_on=None).values_list("customer_id", "pk"))
    return [
        Task(
            key=key, entity_id=entity_id, customer_id=each.customer_id, case_id=cases.get(each.customer_id),
            kind=Task.Kind.REVIEW, step_code=code, currency=each.currency, overdue_minor=_missing_minor(each),
            owner_id=leads.get(collectors[each.customer_id]), due_on=as_of, priority=_missing_minor(each),
            created_at=now,
        )
        for key, (code, each) in pairs
    ]  # fmt: skip


def _missing_minor(broken: Promise | Plan) -> int:
    if isinstance(broken, Promise):
        return broken.amount_minor - broken.counted_minor
    return broken.total_minor - broken.paid_minor
