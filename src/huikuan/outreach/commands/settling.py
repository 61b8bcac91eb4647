"""The third transaction of sending: what the channel answered; and what became of those whose worker is gone.

A receipt may have come before the answer (`commands.receipts`): it waits in the tables and counts here.
"""

from datetime import datetime
from typing import Final

from django.db import connection, transaction

from huikuan.outreach import ports
from huikuan.outreach.commands.receipts import hold_reference, take_waiting
from huikuan.outreach.commands.sending import Handover, end, log_sent
from huikuan.outreach.commands.trail import move, note_event
from huikuan.outreach.models import Delivery
from huikuan.outreach.rules.retry import next_attempt_at
from huikuan.storage.rows import instant

State = Delivery.State


_SENT: Final = """
UPDATE outreach_delivery SET state = 'SENT', last_error = '', finished_at = %(now)s, claim_expires_at = NULL,
       provider_reference = %(reference)s
WHERE id = %(id)s AND state IN ('SENDING', 'UNKNOWN') AND claimed_by = %(worker)s AND handed_over_at = %(since)s"""


@transaction.atomic(savepoint=False)
def settle(*, handover: Handover, worker: str, outcome: ports.Outcome, now: datetime) -> str:
    """Record what became of one hand-over and return the delivery's state.

    Also accepted when the claim expired meanwhile and the delivery stands UNKNOWN: then the answer came late, and it is
    the truth. Not accepted once a person has reconciled it, or another hand-over has begun.
    """
    if isinstance(outcome, ports.Accepted):
        return _settle_sent(handover, worker, outcome.reference[:254], now)
    delivery = Delivery.objects.select_for_update().get(pk=handover.delivery.pk)
    is_open = delivery.state in {State.SENDING, State.UNKNOWN}
    if not is_open or delivery.claimed_by != worker or delivery.handed_over_at != handover.handed_over_at:
        return delivery.state
    match outcome:
        case ports.TemporaryRefusal(detail, retry_after_seconds):
            _refused_for_now(delivery, detail, retry_after_seconds, now=now)
        case ports.PermanentRefusal(detail):
            end(delivery, State.FAILED, "outreach.delivery-failed", now=now, why=detail)
        case ports.Unknown(detail):
            end(delivery, State.UNKNOWN, "outreach.delivery-unknown", now=now, why=detail)
    take_waiting(delivery, now=now)
    return delivery.state


def _settle_sent(handover: Handover, worker: str, reference: str, now: datetime) -> str:
    """Record the usual answer in few statements; the first of them locks the delivery, or finds that it is too late."""
    hold_reference(reference)
    delivery = handover.delivery
    with connection.cursor() as cursor:
        cursor.execute(
            _SENT,
            {
                "now": instant(now), "reference": reference, "id": delivery.pk, "worker": worker,
                "since": instant(handover.handed_over_at),
            },
        )  # fmt: skip
        if cursor.rowcount != 1:
            return str(Delivery.objects.values_list("state", flat=True).get(pk=delivery.pk))
    delivery.state, delivery.provider_reference = State.SENT, reference
    delivery.finished_at, delivery.claim_expires_at, delivery.last_error = now, None, ""
    note_event(delivery, now=now, detail={"reference": reference})
    log_sent(delivery, at=now, now=now)
    take_waiting(delivery, now=now)
    return delivery.state


def _refused_for_now(delivery: Delivery, detail: str, retry_after_seconds: int, *, now: datetime) -> None:
    """Queue again with back-off, or give up after the last attempt."""
    again_at = next_attempt_at(delivery.attempt_count, now, retry_after_seconds=retry_after_seconds)
    if again_at is None:
        end(delivery, State.FAILED, "outreach.delivery-failed", now=now, why=detail)
        return
    delivery.not_before = again_at
    move(delivery, State.QUEUED, now=now, why=detail, attempt=delivery.attempt_count, again_at=again_at.isoformat())


@transaction.atomic
def recover_expired(*, now: datetime) -> dict[str, int]:
    """Deal with claims whose worker is gone; return how many went back to the queue and how many are unknown."""
    expired = Delivery.objects.select_for_update(skip_locked=True).filter(state=State.SENDING, claim_expires_at__lt=now)
    counts = {"queued": 0, "unknown": 0}
    for delivery in expired:
        why = f"WORKER_GONE: {delivery.claimed_by}"
        if delivery.handed_over_at is None:
            counts["queued"] += 1
            move(delivery, State.QUEUED, now=now, why=why)
        else:
            counts["unknown"] += 1
            end(delivery, State.UNKNOWN, "outreach.delivery-unknown", now=now, why=why)
            take_waiting(delivery, now=now)
    return counts
