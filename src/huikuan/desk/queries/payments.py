"""Payments through gateways as people see them: what came, what did not, what a person must look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Q, QuerySet

from huikuan.cash.models import Payment, PaymentEvent, PaymentRefund
from huikuan.cash.rules.payment import TROUBLE
from huikuan.desk.access import Seat
from huikuan.desk.queries.paging import Order, Page, Place, page_of
from huikuan.parties.queries import sees_whole, within

NEWEST: Final = Order("created_at", down=True)
LOOKED_BACK: Final = timedelta(days=90)
TROUBLE_SHOWN: Final = 20
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


def troubles(seat: Seat) -> list[PaymentEvent]:
    """Return news of the last months that told of money and booked none, newest first. One query.

    What is about no payment of ours is shown to whoever sees the whole entity: nobody knows whose it is.
    """
    if not sees_whole(seat.user, seat.entity.pk):
        return []
    found = PaymentEvent.objects.filter(
        Q(payment__entity=seat.entity) | Q(payment=None), verdict__in=TROUBLE, heard_at__gte=seat.now - LOOKED_BACK
    )
    return list(found.select_related("payment__customer").order_by("-heard_at", "-pk")[:TROUBLE_SHOWN])
