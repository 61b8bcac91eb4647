"""The order of the worklist."""

from datetime import date, timedelta
from fractions import Fraction

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from huikuan.policy.reading.policy import default_policy
from huikuan.policy.rules.priority import priority
from tests.tables import rows

RULES = default_policy().priority
DAY = date(2026, 3, 1)

CASES = rows("""
    net_overdue_minor | oldest_due_on | grade:text | is_formal | limitation_ends_on:date | priority
    # 1,000.00 ten days late, B: × 8 % × 100 %
               100000 | 2026-02-19    | B          | false     |                         | 8000
    # eleven days: × 15 % × 120 %
               100000 | 2026-02-18    | B          | false     |                         | 18000
    # the same for C (120 %), formal (130 %)
               100000 | 2026-02-18    | C          | true      |                         | 28080
    # lapses in 30 days: × 400 %; in 31: × 250 %
               100000 | 2026-02-18    | B          | false     | 2026-03-31              | 72000
               100000 | 2026-02-18    | B          | false     | 2026-04-01              | 45000
    # a grade nobody named counts as 100 %; nothing overdue counts nothing
               100000 | 2026-02-18    |            | false     |                         | 18000
                    0 |               | A          | false     |                         | 0
                -5000 | 2026-02-18    | A          | false     |                         | 0
    # 1.01 × 8 % × 80 % (A) = 6.464; 1.25 × 8 % = 10; 0.07 × 8 % × 100 % = 0.56
                  101 | 2026-02-19    | A          | false     |                         | 6
                    7 | 2026-02-19    | B          | false     |                         | 1
""")


def test_what_acting_now_is_worth():
    found = priority(CASES.drop("priority"), rules=RULES, as_of=DAY)
    assert found["priority"].to_list() == CASES["priority"].to_list()


def test_columns_that_are_not_known_are_neutral_and_not_invented():
    found = priority(CASES.select("net_overdue_minor", "oldest_due_on", "grade").head(1), rules=RULES, as_of=DAY)
    assert found["priority"].to_list() == [8000]
    assert "is_formal" not in found.columns


def banded(value: int, bands) -> int:
    return next(percent for up_to, percent in bands if up_to is None or value <= up_to)


@given(
    st.integers(0, 10**15),
    st.integers(0, 900),
    st.sampled_from("ABCN"),
    st.booleans(),
    st.none() | st.integers(-50, 400),
)
def test_the_formula_in_fractions(amount, late, grade, is_formal, left):
    expected = Fraction(amount)
    for percent in (
        banded(late, RULES.gain_percent),
        banded(late, RULES.urgency_percent),
        100 if left is None else banded(left, RULES.limitation_percent),
        RULES.grade_percent[grade],
        RULES.formal_percent if is_formal else 100,
    ):
        expected = expected * percent / 100
    given_case = pl.DataFrame(
        {
            "net_overdue_minor": [amount],
            "oldest_due_on": [DAY - timedelta(late)],
            "grade": [grade],
            "is_formal": [is_formal],
            "limitation_ends_on": pl.Series([None if left is None else DAY + timedelta(left)], dtype=pl.Date),
        }
    )
    assert priority(given_case, rules=RULES, as_of=DAY)["priority"].item() == int(expected + Fraction(1, 2))
