"""Money that goes back (退票、误入账), or was put on the wrong item: everything is as it would be without it.

What was booked stays booked: every step back is a row of its own, and what was sent stays sent.
"""

from datetime import date, datetime
from enum import StrEnum

from django.db import transaction

from huikuan.cash.commands.reopening import Reopened, reopen_the_loop
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import User
from huikuan.receivables.commands.account import locked_customer, today_of
from huikuan.receivables.commands.allocations import PayerUnknown, reverse_allocation, standing
from huikuan.receivables.commands.credit_notes import cancel_credit_note
from huikuan.receivables.commands.returns import return_receipt
from huikuan.receivables.models import Allocation, CreditNote, Receipt


class Why(StrEnum):
    """Why money counts no longer."""

    BOUNCED = "BOUNCED"
    """It came and went back: its items were paid until then."""
    MISTAKEN = "MISTAKEN"
    """It never came, or was booked twice: its items were never paid."""


class ReasonMissing(Refusal):
    """Nobody could later say why."""

    code = "cash.reason-missing"
    text = gettext_noop("Say why: the reason is kept with the booking.")


@transaction.atomic
def reverse_money(
    *, receipt_id: int, why: Why, reason: str, actor: User | None, now: datetime, returned_on: date | None = None
) -> Reopened:
    """Take a receipt back, and open again what it had closed.

    Args:
        receipt_id: The money.
        why: BOUNCED or MISTAKEN.
        reason: In words.
        actor: Who.
        now: The instant.
        returned_on: BOUNCED: from this day on its items are open again; None: today in the creditor's zone.

    Raises: ReasonMissing, and those of `receivables.commands.returns.return_receipt`.
    """
    if not reason.strip():
        raise ReasonMissing
    receipt = Receipt.objects.select_related("entity").get(pk=receipt_id)
    if receipt.customer_id is None:
        raise PayerUnknown(source=receipt.reference)
    locked_customer(receipt.customer_id)
    day = returned_on
    if why is Why.MISTAKEN:
        for each in standing(receipt):
            reverse_allocation(allocation_id=each.pk, actor=actor, now=now, reason=reason, as_if_never=True)
        day = receipt.received_on
    return_receipt(receipt_id=receipt_id, actor=actor, now=now, reason=reason, returned_on=day)
    return _reopened(receipt, receipt.customer_id, actor=actor, now=now)


@transaction.atomic
def free_money(
    *, allocation_id: int, reason: str, actor: User | None, now: datetime, as_if_never: bool = True
) -> Reopened:
    """Take one allocation of a receipt back: the item is open, the money on account again.

    Raises: ReasonMissing, and those of `receivables.commands.allocations.reverse_allocation`.
    """
    if not reason.strip():
        raise ReasonMissing
    wrong = Allocation.objects.select_related("receipt__entity", "item").get(pk=allocation_id)
    reverse_allocation(allocation_id=allocation_id, actor=actor, now=now, reason=reason, as_if_never=as_if_never)
    if wrong.receipt is None:
        return Reopened(wrong.item.customer_id)
    return _reopened(wrong.receipt, wrong.item.customer_id, actor=actor, now=now)


@transaction.atomic
def cancel_credit(*, credit_note_id: int, reason: str, actor: User | None, now: datetime) -> Reopened:
    """Take back what a credit note reduced, and open the loop again. Raises as `credit_notes.cancel_credit_note`."""
    note = CreditNote.objects.select_related("entity").get(pk=credit_note_id)
    cancel_credit_note(credit_note_id=credit_note_id, actor=actor, now=now, reason=reason)
    return reopen_the_loop(
        customer_id=note.customer_id, since=note.booked_at, receipt_id=0, as_of=today_of(note.entity, now), now=now,
        actor=actor,
    )  # fmt: skip


def _reopened(receipt: Receipt, customer_id: int, *, actor: User | None, now: datetime) -> Reopened:
    return reopen_the_loop(
        customer_id=customer_id, since=receipt.booked_at, receipt_id=receipt.pk,
        as_of=today_of(receipt.entity, now), now=now, actor=actor,
    )  # fmt: skip
