"""Money that arrived and what it did: receipts and credit notes of a customer with their allocations."""

from dataclasses import dataclass
from datetime import date

from huikuan.parties.models import Customer
from huikuan.receivables.models import CreditNote, Receipt


@dataclass(frozen=True, slots=True)
class AllocationRow:
    """What a piece of money or a credit note did to one item."""

    allocation_id: int
    item_id: int
    item_number: str
    amount_minor: int
    """Negative: taken back."""
    effective_on: date
    basis: str
    reason: str
    is_reversed: bool


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """A receipt or a credit note with what it paid."""

    id: int
    is_credit_note: bool
    name: str
    day: date
    currency: str
    amount_minor: int
    unapplied_minor: int
    payer_name: str
    allocations: tuple[AllocationRow, ...]


def money_of(customer: Customer, *, limit: int = 200) -> tuple[MoneyRow, ...]:
    """Return the newest receipts and credit notes of a customer with their allocations, the newest first."""
    receipts = Receipt.objects.filter(customer=customer).order_by("-received_on", "-pk")[:limit]
    notes = CreditNote.objects.filter(customer=customer).order_by("-issued_on", "-pk")[:limit]
    rows = [
        MoneyRow(each.pk, False, each.reference, each.received_on, each.currency, each.amount_minor,
                 each.unapplied_minor, each.payer_name, _allocation_rows(each))
        for each in receipts.prefetch_related("allocations__item", "allocations__reversed_by")
    ] + [
        MoneyRow(each.pk, True, each.number, each.issued_on, each.currency, each.amount_minor, each.unapplied_minor,
                 "", _allocation_rows(each))
        for each in notes.prefetch_related("allocations__item", "allocations__reversed_by")
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda row: (row.day, row.id), reverse=True)[:limit])


def _allocation_rows(source: Receipt | CreditNote) -> tuple[AllocationRow, ...]:
    return tuple(
        AllocationRow(
            allocation_id=each.pk,
            item_id=each.item_id,
            item_number=each.item.number,
            amount_minor=each.amount_minor,
            effective_on=each.effective_on,
            basis=each.basis,
            reason=each.reason,
            is_reversed=hasattr(each, "reversed_by"),
        )
        for each in sorted(source.allocations.all(), key=lambda each: (each.effective_on, each.pk))
    )
