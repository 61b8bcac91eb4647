"""Letters that nobody has posted: whoever has the task is reminded, until it is posted or called off."""

from datetime import date, datetime
from typing import Any, Final

from django.db import connection, transaction

from huikuan.journal.commands import record
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.parties.models import Entity
from huikuan.policy.queries import policy_in_force
from huikuan.storage.rows import instant

LETTER_LATE: Final = "letter_late"
POSTED: Final = "POSTED"
NAMED: Final = 100
"""Letters that the journal entry names; each reminder is a row of its own."""


_LATE: Final = """
FROM cases_task letter
WHERE letter.entity_id = %(entity)s AND letter.kind = 'LETTER' AND letter.done_at IS NULL
  AND letter.cancelled_at IS NULL AND letter.due_on <= %(due_by)s
  AND NOT EXISTS (SELECT 1 FROM cases_task known WHERE known.key = %(prefix)s || letter.key)"""

_REMIND: Final = f"""
INSERT INTO cases_task (
    key, entity_id, customer_id, case_id, kind, step_code, currency, overdue_minor, oldest_due_on, script, owner_id,
    due_on, priority, created_at, outcome, cancel_reason)
SELECT %(prefix)s || letter.key, letter.entity_id, letter.customer_id, letter.case_id, 'REVIEW', %(step)s,
       letter.currency, letter.overdue_minor, letter.oldest_due_on, '', letter.owner_id,
       %(as_of)s, letter.priority, %(now)s, '', ''
{_LATE} ORDER BY letter.id"""

_CALL_OFF: Final = """
UPDATE cases_task SET cancelled_at = %(now)s, cancel_reason = %(posted)s
WHERE entity_id = %(entity)s AND kind = 'REVIEW' AND step_code = %(step)s AND done_at IS NULL AND cancelled_at IS NULL
  AND NOT EXISTS (
    SELECT 1 FROM cases_task letter
    WHERE %(prefix)s || letter.key = cases_task.key AND letter.entity_id = %(entity)s AND letter.kind = 'LETTER'
      AND letter.done_at IS NULL AND letter.cancelled_at IS NULL)"""


@transaction.atomic
def remind_of_letters(*, entity_id: int, as_of: date, now: datetime) -> int:
    """Remind the owners of letter tasks that are open for longer than the policy allows; once for each.

    A reminder whose letter was posted or called off meanwhile is called off. Returns: how many reminders are new.

    Args:
        entity_id: The creditor.
        as_of: The day; `send: post_within_days:` working days of the creditor's country are counted back from it.
        now: The instant.
    """
    in_force = policy_in_force(entity_id, as_of)
    if in_force is None:
        return 0
    calendar = WorkingCalendar(Entity.objects.values_list("country", flat=True).get(pk=entity_id))
    due_by = calendar.add_working_days(as_of, -in_force.policy.send_times.post_within_days)
    # The reminder is named after its letter, not after a row: a run that is killed and repeated has other rows.
    names: dict[str, Any] = {
        "entity": entity_id, "prefix": f"{LETTER_LATE}:", "step": LETTER_LATE, "posted": POSTED,
        "now": instant(now),
        "due_by": due_by, "as_of": as_of,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_CALL_OFF, names)
        cursor.execute(f"SELECT letter.key {_LATE} ORDER BY letter.id", names)
        letters = [key for (key,) in cursor.fetchall()]
        if letters:
            cursor.execute(_REMIND, names)
            record(
                "runs.unposted-letters-reminded", now=now, entity_id=entity_id, as_of=as_of,
                count=len(letters), letters=letters[:NAMED],
            )  # fmt: skip
    return len(letters)
