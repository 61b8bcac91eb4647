"""Setting our debt to a customer off against his (抵销, Civil Code 568 and 569): a credit note with its declaration."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction

from huikuan.cash.commands.closing import close_the_loop
from huikuan.journal.commands import record
from huikuan.journal.files import keep_file
from huikuan.journal.rules.media import FileKind
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import User
from huikuan.receivables.commands.account import locked_customer, today_of
from huikuan.receivables.commands.allocations import BY_THE_ORDER, Wish
from huikuan.receivables.commands.credit_notes import book_credit_note
from huikuan.receivables.models import CreditNote, OpenItem, SetOff

REASON: Final = "SET_OFF"


class SetOffUndeclared(Refusal):
    """A set-off takes effect when the declaration reaches the other side."""

    code = "cash.set-off-undeclared"
    text = gettext_noop("Say against which debt of ours, and attach the declaration or the agreement.")


@dataclass(frozen=True, slots=True)
class Declaration:
    """The file that proves a set-off."""

    name: str
    media_type: str
    content: bytes


@transaction.atomic
def set_off(
    *,
    customer_id: int,
    number: str,
    against: str,
    declared_on: date,
    amount_minor: int,
    document: Declaration | None,
    actor: User | None,
    now: datetime,
    currency: str = "",
    wish: Wish = BY_THE_ORDER,
) -> CreditNote:
    """Let what we owe a customer pay what he owes, and close the loop.

    Args:
        customer_id: Whose debt it reduces.
        number: Of the credit note, unique in the entity.
        against: What we owe him: the number of his invoice.
        declared_on: Day on which the declaration reached him, or of the agreement; it counts from then on.
        amount_minor: Minor units, positive.
        document: The declaration; it is kept as evidence.
        actor: Who books.
        now: The instant.
        currency: Empty: the entity's.
        wish: Which items; the order of contract or law when not given.

    Raises: SetOffUndeclared, those of `keep_file` and of `receivables.commands.credit_notes.book_credit_note`.
    """
    customer = locked_customer(customer_id)
    if not against.strip() or document is None:
        raise SetOffUndeclared
    note = book_credit_note(
        customer_id=customer_id, number=number, issued_on=declared_on, amount_minor=amount_minor, actor=actor, now=now,
        currency=currency, reason=REASON, wish=wish,
    )  # fmt: skip
    kept = keep_file(
        content=document.content, name=document.name, media_type=document.media_type, kind=FileKind.DOCUMENT, now=now,
        actor=actor, entity_id=customer.entity_id, customer_id=customer_id, subject=note,
    )  # fmt: skip
    SetOff.objects.create(
        credit_note=note, against=against.strip(), declared_on=declared_on, document=kept, recorded_at=now,
        recorded_by=actor,
    )  # fmt: skip
    record(
        "cash.debt-set-off", now=now, actor=actor, entity_id=customer.entity_id, customer_id=customer_id, subject=note,
        number=number, against=against.strip(), amount_minor=amount_minor, currency=note.currency, sha256=kept.sha256,
    )  # fmt: skip
    settled = OpenItem.objects.filter(allocations__credit_note=note, settled_on__isnull=False).distinct()
    close_the_loop(
        customer_id=customer_id, as_of=today_of(customer.entity, now), now=now, actor=actor,
        settled_item_ids=list(settled.order_by("pk").values_list("pk", flat=True)),
    )  # fmt: skip
    return note
