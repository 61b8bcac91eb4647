"""Money that goes back (退款、退票) and credit notes that are withdrawn: the debt is open again, nothing is left over.

What was booked stays booked. The way out is a debit note of the same amount on the customer's account, set off against
the receipt or credit note on the very day: until then the past is what it was, from then on neither can pay anything.
"""

from datetime import date, datetime

from django.db import transaction

from huikuan.journal.commands import record
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import User
from huikuan.receivables.commands.account import Source, locked_customer, source_name, today_of
from huikuan.receivables.commands.allocations import PayerUnknown, Wish, apply, standing, undo
from huikuan.receivables.commands.history import refresh_history
from huikuan.receivables.commands.items import write_item
from huikuan.receivables.models import CreditNote, OpenItem, Receipt

SUFFIX = "-RETURN"
"""The number of the debit note: that of what went back, and this."""
NAME_MAX = 60 - len(SUFFIX)
"""Characters of the number that is continued; the end of a long one tells it apart."""


class AlreadyReturned(Refusal):
    """Money goes back once."""

    code = "receivables.already-returned"
    text = gettext_noop("{source} has already been taken back.")


class ReturnTooEarly(Refusal):
    """Nothing goes back before it came."""

    code = "receivables.return-too-early"
    text = gettext_noop("{source} cannot be taken back before {earliest}, the day from which it counted.")


@transaction.atomic
def return_receipt(
    *, receipt_id: int, actor: User | None, now: datetime, reason: str, returned_on: date | None = None
) -> OpenItem:
    """Book that money went back to the payer or never came: a returned check, a failed direct debit, a refund.

    Args:
        receipt_id: The money.
        actor: Who books.
        now: The instant.
        reason: In words.
        returned_on: From this day on its items are open again; None: today in the creditor's zone.

    Returns: the debit note against which it was set off.

    Raises: PayerUnknown, AlreadyReturned, ReturnTooEarly.
    """
    customer_id = Receipt.objects.values_list("customer_id", flat=True).get(pk=receipt_id)
    if customer_id is None:
        raise PayerUnknown(source=Receipt.objects.get(pk=receipt_id).reference)
    locked_customer(customer_id)
    receipt = Receipt.objects.select_for_update(of=("self",)).select_related("customer__entity").get(pk=receipt_id)
    return _taken_back(receipt, "receivables.receipt-returned", day=returned_on, actor=actor, now=now, reason=reason)


@transaction.atomic
def withdraw_credit_note(
    *, credit_note_id: int, actor: User | None, now: datetime, reason: str, withdrawn_on: date | None = None
) -> OpenItem:
    """Book that a credit note no longer stands: what it reduced is owed again, and it is not on account either.

    Args:
        credit_note_id: Which.
        actor: Who books.
        now: The instant.
        reason: In words.
        withdrawn_on: From this day on; None: today in the creditor's zone.

    Returns: the debit note against which it was set off.

    Raises: AlreadyReturned, ReturnTooEarly.
    """
    customer_id = CreditNote.objects.values_list("customer_id", flat=True).get(pk=credit_note_id)
    locked_customer(customer_id)
    note = CreditNote.objects.select_for_update(of=("self",)).select_related("customer__entity").get(pk=credit_note_id)
    return _taken_back(note, "receivables.credit-note-withdrawn", day=withdrawn_on, actor=actor, now=now, reason=reason)


def _taken_back(
    source: Source, event: str, *, day: date | None, actor: User | None, now: datetime, reason: str
) -> OpenItem:
    """Open again what the source paid, and set the source off against a debit note of its whole amount."""
    customer = source.customer
    assert customer is not None  # noqa: S101  the callers looked
    number = f"{source_name(source)[-NAME_MAX:]}{SUFFIX}"
    wrong = standing(source)
    if any(each.item.number == number for each in wrong):
        raise AlreadyReturned(source=source_name(source))
    came_on = source.received_on if isinstance(source, Receipt) else source.issued_on
    earliest = max([came_on, *(each.effective_on for each in wrong)])
    day = day or max(today_of(customer.entity, now), earliest)
    if day < earliest:
        raise ReturnTooEarly(source=source_name(source), earliest=earliest)
    for each in wrong:
        undo(each, day=day, reason=reason, actor=actor, now=now)
    source.refresh_from_db(fields=["unapplied_minor"])
    way_out = write_item(
        customer, None, number=number, amount_minor=source.amount_minor, issued_on=day, due_on=day,
        currency=source.currency, kind=OpenItem.Kind.DEBIT_NOTE, now=now,
    )  # fmt: skip
    apply(source, Wish(amounts={way_out.pk: source.amount_minor}, reason=reason), actor=actor, now=now)
    refresh_history(customer_ids=[customer.pk])
    record(
        event, now=now, actor=actor, entity_id=source.entity_id, customer_id=customer.pk, subject=source,
        number=source_name(source), amount_minor=source.amount_minor, currency=source.currency, effective_on=day,
        items=[each.item.number for each in wrong], reason=reason,
    )  # fmt: skip
    way_out.refresh_from_db()
    return way_out
