"""Lines that are no customer's payment: taken off the list of open money, and put back."""

from datetime import datetime

from django.db import transaction

from huikuan.cash.commands.bills import uncollect_bill
from huikuan.cash.models import SetAside, StatementLine
from huikuan.journal.commands import record
from huikuan.kernel.money import format_decimal
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import User


class LineNotOpen(Refusal):
    """Nothing to set aside: it went out, is booked, or is aside already."""

    code = "bank.line-not-open"
    text = gettext_noop("The line of {day} over {amount} is not open: it is booked, set aside, or went out.")


class ReasonMissing(Refusal):
    """Whoever looks later must see why."""

    code = "bank.reason-missing"
    text = gettext_noop("Say why: interest, transfer between own accounts, …")


class LineNotAside(Refusal):
    """It is on the list."""

    code = "bank.line-not-aside"
    text = gettext_noop("The line of {day} is not set aside.")


@transaction.atomic
def set_aside(*, line_id: int, reason: str, actor: User | None, now: datetime) -> SetAside:
    """Take an incoming line off the list of open money. Raises LineNotOpen, ReasonMissing."""
    line = StatementLine.objects.select_for_update(of=("self",)).select_related("account").get(pk=line_id)
    is_aside = line.set_asides.filter(ended_at=None).exists()
    if is_aside or line.receipt_id is not None or line.amount_minor <= 0:
        raise LineNotOpen(day=line.booked_on, amount=format_decimal(line.amount_minor, line.currency))
    if not reason.strip():
        raise ReasonMissing
    aside = SetAside.objects.create(line=line, reason=reason.strip()[:200], placed_at=now, placed_by=actor)
    record(
        "cash.line-set-aside", now=now, actor=actor, entity_id=line.account.entity_id, subject=line,
        amount_minor=line.amount_minor, currency=line.currency, reason=aside.reason,
    )  # fmt: skip
    return aside


@transaction.atomic
def take_up(*, line_id: int, actor: User | None, now: datetime) -> StatementLine:
    """Put a line back on the list of open money; the bill that it collected is again where it was before.

    What a person puts back is decided by persons from then on. Raises LineNotAside, BillNotInState.
    """
    line = StatementLine.objects.select_for_update(of=("self",)).select_related("account").get(pk=line_id)
    aside = line.set_asides.filter(ended_at=None).first()
    if aside is None:
        raise LineNotAside(day=line.booked_on)
    aside.ended_at, aside.ended_by = now, actor
    aside.save(update_fields=["ended_at", "ended_by"])
    if aside.bill_id is not None:
        uncollect_bill(bill_id=aside.bill_id, note=line.bank_reference, actor=actor, now=now)
    record("cash.line-taken-up", now=now, actor=actor, entity_id=line.account.entity_id, subject=line)
    return line
