"""Contracts: opening them, their penalty terms, and billing what their cycle says."""

from datetime import date, datetime
from typing import Any, TypedDict, Unpack

from django.db import transaction

from huikuan.journal.commands import record
from huikuan.kernel.money import currency_exponent
from huikuan.kernel.numbers import NumberKind
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.commands import take_numbers
from huikuan.parties.models import User
from huikuan.receivables.commands.account import locked_customer, today_of
from huikuan.receivables.commands.history import refresh_history
from huikuan.receivables.commands.items import write_item
from huikuan.receivables.commands.terms import keep_terms
from huikuan.receivables.models import Contract, OpenItem
from huikuan.receivables.rules.schedule import cycle_installments
from huikuan.receivables.rules.terms import Terms


class ContractNumberTaken(Refusal):
    """A number names one contract."""

    code = "receivables.contract-number-taken"
    text = gettext_noop("{entity} already has a contract {number}.")


class ContractFieldUnknown(Refusal):
    """A choice that does not exist."""

    code = "receivables.contract-field-unknown"
    text = gettext_noop("“{value}” is not a value of {field}. Use one of {known}.")


class ContractEndsBeforeItStarts(Refusal):
    """The days are swapped."""

    code = "receivables.contract-ends-before-it-starts"
    text = gettext_noop("The contract {number} would end before it starts.")


class FixedDayMissing(Refusal):
    """Due on a fixed day, but which?"""

    code = "receivables.fixed-day-missing"
    text = gettext_noop("The contract {number} says a fixed day of the month: give a day from 1 to 31.")


class NothingToBill(Refusal):
    """The contract has no cycle."""

    code = "receivables.nothing-to-bill"
    text = gettext_noop("The contract {number} has no cycle: give the start, the months and the amount of a period.")


class ContractFields(TypedDict, total=False):
    """What else is agreed; the fields of the table."""

    kind: str
    signed_on: date | None
    effective_on: date | None
    ends_on: date | None
    due_basis: str
    term_days: int | None
    fixed_day: int | None
    cycle_months: int | None
    cycle_amount_minor: int | None
    currency: str
    credit_limit_minor: int | None
    clause: str
    acceleration_missed_count: int | None
    retains_title: bool
    forum: str
    service_address: str
    allocation_order: str


_CHOICES: dict[str, list[str]] = {
    "kind": Contract.Kind.values,
    "due_basis": Contract.DueBasis.values,
    "allocation_order": Contract.AllocationOrder.values,
}


@transaction.atomic
def open_contract(
    *,
    customer_id: int,
    actor: User | None,
    now: datetime,
    number: str = "",
    terms: Terms | None = None,
    **fields: Unpack[ContractFields],
) -> Contract:
    """Write down a contract.

    Args:
        customer_id: With whom.
        actor: Who does it.
        now: The instant.
        number: Empty: the next number of the entity.
        terms: What lateness costs; None: the contract is silent, and the terms of the entity hold.
        fields: What else is agreed.

    Raises: ContractNumberTaken, ContractFieldUnknown, ContractEndsBeforeItStarts, FixedDayMissing, CurrencyUnknown.
    """
    customer = locked_customer(customer_id)
    given: dict[str, Any] = {"currency": customer.currency, **fields}
    if not number:
        year = today_of(customer.entity, now).year
        number = take_numbers(entity=customer.entity, kind=NumberKind.CONTRACT, year=year)[0]
    if Contract.objects.filter(entity=customer.entity, number=number).exists():
        raise ContractNumberTaken(entity=customer.entity.code, number=number)
    _refuse_unclear(number, given)
    contract = Contract.objects.create(
        entity=customer.entity, customer=customer, number=number, created_at=now,
        terms=None if terms is None else keep_terms(terms), **given,
    )  # fmt: skip
    record(
        "receivables.contract-opened", now=now, actor=actor, entity_id=customer.entity_id, customer_id=customer.pk,
        subject=contract, number=number, terms=contract.terms.fingerprint if contract.terms else None, agreed=given,
    )  # fmt: skip
    return contract


def _refuse_unclear(number: str, given: dict[str, Any]) -> None:
    currency_exponent(given["currency"])
    for field, known in _CHOICES.items():
        if field in given and given[field] not in known:
            raise ContractFieldUnknown(field=field, value=given[field], known=", ".join(known))
    starts_on, ends_on = given.get("effective_on"), given.get("ends_on")
    if starts_on and ends_on and ends_on < starts_on:
        raise ContractEndsBeforeItStarts(number=number)
    day = given.get("fixed_day")
    if (given.get("due_basis") == Contract.DueBasis.FIXED_DAY and day is None) or (day and not 1 <= day <= 31):  # noqa: PLR2004
        raise FixedDayMissing(number=number)


@transaction.atomic
def set_terms(
    *, contract_id: int, terms: Terms | None, actor: User | None, now: datetime, with_open_items: bool = False
) -> Contract:
    """Change what lateness costs under a contract; None makes it silent again for new items.

    Args:
        contract_id: Which.
        terms: The new terms.
        actor: Who does it.
        now: The instant.
        with_open_items: Its open items bear the new terms too, from their due day on: the old ones were written down
            wrongly. Otherwise only items booked from now on.
    """
    found = Contract.objects.select_related("customer").get(pk=contract_id)
    customer = locked_customer(found.customer_id)
    contract = Contract.objects.select_for_update(of=("self",)).select_related("terms").get(pk=contract_id)
    before = contract.terms
    contract.terms = None if terms is None else keep_terms(terms)
    contract.save(update_fields=["terms"])
    changed = 0
    if with_open_items:
        changed = OpenItem.objects.filter(contract=contract, settled_on=None).update(terms=contract.terms)
    record(
        "receivables.contract-terms-set", now=now, actor=actor, entity_id=customer.entity_id, customer_id=customer.pk,
        subject=contract, number=contract.number, before=before.fingerprint if before else None,
        after=contract.terms.fingerprint if contract.terms else None, open_items_changed=changed,
    )  # fmt: skip
    return contract


_KIND_BILLED = {
    Contract.Kind.LEASE: OpenItem.Kind.RENT,
    Contract.Kind.FINANCIAL_LEASE: OpenItem.Kind.RENT,
    Contract.Kind.PROPERTY: OpenItem.Kind.PROPERTY_FEE,
}


@transaction.atomic
def bill_schedule(*, contract_id: int, through: date, actor: User | None, now: datetime) -> list[OpenItem]:
    """Book what a contract's cycle bills for periods that began by a day; what was billed before is left alone.

    An item is issued on the first day of its period, due by the contract, and numbered contract-YYYYMMDD of that day.

    Returns: the new items.

    Raises: NothingToBill.
    """
    customer_id = Contract.objects.values_list("customer_id", flat=True).get(pk=contract_id)
    customer = locked_customer(customer_id)
    contract = Contract.objects.select_for_update(of=("self",)).get(pk=contract_id)
    starts_on = contract.effective_on or contract.signed_on
    if not (starts_on and contract.cycle_months and contract.cycle_amount_minor):
        raise NothingToBill(number=contract.number)
    planned = {
        f"{contract.number}-{each.starts_on:%Y%m%d}": each
        for each in cycle_installments(
            starts_on=starts_on, ends_on=contract.ends_on, cycle_months=contract.cycle_months,
            amount_minor=contract.cycle_amount_minor, through=through,
        )
        if each.amount_minor
    }  # fmt: skip
    billed = set(OpenItem.objects.filter(entity=customer.entity, number__in=planned).values_list("number", flat=True))
    items = [
        write_item(
            customer, contract, number=number, amount_minor=each.amount_minor, issued_on=each.starts_on, due_on=None,
            currency=contract.currency, kind=_KIND_BILLED.get(Contract.Kind(contract.kind), OpenItem.Kind.INVOICE),
            now=now,
        )
        for number, each in planned.items()
        if number not in billed
    ]  # fmt: skip
    if items:
        refresh_history(customer_ids=[customer.pk])
        record(
            "receivables.schedule-billed", now=now, actor=actor, entity_id=customer.entity_id,
            customer_id=customer.pk, subject=contract, number=contract.number, through=through,
            items=[item.number for item in items],
        )  # fmt: skip
    return items
