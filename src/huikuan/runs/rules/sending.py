"""When a message may leave: the policy's next send time on the customer's clock and working days.

A person may prefer hours of the day. They narrow what the policy does by default, and never widen what the guard's
packs leave open: preferred hours that are not left open count for nothing.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Final

import polars as pl

from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.zones import ZoneUnknown, instant_at, local_day, zone_of
from huikuan.parties.rules.contacts import Hours, parse_hours
from huikuan.policy.rules.guard_pack import GuardPack
from huikuan.policy.rules.schema import SendTimes
from huikuan.runs.rules.facts import INSTANT, Columns, Setting

_DAYS_TRIED_MAX: Final = 60
"""Longer than any closure: a policy with a send time always finds one."""


def send_times(
    customers: pl.DataFrame, *, policy: SendTimes, setting: Setting, calendar: WorkingCalendar
) -> pl.DataFrame:
    """Return the earliest instant for each place: time_zone, country, hours, not_before, is_estimate.

    Args:
        customers: time_zone, country, hours ("09:30-11:30", null for none): those that the law leaves open.
        policy: Times of day, and whether only working days count.
        setting: Nothing leaves before its `now` nor before its day begins.
        calendar: The creditor's; used for its own country, with what users entered.

    `is_estimate` says that the working days of the year are not published yet. A zone that nobody knows counts as the
    creditor's (the run warns of it).
    """
    places = customers.select("time_zone", "country", "hours").unique().sort("time_zone", "country", "hours")
    rows = []
    for zone, country, hours in places.rows():
        own = calendar if country == calendar.country else WorkingCalendar(country)
        clocks = times_within(policy.at, None if hours is None else parse_hours(hours))
        place = known_zone(zone, setting)
        first_day = max(local_day(setting.now, place), setting.as_of)
        instant, is_estimate = _first(
            place, own, clocks, first_day, setting.now, working_days_only=policy.working_days_only
        )
        rows.append((zone, country, hours, instant, is_estimate))
    schema: Columns = {
        "time_zone": pl.String, "country": pl.String, "hours": pl.String, "not_before": INSTANT,
        "is_estimate": pl.Boolean,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=dict(schema), orient="row")


def known_zone(zone: str, setting: Setting) -> str:
    """Return the zone, or the creditor's when nobody knows it."""
    return known_zone_or(zone, setting.time_zone)


def known_zone_or(zone: str, other: str) -> str:
    """Return the zone, or the other when nobody knows it."""
    try:
        zone_of(zone)
    except ZoneUnknown:
        return other
    return zone


def law_hours(packs: Iterable[GuardPack], channel: str, *, is_automatic: bool) -> Hours:
    """Return the hours of a day that every pack leaves open on a channel, consents aside.

    Args:
        packs: Those that apply to the customer.
        channel: EMAIL, SMS, PHONE.
        is_automatic: The machine sends it, not a person.
    """
    opens, closes = time.min, time.max
    for rule in (rule for pack in packs for rule in pack.rules.values() if rule.is_about(channel)):
        if rule.code == "quiet_hours":
            opens, closes = max(opens, rule.clock("until")), min(closes, rule.clock("from"))
        if rule.code == "automatic_hours" and is_automatic:
            opens, closes = max(opens, rule.clock("from")), min(closes, rule.clock("until"))
    return opens, closes


def overlap(one: Hours, other: Hours) -> Hours | None:
    """Return the hours that lie in both; None when there are none."""
    begins, ends = max(one[0], other[0]), min(one[1], other[1])
    return (begins, ends) if begins < ends else None


def times_within(clocks: Iterable[time], hours: Hours | None) -> tuple[time, ...]:
    """Return the policy's times of day that lie in the preferred hours; when none does, their beginning."""
    ordered = tuple(sorted(clocks))
    if hours is None:
        return ordered
    return tuple(clock for clock in ordered if hours[0] <= clock < hours[1]) or (hours[0],)


def windows_within(windows: Iterable[Hours], hours: Hours | None) -> tuple[Hours, ...]:
    """Return the policy's hours for calls as far as they are preferred; when none is, the preferred ones."""
    if hours is None:
        return tuple(windows)
    return tuple(filter(None, (overlap(each, hours) for each in windows))) or (hours,)


def first_preferred(
    now: datetime, hours: Hours | None, *, zone: str, calendar: WorkingCalendar, working_days_only: bool
) -> datetime:
    """Return the first instant from `now` on in somebody's preferred hours; `now` itself when he has none.

    Args:
        now: The instant.
        hours: Those that the law leaves open.
        zone: The customer's; one that exists.
        calendar: Of the customer's country.
        working_days_only: `send: working_days_only:`.
    """
    if hours is None:
        return now
    today = local_day(now, zone)
    is_working = calendar.is_working_day_or_fallback(today)[0] or not working_days_only
    if is_working and instant_at(today, hours[0], zone) <= now < instant_at(today, hours[1], zone):
        return now
    return _first(zone, calendar, (hours[0],), today, now, working_days_only=working_days_only)[0]


def _first(
    zone: str, calendar: WorkingCalendar, clocks: tuple[time, ...], day: date, now: datetime, *, working_days_only: bool
) -> tuple[datetime, bool]:
    """Return the first of the times of day from a day on, not before `now`, and whether its day is an estimate."""
    begun_on = day
    for _ in range(_DAYS_TRIED_MAX):
        is_working, is_estimate = calendar.is_working_day_or_fallback(day)
        if is_working or not working_days_only:
            for clock in clocks:
                instant = instant_at(day, clock, zone)
                if instant >= now:
                    return instant, is_estimate and working_days_only
        day += timedelta(days=1)
    message = f"no send time within {_DAYS_TRIED_MAX} days of {begun_on}: the policy names none"
    raise ValueError(message)
