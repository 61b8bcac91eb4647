"""Write to the journal. Every command of every module ends with exactly one call of `record`."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import models, transaction

from huikuan.journal.models import Entry, Seal
from huikuan.journal.queries import content_of
from huikuan.journal.rules.chain import GENESIS, sealed_hash
from huikuan.storage.locks import hold
from huikuan.storage.rows import insert

BATCH: Final = 1_000
"""Entries written by one statement."""
SEALED_AT_ONCE: Final = 2_000
"""Entries chained in one transaction."""


def record(
    event: str,
    *,
    now: datetime,
    actor: models.Model | None = None,
    entity_id: int | None = None,
    customer_id: int | None = None,
    subject: models.Model | None = None,
    **facts: object,
) -> int:
    """Append one act to the journal, inside the transaction of the command that did it; return the entry's number.

    Args:
        event: Stable code `module.past-participle`, such as "receivables.receipt-booked"; never renamed.
        now: Instant of the act (UTC).
        actor: The user who did it; None for the machine.
        entity_id: The creditor entity concerned.
        customer_id: The customer on whose timeline the entry shows.
        subject: The row that was acted on.
        facts: Plain values that say what happened; money in minor units with a currency beside it.
    """
    entry = {
        "at": now,
        "actor_id": None if actor is None else actor.pk,
        "event": event,
        "entity_id": entity_id,
        "customer_id": customer_id,
        "subject_type": "" if subject is None else subject._meta.label_lower,
        "subject_id": None if subject is None else subject.pk,
        "facts": {key: _plain(value) for key, value in facts.items()},
    }
    return insert(Entry, entry)


def record_each(
    event: str,
    *,
    now: datetime,
    actor: models.Model | None = None,
    facts: Sequence[tuple[int, int, Mapping[str, object]]],
) -> int:
    """Append the same act for many customers at once, for commands that work in bulk; return how many.

    Args:
        event, now, actor: As in `record`.
        facts: Entity id, customer id and plain values of each.
    """
    entries = [
        Entry(
            at=now,
            actor_id=None if actor is None else actor.pk,
            event=event,
            entity_id=entity_id,
            customer_id=customer_id,
            facts={key: _plain(value) for key, value in values.items()},
        )
        for entity_id, customer_id, values in facts
    ]
    return len(Entry.objects.bulk_create(entries, batch_size=BATCH))


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


def seal(*, now: datetime) -> int:
    """Chain every entry that is not yet sealed, oldest first; return how many.

    Each seal holds the hash of the entry and of the seal before it: whoever changes, removes or slips in an entry later
    breaks every seal from there on (`queries.verify`). One sealer at a time; commands never wait for it. An entry whose
    transaction ended late is sealed by the next call, behind entries with a higher id.
    """
    count = 0
    while sealed := _seal_some(now):
        count += sealed
    return count


@transaction.atomic
def _seal_some(now: datetime) -> int:
    hold("journal.seal")
    last = Seal.objects.order_by("-position").first()
    position, previous = (last.position, last.hash) if last else (0, GENESIS)
    seals = []
    for entry in Entry.objects.filter(seal=None).order_by("pk")[:SEALED_AT_ONCE]:
        position += 1
        own = sealed_hash(previous, position, content_of(entry))
        seals.append(Seal(entry=entry, position=position, previous_hash=previous, hash=own, sealed_at=now))
        previous = own
    Seal.objects.bulk_create(seals)
    return len(seals)
