"""The offers and discounts of a customer, as the page of agreements shows them."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from huikuan.arrangements.models import Discount, Offer, OfferItem
from huikuan.kernel.rates import format_rate


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRow:
    """An offer and how it stands."""

    pk: int
    currency: str
    share: str
    principal_minor: int
    penalty_minor: int
    waived_minor: int
    items: str
    offered_on: date
    expires_on: date
    state: str
    tone: str
    by: str
    is_waiting: bool


def offers_of(customer_id: int) -> tuple[OfferRow, ...]:
    """Return the newest offers of a customer. Two queries."""
    offers = Offer.objects.filter(customer_id=customer_id).select_related("offered_by").order_by("-offered_on", "-pk")
    items = Prefetch("items", queryset=OfferItem.objects.select_related("item"))
    return tuple(_row(each) for each in offers.prefetch_related(items)[:20])


def _row(offer: Offer) -> OfferRow:
    state, tone = _state(offer)
    return OfferRow(
        pk=offer.pk,
        currency=offer.currency,
        share=format_rate(offer.waive_ppm * 1000),
        principal_minor=offer.principal_minor,
        penalty_minor=offer.penalty_minor,
        waived_minor=offer.waived_minor if offer.granted_minor is None else offer.granted_minor,
        items=", ".join(sorted(line.item.number for line in offer.items.all())),
        offered_on=offer.offered_on,
        expires_on=offer.expires_on,
        state=str(state),
        tone=tone,
        by=str(offer.offered_by) if offer.offered_by else "",
        is_waiting=state == _("Waiting for approval"),
    )


def _state(offer: Offer) -> tuple[object, str]:
    """Return the state in words and the tone of its badge."""
    if offer.taken_at:
        return _("Taken"), "good"
    if offer.lapsed_at:
        return _("Lapsed"), ""
    if offer.withdrawn_at:
        return _("Called off"), ""
    return (_("Running"), "info") if offer.approved_at else (_("Waiting for approval"), "warn")


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountRow:
    """What became of the early-payment discount of an item."""

    item: str
    currency: str
    minor: int
    last_on: date
    paid_on: date
    is_taken: bool


def discounts_decided(customer_id: int) -> tuple[DiscountRow, ...]:
    """Return the discounts taken, and those refused because the money was late. One query."""
    rows = Discount.objects.filter(item__customer_id=customer_id, undone_at=None).select_related("item")
    return tuple(
        DiscountRow(
            item=each.item.number, currency=each.item.currency, minor=each.discount_minor, last_on=each.last_on,
            paid_on=each.paid_on, is_taken=each.is_taken,
        )
        for each in rows.order_by("-paid_on", "-pk")[:20]
    )  # fmt: skip
