"""Write to the journal. Every command of every module ends with exactly one call of `record`."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models

from huikuan.journal.models import Entry


def record(
    event: str,
    *,
    now: datetime,
    actor: models.Model | None = None,
    entity_id: int | None = None,
    customer_id: int | None = None,
    subject: models.Model | None = None,
    **facts: object,
) -> Entry:
    """Append one act to the journal, inside the transaction of the command that did it.

    Args:
        event: Stable code `module.past-participle`, such as "receivables.receipt-booked"; never renamed.
        now: Instant of the act (UTC).
        actor: The user who did it; None for the machine.
        entity_id: The creditor entity concerned.
        customer_id: The customer on whose timeline the entry shows.
        subject: The row that was acted on.
        facts: Plain values that say what happened; money in minor units with a currency beside it.
    """
    return Entry.objects.create(
        at=now,
        actor_id=None if actor is None else actor.pk,
        event=event,
        entity_id=entity_id,
        customer_id=customer_id,
        subject_type="" if subject is None else subject._meta.label_lower,
        subject_id=None if subject is None else subject.pk,
        facts={key: _plain(value) for key, value in facts.items()},
    )


def _plain(value: object) -> Any:  # noqa: ANN401  JSON is any of these
    """Return a value that JSON can hold without loss."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(item) for item in value]
    return value
