"""What every command on a customer's account begins with: the lock, the day, from when on it can count."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.kernel.zones import local_day
from huikuan.parties.models import Customer, Entity
from huikuan.receivables.models import Allocation, CreditNote, OpenItem, Receipt

Source = Receipt | CreditNote
"""What can be allocated."""


class AmountNotPositive(Refusal):
    """Nothing is booked for nothing."""

    code = "receivables.amount-not-positive"
    text = gettext_noop("The amount of {number} must be greater than zero.")


class NumberMissing(Refusal):
    """What is booked can be named."""

    code = "receivables.number-missing"
    text = gettext_noop("A number is missing.")


def locked_customer(customer_id: int) -> Customer:
    """Return the customer, locked until the transaction ends: one command at a time moves its account."""
    return Customer.objects.select_for_update(of=("self",)).select_related("entity").get(pk=customer_id)


def today_of(entity: Entity, now: datetime) -> date:
    """Return the calendar day of an instant in the creditor's zone."""
    return local_day(now, entity.time_zone)


def refuse_unbookable(number: str, amount_minor: int) -> None:
    """Raise NumberMissing, AmountNotPositive."""
    if not number.strip():
        raise NumberMissing
    if amount_minor <= 0:
        raise AmountNotPositive(number=number)


def first_days(source: Source, amounts: Mapping[int, int], *, from_on: date) -> dict[int, date]:
    """Return from which day on each allocation can count, so that no balance of the past falls below zero.

    Usually `from_on`, or the day the item was issued. Where an earlier allocation was reversed with effect on a later
    day, item or money are free only from that day on.

    Args:
        source: The money.
        amounts: What each item shall receive, by item id.
        from_on: The earliest day anyway.
    """
    items = {item.pk: item for item in OpenItem.objects.filter(pk__in=list(amounts))}
    of_items = Allocation.objects.filter(item_id__in=list(amounts), effective_on__gt=from_on)
    moves: dict[int, list[tuple[date, int]]] = {}
    for item_id, day, minor in of_items.values_list("item_id", "effective_on", "amount_minor"):
        moves.setdefault(item_id, []).append((day, minor))
    of_source = Allocation.objects.filter(**{source_field(source): source.pk}, effective_on__gt=from_on)
    spent = list(of_source.values_list("effective_on", "amount_minor"))
    free_from = _free_from(source.unapplied_minor, spent, sum(amounts.values()), from_on)
    return {
        item_id: max(
            free_from,
            items[item_id].issued_on,
            _free_from(items[item_id].open_minor, moves.get(item_id, []), minor, from_on),
        )
        for item_id, minor in amounts.items()
    }


def free_day_of(item: OpenItem, wanted: int, *, from_on: date) -> date:
    """Return the first day from which on so much of an item is open without interruption; at most what is open."""
    moves = Allocation.objects.filter(item=item, effective_on__gt=from_on).values_list("effective_on", "amount_minor")
    return _free_from(item.open_minor, list(moves), wanted, from_on)


def _free_from(free_now: int, moves: Sequence[tuple[date, int]], wanted: int, from_on: date) -> date:
    """Return the first day from which on `wanted` is free without interruption.

    Args:
        free_now: What is free after all moves.
        moves: (day, amount taken) of all moves after `from_on`.
        wanted: How much; at most `free_now`.
        from_on: The earliest answer.
    """
    by_day: dict[date, int] = {}
    for day, taken in moves:
        by_day[day] = by_day.get(day, 0) + taken
    free = free_now
    for day in sorted(by_day, reverse=True):
        free += by_day[day]
        if free < wanted:
            return day
    return from_on


def source_field(source: Source) -> str:
    """Return the name of the column of Allocation that holds this kind of source."""
    return "receipt_id" if isinstance(source, Receipt) else "credit_note_id"


def source_name(source: Source) -> str:
    """Return what people call it."""
    return source.reference if isinstance(source, Receipt) else source.number
