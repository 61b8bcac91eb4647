"""Judging a plan by arrived money: installments are paid in the order of their days; one missed breaks it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from huikuan.arrangements.rules.promise import Money
from huikuan.arrangements.rules.schedule import Line

RUNNING: Final = "RUNNING"
FULFILLED: Final = "FULFILLED"
BROKEN: Final = "BROKEN"


@dataclass(frozen=True, slots=True)
class Paid:
    """What came of one installment by now; `paid_on` when it was complete."""

    number: int
    paid_minor: int
    paid_on: date | None


@dataclass(frozen=True, slots=True)
class PlanVerdict:
    """What the money says of a plan.

    Attributes:
        state: RUNNING, FULFILLED or BROKEN.
        paid_minor: Money that counts.
        next_on: Last day of grace of the first part that is not complete; null unless RUNNING.
        missed: Number of the part that broke it.
        installments: Each part.
    """

    state: str
    paid_minor: int
    next_on: date | None
    missed: int | None
    installments: tuple[Paid, ...]


def judge(lines: Sequence[Line], money: Iterable[Money], *, agreed_on: date, as_of: date) -> PlanVerdict:
    """Judge a plan.

    Money dated from the agreement on pays the parts in the order of their days. A part that is not complete by money
    dated up to its last day of grace breaks the plan on the day after; later money no longer mends it.

    Args:
        lines: The installments by day.
        money: What may count: allocated to the plan's items or on account; returned money taken off.
        agreed_on: Day of the agreement.
        as_of: The day.
    """
    counted = sorted(
        (each for each in money if agreed_on <= each.received_on <= as_of), key=lambda m: (m.received_on, m.receipt_id)
    )
    parts = _filled(lines, counted)
    missed = next((line.number for line, part in zip(lines, parts, strict=True) if _is_missed(line, part, as_of)), None)
    open_days = [line.last_on for line, part in zip(lines, parts, strict=True) if part.paid_on is None]
    undecided = RUNNING if open_days else FULFILLED
    state = undecided if missed is None else BROKEN
    return PlanVerdict(
        state=state,
        paid_minor=sum(part.paid_minor for part in parts),
        next_on=open_days[0] if state == RUNNING else None,
        missed=missed,
        installments=parts,
    )


def _filled(lines: Sequence[Line], money: Sequence[Money]) -> tuple[Paid, ...]:
    """Pour the money over the parts, the oldest into the first."""
    pieces = [(each.received_on, each.minor) for each in money]
    found = []
    for line in lines:
        paid, paid_on = 0, None
        while pieces and paid < line.amount_minor:
            day, minor = pieces[0]
            used = min(minor, line.amount_minor - paid)
            paid += used
            pieces[0] = (day, minor - used)
            if minor == used:
                pieces.pop(0)
            if paid == line.amount_minor:
                paid_on = day
        found.append(Paid(line.number, paid, paid_on))
    return tuple(found)


def _is_missed(line: Line, part: Paid, as_of: date) -> bool:
    if part.paid_on is None:
        return as_of > line.last_on
    return part.paid_on > line.last_on
