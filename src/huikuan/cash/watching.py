"""What the scheduler does once a day about statements without an answer and bills of exchange. Twice is once."""

from datetime import datetime

from huikuan.cash.commands.account_statements import remind_statement
from huikuan.cash.commands.bills import remind_of_bills
from huikuan.cash.models import AccountStatement
from huikuan.kernel.zones import local_day
from huikuan.parties.models import Entity


def watch_accounts(*, now: datetime) -> dict[str, int]:
    """Remind of statements whose day to answer has passed, and of bills to present or whose recourse ends.

    Returns: how many reminders were queued, and how many tasks are new.
    """
    counts = {"reminded": 0, "tasks": 0}
    for entity in Entity.objects.order_by("pk"):
        as_of = local_day(now, entity.time_zone)
        due = AccountStatement.objects.filter(entity=entity, remind_on__lte=as_of).order_by("pk")
        for statement_id in list(due.values_list("pk", flat=True)):
            if remind_statement(statement_id=statement_id, as_of=as_of, now=now) is not None:
                counts["reminded"] += 1
        counts["tasks"] += remind_of_bills(entity_id=entity.pk, as_of=as_of, now=now)
    return counts
