"""Writing off what will not be paid (坏账核销), taking that back, and money that comes after all (B5)."""

from datetime import date, datetime

from django.db import transaction

from huikuan.journal.commands import record
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import Customer, User
from huikuan.receivables.commands.account import AmountNotPositive, free_day_of, locked_customer, today_of
from huikuan.receivables.commands.allocations import (
    AllocationExceedsItem,
    AllocationTooEarly,
    ReversalTooEarly,
    Wish,
    apply,
    as_facts,
    undo,
)
from huikuan.receivables.commands.history import refresh_history
from huikuan.receivables.models import Allocation, OpenItem, Receipt, WriteOff


class WriteOffReasonMissing(Refusal):
    """Nobody could later say why."""

    code = "receivables.write-off-reason-missing"
    text = gettext_noop("Say why {item} is written off: the reason is kept with it.")


class WriteOffTakenBack(Refusal):
    """It no longer stands."""

    code = "receivables.write-off-taken-back"
    text = gettext_noop("The write-off of {item} has already been taken back.")


@transaction.atomic
def write_off(
    *,
    item_id: int,
    amount_minor: int,
    reason: str,
    actor: User | None,
    now: datetime,
    kind: str = WriteOff.Kind.BAD_DEBT,
    written_off_on: date | None = None,
    about: str = "",
) -> WriteOff:
    """Write off so much of an item. Who may is decided above: `cash.commands.write_offs`.

    Args:
        item_id: Which.
        amount_minor: Minor units, at most what is open.
        reason: In words.
        actor: Who books.
        now: The instant.
        kind: WriteOff.Kind.
        written_off_on: From this day on it is not open; None: today in the creditor's zone.
        about: What granted it.

    Raises: WriteOffReasonMissing, AmountNotPositive, AllocationExceedsItem, AllocationTooEarly.
    """
    customer = _locked(item_id)
    item = OpenItem.objects.get(pk=item_id)
    made = _written(
        item, amount_minor, day=written_off_on or today_of(customer.entity, now), kind=kind, reason=reason, about=about,
        actor=actor, now=now,
    )  # fmt: skip
    refresh_history(customer_ids=[customer.pk])
    _record("receivables.item-written-off", made, actor=actor, now=now, written_off_on=made.written_off_on)
    return made


@transaction.atomic
def take_back_write_off(
    *, write_off_id: int, reason: str, actor: User | None, now: datetime, effective_on: date | None = None
) -> WriteOff:
    """Let a written-off part be open again, from a day on; None: today. Raises WriteOffTakenBack, ReversalTooEarly."""
    made = WriteOff.objects.select_related("item").get(pk=write_off_id)
    customer = _locked(made.item_id)
    day = effective_on or max(today_of(customer.entity, now), made.written_off_on)
    _undone(made, day=day, reason=reason, actor=actor, now=now)
    refresh_history(customer_ids=[customer.pk])
    _record("receivables.write-off-taken-back", made, actor=actor, now=now, effective_on=day, why=reason)
    return made


@transaction.atomic
def recover(
    *, write_off_id: int, receipt_id: int, amount_minor: int, actor: User | None, now: datetime
) -> list[Allocation]:
    """Let money pay what was written off: it stands again, the money is allocated, the rest is written off again.

    All of it from the day on which the money came, or the day of the write-off when that is later.

    Raises: WriteOffTakenBack, AllocationExceedsItem, and those of `allocations.allocate`.
    """
    made = WriteOff.objects.select_related("item").get(pk=write_off_id)
    customer = _locked(made.item_id)
    receipt = Receipt.objects.select_for_update(of=("self",)).select_related("customer").get(pk=receipt_id)
    if amount_minor > made.amount_minor:
        raise AllocationExceedsItem(item=made.item.number, open_minor=made.amount_minor, wanted_minor=amount_minor)
    day = max(receipt.received_on, made.written_off_on)
    _undone(made, day=day, reason=made.reason, actor=actor, now=now)
    paid = apply(receipt, Wish(amounts={made.item_id: amount_minor}, effective_on=day), actor=actor, now=now)
    made.item.refresh_from_db()
    if amount_minor < made.amount_minor:
        _written(
            made.item, made.amount_minor - amount_minor, day=day, kind=made.kind, reason=made.reason, about=made.about,
            actor=actor, now=now, rest_of=made,
        )  # fmt: skip
    refresh_history(customer_ids=[customer.pk])
    _record(
        "receivables.write-off-recovered", made, actor=actor, now=now, receipt=receipt.reference,
        allocations=as_facts(paid),
    )  # fmt: skip
    return paid


def _locked(item_id: int) -> Customer:
    return locked_customer(OpenItem.objects.values_list("customer_id", flat=True).get(pk=item_id))


def _written(
    item: OpenItem, amount_minor: int, *, day: date, kind: str, reason: str, about: str, actor: User | None,
    now: datetime, rest_of: WriteOff | None = None,
) -> WriteOff:  # fmt: skip
    if not reason.strip():
        raise WriteOffReasonMissing(item=item.number)
    if amount_minor <= 0:
        raise AmountNotPositive(number=item.number)
    if amount_minor > item.open_minor:
        raise AllocationExceedsItem(item=item.number, open_minor=item.open_minor, wanted_minor=amount_minor)
    earliest = free_day_of(item, amount_minor, from_on=item.issued_on)
    if day < earliest:
        raise AllocationTooEarly(item=item.number, earliest=earliest)
    made = WriteOff.objects.create(
        entity_id=item.entity_id, customer_id=item.customer_id, item=item, currency=item.currency,
        amount_minor=amount_minor, written_off_on=day, kind=kind, reason=reason.strip(), about=about, rest_of=rest_of,
        booked_at=now, booked_by=actor,
    )  # fmt: skip
    Allocation.objects.create(
        item=item, write_off=made, currency=item.currency, amount_minor=amount_minor, effective_on=day,
        basis=Allocation.Basis.MANUAL, reason=made.reason, booked_at=now, booked_by=actor,
    )  # fmt: skip
    return made


def _undone(made: WriteOff, *, day: date, reason: str, actor: User | None, now: datetime) -> None:
    standing = Allocation.objects.filter(write_off=made, reverses=None, reversed_by=None).first()
    if standing is None:
        raise WriteOffTakenBack(item=made.item.number)
    if day < standing.effective_on:
        raise ReversalTooEarly(effective_on=standing.effective_on)
    undo(standing, day=day, reason=reason, actor=actor, now=now)


def _record(event: str, made: WriteOff, *, actor: User | None, now: datetime, **facts: object) -> None:
    record(
        event, now=now, actor=actor, entity_id=made.entity_id, customer_id=made.customer_id, subject=made,
        item=made.item.number, amount_minor=made.amount_minor, currency=made.currency, kind=made.kind,
        reason=made.reason, about=made.about, **facts,
    )  # fmt: skip
