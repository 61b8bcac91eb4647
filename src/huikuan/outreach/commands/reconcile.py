"""What a person decides about a message that may have left: it did, or it did not."""

from datetime import datetime

from django.db import transaction

from huikuan.journal.commands import record
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.outreach.commands.sending import write_sent
from huikuan.outreach.commands.trail import move
from huikuan.outreach.models import Delivery
from huikuan.parties.models import User

State = Delivery.State


class DeliveryNotUnknown(Refusal):
    """There is nothing to reconcile."""

    code = "outreach.delivery-not-unknown"
    text = gettext_noop("This message is {state}: there is nothing to reconcile.")


@transaction.atomic
def reconcile_sent(*, delivery_id: int, evidence: str, actor: User, now: datetime) -> Delivery:
    """Settle an unknown delivery as sent: the server's log or the customer says so. Raises DeliveryNotUnknown.

    Its contact is logged at the instant of the hand-over, where it counts for the contact limits.
    """
    delivery = _unknown(delivery_id)
    write_sent(
        delivery, at=delivery.handed_over_at or now, now=now, actor=actor, reconciled_by=str(actor), evidence=evidence
    )
    return delivery


@transaction.atomic
def found_sent(*, delivery_id: int, reference: str, now: datetime) -> bool:
    """Settle an unknown delivery as sent: the provider says that it took it. False when it is settled already."""
    delivery = Delivery.objects.select_for_update().get(pk=delivery_id)
    if delivery.state != State.UNKNOWN:
        return False
    delivery.provider_reference = reference[:254]
    write_sent(delivery, at=delivery.handed_over_at or now, now=now, reconciled_by="provider")
    return True


@transaction.atomic
def reconcile_not_sent(*, delivery_id: int, evidence: str, actor: User, now: datetime) -> Delivery:
    """Settle an unknown delivery as not sent and queue it again; it is composed anew. Raises DeliveryNotUnknown."""
    delivery = _unknown(delivery_id)
    delivery.not_before = now
    move(delivery, State.QUEUED, now=now, reconciled_by=str(actor), evidence=evidence)
    record(
        "outreach.delivery-requeued",
        now=now,
        actor=actor,
        entity_id=delivery.entity_id,
        customer_id=delivery.customer_id,
        subject=delivery,
        evidence=evidence,
    )
    return delivery


def _unknown(delivery_id: int) -> Delivery:
    delivery = Delivery.objects.select_for_update().get(pk=delivery_id)
    if delivery.state != State.UNKNOWN:
        raise DeliveryNotUnknown(state=delivery.get_state_display())
    return delivery
