"""Money on account that leaves it without paying an item: paid back (退款), or kept as a small difference."""

from datetime import date, datetime

from django.db import transaction

from huikuan.journal.commands import record
from huikuan.parties.models import User
from huikuan.receivables.commands.account import locked_customer, today_of
from huikuan.receivables.commands.allocations import AllocationExceedsMoney, PayerUnknown, Wish, apply
from huikuan.receivables.commands.history import refresh_history
from huikuan.receivables.commands.items import write_item
from huikuan.receivables.models import Allocation, OpenItem, Receipt

NUMBER_MAX = 60


@transaction.atomic
def pay_out(
    *,
    receipt_id: int,
    amount_minor: int,
    suffix: str,
    reason: str,
    actor: User | None,
    now: datetime,
    paid_on: date | None = None,
    reference: str = "",
) -> OpenItem:
    """Book that money on account was paid back or kept: a debit note of the amount, set off against the receipt.

    Args:
        receipt_id: The money; so much of it must be on account.
        amount_minor: Minor units.
        suffix: What the number of the debit note ends with, "REFUND".
        reason: In words.
        actor: Who books.
        now: The instant.
        paid_on: From this day on; None: today in the creditor's zone.
        reference: Of the outgoing payment.

    Raises: PayerUnknown, AllocationExceedsMoney, AmountNotPositive.
    """
    receipt = Receipt.objects.select_related("customer__entity").get(pk=receipt_id)
    if receipt.customer_id is None:
        raise PayerUnknown(source=receipt.reference)
    customer = locked_customer(receipt.customer_id)
    receipt = Receipt.objects.select_for_update(of=("self",)).select_related("customer").get(pk=receipt_id)
    if amount_minor > receipt.unapplied_minor:
        raise AllocationExceedsMoney(
            source=receipt.reference, unapplied_minor=receipt.unapplied_minor, wanted_minor=amount_minor
        )
    day = paid_on or max(today_of(customer.entity, now), receipt.received_on)
    earlier = Allocation.objects.filter(receipt=receipt, item__number__contains=f"-{suffix}").count()
    ending = f"-{suffix}{earlier + 1}"
    note = write_item(
        customer, None, number=f"{receipt.reference[-(NUMBER_MAX - len(ending)) :]}{ending}", amount_minor=amount_minor,
        issued_on=day, due_on=day, currency=receipt.currency, kind=OpenItem.Kind.DEBIT_NOTE, now=now,
    )  # fmt: skip
    apply(receipt, Wish(amounts={note.pk: amount_minor}, reason=reason), actor=actor, now=now)
    refresh_history(customer_ids=[customer.pk])
    record(
        "receivables.money-paid-out", now=now, actor=actor, entity_id=customer.entity_id, customer_id=customer.pk,
        subject=receipt, receipt=receipt.reference, number=note.number, amount_minor=amount_minor,
        currency=receipt.currency, paid_on=day, reference=reference, reason=reason, kind=suffix,
    )  # fmt: skip
    note.refresh_from_db()
    return note
