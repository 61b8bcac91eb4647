"""Comparing the ways to recover a claim by what each is worth today (product H2).

expected recovery = Σ chance × present value − cost
present value     = amount × 365 / (365 + rate × days): simple interest, as a bank would count it

Everything is whole numbers; each payment is rounded once, half away from zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from huikuan.kernel.days import days_between
from huikuan.kernel.money import PARTS_PER_MILLION, round_half_away, share_ppm
from huikuan.policy.rules.schema import Bands

YEAR_DAYS: Final = 365


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that may come on a day, with the chance that it does."""

    on: date
    minor: int
    chance_ppm: int


@dataclass(frozen=True, slots=True)
class Way:
    """One way to recover: what may come, and what it costs at once."""

    code: str
    payments: tuple[Payment, ...]
    cost_minor: int = 0


@dataclass(frozen=True, slots=True)
class Worth:
    """What a way is worth, minor units: nominal, if all of it came; present, discounted; expected, less the cost."""

    code: str
    nominal_minor: int
    present_minor: int
    cost_minor: int
    expected_minor: int


def present_value(minor: int, *, days: int, rate_ppm: int) -> int:
    """Return what an amount in so many days is worth today at a yearly rate."""
    one = PARTS_PER_MILLION * YEAR_DAYS
    return round_half_away(minor * one, one + rate_ppm * days)


def worth(way: Way, *, today: date, rate_ppm: int) -> Worth:
    """Return what a way is worth today. Money dated before today counts as today's."""
    present, expected = 0, 0
    for payment in way.payments:
        value = present_value(payment.minor, days=max(0, days_between(today, payment.on)), rate_ppm=rate_ppm)
        present += value
        expected += share_ppm(value, payment.chance_ppm)
    return Worth(
        code=way.code,
        nominal_minor=sum(payment.minor for payment in way.payments),
        present_minor=present,
        cost_minor=way.cost_minor,
        expected_minor=expected - way.cost_minor,
    )


def best(ways: Sequence[Worth]) -> str:
    """Return the code of the way that is worth most; of equals, the first."""
    return max(ways, key=lambda way: way.expected_minor).code


def by_days(bands: Bands, days: int) -> int:
    """Return the value of the band that a number of days falls into."""
    return next(value for up_to, value in bands if up_to is None or days <= up_to)
