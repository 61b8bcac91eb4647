"""Booking open items."""

from datetime import date, datetime

from django.db import transaction

from huikuan.journal.commands import record
from huikuan.kernel.money import currency_exponent
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import Customer, User
from huikuan.receivables.commands.account import locked_customer, refuse_unbookable
from huikuan.receivables.commands.history import refresh_history
from huikuan.receivables.models import Contract, DefaultTerms, OpenItem
from huikuan.receivables.rules.due import due_on as due_by_contract


class ItemNumberTaken(Refusal):
    """A number names one item."""

    code = "receivables.item-number-taken"
    text = gettext_noop("{entity} has already booked an item {number}.")


class ItemKindUnknown(Refusal):
    """No such kind."""

    code = "receivables.item-kind-unknown"
    text = gettext_noop("“{kind}” is not a kind of item. Use one of {known}.")


class ContractOfOtherCustomer(Refusal):
    """The contract is somebody else's."""

    code = "receivables.contract-of-other-customer"
    text = gettext_noop("The contract {contract} does not belong to {customer}.")


@transaction.atomic
def book_item(
    *,
    customer_id: int,
    number: str,
    amount_minor: int,
    issued_on: date,
    actor: User | None,
    now: datetime,
    due_on: date | None = None,
    currency: str = "",
    kind: str = "INVOICE",
    contract_id: int | None = None,
) -> OpenItem:
    """Book a receivable.

    Args:
        customer_id: Who owes.
        number: Unique in the entity.
        amount_minor: Minor units.
        issued_on: From this day on it exists.
        actor: Who books; None for the machine.
        now: The instant.
        due_on: Last day on time; None: by the contract, or the day of issue where there is none.
        currency: Empty: that of the contract, else of the entity.
        kind: INVOICE, DEBIT_NOTE, RENT, PROPERTY_FEE.
        contract_id: What was agreed; its penalty terms, else those of the entity, are those of the item.

    A due day before the day of issue is taken as it is: it exists in real ledgers.

    Raises: AmountNotPositive, NumberMissing, ItemNumberTaken, ItemKindUnknown, ContractOfOtherCustomer,
        CurrencyUnknown.
    """
    customer = locked_customer(customer_id)
    contract = None if contract_id is None else Contract.objects.get(pk=contract_id)
    if contract is not None and contract.customer_id != customer.pk:
        raise ContractOfOtherCustomer(contract=contract.number, customer=customer.name)
    item = write_item(
        customer, contract, number=number, amount_minor=amount_minor, issued_on=issued_on, due_on=due_on,
        currency=currency, kind=kind, now=now,
    )  # fmt: skip
    refresh_history(customer_ids=[customer.pk])
    record(
        "receivables.item-booked", now=now, actor=actor, entity_id=customer.entity_id, customer_id=customer.pk,
        subject=item, number=number, amount_minor=amount_minor, currency=item.currency, issued_on=issued_on,
        due_on=item.due_on, kind=kind,
    )  # fmt: skip
    return item


def write_item(
    customer: Customer,
    contract: Contract | None,
    *,
    number: str,
    amount_minor: int,
    issued_on: date,
    due_on: date | None,
    currency: str,
    kind: str,
    now: datetime,
) -> OpenItem:
    """Write one item: the part of the commands that book. The customer is locked. Raises as `book_item`."""
    refuse_unbookable(number, amount_minor)
    if kind not in OpenItem.Kind.values:
        raise ItemKindUnknown(kind=kind, known=", ".join(OpenItem.Kind.values))
    if OpenItem.objects.filter(entity=customer.entity, number=number).exists():
        raise ItemNumberTaken(entity=customer.entity.code, number=number)
    currency = currency or (contract.currency if contract else customer.entity.currency)
    currency_exponent(currency)
    return OpenItem.objects.create(
        entity=customer.entity,
        customer=customer,
        contract=contract,
        number=number,
        kind=kind,
        issued_on=issued_on,
        due_on=due_on or _due_on(contract, issued_on),
        currency=currency,
        amount_minor=amount_minor,
        open_minor=amount_minor,
        terms_id=terms_for(customer, contract),
        booked_at=now,
    )


def _due_on(contract: Contract | None, issued_on: date) -> date:
    if contract is None:
        return issued_on
    return due_by_contract(
        issued_on, basis=contract.due_basis, term_days=contract.term_days, fixed_day=contract.fixed_day
    )


def terms_for(customer: Customer, contract: Contract | None) -> int | None:
    """Return the penalty terms of a new item: the contract's, else the entity's, else none."""
    if contract is not None and contract.terms_id is not None:
        return contract.terms_id
    return DefaultTerms.objects.filter(entity_id=customer.entity_id).values_list("terms_id", flat=True).first()
