"""What people do with a task: finish it, take that back, hand it over, call it off."""

from datetime import datetime
from typing import Final

from django.db import transaction

from huikuan.cases.models import Task
from huikuan.journal.commands import record
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.outreach.models import Contact
from huikuan.parties.models import Membership, User
from huikuan.parties.queries import may_see

DONE: Final = "DONE"
APPROVED: Final = "APPROVED"
DECLINED: Final = "DECLINED"

OUTCOMES: Final = frozenset({DONE, APPROVED, DECLINED, *Contact.Outcome.values})
"""What a finished task may say came of it: that of the contact, or of the decision."""


class TaskUnknown(Refusal):
    """No such task, or one of a customer that the person may not see."""

    code = "cases.task-unknown"
    text = gettext_noop("There is no such task.")


class TaskNotOpen(Refusal):
    """Somebody, or the run, was faster."""

    code = "cases.task-not-open"
    text = gettext_noop("This task is already closed ({state}). Open the worklist again.")


class TaskOpen(Refusal):
    """There is nothing to take back."""

    code = "cases.task-open"
    text = gettext_noop("This task is still open: there is nothing to take back.")


class OutcomeUnknown(Refusal):
    """Not a word of the list."""

    code = "cases.outcome-unknown"
    text = gettext_noop("“{outcome}” is no outcome of a task. Choose one of the list.")


class ReasonMissing(Refusal):
    """Who calls a task off says why."""

    code = "cases.reason-missing"
    text = gettext_noop("Say why the task is called off.")


class NotOfThisEntity(Refusal):
    """Work is given to people who have a role in the entity."""

    code = "cases.owner-without-role"
    text = gettext_noop("{user} has no role in {entity}. Grant one first, or choose somebody else.")


@transaction.atomic
def complete_task(*, task_id: int, outcome: str, actor: User, now: datetime, note: str = "") -> Task:
    """Finish a task with what came of it.

    A call or visit is logged with `outreach.commands` first; this closes the task on the worklist.

    Args:
        task_id: An open task of a customer the actor may see.
        outcome: One of `OUTCOMES`.
        actor: Who did it.
        now: When.
        note: Kept in the journal.

    Raises: TaskUnknown, TaskNotOpen, OutcomeUnknown.
    """
    if outcome not in OUTCOMES:
        raise OutcomeUnknown(outcome=outcome)
    task = _open_task(task_id, actor)
    task.done_at, task.done_by, task.outcome = now, actor, outcome
    task.save(update_fields=["done_at", "done_by", "outcome"])
    _record("cases.task-completed", task, actor=actor, now=now, outcome=outcome, note=note)
    return task


@transaction.atomic
def reopen_task(*, task_id: int, actor: User, now: datetime) -> Task:
    """Take back that a task is finished or called off. Raises TaskUnknown, TaskOpen."""
    task = _locked(task_id, actor)
    if task.done_at is None and task.cancelled_at is None:
        raise TaskOpen
    was = task.outcome or task.cancel_reason
    task.done_at = task.done_by = task.cancelled_at = None
    task.outcome = task.cancel_reason = ""
    task.save(update_fields=["done_at", "done_by", "outcome", "cancelled_at", "cancel_reason"])
    _record("cases.task-reopened", task, actor=actor, now=now, was=was)
    return task


@transaction.atomic
def cancel_task(*, task_id: int, reason: str, actor: User, now: datetime) -> Task:
    """Call off an open task, with a reason of at most 40 characters. Raises TaskUnknown, TaskNotOpen, ReasonMissing."""
    if not reason.strip():
        raise ReasonMissing
    task = _open_task(task_id, actor)
    task.cancelled_at, task.cancel_reason = now, reason.strip()[:40]
    task.save(update_fields=["cancelled_at", "cancel_reason"])
    _record("cases.task-cancelled", task, actor=actor, now=now, reason=task.cancel_reason)
    return task


@transaction.atomic
def reassign_task(*, task_id: int, owner_id: int, actor: User, now: datetime) -> Task:
    """Give one open task to another person of the entity. Raises TaskUnknown, TaskNotOpen, NotOfThisEntity."""
    task = _open_task(task_id, actor)
    owner = member_of(task.entity_id, owner_id, entity_code=task.entity.code)
    before, task.owner = task.owner_id, owner
    task.save(update_fields=["owner"])
    _record("cases.task-reassigned", task, actor=actor, now=now, owner_id=owner.pk, before_owner_id=before)
    return task


def member_of(entity_id: int, user_id: int, *, entity_code: str) -> User:
    """Return an active user with a role in the entity. Raises NotOfThisEntity."""
    membership = (
        Membership.objects.filter(entity_id=entity_id, user_id=user_id, user__is_active=True)
        .select_related("user")
        .first()
    )
    if membership is None:
        name = User.objects.filter(pk=user_id).values_list("username", flat=True).first()
        raise NotOfThisEntity(user=name or user_id, entity=entity_code)
    return membership.user


def _locked(task_id: int, actor: User) -> Task:
    """Lock a task that the actor may see. Raises TaskUnknown."""
    task = Task.objects.select_for_update().filter(may_see(actor), pk=task_id).first()
    if task is None:
        raise TaskUnknown
    return task


def _open_task(task_id: int, actor: User) -> Task:
    task = _locked(task_id, actor)
    if task.done_at or task.cancelled_at:
        raise TaskNotOpen(state=task.outcome or task.cancel_reason)
    return task


def _record(event: str, task: Task, *, actor: User, now: datetime, **facts: object) -> None:
    record(
        event,
        now=now,
        actor=actor,
        entity_id=task.entity_id,
        customer_id=task.customer_id,
        subject=task,
        kind=task.kind,
        step_code=task.step_code,
        **facts,
    )
