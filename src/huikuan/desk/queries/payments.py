"""Payments through gateways as people see them: what came, what did not, what a person must look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from huikuan.cash.models import Payment, PaymentEvent, PaymentRefund, PaymentReview
from huikuan.cash.rules.payment import TROUBLE
from huikuan.desk.access import Seat
from huikuan.desk.queries.paging import Order, Page, Place, page_of
from huikuan.parties.queries import sees_whole, within

NEWEST: Final = Order("created_at", down=True)
LOOKED_BACK: Final = timedelta(days=90)
TROUBLE_SHOWN: Final = 20
_DEALT_WITH: Final = Exists(PaymentReview.objects.filter(event=OuterRef("pk"), undone_at=None))
TONES: Final = {"CREATED": "info", "PENDING": "info", "PAID": "good", "FAILED": "bad", "CLOSED": "", "REFUNDED": "warn"}
REFUND_TONES: Final = {"WAITING": "info", "SENT": "good", "FAILED": "bad"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRow:
    """Money sent back, or on its way."""

    amount_minor: int
    state_name: str
    tone: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRow:
    """One payment."""

    pk: int
    number: str
    gateway: str
    customer_id: int
    customer: str
    state: str
    state_name: str
    tone: str
    currency: str
    amount_minor: int
    items: str
    created_at: datetime
    ended_at: datetime | None
    provider_reference: str
    on_account_minor: int
    refunds: tuple[RefundRow, ...]


def payments(seat: Seat, *, state: str, place: Place) -> Page[PaymentRow]:
    """Return a page of the payments of customers that the user may see, newest first. Three or four queries."""
    found = _visible(seat).select_related("customer", "receipt").prefetch_related("lines__item", "refunds")
    return page_of(found.filter(state=state) if state else found, NEWEST, place, read=_rows)


def states(seat: Seat) -> tuple[tuple[str, str, int], ...]:
    """Return (state, name, how many) for every state that occurs. One query."""
    counts = dict(_visible(seat).order_by().values_list("state").annotate(n=Count("*")))
    return tuple((code, str(name), counts[code]) for code, name in Payment.State.choices if code in counts)


def _visible(seat: Seat) -> QuerySet[Payment]:
    return within(seat.user, Payment.objects.all(), entity_id=seat.entity.pk)


def _rows(found: Sequence[Payment]) -> list[PaymentRow]:
    return [
        PaymentRow(
            pk=each.pk,
            number=each.number,
            gateway=each.gateway,
            customer_id=each.customer_id,
            customer=each.customer.name,
            state=each.state,
            state_name=each.get_state_display(),
            tone=TONES[each.state],
            currency=each.currency,
            amount_minor=each.amount_minor,
            items=", ".join(line.item.number for line in each.lines.all()),
            created_at=each.created_at,
            ended_at=each.ended_at,
            provider_reference=each.provider_reference,
            on_account_minor=each.receipt.unapplied_minor if each.receipt else 0,
            refunds=tuple(_refund(refund) for refund in each.refunds.all()),
        )
        for each in found
    ]


def _refund(refund: PaymentRefund) -> RefundRow:
    return RefundRow(
        amount_minor=refund.amount_minor,
        state_name=refund.get_state_display(),
        tone=REFUND_TONES[refund.state],
        said=refund.said,
    )


def news_to_look_at(seat: Seat) -> list[PaymentEvent]:
    """Return news that told of money and booked none, and that nobody has dealt with, newest first. One query."""
    found = _troubles(seat).exclude(_DEALT_WITH).select_related("payment__customer")
    return list(found.order_by("-heard_at", "-pk")[:TROUBLE_SHOWN])


def news_count(seat: Seat) -> int:
    """Return how much news needs a look. One query; none for who does not see the whole entity."""
    return _troubles(seat).exclude(_DEALT_WITH).count()


def news_dealt_with(seat: Seat) -> list[PaymentReview]:
    """Return what was dealt with in the last months, the latest first. One query."""
    since = seat.now - LOOKED_BACK
    reviews = PaymentReview.objects.filter(event__in=_troubles(seat), undone_at=None, made_at__gte=since)
    return list(
        reviews.select_related("event__payment__customer", "made_by").order_by("-made_at", "-pk")[:TROUBLE_SHOWN]
    )


def news_of(seat: Seat, event_id: int) -> PaymentEvent | None:
    """Return news that told of money and booked none; None: the user may not know of it."""
    return _troubles(seat).select_related("payment").filter(pk=event_id).first()


def _troubles(seat: Seat) -> QuerySet[PaymentEvent]:
    """Return what money was told of and not booked.

    What is about no payment of ours is shown to whoever sees the whole of an entity whose gateways these are: nobody
    knows whose it is.
    """
    if not sees_whole(seat.user, seat.entity.pk):
        return PaymentEvent.objects.none()
    whose = Q(payment__entity=seat.entity)
    if seat.entity.code in settings.HUIKUAN_GATEWAY_ENTITIES:
        whose |= Q(payment=None)
    return PaymentEvent.objects.filter(whose, verdict__in=TROUBLE)
