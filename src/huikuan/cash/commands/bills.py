"""Bills of exchange (汇票): received as conditional payment, passed on, paid or dishonored (decision 0054)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from huikuan.cases.commands.answered import SETTLED
from huikuan.cases.models import Task
from huikuan.cash.commands.receive import ORDER, Way, receive_money
from huikuan.cash.commands.reverse import Why, reverse_money
from huikuan.journal.commands import record
from huikuan.kernel.days import add_months
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import Customer, User
from huikuan.receivables.models import Bill, BillChange, BillEndorsement
from huikuan.receivables.models.bill import BillState
from huikuan.receivables.rules.bill import (
    ELECTRONIC_DIGITS,
    NEXT,
    PASSED_ON,
    PRESENT,
    TERM_MONTHS_MAX,
    number_shape,
    recourse_until,
    reminders,
)


class BillNumberWrong(Refusal):
    """No bill has such a number."""

    code = "bill.number-wrong"
    text = gettext_noop("“{number}” is no bill number: an electronic bill has {digits} digits, one on paper 8 or 16.")


class BillKindContradicts(Refusal):
    """The number says another kind."""

    code = "bill.kind-contradicts"
    text = gettext_noop("The first digit of {number} says another kind of bill. Check the number and the kind.")


class BillTaken(Refusal):
    """One bill is received once."""

    code = "bill.taken"
    text = gettext_noop("Bill {number} has been received already.")


class BillDaysWrong(Refusal):
    """It matures before it is issued, or after longer than any bill runs."""

    code = "bill.days-wrong"
    text = gettext_noop("A bill matures after its issue, within {months} months; received not before its issue.")


class BillNotInState(Refusal):
    """The step does not fit where the bill is."""

    code = "bill.not-in-state"
    text = gettext_noop("Bill {number} is “{state}”: this step is not possible. Load the page again.")


class BillHolderMissing(Refusal):
    """To whom, and with recourse or not, decides what is left of the risk."""

    code = "bill.holder-missing"
    text = gettext_noop("Say to whom the bill goes, and whether with recourse.")


class BillDayWrong(Refusal):
    """Nothing happens to a bill before it is received, nor in the future."""

    code = "bill.day-wrong"
    text = gettext_noop("The day must lie between {earliest} and today.")


class BillReasonMissing(Refusal):
    """The refusal must be provable."""

    code = "bill.reason-missing"
    text = gettext_noop("Say why payment was refused, as the proof of refusal does.")


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on a bill."""

    number: str
    kind: str
    drawer: str
    acceptor: str
    payee: str
    amount_minor: int
    issued_on: date
    matures_on: date
    currency: str = "CNY"
    endorsements: Sequence[tuple[str, str]] = ()


@transaction.atomic
def receive_bill(
    *, customer_id: int, paper: Paper, received_on: date, actor: User | None, now: datetime, allocate: Way = ORDER
) -> Bill:
    """Take a bill as conditional payment: it pays items like money, until it is dishonored.

    Args:
        customer_id: Who gave it.
        paper: What stands on it.
        received_on: When it came into our hands: from this day its items are paid.
        actor: Who books.
        now: The instant.
        allocate: What it pays (`cash.commands.receive.Way`).

    Raises: BillNumberWrong, BillKindContradicts, BillTaken, BillDaysWrong, and those of `receive_money`.
    """
    customer = Customer.objects.select_related("entity").get(pk=customer_id)
    _refuse_impossible(customer, paper, received_on)
    receipt = receive_money(
        entity_id=customer.entity_id, customer_id=customer_id, reference=paper.number, received_on=received_on,
        currency=paper.currency, amount_minor=paper.amount_minor, payer_name=paper.drawer, allocate=allocate,
        actor=actor, now=now,
    )  # fmt: skip
    bill = Bill.objects.create(
        entity=customer.entity, customer=customer, receipt=receipt, number=paper.number, kind=paper.kind,
        drawer=paper.drawer, acceptor=paper.acceptor, payee=paper.payee, currency=paper.currency,
        amount_minor=paper.amount_minor, issued_on=paper.issued_on, matures_on=paper.matures_on,
        received_on=received_on, moved_on=received_on, booked_at=now, booked_by=actor,
    )  # fmt: skip
    BillEndorsement.objects.bulk_create(
        BillEndorsement(bill=bill, position=position, endorser=endorser, endorsee=endorsee)
        for position, (endorser, endorsee) in enumerate(paper.endorsements, start=1)
    )
    _moved(bill, "cash.bill-received", actor=actor, now=now)
    return bill


def _refuse_impossible(customer: Customer, paper: Paper, received_on: date) -> None:
    shape = number_shape(paper.number, paper.kind)
    if shape.problem == "DIGITS":
        raise BillNumberWrong(number=paper.number, digits=ELECTRONIC_DIGITS)
    if shape.problem:
        raise BillKindContradicts(number=paper.number)
    if Bill.objects.filter(entity_id=customer.entity_id, number=paper.number).exists():
        raise BillTaken(number=paper.number)
    latest = add_months(paper.issued_on, TERM_MONTHS_MAX)
    if not paper.issued_on < paper.matures_on <= latest or received_on < paper.issued_on:
        raise BillDaysWrong(months=TERM_MONTHS_MAX)


@transaction.atomic
def move_bill(
    *,
    bill_id: int,
    state: str,
    on: date,
    as_of: date,
    actor: User | None,
    now: datetime,
    holder: str = "",
    is_with_recourse: bool | None = None,
    note: str = "",
) -> Bill:
    """Write down where a bill went: presented, paid, passed on, or dishonored.

    Dishonored: its receipt is taken back as if it had never come, so the items are open again from their own days,
    with their penalty, and the case goes on as it stood; recourse runs from the day of refusal. A bill is payment only
    once it is paid.

    Args:
        bill_id: Which.
        state: A BillState.
        on: The day on which it happened.
        as_of: Today.
        actor: Who writes it down.
        now: The instant.
        holder: PLEDGED, ENDORSED, DISCOUNTED: to whom.
        is_with_recourse: The same: whether it can come back to us.
        note: In words; DISHONORED: why payment was refused.

    Raises: BillNotInState, BillDayWrong, BillHolderMissing, BillReasonMissing, and those of `reverse_money`.
    """
    bill = Bill.objects.select_for_update(of=("self",)).select_related("customer__entity").get(pk=bill_id)
    target = BillState(state)
    if target not in NEXT[bill.state]:
        raise BillNotInState(number=bill.number, state=bill.get_state_display())
    if not bill.moved_on <= on <= as_of:
        raise BillDayWrong(earliest=bill.moved_on)
    if target in PASSED_ON and (not holder.strip() or is_with_recourse is None):
        raise BillHolderMissing
    if target == BillState.DISHONORED and not note.strip():
        raise BillReasonMissing
    if target in PASSED_ON:
        bill.holder, bill.is_with_recourse = holder.strip()[:200], is_with_recourse
    bill.state, bill.moved_on = target, on
    if target == BillState.DISHONORED:
        bill.recourse_ends_on = recourse_until(on)
    bill.save(update_fields=["state", "moved_on", "holder", "is_with_recourse", "recourse_ends_on"])
    if target == BillState.ENDORSED:
        BillEndorsement.objects.create(
            bill=bill, position=bill.endorsements.count() + 1, endorser=bill.customer.entity.name,
            endorsee=bill.holder, endorsed_on=on,
        )  # fmt: skip
    _moved(bill, f"cash.bill-{target.lower()}", actor=actor, now=now, note=note)
    if target == BillState.DISHONORED:
        reverse_money(
            receipt_id=bill.receipt_id, why=Why.MISTAKEN, reason=f"{bill.number}: {note.strip()}"[:200], actor=actor,
            now=now,
        )  # fmt: skip
    return bill


@transaction.atomic
def uncollect_bill(*, bill_id: int, note: str, actor: User | None, now: datetime) -> Bill:
    """Take back that a bill was paid: it is again where it was before. Raises BillNotInState."""
    bill = Bill.objects.select_for_update(of=("self",)).get(pk=bill_id)
    if bill.state != BillState.PAID:
        raise BillNotInState(number=bill.number, state=bill.get_state_display())
    before = bill.changes.order_by("-pk")[1]
    bill.state, bill.moved_on = before.state, before.changed_on
    bill.save(update_fields=["state", "moved_on"])
    if bill.state != BillState.PRESENTED:
        _to_present(bill).filter(cancel_reason=SETTLED).update(cancelled_at=None, cancel_reason="")
    _moved(bill, "cash.bill-collection-undone", actor=actor, now=now, note=note)
    return bill


def _to_present(bill: Bill) -> QuerySet[Task]:
    """Return the task to present a bill, unless somebody has done it."""
    return Task.objects.filter(key=f"{PRESENT}/{bill.pk}", done_at=None)


def remind_of_bills(*, entity_id: int, as_of: date, now: datetime) -> int:
    """Give finance a task for each bill to present and each recourse that ends; asked again, nothing new.

    Returns: how many tasks are new.
    """
    watched = Bill.objects.filter(entity_id=entity_id, state__in=["HELD", "PLEDGED", "DISHONORED"])
    wanted = [
        Task(
            key=f"{code}/{bill.pk}", entity_id=entity_id, customer_id=bill.customer_id, kind=Task.Kind.REVIEW,
            step_code=code, currency=bill.currency, overdue_minor=bill.amount_minor, priority=bill.amount_minor,
            owner_id=bill.customer.collector_id, due_on=due_on, created_at=now,
        )
        for bill in watched.select_related("customer")
        for code, due_on in reminders(
            state=bill.state, matures_on=bill.matures_on, recourse_ends_on=bill.recourse_ends_on, as_of=as_of
        )
    ]  # fmt: skip
    known = set(Task.objects.filter(key__in=[each.key for each in wanted]).values_list("key", flat=True))
    missing = [each for each in wanted if each.key not in known]
    if missing:
        with transaction.atomic():
            Task.objects.bulk_create(missing, ignore_conflicts=True)
            record(
                "cash.bills-reminded", now=now, entity_id=entity_id, as_of=as_of, tasks=[each.key for each in missing]
            )
    return len(missing)


def _moved(bill: Bill, event: str, *, actor: User | None, now: datetime, note: str = "") -> None:
    """Keep the change of state, call off the task to present what needs it no more, and write the journal."""
    if bill.state in {BillState.PRESENTED, BillState.PAID}:
        _to_present(bill).filter(cancelled_at=None).update(cancelled_at=now, cancel_reason=SETTLED)
    BillChange.objects.create(
        bill=bill, state=bill.state, changed_on=bill.moved_on, at=now, actor=actor, note=note.strip()[:300]
    )
    record(
        event, now=now, actor=actor, entity_id=bill.entity_id, customer_id=bill.customer_id, subject=bill,
        number=bill.number, amount_minor=bill.amount_minor, currency=bill.currency, on=bill.moved_on,
        holder=bill.holder, is_with_recourse=bill.is_with_recourse, recourse_ends_on=bill.recourse_ends_on,
        note=note.strip()[:300],
    )  # fmt: skip
