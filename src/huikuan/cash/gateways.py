"""The steps that call a payment gateway. None of them runs inside a transaction: between two commits lies the call."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from huikuan.cash.commands.payments import OPEN, ask_later, begin_payment, end_payment, offer_payment, take_news
from huikuan.cash.commands.refunds import refund_refused, refund_sent, try_refund_later
from huikuan.cash.models import Payment, PaymentEvent, PaymentRefund
from huikuan.cash.ports import (
    GatewayRefused,
    GatewayUnknown,
    GatewayUnsure,
    PaymentOrder,
    RefundOrder,
    payment_gateway,
)
from huikuan.cash.rules.payment import NewsState, Verdict
from huikuan.parties.commands.links import address_of_link

CALLED_AT: Final = "{base}/hooks/payments/{gateway}/"
GRACE: Final = timedelta(minutes=2)
"""How long after its end a payment is still asked about before it is closed: a payment in the last second."""
GIVEN_UP: Final = timedelta(days=1)
"""A gateway that gives no answer for so long after the end is asked no longer; a callback still counts."""
ASKED_MAX: Final = 60
"""After so many questions about one payment a payer can no longer have the gateway asked; the job goes on."""

Source = PaymentEvent.Source


def start_payment(
    *,
    link_id: int,
    gateway: str,
    item_ids: Collection[int],
    with_penalty: bool,
    is_phone: bool,
    payer_ip: str,
    language: str,
    now: datetime,
) -> Payment:
    """Begin a payment and have the gateway make it payable.

    Returns: the payment; CREATED when the gateway gave no clear answer (it will be asked).

    Raises: those of `begin_payment`, and GatewayRefused.
    """
    payment = begin_payment(
        link_id=link_id, gateway=gateway, item_ids=item_ids, with_penalty=with_penalty, now=now
    )  # fmt: skip
    if payment.state != Payment.State.CREATED:
        return payment
    order = PaymentOrder(
        number=payment.number,
        title=_title(payment, language),
        currency=payment.currency,
        amount_minor=payment.amount_minor,
        begun_at=payment.created_at,
        expires_at=payment.expires_at,
        notify_url=CALLED_AT.format(base=settings.HUIKUAN_BASE_URL.rstrip("/"), gateway=gateway),
        return_url=f"{address_of_link(payment.link)}pay/{payment.number}/",
        is_phone=is_phone,
        payer_ip=payer_ip,
        language=language,
    )
    try:
        checkout = payment_gateway(gateway).create(order)
    except GatewayRefused as no:
        end_payment(payment_id=payment.pk, state=Payment.State.FAILED, now=now, reason=str(no))
        raise
    except GatewayUnsure:
        return payment
    return offer_payment(payment_id=payment.pk, checkout=checkout, now=now)


def _title(payment: Payment, language: str) -> str:
    """Return what the payer reads at the gateway: whom he pays, and the first item."""
    entity = payment.entity
    name = entity.name_en if language == "en" and entity.name_en else entity.name
    first = payment.lines.select_related("item").order_by("pk").first()
    return f"{name} {first.item.number if first else ''}"[:60].strip()


def take_callback(*, gateway: str, headers: dict[str, str], body: bytes, now: datetime) -> Verdict | None:
    """Verify what a gateway calls in, and take it; None: it was about something else.

    Raises: GatewayUnknown, CallbackForged.
    """
    news = payment_gateway(gateway).read(headers, body, now=now)
    return None if news is None else take_news(gateway=gateway, news=news, source=Source.CALLBACK, now=now)


def check_payment(*, payment_id: int, now: datetime) -> Payment:
    """Ask the gateway where an open payment stands; one that is unpaid after its end is closed, there and here."""
    payment = Payment.objects.get(pk=payment_id)
    if payment.state not in OPEN:
        return payment
    try:
        gateway = payment_gateway(payment.gateway)
        news = gateway.query(payment.number, payment.handle, now=now)
        if news.state is NewsState.PENDING and now >= payment.expires_at + GRACE:
            gateway.close(payment.number, payment.handle)
            news = gateway.query(payment.number, payment.handle, now=now)  # it may have been paid before the closing
            if news.state is NewsState.PENDING:
                return end_payment(payment_id=payment_id, state=Payment.State.CLOSED, now=now, reason="EXPIRED")
    except (GatewayUnsure, GatewayRefused, GatewayUnknown) as no:
        if now >= payment.expires_at + GIVEN_UP:
            return end_payment(payment_id=payment_id, state=Payment.State.CLOSED, now=now, reason=str(no))
        ask_later(payment_id=payment_id, now=now)
        return Payment.objects.get(pk=payment_id)
    if news.state is not NewsState.PENDING:
        take_news(gateway=payment.gateway, news=news, source=Source.QUERY, now=now)
    ask_later(payment_id=payment_id, now=now)
    return Payment.objects.get(pk=payment_id)


def send_refund(*, refund_id: int, now: datetime) -> PaymentRefund:
    """Have the gateway send money back; asked again it is the same refund there."""
    refund = PaymentRefund.objects.select_related("payment", "request").get(pk=refund_id)
    payment = refund.payment
    order = RefundOrder(
        number=payment.number,
        refund_number=refund.number,
        handle=payment.handle,
        provider_reference=payment.provider_reference,
        currency=payment.currency,
        amount_minor=refund.amount_minor,
        total_minor=payment.amount_minor,
        reason=refund.request.reason,
    )
    try:
        reference = payment_gateway(payment.gateway).refund(order)
    except (GatewayUnsure, GatewayUnknown):
        return try_refund_later(refund_id=refund_id, now=now)
    except GatewayRefused as no:
        return refund_refused(refund_id=refund_id, said=str(no), now=now)
    return refund_sent(refund_id=refund_id, provider_reference=reference, now=now)
