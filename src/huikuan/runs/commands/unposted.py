"""Letters that nobody has posted: whoever has the task is reminded, until it is posted or called off."""

from datetime import date, datetime
from typing import Final

from django.db import transaction

from huikuan.cases.models import Task
from huikuan.journal.commands import record
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.parties.models import Entity
from huikuan.policy.queries import policy_in_force

LETTER_LATE: Final = "letter_late"
POSTED: Final = "POSTED"


@transaction.atomic
def remind_of_letters(*, entity_id: int, as_of: date, now: datetime) -> list[Task]:
    """Remind the owners of letter tasks that are open for longer than the policy allows; once for each.

    A reminder whose letter was posted or called off meanwhile is called off. Returns: the new reminders.

    Args:
        entity_id: The creditor.
        as_of: The day; `send: post_within_days:` working days of the creditor's country are counted back from it.
        now: The instant.
    """
    in_force = policy_in_force(entity_id, as_of)
    if in_force is None:
        return []
    _call_off(entity_id, now=now)
    calendar = WorkingCalendar(Entity.objects.values_list("country", flat=True).get(pk=entity_id))
    due_by = calendar.add_working_days(as_of, -in_force.policy.send_times.post_within_days)
    letters = Task.objects.filter(
        entity_id=entity_id, kind=Task.Kind.LETTER, done_at=None, cancelled_at=None, due_on__lte=due_by
    )
    keys = {_key(each.pk): each for each in letters}
    known = set(Task.objects.filter(key__in=keys).values_list("key", flat=True))
    reminders = [
        Task(
            key=key, entity_id=entity_id, customer_id=each.customer_id, case_id=each.case_id, kind=Task.Kind.REVIEW,
            step_code=LETTER_LATE, currency=each.currency, overdue_minor=each.overdue_minor,
            oldest_due_on=each.oldest_due_on, owner_id=each.owner_id, due_on=as_of, priority=each.priority,
            created_at=now,
        )
        for key, each in sorted(keys.items())
        if key not in known
    ]  # fmt: skip
    if reminders:
        Task.objects.bulk_create(reminders, ignore_conflicts=True)
        record(
            "runs.unposted-letters-reminded", now=now, entity_id=entity_id, as_of=as_of,
            tasks=[each.key for each in reminders],
        )  # fmt: skip
    return reminders


def _key(task_id: int) -> str:
    return f"task/{LETTER_LATE}/{task_id}"


def _call_off(entity_id: int, *, now: datetime) -> None:
    """Call off the reminders of letters that are no longer to be posted."""
    open_tasks = Task.objects.filter(entity_id=entity_id, done_at=None, cancelled_at=None)
    reminders = {each.key: each.pk for each in open_tasks.filter(kind=Task.Kind.REVIEW, step_code=LETTER_LATE)}
    if not reminders:
        return
    waiting = {_key(pk) for pk in open_tasks.filter(kind=Task.Kind.LETTER).values_list("pk", flat=True)}
    over = [pk for key, pk in reminders.items() if key not in waiting]
    Task.objects.filter(pk__in=over).update(cancelled_at=now, cancel_reason=POSTED)
