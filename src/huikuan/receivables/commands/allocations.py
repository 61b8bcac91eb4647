"""Allocating money and credit to items (核销), and taking it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from huikuan.journal.commands import record
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import User
from huikuan.receivables.commands.account import (
    Source,
    first_days,
    locked_customer,
    source_field,
    source_name,
    today_of,
)
from huikuan.receivables.commands.history import refresh_history
from huikuan.receivables.models import Allocation, CreditNote, OpenItem, Receipt
from huikuan.receivables.queries.preview import pays


class PayerUnknown(Refusal):
    """Nobody has said yet whose money it is."""

    code = "receivables.payer-unknown"
    text = gettext_noop("Nobody has recognized the payer of {source}. Assign it to a customer first.")


class NothingToAllocate(Refusal):
    """No money left, or nothing to pay."""

    code = "receivables.nothing-to-allocate"
    text = gettext_noop("{source} has nothing left to allocate, or the customer owes nothing in {currency}.")


class AllocationExceedsMoney(Refusal):
    """More than there is."""

    code = "receivables.allocation-exceeds-money"
    text = gettext_noop("Only {unapplied_minor} minor units of {source} are left; {wanted_minor} were to be allocated.")


class AllocationExceedsItem(Refusal):
    """More than is owed."""

    code = "receivables.allocation-exceeds-item"
    text = gettext_noop("Only {open_minor} minor units of {item} are open; {wanted_minor} were to be allocated.")


class ItemNotPayable(Refusal):
    """An item of somebody else or in another currency."""

    code = "receivables.item-not-payable"
    text = gettext_noop("{item} cannot be paid from {source}: it belongs to another customer or currency.")


class AllocationTooEarly(Refusal):
    """No balance of the past may have been other than possible."""

    code = "receivables.allocation-too-early"
    text = gettext_noop("The allocation to {item} cannot count before {earliest}.")


class AlreadyReversed(Refusal):
    """An allocation is undone once."""

    code = "receivables.already-reversed"
    text = gettext_noop("This allocation was already reversed.")


class NotReversible(Refusal):
    """A reversal is not reversed: allocate again instead."""

    code = "receivables.not-reversible"
    text = gettext_noop("A reversal cannot be reversed. Allocate the money again instead.")


class ReversalTooEarly(Refusal):
    """Nothing is undone before it was done."""

    code = "receivables.reversal-too-early"
    text = gettext_noop("The reversal cannot count before the allocation itself did, on {effective_on}.")


@dataclass(frozen=True, slots=True)
class Wish:
    """How money shall be allocated.

    Attributes:
        amounts: Exactly this much to each item (by id), whatever any order says.
        designated: Items that the payer named, in his order; the rest follows the order. Ignored with `amounts`.
        order: PRINCIPAL_FIRST or STATUTORY; None: as the contracts say (`account.order_of`).
        basis: Why, as it is stored; None: DESIGNATED, CONTRACT or STATUTORY by what decided, MANUAL with `amounts`.
        effective_on: From when it counts; None: value date, as early as every balance of the past allows.
        only_designated: Leave the rest on account.
        reason: In words.
    """

    amounts: Mapping[int, int] | None = None
    designated: Sequence[int] = ()
    order: str | None = None
    basis: str | None = None
    effective_on: date | None = None
    only_designated: bool = False
    reason: str = ""


BY_THE_ORDER = Wish()


@transaction.atomic
def allocate(*, receipt_id: int, actor: User | None, now: datetime, wish: Wish = BY_THE_ORDER) -> list[Allocation]:
    """Let money that arrived pay items; without a wish, those that the order of contract or law puts first.

    Returns: the allocations, in the order of payment.

    Raises: PayerUnknown, NothingToAllocate, AllocationExceedsMoney, AllocationExceedsItem, ItemNotPayable,
        AllocationTooEarly.
    """
    customer_id = Receipt.objects.values_list("customer_id", flat=True).get(pk=receipt_id)
    if customer_id is not None:
        locked_customer(customer_id)
    receipt = Receipt.objects.select_for_update(of=("self",)).select_related("customer").get(pk=receipt_id)
    made = apply(receipt, wish, actor=actor, now=now)
    refresh_history(customer_ids=[made[0].item.customer_id])
    record(
        "receivables.receipt-allocated", now=now, actor=actor, entity_id=receipt.entity_id,
        customer_id=receipt.customer_id, subject=receipt, reference=receipt.reference, currency=receipt.currency,
        allocations=as_facts(made), reason=wish.reason,
    )  # fmt: skip
    return made


def apply(source: Source, wish: Wish, *, actor: User | None, now: datetime) -> list[Allocation]:
    """Write the allocations of one source: the part of the commands that they share. The customer is locked.

    Raises: as `allocate`.
    """
    if source.customer_id is None or source.customer is None:
        raise PayerUnknown(source=source_name(source))
    amounts, bases = _chosen(source, wish)
    if not amounts:
        raise NothingToAllocate(source=source_name(source), currency=source.currency)
    items = {item.pk: item for item in OpenItem.objects.filter(pk__in=list(amounts))}
    _refuse_impossible(source, amounts, items)
    received_on = source.received_on if isinstance(source, Receipt) else source.issued_on
    days = first_days(source, amounts, from_on=received_on)
    if wish.effective_on is not None:
        for item_id, earliest in days.items():
            if wish.effective_on < earliest:
                raise AllocationTooEarly(item=items[item_id].number, earliest=earliest)
        days = dict.fromkeys(amounts, wish.effective_on)
    made = [
        Allocation.objects.create(
            item=items[item_id],
            currency=source.currency,
            amount_minor=minor,
            effective_on=days[item_id],
            basis=bases[item_id],
            reason=wish.reason,
            booked_at=now,
            booked_by=actor,
            **{source_field(source): source.pk},
        )
        for item_id, minor in amounts.items()
    ]
    source.refresh_from_db(fields=["unapplied_minor"])
    return made


def _chosen(source: Source, wish: Wish) -> tuple[dict[int, int], dict[int, str]]:
    """Return how much each item receives, and on what ground."""
    if wish.amounts is not None:
        basis = wish.basis or Allocation.Basis.MANUAL
        return dict(wish.amounts), dict.fromkeys(wish.amounts, basis)
    lines = pays(source, order=wish.order, designated=wish.designated, only=wish.only_designated)
    return (
        {line["item_id"]: line["amount_minor"] for line in lines},
        {line["item_id"]: wish.basis or line["basis"] for line in lines},
    )


def _refuse_impossible(source: Source, amounts: Mapping[int, int], items: Mapping[int, OpenItem]) -> None:
    """Say in words what the database would refuse by its constraints."""
    wanted = sum(amounts.values())
    if wanted > source.unapplied_minor:
        raise AllocationExceedsMoney(
            source=source_name(source), unapplied_minor=source.unapplied_minor, wanted_minor=wanted
        )
    for item_id, minor in amounts.items():
        item = items.get(item_id)
        if item is None or item.customer_id != source.customer_id or item.currency != source.currency:
            raise ItemNotPayable(item=item.number if item else item_id, source=source_name(source))
        if minor > item.open_minor or minor <= 0:
            raise AllocationExceedsItem(item=item.number, open_minor=item.open_minor, wanted_minor=minor)


@transaction.atomic
def reverse_allocation(
    *,
    allocation_id: int,
    actor: User | None,
    now: datetime,
    reason: str,
    effective_on: date | None = None,
    as_if_never: bool = False,
) -> Allocation:
    """Undo an allocation by one of the opposite sign: the item is open again, the money free again.

    Args:
        allocation_id: What was wrong.
        actor: Who does it.
        now: The instant.
        reason: In words (returned cheque, wrong customer, …).
        effective_on: From which day on; None: today in the creditor's zone. The item counted as paid until then.
        as_if_never: From the day of the allocation itself: it was a mistake, the item was never paid.

    Raises: AlreadyReversed, NotReversible, ReversalTooEarly.
    """
    wrong = Allocation.objects.select_related("item__entity", "item__customer").get(pk=allocation_id)
    customer = locked_customer(wrong.item.customer_id)
    if wrong.reverses_id is not None:
        raise NotReversible
    if Allocation.objects.filter(reverses=wrong).exists():
        raise AlreadyReversed
    day = (
        wrong.effective_on if as_if_never else effective_on or max(today_of(wrong.item.entity, now), wrong.effective_on)
    )
    if day < wrong.effective_on:
        raise ReversalTooEarly(effective_on=wrong.effective_on)
    reversal = undo(wrong, day=day, reason=reason, actor=actor, now=now)
    refresh_history(customer_ids=[customer.pk])
    record(
        "receivables.allocation-reversed", now=now, actor=actor, entity_id=customer.entity_id, customer_id=customer.pk,
        subject=reversal, item=wrong.item.number, amount_minor=wrong.amount_minor, currency=wrong.currency,
        effective_on=day, reason=reason,
    )  # fmt: skip
    return reversal


def undo(wrong: Allocation, *, day: date, reason: str, actor: User | None, now: datetime) -> Allocation:
    """Write the row that takes an allocation back: the part of the commands that they share."""
    return Allocation.objects.create(
        item_id=wrong.item_id,
        receipt_id=wrong.receipt_id,
        credit_note_id=wrong.credit_note_id,
        write_off_id=wrong.write_off_id,
        currency=wrong.currency,
        amount_minor=-wrong.amount_minor,
        effective_on=day,
        basis=wrong.basis,
        reverses=wrong,
        reason=reason,
        booked_at=now,
        booked_by=actor,
    )


def standing(source: Source) -> list[Allocation]:
    """Return the allocations of a source that were not taken back."""
    mine = {"receipt": source} if isinstance(source, Receipt) else {"credit_note": source}
    return list(Allocation.objects.filter(**mine, reverses=None, reversed_by=None).select_related("item"))


def as_facts(made: Sequence[Allocation]) -> list[dict[str, object]]:
    """Return allocations as the journal keeps them."""
    return [
        {
            "item": each.item.number,
            "amount_minor": each.amount_minor,
            "effective_on": each.effective_on,
            "basis": each.basis,
        }
        for each in made
    ]


__all__ = [
    "BY_THE_ORDER",
    "CreditNote",
    "Wish",
    "allocate",
    "apply",
    "as_facts",
    "reverse_allocation",
    "standing",
    "undo",
]
