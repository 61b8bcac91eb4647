"""Credit notes (贷项通知单): a reduction of what is owed, allocated like money but no money."""

from datetime import date, datetime

from django.db import transaction

from huikuan.journal.commands import record
from huikuan.kernel.money import currency_exponent
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import User
from huikuan.receivables.commands.account import locked_customer, refuse_unbookable, today_of
from huikuan.receivables.commands.allocations import (
    BY_THE_ORDER,
    NothingToAllocate,
    ReversalTooEarly,
    Wish,
    apply,
    as_facts,
    standing,
    undo,
)
from huikuan.receivables.commands.history import refresh_history
from huikuan.receivables.models import Allocation, CreditNote


class CreditNoteNumberTaken(Refusal):
    """A number names one credit note."""

    code = "receivables.credit-note-number-taken"
    text = gettext_noop("{entity} has already booked a credit note {number}.")


class CreditNoteUnused(Refusal):
    """There is nothing to take back."""

    code = "receivables.credit-note-unused"
    text = gettext_noop("The credit note {number} reduces no item: there is nothing to take back.")


@transaction.atomic
def book_credit_note(
    *,
    customer_id: int,
    number: str,
    issued_on: date,
    amount_minor: int,
    actor: User | None,
    now: datetime,
    currency: str = "",
    reason: str = "",
    wish: Wish | None = None,
) -> CreditNote:
    """Book a credit note.

    Args:
        customer_id: Whose debt it reduces.
        number: Unique in the entity.
        issued_on: From this day on it counts.
        amount_minor: Minor units, positive.
        actor: Who books.
        now: The instant.
        currency: Empty: the entity's.
        reason: In words.
        wish: Reduce items at once, in this way. None: it stands on account until it is applied.

    Raises: AmountNotPositive, NumberMissing, CreditNoteNumberTaken, CurrencyUnknown, and those of `allocate` but
        NothingToAllocate.
    """
    customer = locked_customer(customer_id)
    refuse_unbookable(number, amount_minor)
    if CreditNote.objects.filter(entity=customer.entity, number=number).exists():
        raise CreditNoteNumberTaken(entity=customer.entity.code, number=number)
    currency = currency or customer.entity.currency
    currency_exponent(currency)
    note = CreditNote.objects.create(
        entity=customer.entity, customer=customer, number=number, issued_on=issued_on, currency=currency,
        amount_minor=amount_minor, unapplied_minor=amount_minor, reason=reason, booked_at=now,
    )  # fmt: skip
    made: list[Allocation] = []
    if wish is not None:
        try:
            made = apply(note, wish, actor=actor, now=now)
            refresh_history(customer_ids=[customer.pk])
        except NothingToAllocate:
            made = []
    record(
        "receivables.credit-note-booked", now=now, actor=actor, entity_id=customer.entity_id, customer_id=customer.pk,
        subject=note, number=number, amount_minor=amount_minor, currency=currency, issued_on=issued_on, reason=reason,
        allocations=as_facts(made),
    )  # fmt: skip
    return note


@transaction.atomic
def apply_credit_note(
    *, credit_note_id: int, actor: User | None, now: datetime, wish: Wish = BY_THE_ORDER
) -> list[Allocation]:
    """Let a credit note reduce items; without a wish, those that the order puts first. Raises as `allocate`."""
    customer_id = CreditNote.objects.values_list("customer_id", flat=True).get(pk=credit_note_id)
    customer = locked_customer(customer_id)
    note = CreditNote.objects.select_for_update(of=("self",)).select_related("customer").get(pk=credit_note_id)
    made = apply(note, wish, actor=actor, now=now)
    refresh_history(customer_ids=[customer.pk])
    record(
        "receivables.credit-note-applied", now=now, actor=actor, entity_id=customer.entity_id, customer_id=customer.pk,
        subject=note, number=note.number, currency=note.currency, allocations=as_facts(made), reason=wish.reason,
    )  # fmt: skip
    return made


@transaction.atomic
def cancel_credit_note(
    *, credit_note_id: int, actor: User | None, now: datetime, reason: str, effective_on: date | None = None
) -> list[Allocation]:
    """Take back everything that a credit note reduced, from a day on: its items are open again.

    Args:
        credit_note_id: Which.
        actor: Who does it.
        now: The instant.
        reason: In words.
        effective_on: None: today in the creditor's zone.

    The note itself stays on account; book the opposite where it came from.

    Raises: CreditNoteUnused, ReversalTooEarly.
    """
    customer_id = CreditNote.objects.values_list("customer_id", flat=True).get(pk=credit_note_id)
    customer = locked_customer(customer_id)
    note = CreditNote.objects.select_for_update(of=("self",)).get(pk=credit_note_id)
    wrong = standing(note)
    if not wrong:
        raise CreditNoteUnused(number=note.number)
    latest = max(each.effective_on for each in wrong)
    day = effective_on or max(today_of(customer.entity, now), latest)
    if day < latest:
        raise ReversalTooEarly(effective_on=latest)
    undone = [undo(each, day=day, reason=reason, actor=actor, now=now) for each in wrong]
    refresh_history(customer_ids=[customer.pk])
    record(
        "receivables.credit-note-cancelled", now=now, actor=actor, entity_id=customer.entity_id,
        customer_id=customer.pk, subject=note, number=note.number, currency=note.currency, effective_on=day,
        allocations=as_facts(undone), reason=reason,
    )  # fmt: skip
    return undone
