"""The note before a holiday: when nobody is in, and from when somebody is again."""

from datetime import date, timedelta
from typing import Final

from huikuan.kernel.calendar import WorkingCalendar
from huikuan.outreach.models import Delivery
from huikuan.outreach.ports import Pointless
from huikuan.runs.speech import Speech
from huikuan.runs.telling import Told

AHEAD_DAYS: Final = 14
"""A note that far ahead of the holiday at most; later there is nothing to note."""
WEEKEND_DAYS: Final = 2
"""A closure no longer than this is an ordinary weekend."""


def holiday(delivery: Delivery, speech: Speech) -> Told | Pointless:
    """Tell the next closure of the creditor that is longer than a weekend."""
    calendar = WorkingCalendar(delivery.entity.country)
    closure = next_closure(calendar, speech.today)
    if closure is None:
        return Pointless("NO_HOLIDAY_AHEAD", {"as_of": speech.today.isoformat()})
    first, last = closure
    back_on = calendar.next_working_day(last)
    return Told(
        words={
            "closed_from": speech.day(first),
            "closed_until": speech.day(last),
            "back_on": speech.day(back_on),
        },
        facts={"closed_from": first.isoformat(), "closed_until": last.isoformat(), "back_on": back_on.isoformat()},
    )


def next_closure(calendar: WorkingCalendar, today: date) -> tuple[date, date] | None:
    """Return first and last day of the next closure longer than a weekend that begins within AHEAD_DAYS; else None."""
    day = today
    while (day - today).days <= AHEAD_DAYS:
        if calendar.is_working_day_or_fallback(day)[0]:
            day += timedelta(days=1)
            continue
        back_on = calendar.next_working_day(day)
        if (back_on - day).days > WEEKEND_DAYS:
            return day, back_on - timedelta(days=1)
        day = back_on
    return None


PROVIDES: Final = {"holiday": holiday}
