"""What a way to recover is worth, and the court's fee it may cost."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huikuan.arrangements.rules.court_fee import acceptance_fee
from huikuan.arrangements.rules.recovery import Payment, Way, best, by_days, present_value, worth
from tests.tables import cases

TODAY = date(2026, 7, 10)


@pytest.mark.parametrize(
    "row",
    cases("""
    # law.md §1: edges of the bands, and claims whose fee a court published (分)
    claim        | fee
    1000000      | 5000
    2304000      | 37600
    3880000      | 77000
    4844000      | 101100
    5000000      | 105000
    10000000     | 230000
    20000000     | 430000
    27759400     | 546391
    22398800     | 465982
    50000000     | 880000
    89349000     | 1273490
    100000000    | 1380000
    150000000    | 1830000
    200000000    | 2280000
    500000000    | 4680000
    1000000000   | 8180000
    2000000000   | 14180000
    4063147400   | 24495737
    10000000000  | 54180000
    """),
)
def test_the_acceptance_fee(row):
    assert acceptance_fee(row["claim"]) == row["fee"]


@pytest.mark.parametrize(
    "row",
    cases("""
    minor  | days | rate_ppm | worth
    10600  | 365  | 60000    | 10000
    10000  | 0    | 60000    | 10000
    10000  | 730  | 50000    | 9091
    """),
)
def test_present_value(row):
    assert present_value(row["minor"], days=row["days"], rate_ppm=row["rate_ppm"]) == row["worth"]


@given(st.integers(1, 10**12), st.integers(0, 3650), st.integers(0, 10**6))
def test_present_value_is_the_fraction_rounded(minor, days, rate_ppm):
    exact = Fraction(minor) / (1 + Fraction(rate_ppm, 10**6) * Fraction(days, 365))
    assert abs(present_value(minor, days=days, rate_ppm=rate_ppm) - exact) <= Fraction(1, 2)


def test_expected_is_chance_times_present_value_less_the_cost():
    way = Way("SUIT", (Payment(date(2027, 7, 10), 10_600, 500_000), Payment(TODAY, 1_000, 1_000_000)), 700)
    found = worth(way, today=TODAY, rate_ppm=60_000)
    assert (found.nominal_minor, found.present_minor, found.cost_minor) == (11_600, 11_000, 700)
    assert found.expected_minor == 5_000 + 1_000 - 700
    other = worth(Way("OFFER", (Payment(TODAY, 5_301, 10**6),)), today=TODAY, rate_ppm=60_000)
    assert best([found, other]) == "OFFER"


def test_bands_by_days():
    bands = ((90, 80), (180, 65), (None, 25))
    assert [by_days(bands, days) for days in (0, 90, 91, 180, 181)] == [80, 80, 65, 65, 25]
