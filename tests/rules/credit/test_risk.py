"""Risk marks and arrears types: product.md C2, D6, E7."""

from datetime import date, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from huikuan.credit.rules.arrears import arrears_type
from huikuan.credit.rules.risk import overdue_months, risk_marks, stop_orders
from huikuan.credit.rules.scorecard import RiskThresholds
from tests.tables import rows

TODAY = date(2026, 11, 21)
NUMBERS = RiskThresholds(
    overdue_days=1,
    high_risk_days=30,
    long_term_days=180,
    stop_orders_items=2,
    stop_orders_months=3,
    blacklist_days=365,
    blacklist_late_settlements=3,
)


def test_two_overdue_items_in_each_of_three_months_stop_new_orders():
    items = rows("""
        customer_id | due_on     | settled_on:date
        # 1: two items open since July: August, September and October are hit
        1           | 2026-07-10 |
        1           | 2026-07-20 |
        # 2: the second was settled on 1 October, so it was not overdue on any day of October
        2           | 2026-07-10 |
        2           | 2026-07-20 | 2026-10-01
        # 3: a different pair every month will do
        3           | 2026-08-01 | 2026-08-03
        3           | 2026-08-01 | 2026-09-02
        3           | 2026-08-15 | 2026-10-02
        3           | 2026-09-01 | 2026-10-20
        # 4: due on the last day of October: first overdue in November, which is not complete
        4           | 2026-10-31 |
        4           | 2026-10-31 |
    """)
    counts = overdue_months(items, as_of=TODAY, months=3)
    assert stop_orders(counts, thresholds=NUMBERS)["customer_id"].to_list() == [1, 3]


@given(
    st.lists(
        st.tuples(
            st.integers(1, 3),
            st.dates(date(2026, 6, 1), date(2026, 11, 21)),
            st.none() | st.integers(0, 120),
        ),
        max_size=12,
    )
)
def test_counting_day_by_day_agrees(drawn):
    items = [(c, due, None if late is None else due + timedelta(days=late)) for c, due, late in drawn]
    frame = pl.DataFrame(
        items, schema={"customer_id": pl.Int64, "due_on": pl.Date, "settled_on": pl.Date}, orient="row"
    )
    expected: dict[tuple[int, int], int] = {}
    for back, (first, before) in enumerate(
        [
            (date(2026, 10, 1), date(2026, 11, 1)),
            (date(2026, 9, 1), date(2026, 10, 1)),
            (date(2026, 8, 1), date(2026, 9, 1)),
        ],
        start=1,
    ):
        days = [first + timedelta(days=n) for n in range((before - first).days)]
        for customer, due, settled in items:
            if any(day > due and (settled is None or day < settled) for day in days):
                expected[customer, back] = expected.get((customer, back), 0) + 1
    got = {(c, b): n for c, b, n in overdue_months(frame, as_of=TODAY, months=3).rows()}
    assert got == expected


def test_marks_begin_at_their_thresholds():
    customers = rows("""
        customer_id | worst_days | late_count | breaks_three | is_stopped | marks:text
        1           | 0          | 9          | true         | true       | ""
        2           | 1          | 0          | false        | false      | OVERDUE
        3           | 30         | 2          | false        | false      | OVERDUE
        4           | 31         | 0          | false        | false      | HIGH_RISK OVERDUE
        5           | 181        | 0          | true         | false      | HIGH_RISK LONG_TERM OVERDUE STOP_ORDERS
        6           | 366        | 0          | false        | false      | BLACKLIST HIGH_RISK LONG_TERM OVERDUE
        7           | 2          | 3          | false        | true       | BLACKLIST OVERDUE STOP_ORDERS
    """)
    got = risk_marks(customers.rename({"breaks_three": "breaks_three_months"}), thresholds=NUMBERS)
    for customer, marks in customers.select("customer_id", "marks").rows():
        assert " ".join(got.filter(pl.col("customer_id") == customer)["kind"]) == marks


def test_the_type_of_arrears_takes_the_first_that_holds():
    balances = rows("""
        case                 | worst_days | disputed_minor | overdue_minor | overdue_original_minor | arrears:text
        nothing overdue      | 0          | 0              | 0             | 0                      |
        ordinary             | 10         | 0              | 100           | 100                    | ORDINARY
        partly paid          | 10         | 0              | 60            | 100                    | PARTIAL
        six months and a day | 181        | 0              | 60            | 100                    | LONG_TERM
        half is disputed     | 181        | 50             | 100           | 100                    | DISPUTED
        a small part is      | 10         | 49             | 100           | 100                    | ORDINARY
    """)
    assert arrears_type(balances.drop("arrears"), long_term_days=180)["arrears"].to_list() == (
        balances["arrears"].to_list()
    )
