"""Cutting a claim into installments: amounts that add up to the cent, days that people can pay on.

Every part is its share without what is less than a minor unit, and the last takes what is left (尾差归末期): the parts
always add up to the claim, and all but the last are what the division says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import Final

from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.days import add_days, add_months
from huikuan.kernel.money import PARTS_PER_MILLION, format_decimal, round_half_away, share_ppm
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.policy.rules.plan import PERCENT, PlanRules

GRACE_WORKING_DAYS: Final = 3
"""A part missed by more than so many working days breaks the plan (domain.md §7)."""
PARTS_MAX: Final = 60
DAYS_OF_WEEK: Final = 7


class Kind(StrEnum):
    """How the parts after the first are cut."""

    EVEN = "EVEN"
    """All alike, to the minor unit."""
    DECLINING = "DECLINING"
    """As n to n−1 to … to 1: more at first, when the will is fresh."""
    CUSTOM = "CUSTOM"
    """As given; they must add up."""


class Cycle(StrEnum):
    """How far apart the parts are."""

    MONTHLY = "MONTHLY"
    WEEKLY = "WEEKLY"


class PlanPartsImpossible(Refusal):
    """No part, too many, or a first part beyond the whole."""

    code = "plan.parts-impossible"
    text = gettext_noop("A plan has 1 to {most} parts and a first part of 0 to 100 percent. Correct these numbers.")


class PlanPartEmpty(Refusal):
    """A part of nothing is no part."""

    code = "plan.part-empty"
    text = gettext_noop("Part {number} would be zero. Choose fewer parts, or another first part.")


class PlanDoesNotAddUp(Refusal):
    """The parts given by hand are not the claim."""

    code = "plan.does-not-add-up"
    text = gettext_noop(
        "The parts add up to {given}, the claim is {total} {currency}. Change one of them by {difference}."
    )


class PlanBookedAmountImpossible(Refusal):
    """A debt that the books carry at nothing, or less, has no parts there."""

    code = "plan.booked-amount-impossible"
    text = gettext_noop("The amount in the books must be more than zero. Correct it.")


@dataclass(frozen=True, slots=True)
class Line:
    """One installment: the day, the last day of grace, the amount in minor units."""

    number: int
    due_on: date
    last_on: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Shape:
    """What a schedule is made from.

    Attributes:
        parts_count: Parts in all, the first included.
        starts_on: Day of the first part.
        first_ppm: Share of the first part; 0: it is cut like the others.
        amounts: Under CUSTOM, every part in minor units.
        is_on_working_days: A part that falls on a day off moves to the next working day.
    """

    parts_count: int
    starts_on: date
    kind: Kind = Kind.EVEN
    cycle: Cycle = Cycle.MONTHLY
    first_ppm: int = 0
    amounts: tuple[int, ...] = ()
    is_on_working_days: bool = False


def schedule(total_minor: int, currency: str, shape: Shape, calendar: WorkingCalendar) -> tuple[Line, ...]:
    """Return the installments of a claim; their sum is `total_minor`, to the minor unit.

    Raises: PlanPartsImpossible, PlanPartEmpty, PlanDoesNotAddUp.
    """
    amounts = _amounts(total_minor, currency, shape)
    for number, amount in enumerate(amounts, start=1):
        if amount <= 0:
            raise PlanPartEmpty(number=number)
    days = _days(shape, len(amounts), calendar)
    return tuple(
        Line(number, day, calendar.add_working_days(day, GRACE_WORKING_DAYS), amount)
        for number, (day, amount) in enumerate(zip(days, amounts, strict=True), start=1)
    )


def _amounts(total_minor: int, currency: str, shape: Shape) -> tuple[int, ...]:
    if shape.kind == Kind.CUSTOM:
        if not 1 <= len(shape.amounts) <= PARTS_MAX:
            raise PlanPartsImpossible(most=PARTS_MAX)
        if sum(shape.amounts) != total_minor:
            given = sum(shape.amounts)
            raise PlanDoesNotAddUp(
                given=format_decimal(given, currency), total=format_decimal(total_minor, currency), currency=currency,
                difference=format_decimal(total_minor - given, currency),
            )  # fmt: skip
        return shape.amounts
    if not 1 <= shape.parts_count <= PARTS_MAX or not 0 <= shape.first_ppm <= PARTS_PER_MILLION:
        raise PlanPartsImpossible(most=PARTS_MAX)
    if shape.parts_count == 1:
        return (total_minor,)
    first = share_ppm(total_minor, shape.first_ppm)
    rest_count = shape.parts_count - (1 if shape.first_ppm else 0)
    is_even = shape.kind == Kind.EVEN
    weights = [1] * rest_count if is_even else list(range(rest_count, 0, -1))
    rest = cut(total_minor - first, weights)
    return (first, *rest) if shape.first_ppm else rest


def cut(total_minor: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Cut an amount in the proportion of the weights, each part cut off at the minor unit; the last takes the rest."""
    whole = sum(weights)
    parts = [divmod(total_minor * weight, whole)[0] for weight in weights[:-1]]
    return (*parts, total_minor - sum(parts))


def in_books(amounts: Sequence[int], booked_minor: int) -> tuple[int, ...]:
    """Write the parts of a debt in foreign currency in the creditor's own: what it is booked at, in their proportion.

    No rate is asked: cutting a debt into parts is not a day to value it anew, and its booked amount stays whole.

    Args:
        amounts: The parts, in minor units of the debt's currency; not all zero.
        booked_minor: The whole debt as it stands in the books, in minor units of the creditor's currency.

    Returns: minor units of the creditor's currency, one per part; their sum is `booked_minor`, odd units as `cut`.

    Raises: PlanBookedAmountImpossible.
    """
    if booked_minor <= 0:
        raise PlanBookedAmountImpossible
    return cut(booked_minor, amounts)


def spread(total_minor: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Take an amount off several others in their proportion, off none more than it is.

    Steps of the rounded running total: `cut` would let the last one bear the rest of all.
    """
    whole = sum(weights)
    ends = [round_half_away(total_minor * running, whole) for running in accumulate(weights)]
    return tuple(end - start for start, end in pairwise([0, *ends]))


def _days(shape: Shape, count: int, calendar: WorkingCalendar) -> tuple[date, ...]:
    """Return the days of the parts, each later than the one before: a long holiday may push two of them together."""
    days: list[date] = []
    for number in range(count):
        if shape.cycle == Cycle.MONTHLY:
            day = add_months(shape.starts_on, number)
        else:
            day = add_days(shape.starts_on, DAYS_OF_WEEK * number)
        if shape.is_on_working_days:
            day = calendar.on_or_after(day)
            if days and day <= days[-1]:
                day = calendar.next_working_day(days[-1])
        days.append(day)
    return tuple(days)


FIRST_TOO_SMALL: Final = "FIRST_TOO_SMALL"
TOO_LONG: Final = "TOO_LONG"
TOO_FEW_PARTS: Final = "TOO_FEW_PARTS"
TOO_MUCH_WAIVED: Final = "TOO_MUCH_WAIVED"


def outside(
    lines: Sequence[Line], *, limits: PlanRules, agreed_on: date, kept_minor: int = 0, waived_minor: int = 0
) -> list[str]:
    """Return the codes of the policy's limits that a plan exceeds; none: it needs no approval.

    Args:
        lines: The installments.
        limits: The policy's.
        agreed_on: Day of the agreement, from which the months count.
        kept_minor, waived_minor: What of the penalty the plan keeps and waives.
    """
    total_minor = sum(line.amount_minor for line in lines)
    most_waived = share_ppm(kept_minor + waived_minor, limits.waived_percent_max * PERCENT)
    found = {
        FIRST_TOO_SMALL: lines[0].amount_minor < limits.first_minor(total_minor),
        TOO_LONG: lines[-1].due_on > add_months(agreed_on, limits.months_max),
        TOO_FEW_PARTS: len(lines) < limits.parts_min,
        TOO_MUCH_WAIVED: waived_minor > most_waived,
    }
    return [code for code, is_exceeded in found.items() if is_exceeded]
