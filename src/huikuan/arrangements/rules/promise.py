"""Judging promises by arrived money (domain.md §7): kept, partly kept, broken. No word ever keeps one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from huikuan.kernel.calendar import WorkingCalendar

GRACE_WORKING_DAYS: Final = 1
"""Money dated up to so many working days after the promised day is in time."""

RUNNING: Final = "RUNNING"
KEPT: Final = "KEPT"
PARTLY: Final = "PARTLY"
BROKEN: Final = "BROKEN"


@dataclass(frozen=True, slots=True)
class Money:
    """Money that arrived on a value date; `minor` is what of it may count at all."""

    receipt_id: int
    received_on: date
    minor: int


@dataclass(frozen=True, slots=True)
class Part:
    """One amount promised for one day; `last_on` is the last value date that is in time."""

    number: int
    due_on: date
    last_on: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise as the judge sees it.

    Attributes:
        promise_id: Names it.
        made_on: Money dated earlier does not count.
        parts: By day.
        eligible: Minor units of each receipt that may count, by receipt id: what was allocated to the promise's items
            or stands on account. A receipt that is not named may not count.
    """

    promise_id: int
    made_on: date
    parts: tuple[Part, ...]
    eligible: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class PartVerdict:
    """What the money says of a part; `paid_on` is when it was complete, in time or late, null while it is not."""

    number: int
    state: str
    counted_minor: int
    paid_on: date | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the money says of a promise; `next_on` is when it must be looked at again, null once it is decided."""

    promise_id: int
    state: str
    counted_minor: int
    next_on: date | None
    parts: tuple[PartVerdict, ...]


@dataclass(slots=True)
class _Purse:
    """Money not yet counted for any promise."""

    money: Sequence[Money]
    left: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self.left = {each.receipt_id: each.minor for each in self.money}

    def take(
        self, wanted: int, eligible: dict[int, int], *, from_on: date, through: date | None
    ) -> tuple[int, date | None]:
        """Take up to `wanted` from money of the period, the oldest first; return it and the day of the last of it."""
        taken, last_on = 0, None
        for each in self.money:
            in_time = each.received_on >= from_on and (through is None or each.received_on <= through)
            piece = min(wanted - taken, self.left[each.receipt_id], eligible.get(each.receipt_id, 0))
            if in_time and piece > 0:
                self.left[each.receipt_id] -= piece
                eligible[each.receipt_id] -= piece
                taken, last_on = taken + piece, each.received_on
        return taken, last_on


def judge(promises: Iterable[Promised], money: Iterable[Money], *, as_of: date) -> list[Verdict]:
    """Judge the promises of one customer in one currency.

    Each amount counts once: for the promise that was made first, in it for the part that is due first. A part is kept
    as soon as money in time covers it; after its last day it is partly kept from half of the amount on, else broken. A
    promise is broken with its first broken part. Money that came too late decides nothing; it only says how late.

    Args:
        promises: In the order in which they were made.
        money: What arrived by `as_of`, returned and reversed money taken off.
        as_of: The day; a part is decided on the day after its last one.
    """
    arrived = sorted((each for each in money if each.received_on <= as_of), key=lambda m: (m.received_on, m.receipt_id))
    purse = _Purse(arrived)
    judged = []
    for promise in promises:
        eligible = dict(promise.eligible)
        parts = tuple(_judged(part, promise, purse, eligible, as_of=as_of) for part in promise.parts)
        judged.append((promise, eligible, parts))
    return [_verdict(promise, _with_late(promise, parts, purse, eligible)) for promise, eligible, parts in judged]


def _judged(part: Part, promise: Promised, purse: _Purse, eligible: dict[int, int], *, as_of: date) -> PartVerdict:
    counted, last_on = purse.take(part.amount_minor, eligible, from_on=promise.made_on, through=part.last_on)
    if counted == part.amount_minor:
        return PartVerdict(part.number, KEPT, counted, last_on)
    if as_of <= part.last_on:
        return PartVerdict(part.number, RUNNING, counted, None)
    return PartVerdict(part.number, PARTLY if 2 * counted >= part.amount_minor else BROKEN, counted, None)


def _with_late(
    promise: Promised, parts: tuple[PartVerdict, ...], purse: _Purse, eligible: dict[int, int]
) -> tuple[PartVerdict, ...]:
    """Say when what was missed did come, from money that counts for no promise."""
    found = []
    for part, verdict in zip(promise.parts, parts, strict=True):
        if verdict.state not in {PARTLY, BROKEN}:
            found.append(verdict)
            continue
        missing = part.amount_minor - verdict.counted_minor
        came, last_on = purse.take(missing, eligible, from_on=promise.made_on, through=None)
        found.append(replace(verdict, paid_on=last_on if came == missing else None))
    return tuple(found)


def _verdict(promise: Promised, parts: tuple[PartVerdict, ...]) -> Verdict:
    states = {part.state for part in parts}
    state = next((each for each in (BROKEN, RUNNING, PARTLY) if each in states), KEPT)
    last_days = [
        part.last_on for part, verdict in zip(promise.parts, parts, strict=True) if verdict.state == RUNNING
    ]  # fmt: skip
    return Verdict(
        promise_id=promise.promise_id,
        state=state,
        counted_minor=sum(part.counted_minor for part in parts),
        next_on=min(last_days) if state == RUNNING else None,
        parts=parts,
    )


def last_day(due_on: date, calendar: WorkingCalendar) -> date:
    """Return the last value date that keeps a promise for a day: one working day later. Estimated where unknown."""
    return calendar.add_working_days(due_on, GRACE_WORKING_DAYS)


def reminder_day(due_on: date, calendar: WorkingCalendar) -> date:
    """Return the day on which the promise is recalled: one working day before."""
    return calendar.add_working_days(due_on, -1)
