"""The money of a customer: what came, what it paid, what waits for a yes."""

from dataclasses import dataclass
from datetime import date, datetime

from huikuan.cash.models import MoneyRequest
from huikuan.receivables.models import Allocation, Assignment, Charge, Receipt, SetOff

SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidRow:
    """What a receipt paid of one item; `taken_back_on` is set where that was undone."""

    pk: int
    number: str
    amount_minor: int
    effective_on: date
    basis: str
    taken_back_on: date | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyRow:
    """One receipt with everything that happened to it."""

    pk: int
    reference: str
    received_on: date
    currency: str
    amount_minor: int
    unapplied_minor: int
    payer: str
    designation: str
    third_party: str
    paid: tuple[PaidRow, ...]
    is_returned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOffRow:
    """A debt of ours set off against the customer's."""

    number: str
    against: str
    declared_on: date
    currency: str
    amount_minor: int
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentRow:
    """Items that passed to another creditor or debtor."""

    kind: str
    party: str
    agreed_on: date
    notified_on: date | None
    items: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """A write-off, a refund or a kept difference, asked for or booked."""

    kind: str
    name: str
    amount_minor: int
    currency: str
    reason: str
    asked_by: str
    asked_at: datetime
    state: str
    """WAITING, BOOKED or DECLINED."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeRow:
    """A penalty or costs charged as an item of their own."""

    pk: int
    number: str
    beside: str
    kind: str
    through_on: date
    currency: str
    amount_minor: int
    open_minor: int
    is_withdrawn: bool


def receipts_of(customer_id: int) -> tuple[MoneyRow, ...]:
    """Return the newest receipts of a customer with what they paid, the newest first. Three queries."""
    receipts = (
        Receipt.objects.filter(customer_id=customer_id)
        .order_by("-received_on", "-pk")
        .select_related("third_party")
        .prefetch_related("allocations__item", "allocations__reversed_by")[:SHOWN]
    )
    return tuple(_row(receipt) for receipt in receipts)


def _row(receipt: Receipt) -> MoneyRow:
    made = sorted(receipt.allocations.all(), key=lambda each: each.pk)
    paid = tuple(_paid(each) for each in made if each.amount_minor > 0)
    return MoneyRow(
        pk=receipt.pk, reference=receipt.reference, received_on=receipt.received_on, currency=receipt.currency,
        amount_minor=receipt.amount_minor, unapplied_minor=receipt.unapplied_minor, payer=receipt.payer_name,
        designation=receipt.designation, third_party=_third_party(receipt), paid=paid,
        is_returned=any(each.number.endswith("-RETURN") and each.taken_back_on is None for each in paid),
    )  # fmt: skip


def _third_party(receipt: Receipt) -> str:
    said = getattr(receipt, "third_party", None)
    return "" if said is None else f"{said.payer} · {said.ground}"


def _paid(allocation: Allocation) -> PaidRow:
    back = getattr(allocation, "reversed_by", None)
    return PaidRow(
        pk=allocation.pk, number=allocation.item.number, amount_minor=allocation.amount_minor,
        effective_on=allocation.effective_on, basis=allocation.get_basis_display(),
        taken_back_on=None if back is None else back.effective_on, reason="" if back is None else back.reason,
    )  # fmt: skip


def set_offs_of(customer_id: int) -> tuple[SetOffRow, ...]:
    """Return what was set off, the newest first. One query."""
    made = SetOff.objects.filter(credit_note__customer_id=customer_id).select_related("credit_note", "document")
    return tuple(
        SetOffRow(
            number=each.credit_note.number, against=each.against, declared_on=each.declared_on,
            currency=each.credit_note.currency, amount_minor=each.credit_note.amount_minor, file=each.document.name,
        )
        for each in made.order_by("-declared_on", "-pk")[:SHOWN]
    )  # fmt: skip


def assignments_of(customer_id: int) -> tuple[AssignmentRow, ...]:
    """Return what passed to others, the newest first. Two queries."""
    made = Assignment.objects.filter(customer_id=customer_id).prefetch_related("items")
    return tuple(
        AssignmentRow(
            kind=each.get_kind_display(), party=each.party, agreed_on=each.agreed_on, notified_on=each.notified_on,
            items=", ".join(item.number for item in each.items.all()), note=each.note,
        )
        for each in made.order_by("-agreed_on", "-pk")[:SHOWN]
    )  # fmt: skip


def requests_of(customer_id: int) -> tuple[RequestRow, ...]:
    """Return what was asked about a customer's money, the newest first. One query."""
    asked = MoneyRequest.objects.filter(customer_id=customer_id).select_related("item", "receipt", "asked_by")
    return tuple(
        RequestRow(
            kind=each.get_kind_display(), name=each.item.number if each.item else str(each.receipt),
            amount_minor=each.amount_minor, currency=each.currency, reason=each.reason, asked_by=str(each.asked_by),
            asked_at=each.asked_at,
            state="BOOKED" if each.booked_at else "DECLINED" if each.declined_at else "WAITING",
        )
        for each in asked.order_by("-asked_at")[:SHOWN]
    )  # fmt: skip


def charges_of(customer_id: int) -> tuple[ChargeRow, ...]:
    """Return the penalties and costs charged to a customer, the newest first. One query."""
    made = Charge.objects.filter(item__customer_id=customer_id).select_related("item", "booked_as")
    return tuple(
        ChargeRow(
            pk=each.pk, number=each.booked_as.number, beside=each.item.number, kind=each.get_kind_display(),
            through_on=each.through_on, currency=each.currency, amount_minor=each.amount_minor,
            open_minor=each.booked_as.open_minor, is_withdrawn=each.withdrawn_at is not None,
        )
        for each in made.order_by("-pk")[:SHOWN]
    )  # fmt: skip
