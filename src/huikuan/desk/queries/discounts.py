"""Early-payment discounts on single items: what is agreed, and what waits for a decision."""

from dataclasses import dataclass
from datetime import date

from huikuan.arrangements.models import DiscountRequest, DiscountTerms
from huikuan.arrangements.rules.discount import Offered, offered
from huikuan.kernel.rates import format_rate
from huikuan.receivables.models import OpenItem


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDiscount:
    """One discount on an open item; `request_id` while it waits. Money in minor units of `currency`."""

    item_id: int
    number: str
    currency: str
    amount_minor: int
    share: str
    days: int
    discount_minor: int
    last_on: date
    is_over: bool
    request_id: int | None

    @property
    def to_pay_minor(self) -> int:
        """Return what settles the item in time, when nothing of it was paid."""
        return self.amount_minor - self.discount_minor


def item_discounts(customer_id: int, *, as_of: date) -> tuple[ItemDiscount, ...]:
    """Return the discounts on open items of a customer, what waits first. Two queries."""
    waiting = DiscountRequest.objects.filter(
        customer_id=customer_id, agreed_at=None, declined_at=None, withdrawn_at=None
    )
    agreed = DiscountTerms.objects.filter(item__customer_id=customer_id, item__settled_on=None, share_ppm__gt=0)
    rows = [
        discount_row(each.item, share_ppm=each.share_ppm, days=each.days, as_of=as_of, request_id=each.pk)
        for each in waiting.select_related("item").order_by("last_on", "pk")
    ]
    for each in agreed.select_related("item").order_by("agreed_at", "pk"):
        assert each.item is not None  # noqa: S101  filtered by its customer
        rows.append(discount_row(each.item, share_ppm=each.share_ppm, days=each.days, as_of=as_of))
    return tuple(rows)


def discount_row(
    item: OpenItem, *, share_ppm: int, days: int, as_of: date, request_id: int | None = None
) -> ItemDiscount:
    """Return what terms mean for an item: how much, until when."""
    found: Offered = offered(amount_minor=item.amount_minor, issued_on=item.issued_on, share=share_ppm, days=days)
    return ItemDiscount(
        item_id=item.pk, number=item.number, currency=item.currency, amount_minor=item.amount_minor,
        share=format_rate(share_ppm * 1000), days=days, discount_minor=found.discount_minor, last_on=found.last_on,
        is_over=found.last_on < as_of, request_id=request_id,
    )  # fmt: skip
