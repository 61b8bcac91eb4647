"""What the post does to the worklist: a letter that left closes its task, one that came back leaves another."""

from datetime import date, datetime
from typing import Final

from django.db import transaction

from huikuan.cases.models import Case, Task
from huikuan.journal.commands import record
from huikuan.outreach.models import Letter
from huikuan.parties.models import User

FOLLOWS: Final = {Letter.State.RETURNED: Task.Kind.REPAIR, Letter.State.REFUSED: Task.Kind.VISIT}
"""What is to be done when a letter did not arrive: find another address; or go there, for the address is right."""


@transaction.atomic
def finish_letter_tasks(*, letter: Letter, actor: User | None, now: datetime) -> int:
    """Close the open letter tasks of the step that a posted letter belongs to; return how many."""
    tasks = Task.objects.select_for_update().filter(
        customer_id=letter.customer_id,
        kind=Task.Kind.LETTER,
        step_code=letter.step_code,
        currency=letter.currency,
        done_at=None,
        cancelled_at=None,
    )
    for task in tasks:
        task.done_at, task.done_by, task.outcome = now, actor, "SENT"
        task.save(update_fields=["done_at", "done_by", "outcome"])
        _record("cases.task-completed", task, letter, actor=actor, now=now)
    return len(tasks)


@transaction.atomic
def ask_to_post(*, letter: Letter, instead_of: Letter, today: date, actor: User | None, now: datetime) -> Task:
    """Leave the task to post a letter that was written again because one before it did not arrive."""
    case = Case.objects.filter(customer_id=letter.customer_id, closed_on=None).order_by("-pk").first()
    task = Task.objects.create(
        key=f"letter:{letter.pk}:POST",
        entity_id=letter.entity_id,
        customer_id=letter.customer_id,
        case=case,
        kind=Task.Kind.LETTER,
        step_code=letter.step_code,
        currency=letter.currency,
        overdue_minor=letter.principal_minor,
        owner_id=letter.customer.collector_id,
        due_on=today,
        created_at=now,
    )
    _record("cases.task-made", task, letter, actor=actor, now=now, instead_of=instead_of.number)
    return task


@transaction.atomic
def follow_up_letter(*, letter: Letter, today: date, actor: User | None, now: datetime) -> Task | None:
    """Leave a task for a letter that was returned or refused; once per letter and state. None when nothing follows."""
    kind = FOLLOWS.get(Letter.State(letter.state))
    if kind is None:
        return None
    case = Case.objects.filter(customer_id=letter.customer_id, closed_on=None).order_by("-pk").first()
    task, is_new = Task.objects.get_or_create(
        key=f"letter:{letter.pk}:{letter.state}",
        defaults={
            "entity_id": letter.entity_id,
            "customer_id": letter.customer_id,
            "case": case,
            "kind": kind,
            "step_code": letter.step_code,
            "currency": letter.currency,
            "overdue_minor": letter.principal_minor,
            "owner_id": letter.customer.collector_id,
            "due_on": today,
            "created_at": now,
        },
    )
    if is_new:
        _record("cases.task-made", task, letter, actor=actor, now=now)
    return task


def _record(event: str, task: Task, letter: Letter, *, actor: User | None, now: datetime, instead_of: str = "") -> None:
    record(
        event,
        now=now,
        actor=actor,
        entity_id=task.entity_id,
        customer_id=task.customer_id,
        subject=task,
        kind=task.kind,
        step_code=task.step_code,
        letter=letter.number,
        state=letter.state,
        **({"instead_of": instead_of} if instead_of else {}),
    )
