"""The loan prime rate: the changes, the announcements, the invented rows."""

from datetime import date
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from huikuan.kernel.lpr_data import (
    LPR_LAST_SEEN_ON,
    LPR_POINTS,
    FactStatus,
    LprPoint,
    LprTable,
    LprUnknown,
    Tenor,
    publication_day,
    unlikely_publications,
)
from huikuan.kernel.rates import parse_rate
from tests.tables import cases, rows

LPR = LprTable()

# Month by month as a public table prints them, with its two invented rows and its doubtful one (law.md §4).
PRINTED = """
2019 08-20 09-20 10-21 11-20 12-20
2020 01-01 01-20 02-20 03-20 04-20 05-20 06-22 07-20 08-20 09-21 10-20 11-20 12-21
2021 01-20 02-22 03-22 04-20 05-20 06-21 07-20 08-20 09-22 10-20 11-22 12-20
2022 01-20 02-21 03-21 04-20 05-20 06-20 07-20 08-22 09-20 10-20 11-21 12-20
2023 01-01 01-20 02-20 03-20 04-20 05-22 06-20 07-20 08-21 09-20 10-20 11-20 12-20
2024 01-22 02-20 03-20 04-22 05-20 06-20 07-22 08-20 09-20 10-21 11-20 12-20
2025 01-20 02-20 03-20 04-21 05-20 06-20 07-21 08-20 09-22 10-20 11-20 12-22
2026 01-20 02-24 03-20 04-20 05-20 06-22
"""
DAYS_PRINTED = [
    date.fromisoformat(f"{year}-{day}") for year, *days in map(str.split, PRINTED.strip().splitlines()) for day in days
]


def test_the_day_of_announcement_predicts_82_of_85_printed_rows_and_flags_the_invented_ones():
    assert len(DAYS_PRINTED) == 85
    flagged = unlikely_publications(DAYS_PRINTED)
    assert flagged == [date(2020, 1, 1), date(2021, 2, 22), date(2023, 1, 1)]
    assert len(DAYS_PRINTED) - len(flagged) == 82


def test_every_change_was_announced_on_a_printed_day_that_is_likely():
    changes = [point.published_on for point in LPR_POINTS]
    assert set(changes) <= set(DAYS_PRINTED)
    assert unlikely_publications(changes) == []
    assert DAYS_PRINTED[-1] == LPR_LAST_SEEN_ON


def test_every_point_changes_something_and_says_that_nobody_has_verified_it():
    rates = [(point.one_year_ppm, point.five_years_ppm) for point in LPR_POINTS]
    assert all(before != after for before, after in pairwise(rates))
    assert all(before >= after for before, after in pairwise(rates)), "it has only fallen so far"
    assert {point.status for point in LPR_POINTS} == {FactStatus.UNVERIFIED}


def test_the_announcement_moves_off_weekends_and_holidays():
    assert publication_day(date(2026, 2, 1)) == date(2026, 2, 24)  # Spring Festival
    assert publication_day(date(2021, 9, 1)) == date(2021, 9, 22)  # Mid-Autumn
    assert publication_day(date(2021, 2, 1)) == date(2021, 2, 20)  # a Saturday made a working day
    assert publication_day(date(2026, 3, 31)) == date(2026, 3, 20)


def test_the_rates_are_those_of_the_law_report():
    changes = """
        2019-08-20 4.25 4.85, 2019-09-20 4.20 4.85, 2019-11-20 4.15 4.80, 2020-02-20 4.05 4.75, 2020-04-20 3.85 4.65,
        2021-12-20 3.80 4.65, 2022-01-20 3.70 4.60, 2022-05-20 3.70 4.45, 2022-08-22 3.65 4.30, 2023-06-20 3.55 4.20,
        2023-08-21 3.45 4.20, 2024-02-20 3.45 3.95, 2024-07-22 3.35 3.85, 2024-10-21 3.10 3.60, 2025-05-20 3.00 3.50
    """
    written = [change.split() for change in changes.split(",")]
    assert [(point.published_on, point.one_year_ppm, point.five_years_ppm) for point in LPR_POINTS] == [
        (date.fromisoformat(day), parse_rate(f"{one_year}%") // 1000, parse_rate(f"{five_years}%") // 1000)
        for day, one_year, five_years in written
    ]


@pytest.mark.parametrize(
    "case",
    cases("""
        day        | one_year | five_years
        2019-08-20 |    42500 |      48500
        2019-09-19 |    42500 |      48500
        2019-09-20 |    42000 |      48500
        2021-12-19 |    38500 |      46500
        2021-12-20 |    38000 |      46500
        2022-05-20 |    37000 |      44500
        2023-08-21 |    34500 |      42000
        2024-02-20 |    34500 |      39500
        2024-06-08 |    34500 |      39500
        2024-10-21 |    31000 |      36000
        2025-01-21 |    31000 |      36000
        2025-05-19 |    31000 |      36000
        2025-05-20 |    30000 |      35000
        2026-06-22 |    30000 |      35000
    """),
)
def test_a_rate_holds_from_its_announcement_to_the_next(case):
    assert LPR.on(case["day"]).ppm == case["one_year"]
    assert LPR.on(case["day"], Tenor.FIVE_YEARS).ppm == case["five_years"]


def test_what_may_have_changed_since_is_an_estimate():
    assert LPR.first_unseen_on == date(2026, 7, 20)
    assert LPR.on(date(2026, 7, 19)).is_estimate is False
    answer = LPR.on(date(2026, 7, 20))
    assert (answer.ppm, answer.published_on, answer.is_estimate) == (30_000, date(2025, 5, 20), True)


def test_a_table_grows_by_what_a_user_enters():
    # invented: only the mechanism is tested
    entered = LprPoint(date(2026, 7, 20), 29_000, 34_000, "entered by hand", FactStatus.VERIFIED)
    grown = LprTable((*LPR_POINTS, entered), last_seen_on=date(2026, 7, 20))
    answer = grown.on(date(2026, 7, 20))
    assert (answer.ppm, answer.is_estimate, answer.status) == (29_000, False, FactStatus.VERIFIED)
    assert LPR.on(date(2026, 7, 20)).ppm == 30_000


def test_before_the_first_announcement_there_is_no_answer():
    with pytest.raises(LprUnknown, match="2019-08-20"):
        LPR.on(date(2019, 8, 19))


@pytest.mark.parametrize("points", [(), LPR_POINTS[::-1], (LPR_POINTS[0], LPR_POINTS[0])])
def test_a_table_out_of_order_is_a_mistake_of_the_caller(points):
    with pytest.raises(ValueError, match="ascend"):
        LprTable(points)


def test_the_frame_for_rules():
    expected = rows("""
        day        | ppm   | is_estimate
        2025-05-18 | 31000 | false
        2025-05-19 | 31000 | false
        2025-05-20 | 30000 | false
    """)
    assert_frame_equal(LPR.frame(date(2025, 5, 18), date(2025, 5, 21)), expected)
    assert LPR.frame(date(2026, 7, 19), date(2026, 7, 21))["is_estimate"].to_list() == [False, True]
    assert LPR.frame(date(2025, 1, 1), date(2025, 1, 1)).schema["ppm"] == pl.Int64


@given(st.dates(date(2019, 8, 20), date(2026, 12, 31)), st.sampled_from(Tenor))
def test_the_answer_is_that_of_the_last_point_reached_day_by_day(day, tenor):
    reached = [point for point in LPR_POINTS if point.published_on <= day]
    assert LPR.on(day, tenor).ppm == reached[-1].ppm(tenor)
