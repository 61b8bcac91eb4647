"""Receipts: what a provider tells about a message that it took. Each is kept once, and moves its delivery at most once.

A receipt may arrive before the answer to our own call, twice, out of order, or about a message that we believe never
left. It is kept in every case; what it proves is applied as soon as the delivery is known (decision 0048).
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from django.db import connection, transaction

from huikuan.outreach.callbacks import Told
from huikuan.outreach.commands.sending import write_sent
from huikuan.outreach.commands.trail import journal, move
from huikuan.outreach.models import Contact, Delivery, ProviderReceipt
from huikuan.outreach.rules.receipts import NOT_SETTLED, RANK, state_after
from huikuan.storage import locks

State = Delivery.State


class Noted(StrEnum):
    """What became of a receipt."""

    TAKEN = "TAKEN"
    REPEATED = "REPEATED"
    WAITING = "WAITING"


@transaction.atomic
def note_receipt(*, provider: str, told: Told, now: datetime) -> Noted:
    """Keep what a provider says and let it count.

    Returns: TAKEN; REPEATED when the same was said before; WAITING while no delivery is known by that number, or the
    delivery is still with the channel: it counts when the send settles.
    """
    hold_reference(reference_of(provider, told.reference))
    receipt, is_new = ProviderReceipt.objects.get_or_create(
        provider=provider,
        reference=told.reference[:200],
        state=told.state,
        defaults={
            "key": told.key[:120],
            "at": told.at,
            "detail": told.detail[:300],
            "raw": dict(told.raw),
            "received_at": now,
        },
    )
    if not is_new:
        return Noted.REPEATED
    delivery = _delivery_of(receipt)
    if delivery is None or not _take(receipt, delivery, now=now):
        return Noted.WAITING
    return Noted.TAKEN


def note_reading(*, delivery_id: int, how: str, now: datetime, day: date | None = None, detail: str = "") -> bool:
    """Note that the customer opened a message. True the first time, or the first time on a day.

    Args:
        delivery_id: Which one; one that does not exist is nothing.
        how: "portal": the link to our page was followed; "pixel": its picture was fetched; "link": a link was followed.
        now: When.
        day: It is noted once a day rather than once.
        detail: Which link.
    """
    key = Delivery.objects.filter(pk=delivery_id).values_list("key", flat=True).first()
    if key is None:
        return False
    reference = str(delivery_id) if day is None else f"{delivery_id}/{day}"
    told = Told(reference, key, State.READ, now, detail)
    return note_receipt(provider=how, told=told, now=now) == Noted.TAKEN


def reference_of(provider: str, reference: str) -> str:
    """Return a provider's number as it stands in `Delivery.provider_reference`: two providers may number alike."""
    return f"{provider}:{reference}"[:254]


def hold_reference(reference: str) -> None:
    """Let nobody settle a send and note its receipt at the same time; taken before any row is locked."""
    locks.hold(f"receipt:{reference}")


_WAITING: Final = """
SELECT id FROM outreach_providerreceipt WHERE taken_at IS NULL AND key = %s
UNION
SELECT id FROM outreach_providerreceipt
WHERE taken_at IS NULL AND provider = %s AND reference = %s AND %s <> ''"""


def take_waiting(delivery: Delivery, *, now: datetime) -> None:
    """Let the receipts count that came before a locked delivery was settled."""
    provider, _, reference = delivery.provider_reference.partition(":")
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [delivery.key, provider, reference, reference])
        ids = [pk for (pk,) in cursor.fetchall()]
    if ids:
        for receipt in ProviderReceipt.objects.select_for_update().filter(pk__in=ids, taken_at=None).order_by("pk"):
            _take(receipt, delivery, now=now)


def _delivery_of(receipt: ProviderReceipt) -> Delivery | None:
    """Return the delivery a receipt is about, locked: by our own key where the provider echoes it, else by its number.

    A number that two deliveries have is nobody's.
    """
    locked = Delivery.objects.select_for_update(of=["self"]).select_related("message", "customer")
    if receipt.key:
        return locked.filter(key=receipt.key).first()
    found = list(locked.filter(provider_reference=reference_of(receipt.provider, receipt.reference))[:2])
    return found[0] if len(found) == 1 else None


def _take(receipt: ProviderReceipt, delivery: Delivery, *, now: datetime) -> bool:
    """Apply a receipt to a locked delivery; False when it must wait."""
    receipt.delivery = delivery
    is_open = delivery.state in NOT_SETTLED and delivery.message_id is not None
    if delivery.state not in RANK and not is_open:
        receipt.save(update_fields=["delivery"])
        return False
    receipt.taken_at = now
    receipt.save(update_fields=["delivery", "taken_at"])
    facts: dict[str, Any] = {"provider": receipt.provider, "told_at": receipt.at.isoformat(), "receipt": receipt.pk}
    if is_open and not Contact.objects.filter(delivery=delivery).exists():
        # We did not know, or believed the contrary: the provider's word is the proof that it left.
        delivery.provider_reference = reference_of(receipt.provider, receipt.reference)
        write_sent(delivery, at=delivery.handed_over_at or receipt.at, now=now, **facts)
    state = State(state_after(delivery.state, receipt.state))
    if state != delivery.state:
        why = receipt.detail if state in {State.FAILED, State.BOUNCED} else ""
        move(delivery, state, now=now, why=why, **facts)
    journal("outreach.receipt-taken", delivery, now=now, actor=None, told=receipt.state, **facts)
    return True
