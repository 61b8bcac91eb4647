"""Money that goes back through the gateway it came by: approved as a `MoneyRequest`, then sent until it is answered."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Sum

from huikuan.cash.models import MoneyRequest, Payment, PaymentRefund
from huikuan.journal.commands import record

WAIT_MINUTES: Final = (1, 5, 15, 60, 240)
"""Between tries; the last one is repeated. A refund has one number: trying again cannot send it twice."""

State = PaymentRefund.State


@transaction.atomic
def queue_refunds(*, now: datetime) -> list[PaymentRefund]:
    """Queue a refund for every payback of a payment that others have approved, and that has none yet."""
    approved = MoneyRequest.objects.filter(
        kind=MoneyRequest.Kind.REFUND, booked_at__isnull=False, receipt__payment__isnull=False, payment_refund=None
    )
    made = []
    for request in approved.select_for_update(of=("self",)).order_by("pk"):
        payment = Payment.objects.get(receipt__money_requests=request)
        refund = PaymentRefund.objects.create(
            payment=payment, request=request, number=f"{payment.number[:22]}R{request.pk}",
            amount_minor=request.amount_minor, created_at=now, next_try_at=now,
        )  # fmt: skip
        _record("cash.payment-refund-queued", refund, now=now)
        made.append(refund)
    return made


@transaction.atomic
def refund_sent(*, refund_id: int, provider_reference: str, now: datetime) -> PaymentRefund:
    """Keep that the gateway has taken a refund; a payment whose whole amount went back is REFUNDED."""
    refund = _waiting(refund_id)
    if refund.state == State.WAITING:
        refund.state, refund.next_try_at, refund.provider_reference = State.SENT, None, provider_reference
        refund.save(update_fields=["state", "next_try_at", "provider_reference"])
        _record("cash.payment-refund-sent", refund, now=now)
        payment = refund.payment
        sent = payment.refunds.filter(state=State.SENT).aggregate(minor=Sum("amount_minor"))["minor"]
        if sent == payment.amount_minor:
            Payment.objects.filter(pk=payment.pk, state=Payment.State.PAID).update(state=Payment.State.REFUNDED)
    return refund


@transaction.atomic
def refund_refused(*, refund_id: int, said: str, now: datetime) -> PaymentRefund:
    """Keep that the gateway refused: the money must go back another way. It has left our books already."""
    refund = _waiting(refund_id)
    if refund.state == State.WAITING:
        refund.state, refund.next_try_at, refund.said = State.FAILED, None, said[:300]
        refund.save(update_fields=["state", "next_try_at", "said"])
        _record("cash.payment-refund-refused", refund, now=now, said=refund.said)
    return refund


@transaction.atomic
def try_refund_later(*, refund_id: int, now: datetime) -> PaymentRefund:
    """Say when a refund without a clear answer is tried again."""
    refund = _waiting(refund_id)
    if refund.state == State.WAITING:
        wait = WAIT_MINUTES[min(refund.try_count, len(WAIT_MINUTES) - 1)]
        refund.next_try_at, refund.try_count = now + timedelta(minutes=wait), refund.try_count + 1
        refund.save(update_fields=["next_try_at", "try_count"])
    return refund


def _waiting(refund_id: int) -> PaymentRefund:
    return PaymentRefund.objects.select_for_update(of=("self",)).select_related("payment").get(pk=refund_id)


def _record(event: str, refund: PaymentRefund, *, now: datetime, **facts: object) -> None:
    payment = refund.payment
    record(
        event, now=now, actor=None, entity_id=payment.entity_id, customer_id=payment.customer_id, subject=refund,
        number=refund.number, payment=payment.number, amount_minor=refund.amount_minor, currency=payment.currency,
        **facts,
    )  # fmt: skip
