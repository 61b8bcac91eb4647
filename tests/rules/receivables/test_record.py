"""The payment record: what was settled in each month, and how late."""

from collections import defaultdict
from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from huikuan.receivables.rules.record import histories, payment_months
from tests.tables import rows

ITEMS = rows("""
    customer_id | issued_on  | due_on     | settled_on | amount_minor
    # in time, on the day, and before it
    1           | 2026-01-01 | 2026-01-31 | 2026-01-31 |         1000
    1           | 2026-01-01 | 2026-01-31 | 2026-01-02 |         2000
    # three days late is late, but not for the scorecard
    1           | 2026-01-01 | 2026-01-28 | 2026-01-31 |         4000
    # four days late, in the month in which it was settled
    1           | 2025-12-01 | 2026-01-31 | 2026-02-04 |         8000
    # still open: only in the life
    1           | 2026-01-05 | 2026-01-31 |            |       999999
    2           | 2026-01-05 | 2026-01-31 |            |            1
""")
MONTHS = rows("""
    customer_id | month_on   | settled_count | late_count | any_late_count | days_late_sum | days_late_worst | amount
    1           | 2026-01-01 |             3 |          0 |              1 |             3 |               3 |   7000
    1           | 2026-02-01 |             1 |          1 |              1 |             4 |               4 |   8000
""")


def test_a_settlement_counts_in_its_month():
    answer = payment_months(ITEMS)
    assert answer.drop("amount_days_sum").rows() == MONTHS.rows()
    assert answer["amount_days_sum"].to_list() == [12_000, 32_000]


def test_the_life_counts_open_items_too():
    assert histories(ITEMS).rows() == [(1, date(2025, 12, 1), 5, 4, 2), (2, date(2026, 1, 5), 1, 0, 0)]


ITEM = st.fixed_dictionaries(
    {
        "customer_id": st.integers(1, 2),
        "issued_on": st.dates(date(2025, 11, 1), date(2026, 2, 1)),
        "due_on": st.dates(date(2025, 11, 1), date(2026, 2, 1)),
        "settled_on": st.none() | st.dates(date(2025, 11, 1), date(2026, 3, 1)),
        "amount_minor": st.integers(1, 10**15),
    }
)


@given(items=st.lists(ITEM, max_size=12))
def test_the_columns_count_like_a_clerk(items):
    months, lives = defaultdict(lambda: [0] * 7), {}
    for item in items:
        life = lives.setdefault(item["customer_id"], [item["issued_on"], 0, 0, 0])
        life[0], life[1] = min(life[0], item["issued_on"]), life[1] + 1
        if item["settled_on"] is None:
            continue
        late = max(0, (item["settled_on"] - item["due_on"]).days)
        life[2], life[3] = life[2] + 1, life[3] + (late > 0)
        box = months[item["customer_id"], item["settled_on"].replace(day=1)]
        for place, value in enumerate((1, late > 3, late > 0, late)):
            box[place] += value
        box[4] = max(box[4], late)
        box[5] += item["amount_minor"]
        box[6] += item["amount_minor"] * late
    frame = pl.DataFrame(items, schema=ITEMS.schema)
    assert {row[:2]: list(row[2:]) for row in payment_months(frame).iter_rows()} == dict(months)
    assert {row[0]: list(row[1:]) for row in histories(frame).iter_rows()} == lives
