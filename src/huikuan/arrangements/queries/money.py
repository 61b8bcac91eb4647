"""Money that arrived, as the judges of promises and plans take it."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Sum

from huikuan.arrangements.rules.promise import Money
from huikuan.receivables.commands.returns import NAME_MAX, SUFFIX
from huikuan.receivables.models import Allocation, Receipt

Account = tuple[int, str]
"""Customer and currency."""


@dataclass(slots=True)
class Arrived:
    """One receipt: what stands on account, what went to which item, and what went back to the payer."""

    receipt_id: int
    received_on: date
    amount_minor: int
    unapplied_minor: int
    returned_minor: int = 0
    of_items: dict[int, int] = field(default_factory=dict)

    @property
    def money(self) -> Money:
        """Return all of it that stayed."""
        return Money(self.receipt_id, self.received_on, self.amount_minor - self.returned_minor)

    def for_items(self, item_ids: Collection[int]) -> Money:
        """Return what may count for these items: allocated to them, or on account."""
        allocated = sum(minor for item_id, minor in self.of_items.items() if item_id in item_ids)
        return Money(self.receipt_id, self.received_on, allocated + self.unapplied_minor)


def arrived(customer_ids: Collection[int], *, from_on: date) -> dict[Account, list[Arrived]]:
    """Return the receipts of customers with a value date from `from_on` on, by account; three reads in all.

    What was allocated to the debit note by which money goes back (`receivables.commands.returns`) did not stay.
    """
    receipts = Receipt.objects.filter(customer_id__in=customer_ids, received_on__gte=from_on).order_by("pk")
    columns = ("pk", "customer_id", "currency", "reference", "received_on", "amount_minor", "unapplied_minor")
    found: dict[Account, list[Arrived]] = defaultdict(list)
    by_id: dict[int, tuple[str, Arrived]] = {}
    for pk, customer_id, currency, reference, *rest in receipts.values_list(*columns):
        each = Arrived(pk, *rest)
        by_id[pk] = (f"{reference[-NAME_MAX:]}{SUFFIX}", each)
        found[customer_id, currency].append(each)
    standing = (
        Allocation.objects.filter(receipt__customer_id__in=customer_ids, receipt__received_on__gte=from_on)
        .values_list("receipt_id", "item_id", "item__number")
        .annotate(minor=Sum("amount_minor"))
        .order_by()
    )
    for receipt_id, item_id, number, minor in standing:
        way_out, each = by_id[receipt_id]
        if number == way_out:
            each.returned_minor += minor
        elif minor:
            each.of_items[item_id] = minor
    return found
