"""What law and clearing house say of a bill of exchange (汇票), as data and days.

Read: Negotiable Instruments Law 17, 66, 70 (recourse six months from refusal, notice within three days). Not read in
the statute and so marked unverified (decision 0016): presentation within ten days after maturity (art. 53), the first
digits of the new generation of electronic bills.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from huikuan.kernel.days import add_months

PRESENT_WITHIN_DAYS: Final = 10
"""After maturity (票据法 53, unverified)."""
RECOURSE_MONTHS: Final = 6
"""From the refusal against endorsers before us (票据法 17)."""
NOTICE_WITHIN_DAYS: Final = 3
"""From the refusal, to the endorser before us (票据法 66)."""
TERM_MONTHS_MAX: Final = 12
"""No bill ever ran longer; six months since 2023 (PBOC order 2022-4, art. 25)."""

ELECTRONIC_DIGITS: Final = 30
PAPER_DIGITS: Final = (8, 16)
KIND_BY_FIRST_DIGIT: Final = {"1": "BANK", "2": "COMMERCIAL", "5": "BANK", "6": "COMMERCIAL"}
"""Of an electronic bill: 1 and 2 of the ECDS; 5 and 6 of the new generation (unverified)."""

DUE_AHEAD_DAYS: Final = 7
"""So long before maturity the holder is reminded to present."""
PRESENT: Final = "bill_present"
"""Step code of the task to present a bill."""
RECOURSE_WARNED_DAYS: Final = (30, 10)
"""So long before recourse ends, a task each."""

HELD, PLEDGED, ENDORSED, DISCOUNTED = "HELD", "PLEDGED", "ENDORSED", "DISCOUNTED"
PRESENTED, PAID, DISHONORED = "PRESENTED", "PAID", "DISHONORED"

NEXT: Final = {
    HELD: frozenset({PLEDGED, ENDORSED, DISCOUNTED, PRESENTED, PAID, DISHONORED}),
    PLEDGED: frozenset({HELD, PRESENTED, PAID, DISHONORED}),
    ENDORSED: frozenset({PAID, DISHONORED}),
    DISCOUNTED: frozenset({PAID, DISHONORED}),
    PRESENTED: frozenset({PAID, DISHONORED}),
    PAID: frozenset(),
    DISHONORED: frozenset(),
}
"""Where a bill can go from where it is. Paid and dishonored are the end."""

PASSED_ON: Final = frozenset({PLEDGED, ENDORSED, DISCOUNTED})
"""States that name a holder and say whether he has recourse against us."""


@dataclass(frozen=True, slots=True)
class NumberShape:
    """What the number of a bill says. problem: "" when nothing speaks against it, else a code."""

    is_electronic: bool
    kind: str
    problem: str = ""


def number_shape(number: str, kind: str) -> NumberShape:
    """Return what the number says beside the kind that was entered.

    >>> number_shape("1" + "0" * 29, "COMMERCIAL").problem
    'KIND'
    >>> number_shape("12345", "BANK").problem
    'DIGITS'
    """
    is_electronic = len(number) == ELECTRONIC_DIGITS
    if not (number.isascii() and number.isdigit()) or not (is_electronic or len(number) in PAPER_DIGITS):
        return NumberShape(is_electronic, kind, "DIGITS")
    said = KIND_BY_FIRST_DIGIT.get(number[0], kind) if is_electronic else kind
    return NumberShape(is_electronic, said, "" if said == kind else "KIND")


def present_until(matures_on: date) -> date:
    """Return the last day to present a bill for payment without losing rights."""
    return matures_on + timedelta(days=PRESENT_WITHIN_DAYS)


def recourse_until(refused_on: date) -> date:
    """Return the last day of recourse against the endorsers before us; never rolled over a holiday."""
    return add_months(refused_on, RECOURSE_MONTHS)


def reminders(
    *, state: str, matures_on: date, recourse_ends_on: date | None, as_of: date
) -> tuple[tuple[str, date], ...]:
    """Return the reminders whose day has come: (step code, day by which to act). Each is asked for once by its key.

    Args:
        state: Of the bill.
        matures_on: Day of maturity.
        recourse_ends_on: Last day of recourse; None while it is not dishonored.
        as_of: Today.
    """
    if state in {HELD, PLEDGED} and as_of >= matures_on - timedelta(days=DUE_AHEAD_DAYS):
        return ((PRESENT, present_until(matures_on)),)
    if state == DISHONORED and recourse_ends_on is not None and as_of <= recourse_ends_on:
        return tuple(
            (f"bill_recourse_{days}", recourse_ends_on)
            for days in RECOURSE_WARNED_DAYS
            if as_of >= recourse_ends_on - timedelta(days=days)
        )
    return ()
