"""The early-payment discount (现金折扣): how much, until when, and whether money was in time. Plain Python."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from huikuan.arrangements.rules.offer import Paid
from huikuan.kernel.days import add_days
from huikuan.kernel.money import share_ppm

TAKEN: Final = "TAKEN"
LATE: Final = "LATE"


@dataclass(frozen=True, slots=True)
class Offered:
    """A discount on one item: `discount_minor`, its share, is let off when the rest has arrived by `last_on`."""

    discount_minor: int
    last_on: date
    share_ppm: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the money says: TAKEN lets `minor` off; LATE leaves `minor` open. `paid_on` is the day that decided."""

    state: str
    minor: int
    paid_on: date


def offered(*, amount_minor: int, issued_on: date, share: int, days: int) -> Offered:
    """Return the discount of an item: its share (parts per million) rounded half away from zero, once."""
    return Offered(share_ppm(amount_minor, share), add_days(issued_on, days), share)


def verdict(*, amount_minor: int, paid: Sequence[Paid], terms: Offered) -> Verdict | None:
    """Return what the payments of an item make of its discount; None while nothing is decided, or all was paid.

    Taken: by the last day no more than the discount was missing; exactly what is missing is let off. Refused late: the
    payments stop exactly the discount short, and the last of them came after the day.

    Args:
        amount_minor: Of the item.
        paid: What was allocated to it and not taken back, without the credit note of this discount.
        terms: The discount.
    """
    missing = amount_minor - sum(each.minor for each in paid)
    if not paid or not terms.discount_minor or missing <= 0:
        return None
    running = amount_minor
    for day in sorted({each.on for each in paid if each.on <= terms.last_on}):
        running = amount_minor - sum(each.minor for each in paid if each.on <= day)
        if running <= terms.discount_minor:
            return Verdict(TAKEN, missing, day)
    last = max(each.on for each in paid)
    return Verdict(LATE, missing, last) if missing == terms.discount_minor and last > terms.last_on else None
