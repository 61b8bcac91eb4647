"""The open items of a customer by number and amount: what forms choose from, without reckoning any penalty."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from huikuan.receivables.models import OpenItem


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenNumber:
    """An open item as a form names it; `open_minor` in minor units of its currency."""

    pk: int
    number: str
    currency: str
    due_on: date
    open_minor: int


def open_numbers(customer_id: int, *, as_of: date) -> tuple[OpenNumber, ...]:
    """Return what is open on a day that is not past, the first due first. One query."""
    is_open = Q(settled_on=None) | Q(settled_on__gt=as_of)
    rows = OpenItem.objects.filter(is_open, customer_id=customer_id, issued_on__lte=as_of).order_by("due_on", "pk")
    return tuple(OpenNumber(**row) for row in rows.values("pk", "number", "currency", "due_on", "open_minor"))
