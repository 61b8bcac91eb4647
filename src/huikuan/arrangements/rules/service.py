"""The service clock (服务时钟): working time between instants, on working days in office hours (domain.md §7)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.days import add_days
from huikuan.kernel.zones import instant_at, local_day
from huikuan.policy.rules.arranging import ServiceRules


def answer_due_at(raised_at: datetime, *, rules: ServiceRules, calendar: WorkingCalendar, zone: str) -> datetime:
    """Return the instant by which the customer must have an answer: so many working minutes after it was raised.

    Time outside office hours does not count: what comes in on Friday at 17:40 is due on Monday at 09:40. An hour that
    ends exactly at closing time is due then, not next morning.
    """
    left = timedelta(minutes=rules.answer_minutes)
    for opens, closes in _office(raised_at, rules=rules, calendar=calendar, zone=zone):
        if closes - opens >= left:
            return opens + left
        left -= closes - opens
    message = "office hours never end"
    raise AssertionError(message)


def worked_minutes(
    began: datetime, ended: datetime, *, rules: ServiceRules, calendar: WorkingCalendar, zone: str
) -> int:
    """Return the whole minutes of working time from one instant to another; 0 when nothing of it was office time."""
    total = timedelta()
    for opens, closes in _office(began, rules=rules, calendar=calendar, zone=zone):
        if opens >= ended:
            break
        total += min(closes, ended) - opens
    return divmod(total, timedelta(minutes=1))[0]


def resolve_due_on(raised_at: datetime, *, rules: ServiceRules, calendar: WorkingCalendar, zone: str) -> date:
    """Return the last day on which it must be decided: so many working days after the day on which it was raised."""
    return calendar.add_working_days(local_day(raised_at, zone), rules.resolve_days)


def _office(
    since: datetime, *, rules: ServiceRules, calendar: WorkingCalendar, zone: str
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the stretches of office time from an instant on, for ever; estimated where no notice is published."""
    day = local_day(since, zone)
    while True:
        if calendar.is_working_day_or_fallback(day)[0]:
            opens, closes = _at(day, rules.opens, zone), _at(day, rules.closes, zone)
            if closes > since:
                yield max(opens, since.astimezone(UTC)), closes
        day = add_days(day, 1)


def _at(day: date, clock: time, zone: str) -> datetime:
    return instant_at(day, clock, zone)
