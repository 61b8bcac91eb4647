"""Working days: China as published, abroad as computed, and the years that nobody knows."""

from datetime import date

import chinese_calendar
import holidays
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from huikuan.kernel.calendar import CalendarUnknown, WorkingCalendar, calendar_days
from huikuan.kernel.calendar_data import CN_2026, NOTICES, DayKind, Notice
from huikuan.kernel.days import Period, add_months, add_years
from tests.tables import cases, rows
from tests.twins import days as twin

CHINA = WorkingCalendar("CN")
KNOWN_DAYS = st.dates(date(2024, 6, 1), date(2026, 6, 30))


@pytest.mark.parametrize("year", [2025, 2026])
def test_our_table_agrees_with_chinesecalendar_on_every_day(year):
    ours = [CHINA.is_working_day(day) for day in Period.year_of(date(year, 1, 1))]
    theirs = [chinese_calendar.is_workday(day) for day in Period.year_of(date(year, 1, 1))]
    assert ours == theirs
    assert sum(ours) == 248


def test_our_table_agrees_with_holidays_too():
    statutory = holidays.country_holidays("CN", years=[2025, 2026])
    for day in Period(date(2025, 1, 1), date(2027, 1, 1)):
        assert CHINA.is_working_day(day) is statutory.is_working_day(day), day


@pytest.mark.parametrize("notice", NOTICES, ids=lambda notice: str(notice.year))
def test_a_notice_names_only_days_of_its_year_and_only_weekends_as_work(notice):
    rows_of_year = calendar_days((notice,))
    assert {row.day.year for row in rows_of_year} == {notice.year}
    assert len({row.day for row in rows_of_year}) == len(rows_of_year), "a day is named twice"
    assert all(row.day.weekday() >= 5 for row in rows_of_year if row.kind is DayKind.WORK)
    assert notice.published_on.year == notice.year - 1
    assert {row.source for row in rows_of_year} == {notice.source}


def test_the_notice_of_2026_day_by_day():
    # law.md §10
    off = {row.day for row in calendar_days((CN_2026,)) if row.kind is DayKind.OFF}
    work = {row.day for row in calendar_days((CN_2026,)) if row.kind is DayKind.WORK}
    stretches = [
        "01-01 01-03",
        "02-15 02-23",
        "04-04 04-06",
        "05-01 05-05",
        "06-19 06-21",
        "09-25 09-27",
        "10-01 10-07",
    ]
    ends = [[date.fromisoformat(f"2026-{end}") for end in stretch.split()] for stretch in stretches]
    assert off == {day for first, last in ends for day in Period.through(first, last)}
    assert work == {date.fromisoformat(f"2026-{day}") for day in ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]}


def test_earlier_years_come_from_chinesecalendar():
    assert CHINA.is_working_day(date(2020, 1, 31)) is False  # the holiday prolonged in 2020
    assert CHINA.is_working_day(date(2021, 2, 20)) is True  # a Saturday made a working day
    assert CHINA.is_working_day(date(2003, 1, 2)) is None


def test_a_year_without_notice_is_unknown_and_estimated_only_on_request():
    new_year, monday, saturday = date(2027, 1, 1), date(2027, 1, 4), date(2027, 1, 9)
    assert [CHINA.is_working_day(day) for day in (new_year, monday, saturday)] == [None, None, None]
    answers = [CHINA.is_working_day_or_fallback(day) for day in (new_year, monday, saturday)]
    assert answers == [(False, True), (True, True), (False, True)]
    assert CHINA.is_known(Period(date(2026, 1, 1), date(2027, 1, 1)))
    assert not CHINA.is_known(Period(date(2026, 12, 31), date(2027, 1, 2)))


def test_a_notice_entered_later_makes_the_year_known():
    # invented: only the mechanism is tested
    notice = Notice("CN", 2027, "entered by hand", date(2026, 11, 20), ((date(2027, 1, 1), date(2027, 1, 3)),), ())
    informed = WorkingCalendar("CN", (*NOTICES, notice))
    assert informed.is_working_day(date(2027, 1, 4)) is True
    assert informed.roll_forward_legal(date(2027, 1, 2)) == date(2027, 1, 4)
    assert CHINA.is_working_day(date(2027, 1, 4)) is None


@pytest.mark.parametrize(
    "case",
    cases("""
        last day of the period | ends
        # law.md §2: payment order served 2026-02-05, 15 days; served 2026-01-30; preservation of 2026-09-01, 30 days
        2026-02-20             | 2026-02-24
        2026-02-14             | 2026-02-14
        2026-04-09             | 2026-04-09
        2026-10-01             | 2026-10-08
        # law.md §3: limitation
        2026-06-30             | 2026-06-30
        2026-02-15             | 2026-02-24
    """),
)
def test_a_legal_period_ends_on_a_working_day(case):
    assert CHINA.roll_forward_legal(case["last day of the period"]) == case["ends"]


@pytest.mark.parametrize(
    "case",
    cases("""
        due        | earliest   | rolled
        2023-06-30 | 2026-06-30 | 2026-06-30
        2023-02-15 | 2026-02-15 | 2026-02-24
        2023-02-14 | 2026-02-14 | 2026-02-14
        2023-10-01 | 2026-10-01 | 2026-10-08
        # 2027 has no notice: the rolled day (law.md says 2027-03-01) is not certain, the earliest day is
        2024-02-29 | 2027-02-28 |
    """),
)
def test_three_years_from_the_due_day(case):
    earliest = add_years(case["due"], 3)
    assert earliest == case["earliest"]
    if case["rolled"]:
        assert CHINA.roll_forward_legal(earliest) == case["rolled"]
    else:
        with pytest.raises(CalendarUnknown, match="2027"):
            CHINA.roll_forward_legal(earliest)


def test_guarantee_periods_end_by_the_month():
    assert add_months(date(2025, 8, 31), 6) == date(2026, 2, 28)
    assert CHINA.is_working_day(date(2026, 2, 28)) is True
    assert add_months(date(2026, 1, 31), 6) == date(2026, 7, 31)


def test_a_legal_deadline_at_the_end_of_the_known_years_refuses_to_guess():
    informed = WorkingCalendar(
        "CN", (*NOTICES[:1], Notice("CN", 2026, "x", date(2025, 1, 1), ((date(2026, 12, 31), date(2026, 12, 31)),), ()))
    )
    with pytest.raises(CalendarUnknown) as refused:
        informed.roll_forward_legal(date(2026, 12, 31))
    assert refused.value.facts["year"] == 2027


@pytest.mark.parametrize(
    "case",
    cases("""
        day        | count | then
        2026-02-13 |     1 | 2026-02-14
        2026-02-14 |     1 | 2026-02-24
        2026-02-13 |     3 | 2026-02-25
        2026-02-24 |    -1 | 2026-02-14
        2026-02-18 |     0 | 2026-02-18
        2026-09-30 |     2 | 2026-10-09
        2026-09-30 |     3 | 2026-10-10
    """),
)
def test_working_days_are_counted_over_the_spring_festival_and_the_national_day(case):
    assert CHINA.add_working_days(case["day"], case["count"]) == case["then"]


def test_the_next_working_day_is_never_the_day_itself():
    assert CHINA.next_working_day(date(2026, 2, 14)) == date(2026, 2, 24)
    assert CHINA.on_or_after(date(2026, 2, 14)) == date(2026, 2, 14)
    assert CHINA.on_or_after(date(2026, 2, 15)) == date(2026, 2, 24)


def test_february_2026_has_16_working_days():
    assert CHINA.working_days_between(date(2026, 2, 1), date(2026, 3, 1)) == 16


@given(KNOWN_DAYS, st.integers(-60, 60))
def test_adding_agrees_with_walking_day_by_day(day, count):
    assert CHINA.add_working_days(day, count) == twin.add_working_days(day, count, chinese_calendar.is_workday)


@given(KNOWN_DAYS, st.integers(0, 180))
def test_counting_agrees_with_walking_day_by_day(day, length):
    ends_before = date.fromordinal(day.toordinal() + length)
    expected = twin.working_days(day, ends_before, chinese_calendar.is_workday)
    assert CHINA.working_days_between(day, ends_before) == expected


@given(KNOWN_DAYS, st.integers(1, 60))
def test_counting_undoes_adding(day, count):
    then = CHINA.add_working_days(day, count)
    assert CHINA.working_days_between(date.fromordinal(day.toordinal() + 1), then) == count - 1


@given(KNOWN_DAYS)
def test_a_legal_day_is_the_first_working_day_from_there(day):
    rolled = CHINA.roll_forward_legal(day)
    assert CHINA.is_working_day(rolled)
    assert not any(CHINA.is_working_day(between) for between in Period(day, rolled))


def test_the_frame_for_rules():
    expected = rows("""
        day        | is_working | is_estimate
        2026-12-30 | true       | false
        2026-12-31 | true       | false
        2027-01-01 | false      | true
        2027-01-02 | false      | true
        2027-01-03 | false      | true
        2027-01-04 | true       | true
    """)
    assert_frame_equal(CHINA.frame(date(2026, 12, 30), date(2027, 1, 5)), expected)
    assert CHINA.frame(date(2026, 1, 1), date(2026, 1, 1)).schema == {
        "day": pl.Date,
        "is_working": pl.Boolean,
        "is_estimate": pl.Boolean,
    }


def test_other_countries_follow_their_statutes():
    assert WorkingCalendar("HK").is_working_day(date(2026, 7, 1)) is False
    assert WorkingCalendar("DE").is_working_day(date(2026, 10, 3)) is False
    assert WorkingCalendar("US").is_working_day(date(2026, 11, 26)) is False
    assert WorkingCalendar("SG").is_working_day(date(2026, 8, 10)) is False  # National Day on a Sunday moves on
    assert WorkingCalendar("GB").is_working_day(date(2026, 2, 17)) is True


def test_a_country_nobody_knows_is_estimated_as_monday_to_friday():
    nowhere = WorkingCalendar("ZZ")
    assert nowhere.is_working_day(date(2026, 2, 17)) is None
    assert nowhere.is_working_day_or_fallback(date(2026, 2, 17)) == (True, True)
    assert nowhere.next_working_day(date(2026, 2, 20)) == date(2026, 2, 23)
    with pytest.raises(CalendarUnknown, match="ZZ"):
        nowhere.roll_forward_legal(date(2026, 2, 17))
