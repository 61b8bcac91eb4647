"""Between instants (UTC) and the calendar and clock of a place."""

from datetime import UTC, date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo

from huikuan.kernel.days import add_days
from huikuan.kernel.refusal import Refusal, gettext_noop


class ZoneUnknown(Refusal):
    """No such time zone."""

    code = "zone.unknown"
    text = gettext_noop("“{zone}” is not a time zone. Use a name like Asia/Shanghai.")


@cache
def zone_of(name: str) -> ZoneInfo:
    """Return the time zone of an IANA name ("Asia/Shanghai"). Raises ZoneUnknown."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not listed, not a name, a folder of names ("Asia")
        raise ZoneUnknown(zone=name) from None


def local(instant: datetime, zone: str) -> datetime:
    """Return the instant on the clock of the place. Raises ValueError for a naive instant, ZoneUnknown."""
    if instant.tzinfo is None:
        message = "an instant needs its time zone (UTC)"
        raise ValueError(message)
    return instant.astimezone(zone_of(zone))


def local_day(instant: datetime, zone: str) -> date:
    """Return the calendar day of the instant at the place. Raises ValueError for a naive instant, ZoneUnknown."""
    return local(instant, zone).date()


def local_time(instant: datetime, zone: str) -> time:
    """Return the time of day of the instant at the place. Raises ValueError for a naive instant, ZoneUnknown."""
    return local(instant, zone).time()


def instant_at(day: date, clock: time, zone: str) -> datetime:
    """Return the instant (UTC) at which the clock of the place shows that day and time.

    A time that the clock jumps over (start of summer time) is moved on by the length of the jump: 02:30 becomes what
    the clock shows as 03:30. A time that comes twice (end of summer time) means the first.

    Raises: ZoneUnknown.
    """
    return datetime.combine(day, clock.replace(fold=0, tzinfo=None), zone_of(zone)).astimezone(UTC)


def day_instants(day: date, zone: str) -> tuple[datetime, datetime]:
    """Return the half-open stretch of instants (UTC) that is this calendar day at the place. Raises ZoneUnknown."""
    return instant_at(day, time.min, zone), instant_at(add_days(day, 1), time.min, zone)
