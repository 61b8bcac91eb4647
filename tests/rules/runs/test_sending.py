"""When a message may leave: on the customer's clock, on its working days, never before the run."""

from datetime import UTC, date, datetime, time, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huikuan.kernel.calendar import WorkingCalendar
from huikuan.parties.rules.contacts import HoursUnreadable, format_hours, parse_hours
from huikuan.policy.reading.guard import guard_pack
from huikuan.policy.reading.policy import default_policy
from huikuan.runs.rules.facts import Setting
from huikuan.runs.rules.sending import first_preferred, law_hours, overlap, send_times, windows_within
from tests.twins.sending import first_send_time, good_minutes

SEND = default_policy().send_times  # 09:00 and 14:00 on working days


@pytest.mark.parametrize(
    ("now", "as_of", "zone", "country", "leaves_at"),
    [
        # run before nine, between the two times, and after both; Shanghai is eight hours ahead of UTC
        ("2026-07-07T00:00", "2026-07-07", "Asia/Shanghai", "CN", "2026-07-07T01:00"),
        ("2026-07-07T01:00", "2026-07-07", "Asia/Shanghai", "CN", "2026-07-07T01:00"),
        ("2026-07-07T01:01", "2026-07-07", "Asia/Shanghai", "CN", "2026-07-07T06:00"),
        ("2026-07-07T06:30", "2026-07-07", "Asia/Shanghai", "CN", "2026-07-08T01:00"),
        # the evening before the day it is for
        ("2026-07-06T14:00", "2026-07-07", "Asia/Shanghai", "CN", "2026-07-07T01:00"),
        # a Saturday; National Day; a Saturday on which people work
        ("2026-07-11T00:00", "2026-07-11", "Asia/Shanghai", "CN", "2026-07-13T01:00"),
        ("2026-10-01T00:00", "2026-10-01", "Asia/Shanghai", "CN", "2026-10-08T01:00"),
        # a customer in Hamburg has nine o'clock six hours later, and no National Day
        ("2026-10-01T00:00", "2026-10-01", "Europe/Berlin", "DE", "2026-10-01T07:00"),
        # a zone nobody knows is the creditor's
        ("2026-07-07T00:00", "2026-07-07", "Mars/Olympus", "CN", "2026-07-07T01:00"),
    ],
)
def test_the_first_send_time(now, as_of, zone, country, leaves_at):
    setting = Setting(
        entity_id=1, business="SALE", time_zone="Asia/Shanghai", as_of=date.fromisoformat(as_of), previous_on=None,
        now=datetime.fromisoformat(now).replace(tzinfo=UTC), managers=pl.DataFrame(), channels=frozenset(),
    )  # fmt: skip
    places = pl.DataFrame({"time_zone": [zone, zone], "country": [country, country], "hours": [None, None]})
    found = send_times(places, policy=SEND, setting=setting, calendar=WorkingCalendar("CN"))
    assert found.select("time_zone", "country", "not_before", "is_estimate").rows() == [
        (zone, country, datetime.fromisoformat(leaves_at).replace(tzinfo=UTC), False)
    ]


def clock(minute: int) -> time:
    return time(minute // 60, minute % 60)


def sent_at(now, hours, zone="Asia/Shanghai"):
    setting = Setting(
        entity_id=1, business="SALE", time_zone="Asia/Shanghai", as_of=now.date(), previous_on=None,
        now=now, managers=pl.DataFrame(), channels=frozenset(),
    )  # fmt: skip
    places = pl.DataFrame(
        {"time_zone": [zone], "country": ["CN"], "hours": [hours]}, schema_overrides={"hours": pl.String}
    )
    return send_times(places, policy=SEND, setting=setting, calendar=WorkingCalendar("CN"))["not_before"][0]


PACK = guard_pack("guard_cn_default")
LAW = law_hours([PACK], "EMAIL", is_automatic=True)


def test_the_law_of_the_default_pack_on_every_channel():
    assert format_hours(LAW) == "09:00-18:00"
    assert format_hours(law_hours([PACK], "PHONE", is_automatic=False)) == "08:00-22:00"
    assert law_hours([], "EMAIL", is_automatic=True) == (time.min, time.max)
    both = [PACK, guard_pack("guard_eu")]
    assert format_hours(law_hours(both, "PHONE", is_automatic=False)) == "08:00-21:00"


@pytest.mark.parametrize(
    ("preferred", "leaves_at"),
    [
        ("13:30-15:00", "2026-07-07T06:00"),  # two o'clock, the policy's, suits
        ("10:30-11:30", "2026-07-07T02:30"),  # none suits: when the hours begin
        ("07:00-09:30", "2026-07-07T01:00"),  # only from nine on does the law let machines write
        ("07:00-08:00", "2026-07-07T01:00"),  # never lawful: the policy's own first time
        ("19:00-20:00", "2026-07-07T01:00"),
    ],
)
def test_preferred_hours_narrow_and_never_widen(preferred, leaves_at):
    found = overlap(parse_hours(preferred), LAW)
    hours = None if found is None else format_hours(found)
    now = datetime(2026, 7, 7, tzinfo=UTC)
    assert sent_at(now, hours) == datetime.fromisoformat(leaves_at).replace(tzinfo=UTC)


minutes = st.integers(0, 24 * 60 - 1)


@given(
    ends=st.none() | st.tuples(minutes, minutes).filter(lambda pair: pair[0] < pair[1]),
    after=st.integers(0, 3 * 24 * 60),
    zone=st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York"]),
)
def test_the_send_time_is_the_one_that_a_clock_on_the_wall_shows(ends, after, zone):
    now = datetime(2026, 7, 9, tzinfo=UTC) + timedelta(minutes=after)  # a Thursday, so that weekends come into it
    hours = None if ends is None else overlap((clock(ends[0]), clock(ends[1])), LAW)
    calendar = WorkingCalendar("CN")
    good = good_minutes(preferred=ends, opens=9 * 60, closes=18 * 60)
    at = [each.hour * 60 + each.minute for each in SEND.at]
    as_of = now.date()

    def is_working(day: date) -> bool:
        return day >= as_of and calendar.is_working_day_or_fallback(day)[0]

    expected = first_send_time(now, zone=zone, is_working=is_working, at=at, good=good)
    assert sent_at(now, None if hours is None else format_hours(hours), zone) == expected
    if good is None:
        assert first_preferred(now, hours, zone=zone, calendar=calendar, working_days_only=True) == now
    else:
        moved = first_preferred(now, hours, zone=zone, calendar=calendar, working_days_only=True)
        any_good = first_send_time(now, zone=zone, is_working=calendar.is_working_day, at=good, good=good)
        assert moved == any_good


@pytest.mark.parametrize(
    ("preferred", "shown"),
    [
        (None, "10:00-11:00, 14:00-16:00"),
        ("10:30-15:00", "10:30-11:00, 14:00-15:00"),
        ("08:30-09:30", "08:30-09:30"),
    ],
)
def test_calls_are_suggested_where_the_policy_and_the_person_agree(preferred, shown):
    hours = None if preferred is None else parse_hours(preferred)
    assert ", ".join(format_hours(each) for each in windows_within(SEND.calls, hours)) == shown


@pytest.mark.parametrize("text", ["9:30-11:30", "09：30 至 11：30", "09:30–11:30", "09:30:00-11:30:00", "9:30~11:30"])
def test_hours_are_read_as_people_write_them(text):
    assert format_hours(parse_hours(text)) == "09:30-11:30"


@pytest.mark.parametrize("text", ["", "morning", "11:30-09:30", "9-11", "25:00-26:00", "09:30-09:30", "09:70-10:00"])
def test_what_is_not_hours_is_refused(text):
    with pytest.raises(HoursUnreadable):
        parse_hours(text)
