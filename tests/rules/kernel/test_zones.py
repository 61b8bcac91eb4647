"""Zones: the clock of a place, also when it jumps."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huikuan.kernel.zones import ZoneUnknown, day_instants, instant_at, local, local_day, local_time, zone_of

ZONES = st.sampled_from(["Asia/Shanghai", "Asia/Hong_Kong", "Europe/Berlin", "America/New_York", "Africa/Cairo"])


def test_the_day_of_an_instant_is_that_of_the_place():
    instant = datetime(2025, 12, 31, 16, 0, tzinfo=UTC)
    assert local_day(instant, "Asia/Shanghai") == date(2026, 1, 1)
    assert local_time(instant, "Asia/Shanghai") == time(0, 0)
    assert local_day(instant, "America/New_York") == date(2025, 12, 31)
    assert local(instant, "Europe/Berlin") == instant


@pytest.mark.parametrize(
    ("day", "clock", "zone", "instant"),
    [
        (date(2026, 1, 5), time(9), "Asia/Shanghai", datetime(2026, 1, 5, 1, tzinfo=UTC)),
        (date(2026, 3, 8), time(2, 30), "America/New_York", datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),  # jumped over
        (date(2026, 11, 1), time(1, 30), "America/New_York", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),  # the first
        (date(2026, 4, 24), time(0, 0), "Africa/Cairo", datetime(2026, 4, 23, 22, 0, tzinfo=UTC)),  # no midnight
    ],
)
def test_the_instant_of_a_local_time(day, clock, zone, instant):
    assert instant_at(day, clock, zone) == instant
    assert instant_at(day, clock, zone).tzinfo is UTC


def test_a_time_jumped_over_is_later_on_the_clock_of_the_same_day():
    shown = local(instant_at(date(2026, 3, 8), time(2, 30), "America/New_York"), "America/New_York")
    assert (shown.date(), shown.time()) == (date(2026, 3, 8), time(3, 30))


def test_a_day_has_23_24_or_25_hours():
    lengths = []
    for day in (date(2026, 3, 29), date(2026, 6, 1), date(2026, 10, 25)):
        starts_at, ends_before = day_instants(day, "Europe/Berlin")
        lengths.append(ends_before - starts_at)
    assert lengths == [timedelta(hours=23), timedelta(hours=24), timedelta(hours=25)]


@given(st.dates(date(2000, 1, 1), date(2037, 12, 31)), st.times(), ZONES)
def test_there_and_back_stays_on_the_day(day, clock, zone):
    instant = instant_at(day, clock, zone)
    starts_at, ends_before = day_instants(day, zone)
    assert local_day(instant, zone) == day
    assert starts_at <= instant < ends_before


@given(st.integers(946_684_800, 2_145_916_800), ZONES)  # 2000 to 2037
def test_an_instant_lies_in_its_own_day(seconds, zone):
    instant = datetime.fromtimestamp(seconds, tz=UTC)
    starts_at, ends_before = day_instants(local_day(instant, zone), zone)
    assert starts_at <= instant < ends_before


@pytest.mark.parametrize("name", ["Asia/Peking", "", "Asia", "../etc/passwd", "CN time"])
def test_an_unknown_zone_is_refused(name):
    with pytest.raises(ZoneUnknown, match="Asia/Shanghai"):
        zone_of(name)


def test_an_instant_without_zone_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="time zone"):
        local_day(datetime(2026, 1, 1), "Asia/Shanghai")  # noqa: DTZ001  that is the mistake
