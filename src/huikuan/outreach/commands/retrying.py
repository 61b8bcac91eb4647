"""Messages that failed for one cause, tried again together once the cause is gone."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from huikuan.outreach.commands.queue import DeliveryNotFailed, retry_failed
from huikuan.parties.models import User


@transaction.atomic
def retry_all_failed(*, delivery_ids: Sequence[int], actor: User, now: datetime) -> int:
    """Queue failed messages again, each with its journal entry; return how many.

    One that somebody else has taken up meanwhile is passed over.
    """
    count = 0
    for delivery_id in sorted(delivery_ids):
        try:
            retry_failed(delivery_id=delivery_id, actor=actor, now=now)
        except DeliveryNotFailed:
            continue
        count += 1
    return count
