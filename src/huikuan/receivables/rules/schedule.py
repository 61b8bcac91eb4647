"""Installments: what a contract's cycle bills (rent, fees)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from huikuan.kernel.days import Period, add_days, add_months, days_between
from huikuan.kernel.money import round_half_away


@dataclass(frozen=True, slots=True)
class Installment:
    """One billing period of a contract and what it costs."""

    starts_on: date
    ends_on: date
    """Last day, inclusive."""
    amount_minor: int


def cycle_installments(
    *, starts_on: date, ends_on: date | None, cycle_months: int, amount_minor: int, through: date
) -> Iterator[Installment]:
    """Yield the periods that have begun by a day, from the first on.

    Args:
        starts_on: First day of the contract; every period begins on its day of the month (the 31st: the last).
        ends_on: Last day of the contract, inclusive; None: open-ended. A period cut short by it costs its share of
            days, rounded half away from zero.
        cycle_months: Length of a period.
        amount_minor: What a whole period costs.
        through: Periods that begin later are left out.

    Raises: ValueError unless the cycle is at least a month and the amount positive.
    """
    if cycle_months < 1 or amount_minor < 1:
        message = f"no schedule can be made of {amount_minor} every {cycle_months} months"
        raise ValueError(message)
    number = 0
    while (begins := add_months(starts_on, number * cycle_months)) <= min(through, ends_on or through):
        number += 1
        next_begins = add_months(starts_on, number * cycle_months)
        last = add_days(next_begins, -1)
        if ends_on is None or ends_on >= last:
            yield Installment(begins, last, amount_minor)
            continue
        days, whole = Period.through(begins, ends_on).days, days_between(begins, next_begins)
        yield Installment(begins, ends_on, round_half_away(amount_minor * days, whole))
