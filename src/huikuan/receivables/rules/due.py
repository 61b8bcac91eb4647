"""The due day (到期日): the last day on which payment is on time."""

from datetime import date
from typing import Final

from huikuan.kernel.days import add_days, add_months, end_of_month

BASES: Final = ("NET_DAYS", "END_OF_MONTH", "FIXED_DAY")


def due_on(
    issued_on: date, *, basis: str = "NET_DAYS", term_days: int | None = None, fixed_day: int | None = None
) -> date:
    """Return the day on which an item issued on a day falls due.

    Args:
        issued_on: Day of issue (or of delivery or acceptance, where the contract counts from it).
        basis: NET_DAYS: so many days after. END_OF_MONTH: the end of the month in which that day lies (月结).
            FIXED_DAY: the first such day of a month on or after that day; a day that a month lacks is its last.
        term_days: The number of days; None counts as 0: due on the day of issue.
        fixed_day: Day of the month, 1 to 31, for FIXED_DAY; 31 is the last of every month.

    A due day on a holiday stays as it is: whether payment on the next working day is on time is for the contract.

    Raises: ValueError for an unknown basis, or FIXED_DAY without a day.
    """
    counted = add_days(issued_on, term_days or 0)
    if basis == "NET_DAYS":
        return counted
    if basis == "END_OF_MONTH":
        return end_of_month(counted)
    if basis != "FIXED_DAY" or fixed_day is None:
        message = f"cannot count a due day by {basis!r} with day {fixed_day}"
        raise ValueError(message)
    this_month = _day_in_month(counted, fixed_day)
    return this_month if this_month >= counted else _day_in_month(add_months(counted.replace(day=1), 1), fixed_day)


def _day_in_month(month: date, day: int) -> date:
    return month.replace(day=min(day, end_of_month(month).day))
