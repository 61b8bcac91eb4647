"""What interrupted the limitation periods of a customer's items, as far as its evidence stands."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from huikuan.receivables.models import Allocation, LimitationEvent


@dataclass(frozen=True, slots=True)
class Interruption:
    """One act about one item: the day from which the period runs anew, by what, by whom, proved by what."""

    item_id: int
    happened_on: date
    kind: str
    who: str
    evidence: str


def interruptions(*, customer_id: int, item_ids: Collection[int] | None = None) -> list[Interruption]:
    """Return the acts that count, the oldest first: a part payment only while its money stands. One query."""
    events = LimitationEvent.objects.filter(customer_id=customer_id)
    if item_ids is not None:
        events = events.filter(item_id__in=list(item_ids))
    paid = LimitationEvent.Kind.PART_PAYMENT
    standing = events.exclude(kind=paid) | events.filter(Exists(_standing_money()), kind=paid)
    return [
        Interruption(*row)
        for row in standing.order_by("happened_on", "pk").values_list(
            "item_id", "happened_on", "kind", "who", "evidence"
        )
    ]


def _standing_money() -> QuerySet[Allocation]:
    """Return the allocations, not taken back, of the receipt that an event names to the item it is about."""
    named = Concat(Value("receipt:"), Cast("receipt_id", CharField()), output_field=CharField())
    return Allocation.objects.alias(named=named).filter(
        item_id=OuterRef("item_id"), named=OuterRef("evidence"), reverses=None, reversed_by=None
    )
