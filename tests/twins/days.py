"""Slow, obvious twins of day arithmetic: one day, one month at a time."""

from collections.abc import Callable
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """Walk day by day to the month wanted, then on to the same day number or as far as the month reaches."""
    step = ONE_DAY if months >= 0 else -ONE_DAY
    found = day.replace(day=1)
    crossed = 0
    while crossed < abs(months):
        found += step
        crossed += found.day == 1
    while found.day < day.day and (found + ONE_DAY).month == found.month:
        found += ONE_DAY
    return found


def add_working_days(day: date, count: int, is_working: Callable[[date], bool]) -> date:
    """Walk day by day and count those on which people work."""
    step = ONE_DAY if count > 0 else -ONE_DAY
    while count:
        day += step
        if is_working(day):
            count += -1 if count > 0 else 1
    return day


def working_days(starts_on: date, ends_before: date, is_working: Callable[[date], bool]) -> int:
    """Walk day by day and count those on which people work."""
    count = 0
    while starts_on < ends_before:
        count += is_working(starts_on)
        starts_on += ONE_DAY
    return count
