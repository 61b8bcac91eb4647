"""Days: reading, months, periods."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huikuan.kernel.days import (
    DAY_FIRST,
    DAY_LAST,
    DayNumberUnreadable,
    DayOrder,
    DayOutOfRange,
    DayUnreadable,
    Period,
    add_days,
    add_months,
    add_years,
    day_from_excel,
    days_between,
    end_of_month,
    month_start,
    parse_day,
)
from tests.tables import cases
from tests.twins import days as twin

DAYS = st.dates(date(1950, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    "case",
    cases("""
        written:text          | order | day
        2026-01-05            | ymd   | 2026-01-05
        2026-1-5              | ymd   | 2026-01-05
        2026/1/5              | ymd   | 2026-01-05
        2026.01.05            | ymd   | 2026-01-05
        20260105              | ymd   | 2026-01-05
        20260105              | dmy   | 2026-01-05
        20261115              | ymd   | 2026-11-15
        2026年1月5日          | ymd   | 2026-01-05
        2026年1月5日          | mdy   | 2026-01-05
        2026 年 01 月 05 号   | ymd   | 2026-01-05
        ２０２６－０１－０５  | ymd   | 2026-01-05
        2026-01-05            | dmy   | 2026-01-05
        05/01/2026            | dmy   | 2026-01-05
        5.1.2026              | dmy   | 2026-01-05
        01/05/2026            | mdy   | 2026-01-05
        1-5-2026              | mdy   | 2026-01-05
        2026-01-05 00:00:00   | ymd   | 2026-01-05
        2026-01-05T00:00:00Z  | ymd   | 2026-01-05
        2026/1/5 0:00         | ymd   | 2026-01-05
        2024-02-29            | ymd   | 2024-02-29
    """),
    ids=lambda case: f"{case['written']} {case['order']}",
)
def test_a_day_is_read_in_the_declared_order(case):
    assert parse_day(case["written"], case["order"]) == case["day"]


@pytest.mark.parametrize(
    ("written", "order", "refusal"),
    [
        ("", DayOrder.YMD, DayUnreadable),
        ("tomorrow", DayOrder.YMD, DayUnreadable),
        ("2026-02-29", DayOrder.YMD, DayUnreadable),
        ("2026-13-01", DayOrder.YMD, DayUnreadable),
        ("05/01/2026", DayOrder.YMD, DayUnreadable),
        ("13/12/2026", DayOrder.MDY, DayUnreadable),
        ("26-01-05", DayOrder.YMD, DayUnreadable),
        ("05/01/26", DayOrder.DMY, DayUnreadable),
        ("2026-01-05 17:30", DayOrder.YMD, DayUnreadable),
        ("2026/01-05", DayOrder.YMD, DayUnreadable),
        ("2026-01", DayOrder.YMD, DayUnreadable),
        ("46027", DayOrder.YMD, DayUnreadable),
        ("0026-01-05", DayOrder.YMD, DayOutOfRange),
        ("2206-01-05", DayOrder.YMD, DayOutOfRange),
    ],
)
def test_what_is_no_day_is_refused_by_name(written, order, refusal):
    with pytest.raises(refusal):
        parse_day(written, order)


@given(DAYS, st.sampled_from([("ymd", "%Y/%m/%d"), ("dmy", "%d/%m/%Y"), ("mdy", "%m/%d/%Y"), ("ymd", "%Y年%m月%d日")]))
def test_every_day_comes_back_from_what_was_written(day, form):
    order, pattern = form
    assert parse_day(day.strftime(pattern), order) == day


@pytest.mark.parametrize(
    ("serial", "day"),
    [
        (1, date(1900, 1, 1)),
        (59, date(1900, 2, 28)),
        (61, date(1900, 3, 1)),  # 60 is the day that never was
        (25569, date(1970, 1, 1)),
        (46027, date(2026, 1, 5)),
        (46027.75, date(2026, 1, 5)),
    ],
)
def test_the_number_behind_a_date_cell_is_the_day(serial, day):
    assert day_from_excel(serial) == day


def test_old_macs_count_from_1904():
    assert day_from_excel(0, epoch_1904=True) == date(1904, 1, 1)
    assert day_from_excel(46027 - 1462, epoch_1904=True) == date(2026, 1, 5)


@pytest.mark.parametrize(
    ("serial", "refusal"),
    [
        (60, DayNumberUnreadable),
        (-1, DayNumberUnreadable),
        (float("nan"), DayNumberUnreadable),
        (float("inf"), DayNumberUnreadable),
        (True, DayNumberUnreadable),
        (0, DayOutOfRange),
        (20260105, DayNumberUnreadable),
        (2_958_465, DayOutOfRange),
    ],
)
def test_a_number_that_is_no_day_is_refused(serial, refusal):
    with pytest.raises(refusal):
        day_from_excel(serial)


@pytest.mark.parametrize(
    "case",
    cases("""
        day        | months | then
        # law.md §3: guarantee periods of six months, limitation of three years
        2025-08-31 |      6 | 2026-02-28
        2026-01-31 |      6 | 2026-07-31
        2023-06-30 |     36 | 2026-06-30
        2024-02-29 |     36 | 2027-02-28
        # counted from the day itself, not step by step
        2026-01-31 |      2 | 2026-03-31
        2026-01-31 |      1 | 2026-02-28
        2024-01-31 |      1 | 2024-02-29
        2026-03-31 |     -1 | 2026-02-28
        2026-12-15 |      1 | 2027-01-15
        2026-01-15 |    -13 | 2024-12-15
        2026-05-05 |      0 | 2026-05-05
    """),
)
def test_months_end_where_the_month_ends(case):
    assert add_months(case["day"], case["months"]) == case["then"]


@given(DAYS, st.integers(-60, 60))
def test_months_agree_with_their_twin(day, months):
    assert add_months(day, months) == twin.add_months(day, months)


def test_years_days_and_ends_of_months():
    assert add_years(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert add_days(date(2026, 12, 31), 1) == date(2027, 1, 1)
    assert days_between(date(2026, 1, 10), date(2026, 1, 11)) == 1
    assert days_between(date(2026, 1, 10), date(2026, 1, 10)) == 0
    assert month_start(date(2026, 2, 17)) == date(2026, 2, 1)
    assert end_of_month(date(2024, 2, 17)) == date(2024, 2, 29)


def test_periods_end_before_their_last_day():
    february = Period.month_of(date(2026, 2, 10))
    assert february == Period(date(2026, 2, 1), date(2026, 3, 1)) == Period.through(date(2026, 2, 1), date(2026, 2, 28))
    assert february.days == len(list(february)) == 28
    assert date(2026, 2, 28) in february
    assert date(2026, 3, 1) not in february
    assert february.shared_with(Period.year_of(date(2026, 7, 1))) == february
    assert february.shared_with(Period.month_of(date(2026, 3, 1))) is None
    assert list(Period(date(2026, 2, 1), date(2026, 2, 1))) == []
    assert Period.year_of(date(2026, 7, 1)) == Period(date(2026, 1, 1), date(2027, 1, 1))


def test_a_reversed_period_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="before it starts"):
        Period(date(2026, 2, 2), date(2026, 2, 1))


@given(DAYS, st.integers(0, 90), DAYS, st.integers(0, 90))
def test_shared_days_are_those_in_both(first, length, second, other_length):
    one, other = Period(first, first + timedelta(length)), Period(second, second + timedelta(other_length))
    shared = one.shared_with(other)
    assert (list(shared) if shared else []) == [day for day in one if day in other]


def test_the_days_that_can_be_held():
    assert parse_day("1900-01-01") == DAY_FIRST
    assert parse_day("2199-12-31") == DAY_LAST
