"""Send times as one finds them without thinking: look at the clock on the customer's wall, minute after minute."""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo


def good_minutes(*, preferred, opens, closes):
    """Return the minutes of a day that somebody prefers and the law leaves open; None when nothing is preferred."""
    if preferred is None:
        return None
    begins, ends = preferred
    minutes = {minute for minute in range(24 * 60) if begins <= minute < ends and opens <= minute < closes}
    return minutes or None


def first_send_time(now, *, zone, is_working, at, good):
    """Return the first minute at which a message leaves: a time of the policy that suits, else the first that suits."""
    leaving = set(at)
    if good is not None:
        leaving = leaving & good or {min(good)}
    moment = now
    while True:
        here = moment.astimezone(ZoneInfo(zone))
        if is_working(here.date()) and here.hour * 60 + here.minute in leaving:
            return moment.astimezone(UTC)
        moment += timedelta(minutes=1)
