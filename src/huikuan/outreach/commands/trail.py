"""The trail of a delivery: every change of state is an event row, in the transaction that makes it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from huikuan.journal.commands import record
from huikuan.outreach.models import Delivery, DeliveryEvent
from huikuan.parties.models import User
from huikuan.storage.rows import insert

LAST_ERROR_LENGTH_MAX = 500


def move(delivery: Delivery, state: Delivery.State, /, *, now: datetime, why: str = "", **detail: object) -> None:
    """Put a locked delivery into a state, save it whole, and append the event.

    Args:
        delivery: Locked by the caller; other fields it changed are saved too.
        state: The new state.
        now: Instant of the change.
        why: Short reason shown in lists (`last_error`); "" clears it.
        detail: Plain values for the event.
    """
    delivery.state = state
    delivery.last_error = why[:LAST_ERROR_LENGTH_MAX]
    if state in {Delivery.State.QUEUED, Delivery.State.SENDING}:
        delivery.finished_at = None
    else:
        delivery.finished_at = now
        delivery.claim_expires_at = None
    if state == Delivery.State.QUEUED:
        delivery.claimed_by = ""
        delivery.claimed_at = delivery.claim_expires_at = delivery.written_at = delivery.handed_over_at = None
    delivery.save()
    if why:
        detail["why"] = why
    note_event(delivery, now=now, detail=detail)


def note_event(delivery: Delivery, *, now: datetime, detail: Mapping[str, object]) -> None:
    """Append the event of the state that a delivery has now."""
    insert(DeliveryEvent, {"delivery_id": delivery.pk, "at": now, "state": str(delivery.state), "detail": detail})


def journal(event: str, delivery: Delivery, *, now: datetime, actor: User | None, **facts: Any) -> None:
    """Write an act on a delivery to the journal, with what the delivery is about."""
    record(
        event,
        now=now,
        actor=actor,
        entity_id=delivery.entity_id,
        customer_id=delivery.customer_id,
        subject=delivery,
        channel=delivery.channel,
        template=delivery.template,
        step_code=delivery.step_code,
        **facts,
    )
