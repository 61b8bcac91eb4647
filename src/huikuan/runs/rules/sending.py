"""When a message may leave: the policy's next send time on the customer's clock and working days."""

from datetime import date, datetime, timedelta
from typing import Final

import polars as pl

from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.zones import ZoneUnknown, instant_at, local_day, zone_of
from huikuan.policy.rules.schema import SendTimes
from huikuan.runs.rules.facts import INSTANT, Columns, Setting

_DAYS_TRIED_MAX: Final = 60
"""Longer than any closure: a policy with a send time always finds one."""


def send_times(
    customers: pl.DataFrame, *, policy: SendTimes, setting: Setting, calendar: WorkingCalendar
) -> pl.DataFrame:
    """Return the earliest instant for each place: time_zone, country, not_before, is_estimate.

    Args:
        customers: time_zone, country.
        policy: Times of day, and whether only working days count.
        setting: Nothing leaves before its `now` nor before its day begins.
        calendar: The creditor's; used for its own country, with what users entered.

    `is_estimate` says that the working days of the year are not published yet. A zone that nobody knows counts as the
    creditor's (the run warns of it).
    """
    places = customers.select("time_zone", "country").unique().sort("time_zone", "country")
    rows = []
    for zone, country in places.rows():
        own = calendar if country == calendar.country else WorkingCalendar(country)
        instant, is_estimate = _first(known_zone(zone, setting), own, policy, setting)
        rows.append((zone, country, instant, is_estimate))
    schema: Columns = {"time_zone": pl.String, "country": pl.String, "not_before": INSTANT, "is_estimate": pl.Boolean}
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


def _first(zone: str, calendar: WorkingCalendar, policy: SendTimes, setting: Setting) -> tuple[datetime, bool]:
    day: date = max(local_day(setting.now, zone), setting.as_of)
    for _ in range(_DAYS_TRIED_MAX):
        is_working, is_estimate = calendar.is_working_day_or_fallback(day)
        if is_working or not policy.working_days_only:
            for clock in sorted(policy.at):
                instant = instant_at(day, clock, zone)
                if instant >= setting.now:
                    return instant, is_estimate and policy.working_days_only
        day += timedelta(days=1)
    message = f"no send time within {_DAYS_TRIED_MAX} days of {setting.as_of}: the policy names none"
    raise ValueError(message)
