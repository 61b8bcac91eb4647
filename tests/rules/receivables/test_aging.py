"""Aging: the edges of the buckets, money on account apart, currencies apart."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huikuan.receivables.rules.aging import aging, bucketed, labels
from tests.tables import rows
from tests.twins import aging as twin

TODAY = date(2026, 7, 10)
NO_MONEY = pl.DataFrame(schema={"customer": pl.String, "currency": pl.String, "on_account_minor": pl.Int64})
EDGES = rows("""
    due_on     | bucket:text
    2026-07-11 | current
    2026-07-10 | current
    2026-07-09 | 1-30
    2026-06-10 | 1-30
    2026-06-09 | 31-60
    2026-05-11 | 31-60
    2026-05-10 | 61-90
    2026-04-11 | 61-90
    2026-04-10 | 91-180
    2026-01-11 | 91-180
    2026-01-10 | 181-365
    2025-07-10 | 181-365
    2025-07-09 | >365
    2019-01-01 | >365
""")


def test_the_edges_of_the_default_buckets():
    assert labels() == ["current", "1-30", "31-60", "61-90", "91-180", "181-365", ">365"]
    assert bucketed(EDGES.select("due_on"), as_of=TODAY)["bucket"].to_list() == EDGES["bucket"].to_list()


def test_the_edges_must_ascend_from_the_due_day():
    for edges in ([30, 30], [0, 30], [60, 30]):
        with pytest.raises(ValueError, match="ascend"):
            bucketed(EDGES.select("due_on"), as_of=TODAY, edges=edges)


ITEMS = rows("""
    customer | currency | due_on     | open_minor | penalty_minor
    Tianhe   | CNY      | 2026-07-20 |     100000 |             0
    Tianhe   | CNY      | 2026-07-01 |     200000 |           900
    Tianhe   | USD      | 2026-07-01 |      50000 |             0
    Binhai   | CNY      | 2026-01-01 |     300000 |         25000
    # settled late: nothing open, its penalty is still claimed
    Binhai   | CNY      | 2026-01-01 |          0 |           700
    # settled in time: no row at all
    Qingyuan | CNY      | 2026-01-01 |          0 |             0
""")
MONEY = rows("""
    customer | currency | on_account_minor
    Tianhe   | CNY      |            60000
    Tianhe   | CNY      |             5000
    # money alone has its row too
    Yunfeng  | CNY      |             1000
""")
BY_CUSTOMER = rows("""
   customer | currency | item_count | total_minor | current | 1-30   | 31-60 | >60    | on_account_minor | penalty_minor
   Binhai   | CNY      | 1          | 300000      | 0       | 0      | 0     | 300000 | 0                | 25700
   Tianhe   | CNY      | 2          | 300000      | 100000  | 200000 | 0     | 0      | -65000           | 900
   Tianhe   | USD      | 1          | 50000       | 0       | 50000  | 0     | 0      | 0                | 0
   Yunfeng  | CNY      | 0          | 0           | 0       | 0      | 0     | 0      | -1000            | 0
""")


def test_customers_and_currencies_stand_apart():
    answer = aging(ITEMS, on_account=MONEY, by=["customer"], as_of=TODAY, edges=[30, 60])
    assert answer.columns == BY_CUSTOMER.columns
    assert answer.rows() == BY_CUSTOMER.rows()


def test_the_totals_are_the_sums_per_currency():
    answer = aging(ITEMS, on_account=MONEY, by=[], as_of=TODAY, edges=[30, 60])
    assert answer.columns[0] == "currency"
    assert answer.rows() == [
        ("CNY", 3, 600_000, 100_000, 200_000, 0, 300_000, -66_000, 26_600),
        ("USD", 1, 50_000, 0, 50_000, 0, 0, 0, 0),
    ]


def test_without_penalties_the_column_is_zero():
    answer = aging(ITEMS.drop("penalty_minor"), on_account=NO_MONEY, by=["customer"], as_of=TODAY)
    assert answer["penalty_minor"].to_list() == [0, 0, 0]


def test_a_group_nobody_has_comes_last():
    items = ITEMS.with_columns(customer=pl.when(pl.col("customer") == "Tianhe").then(None).otherwise("customer"))
    money = MONEY.with_columns(customer=pl.when(pl.col("customer") == "Tianhe").then(None).otherwise("customer"))
    answer = aging(items, on_account=money, by=["customer"], as_of=TODAY)
    assert answer.select("customer", "currency", "on_account_minor").rows()[-2:] == [
        (None, "CNY", -65_000),
        (None, "USD", 0),
    ]


def test_nothing_is_an_empty_list():
    assert aging(ITEMS.clear(), on_account=MONEY.clear(), by=["customer"], as_of=TODAY).is_empty()


def test_twenty_trillion_add_up():
    items = pl.concat([ITEMS.head(1).with_columns(open_minor=pl.lit(10**15))] * 2)
    assert aging(items, on_account=NO_MONEY, by=[], as_of=TODAY)["total_minor"].item() == 2 * 10**15


ITEM = st.fixed_dictionaries(
    {
        "customer": st.sampled_from(["Tianhe", "Binhai", None]),
        "currency": st.sampled_from(["CNY", "USD"]),
        "due_on": st.dates(date(2025, 1, 1), date(2026, 12, 31)),
        "open_minor": st.integers(0, 10**12),
        "penalty_minor": st.integers(0, 10**6),
    }
)
CREDIT = st.fixed_dictionaries(
    {
        "customer": st.sampled_from(["Tianhe", "Yunfeng", None]),
        "currency": st.sampled_from(["CNY", "USD"]),
        "on_account_minor": st.integers(0, 10**9),
    }
)


@given(
    items=st.lists(ITEM, max_size=12),
    credits_=st.lists(CREDIT, max_size=4),
    edges=st.lists(st.integers(1, 400), min_size=1, max_size=6, unique=True).map(sorted),
    by=st.sampled_from([[], ["customer"]]),
)
def test_the_boxes_are_those_of_the_bookkeeper(items, credits_, edges, by):
    frame = pl.DataFrame(items, schema=ITEMS.schema)
    money = pl.DataFrame(credits_, schema=NO_MONEY.schema)
    answer = aging(frame, on_account=money, by=by, as_of=TODAY, edges=edges)
    keys = [*by, "currency"]
    found = {
        tuple(row[key] for key in keys): {name: minor for name, minor in row.items() if name not in keys and minor}
        for row in answer.iter_rows(named=True)
    }
    assert found == twin.aging(items, credits_, by=by, as_of=TODAY, edges=edges)
