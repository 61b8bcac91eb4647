"""When an offer (有条件减免) is fulfilled, and what becomes of it (domain.md §3). Few rows: plain Python."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

RUNNING: Final = "RUNNING"
TAKEN: Final = "TAKEN"
LAPSED: Final = "LAPSED"


@dataclass(frozen=True, slots=True)
class Paid:
    """Money with its value date, minor units."""

    on: date
    minor: int


@dataclass(frozen=True, slots=True)
class Named:
    """An item that an offer names.

    Attributes:
        amount_minor: Original amount.
        held_minor: What was held on the day of the offer: it need not be paid.
        paid: Allocations that were not taken back.
    """

    amount_minor: int
    held_minor: int
    paid: Sequence[Paid]

    def missing_minor(self, day: date) -> int:
        """Return what still had to be paid at the end of a day."""
        return max(0, self.amount_minor - self.held_minor - _until(self.paid, day))


def _until(money: Sequence[Paid], day: date) -> int:
    return sum(each.minor for each in money if each.on <= day)


def completed_on(
    named: Sequence[Named], *, on_account: Sequence[Paid], offered_on: date, expires_on: date
) -> date | None:
    """Return the value date on which everything named was paid, None when it was not in time.

    Money on account counts: the offer deducts it from what is to be paid. What was paid before counts from the day of
    the offer.

    Args:
        named: The items.
        on_account: Money and credit not applied yet.
        offered_on: Day of the offer.
        expires_on: Last value date in time.
    """
    days = {offered_on, *(each.on for item in named for each in item.paid), *(each.on for each in on_account)}
    for day in sorted(max(day, offered_on) for day in days):
        if day > expires_on:
            return None
        if sum(item.missing_minor(day) for item in named) <= _until(on_account, day):
            return day
    return None


def state_of(*, completed: date | None, closes_on: date, as_of: date) -> str:
    """Return how an offer stands: TAKEN, RUNNING, or LAPSED once no statement can bring money in time any more.

    Money that was in time takes the offer whenever it is booked: the customer did what was asked of him.
    """
    if completed is not None:
        return TAKEN
    return LAPSED if as_of > closes_on else RUNNING
