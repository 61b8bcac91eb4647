"""Booking money that arrived (收款), and saying whose it is."""

from dataclasses import replace
from datetime import date, datetime

from django.db import transaction

from huikuan.journal.commands import record
from huikuan.kernel.money import currency_exponent
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import Entity, User
from huikuan.receivables.commands.account import locked_customer, refuse_unbookable
from huikuan.receivables.commands.allocations import NothingToAllocate, Wish, apply, as_facts
from huikuan.receivables.commands.history import refresh_history
from huikuan.receivables.models import Allocation, OpenItem, Receipt


class ReceiptReferenceTaken(Refusal):
    """A reference names one receipt; booking it twice would pay twice."""

    code = "receivables.receipt-reference-taken"
    text = gettext_noop("{entity} has already booked a receipt {reference}.")


class DesignatedItemUnknown(Refusal):
    """The payer named an item that is not his, or not there."""

    code = "receivables.designated-item-unknown"
    text = gettext_noop("{customer} has no item {number} in {currency}.")


class AlreadyRecognized(Refusal):
    """Whose money it is was said before."""

    code = "receivables.already-recognized"
    text = gettext_noop("{reference} already belongs to {customer}.")


@transaction.atomic
def book_receipt(
    *,
    customer_id: int,
    reference: str,
    received_on: date,
    amount_minor: int,
    actor: User | None,
    now: datetime,
    currency: str = "",
    payer_name: str = "",
    item_number: str = "",
    wish: Wish | None = None,
) -> Receipt:
    """Book money of a customer.

    Args:
        customer_id: Whose it is.
        reference: Unique in the entity: the bank's.
        received_on: Value date.
        amount_minor: Minor units.
        actor: Who books; None for the machine.
        now: The instant.
        currency: Empty: the entity's.
        payer_name: As the bank says.
        item_number: The item that the payer named: it is paid, as far as it is open, and the rest stays on account.
        wish: Allocate at once, in this way (`Wish()`: by the order). None without item_number: it stays on account.

    Raises: AmountNotPositive, NumberMissing, ReceiptReferenceTaken, CurrencyUnknown, DesignatedItemUnknown, and those
        of `allocate` but NothingToAllocate: what cannot be allocated stays on account.
    """
    customer = locked_customer(customer_id)
    receipt = _write(
        customer.entity, customer_id, reference=reference, received_on=received_on, amount_minor=amount_minor,
        currency=currency, payer_name=payer_name, designation=item_number, now=now,
    )  # fmt: skip
    if item_number and (wish is None or wish.amounts is None):
        wish = Wish(designated=[_designated(receipt, item_number).pk], only_designated=wish is None)
    elif item_number and wish is not None:
        wish = replace(wish, basis=Allocation.Basis.DESIGNATED)
    made: list[Allocation] = []
    if wish is not None:
        try:
            made = apply(receipt, wish, actor=actor, now=now)
        except NothingToAllocate:
            made = []
    if made:
        refresh_history(customer_ids=[customer.pk])
    record(
        "receivables.receipt-booked", now=now, actor=actor, entity_id=customer.entity_id, customer_id=customer.pk,
        subject=receipt, reference=reference, amount_minor=amount_minor, currency=receipt.currency,
        received_on=received_on, allocations=as_facts(made),
    )  # fmt: skip
    return receipt


def _designated(receipt: Receipt, number: str) -> OpenItem:
    item = OpenItem.objects.filter(customer=receipt.customer, number=number, currency=receipt.currency).first()
    if item is None:
        raise DesignatedItemUnknown(customer=receipt.customer, number=number, currency=receipt.currency)
    return item


def _write(
    entity: Entity, customer_id: int | None, *, reference: str, received_on: date, amount_minor: int, currency: str,
    payer_name: str, designation: str, now: datetime,
) -> Receipt:  # fmt: skip
    refuse_unbookable(reference, amount_minor)
    if Receipt.objects.filter(entity=entity, reference=reference).exists():
        raise ReceiptReferenceTaken(entity=entity.code, reference=reference)
    currency = currency or entity.currency
    currency_exponent(currency)
    return Receipt.objects.create(
        entity=entity, customer_id=customer_id, reference=reference, received_on=received_on, currency=currency,
        amount_minor=amount_minor, unapplied_minor=amount_minor, payer_name=payer_name, designation=designation,
        booked_at=now,
    )  # fmt: skip


@transaction.atomic
def book_unidentified_receipt(
    *,
    entity_id: int,
    reference: str,
    received_on: date,
    amount_minor: int,
    actor: User | None,
    now: datetime,
    currency: str = "",
    payer_name: str = "",
) -> Receipt:
    """Book bank money whose payer nobody has recognized yet: it pays nothing, and every run warns of it.

    Raises: AmountNotPositive, NumberMissing, ReceiptReferenceTaken, CurrencyUnknown.
    """
    entity = Entity.objects.select_for_update().get(pk=entity_id)
    receipt = _write(
        entity, None, reference=reference, received_on=received_on, amount_minor=amount_minor, currency=currency,
        payer_name=payer_name, designation="", now=now,
    )  # fmt: skip
    record(
        "receivables.unidentified-receipt-booked", now=now, actor=actor, entity_id=entity.pk, subject=receipt,
        reference=reference, amount_minor=amount_minor, currency=receipt.currency, received_on=received_on,
        payer_name=payer_name,
    )  # fmt: skip
    return receipt


@transaction.atomic
def assign_receipt(
    *, receipt_id: int, customer_id: int, actor: User | None, now: datetime, wish: Wish | None = None
) -> Receipt:
    """Say whose money it is; with a wish (`Wish()`: by the order) it pays at once.

    Raises: AlreadyRecognized, DesignatedItemUnknown when the customer is another entity's, and those of `allocate`.
    """
    customer = locked_customer(customer_id)
    receipt = Receipt.objects.select_for_update(of=("self",)).select_related("customer").get(pk=receipt_id)
    if receipt.customer is not None:
        raise AlreadyRecognized(reference=receipt.reference, customer=receipt.customer.name)
    if receipt.entity_id != customer.entity_id:
        raise DesignatedItemUnknown(customer=customer, number=receipt.reference, currency=receipt.currency)
    receipt.customer = customer
    receipt.save(update_fields=["customer"])
    made: list[Allocation] = []
    if wish is not None:
        try:
            made = apply(receipt, wish, actor=actor, now=now)
            refresh_history(customer_ids=[customer.pk])
        except NothingToAllocate:
            made = []
    record(
        "receivables.receipt-assigned", now=now, actor=actor, entity_id=customer.entity_id, customer_id=customer.pk,
        subject=receipt, reference=receipt.reference, allocations=as_facts(made),
    )  # fmt: skip
    return receipt
