"""The service clock, slowly: one minute after another."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


def is_worked(minute: datetime, *, rules, calendar, zone) -> bool:
    """Tell whether somebody is in during the minute that begins at this instant."""
    there = minute.astimezone(ZoneInfo(zone))
    is_working, _ = calendar.is_working_day_or_fallback(there.date())
    return is_working and rules.opens <= there.time() < rules.closes


def answer_due_at(raised_at: datetime, *, rules, calendar, zone) -> datetime:
    """Walk on until so many worked minutes have passed."""
    minute, left = raised_at, rules.answer_minutes
    while left:
        left -= is_worked(minute, rules=rules, calendar=calendar, zone=zone)
        minute += MINUTE
    return minute


def worked_minutes(began: datetime, ended: datetime, *, rules, calendar, zone) -> int:
    """Count the worked minutes between two instants."""
    minute, count = began, 0
    while minute < ended:
        count += is_worked(minute, rules=rules, calendar=calendar, zone=zone)
        minute += MINUTE
    return count
