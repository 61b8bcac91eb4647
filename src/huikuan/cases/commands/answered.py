"""What a customer answers behind his link and somebody must take up: a task for the owner of his case, once."""

from datetime import date, datetime
from typing import Final

from django.db import transaction

from huikuan.arrangements.commands.linking import decline_plan_by_link
from huikuan.arrangements.models import Plan
from huikuan.cases.models import Case, Task
from huikuan.parties.models import Customer

PLAN_DECLINED: Final = "plan_declined"
NOTE_MAX: Final = 300
SETTLED: Final = "SETTLED"


@transaction.atomic
def decline_plan(*, link_id: int, reason: str, as_of: date, now: datetime) -> Plan:
    """Let the customer decline the plan of his link, and give the owner of his case a task with the reason.

    Raises: those of `decline_plan_by_link`; then neither happened.
    """
    plan = decline_plan_by_link(link_id=link_id, reason=reason, as_of=as_of, now=now)
    case = Case.objects.filter(customer_id=plan.customer_id, closed_on=None).order_by("-pk").first()
    ask_owner(
        key=f"task/{PLAN_DECLINED}/{plan.pk}", step_code=PLAN_DECLINED, customer=plan.customer, case=case,
        currency=plan.currency, amount_minor=plan.total_minor, note=reason, as_of=as_of, now=now,
    )  # fmt: skip
    return plan


def ask_owner(
    *,
    key: str,
    step_code: str,
    customer: Customer,
    currency: str,
    amount_minor: int,
    note: str,
    as_of: date,
    now: datetime,
    case: Case | None = None,
) -> None:
    """Give the owner of the case, or the collector, a task with what the customer said, once per key.

    Its caller journals what it follows from. A task of no case goes on when the case closes.
    """
    owner_id = customer.collector_id if case is None else case.owner_id
    Task.objects.bulk_create(
        [
            Task(
                key=key, entity_id=customer.entity_id, customer=customer, case=case, kind=Task.Kind.REVIEW,
                step_code=step_code, currency=currency, overdue_minor=amount_minor, priority=amount_minor,
                note=" ".join(note.split())[:NOTE_MAX], owner_id=owner_id, due_on=as_of, created_at=now,
            )
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def call_off(keys: str, *, now: datetime) -> None:
    """Call off the open tasks whose key begins so: what they ask for has been done elsewhere."""
    found = Task.objects.filter(key__startswith=keys, done_at=None, cancelled_at=None)
    found.update(cancelled_at=now, cancel_reason=SETTLED)
