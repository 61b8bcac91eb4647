"""What follows when a message shows no effect: when it counts as unread, and which channel is tried next. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.days import add_days
from huikuan.kernel.zones import instant_at, local_day
from huikuan.policy.rules.schema import Notice, Policy


@dataclass(frozen=True, slots=True)
class Way:
    """A channel to go, and the template to go with."""

    channel: str
    template: str


def unread_from(
    sent_at: datetime, hours: int, *, calendar: WorkingCalendar, zone: str, working_days_only: bool
) -> datetime:
    """Return the instant from which a message counts as unread: so many hours after it left.

    Hours of the customer's days off do not count when messages leave on working days only: what went out on Friday at
    14:00 is unread on Monday at 14:00.

    Args:
        sent_at: When it left.
        hours: `fallback: after_hours:`.
        calendar: Of the customer's country; estimated where no notice is published.
        zone: The customer's.
        working_days_only: `send: working_days_only:`.
    """
    if not working_days_only:
        return sent_at + timedelta(hours=hours)
    left, instant, day = timedelta(hours=hours), sent_at, local_day(sent_at, zone)
    while True:
        ends = instant_at(add_days(day, 1), time(), zone)
        if calendar.is_working_day_or_fallback(day)[0]:
            if instant + left <= ends:
                return instant + left
            left -= ends - instant
        instant, day = ends, add_days(day, 1)


def next_way(notice: Notice, policy: Policy, *, tried: Collection[str], open_to: Collection[str]) -> Way | None:
    """Return the next channel for a notice that did not arrive, in the order of the policy; None when none is left.

    The step's own channels first, then the one it falls back to.

    Args:
        notice: The step's.
        policy: Whose templates are written for which channels.
        tried: Channels on which the step has been sent, or is about to be.
        open_to: Channels that are wired and for which the customer has an address.
    """
    ways = [Way(channel, notice.template) for channel in notice.channels]
    if notice.fallback is not None:
        ways.append(Way(notice.fallback.channel, notice.fallback.template))
    for way in ways:
        is_written = way.channel in policy.templates.get(way.template, ())
        if way.channel not in tried and way.channel in open_to and is_written:
            return way
    return None
