"""The holds that pause dunning of a customer."""

from dataclasses import dataclass
from datetime import date

from huikuan.desk.queries.words import plain_reason
from huikuan.policy.models import Hold


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRow:
    """A hold that stands or is to come; `item` is "" when it holds the whole customer."""

    pk: int
    kind: str
    item: str
    amount_minor: int | None
    currency: str
    starts_on: date
    ends_on: date
    reason: str
    by: str
    begins_later: bool


def holds_of(customer_id: int, *, as_of: date) -> tuple[HoldRow, ...]:
    """Return the holds of a customer that have not ended by a day, the first to end first. One query."""
    rows = (
        Hold.objects.filter(customer_id=customer_id, ends_on__gte=as_of, released_at=None)
        .select_related("item", "placed_by")
        .order_by("ends_on", "pk")
    )
    return tuple(
        HoldRow(
            pk=hold.pk,
            kind=hold.get_kind_display(),
            item=hold.item.number if hold.item else "",
            amount_minor=hold.amount_minor,
            currency=hold.item.currency if hold.item else "",
            starts_on=hold.starts_on,
            ends_on=hold.ends_on,
            reason=plain_reason(hold.reason),
            by=str(hold.placed_by) if hold.placed_by else "",
            begins_later=hold.starts_on > as_of,
        )
        for hold in rows
    )
