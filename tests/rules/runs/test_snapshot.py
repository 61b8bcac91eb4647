"""What a run keeps of the aging: parts that add up to the whole."""

from datetime import date

import polars as pl
import pytest

from huikuan.runs.rules.snapshot import added, added_shares, shares, snapshot
from tests.tables import rows

DAY = date(2026, 7, 31)
EDGES = (30, 60)

ITEMS = rows("""
    currency | due_on | open_minor
    CNY | 2026-08-08 | 1
    CNY | 2026-08-07 | 10
    CNY | 2026-07-31 | 100
    CNY | 2026-07-30 | 1000
    CNY | 2026-07-01 | 10000
    CNY | 2026-06-30 | 100000
    CNY | 2026-05-31 | 1000000
    USD | 2026-08-01 | 7
""")


def _money(**minor: int) -> pl.DataFrame:
    schema = {"currency": pl.String, "on_account_minor": pl.Int64}
    return pl.DataFrame({"currency": list(minor), "on_account_minor": list(minor.values())}, schema=schema)


def test_every_item_is_in_one_bucket_and_red_begins_after_thirty_days():
    found = snapshot(ITEMS, on_account=_money(CNY=5, EUR=9), as_of=DAY, edges=EDGES)
    assert found == {
        "edges": [30, 60],
        "currencies": {
            "CNY": {
                "items": 7,
                "total": 1_111_111,
                "buckets": [111, 11_000, 100_000, 1_000_000],
                "over_30": 1_100_000,
                "due_soon": 110,
                "on_account": 5,
            },
            "EUR": {
                "items": 0, "total": 0, "buckets": [0, 0, 0, 0], "over_30": 0, "due_soon": 0, "on_account": 9,
            },
            "USD": {
                "items": 1, "total": 7, "buckets": [7, 0, 0, 0], "over_30": 0, "due_soon": 7, "on_account": 0,
            },
        },
    }  # fmt: skip


@pytest.mark.parametrize("cut", range(ITEMS.height + 1))
def test_the_parts_of_a_run_add_up_to_the_whole(cut):
    whole = snapshot(ITEMS, on_account=_money(CNY=5), as_of=DAY, edges=EDGES)
    parts = [
        snapshot(ITEMS.head(cut), on_account=_money(CNY=2), as_of=DAY, edges=EDGES),
        snapshot(ITEMS[cut:], on_account=_money(CNY=3), as_of=DAY, edges=EDGES),
    ]
    assert added(parts) == whole
    assert added([]) == {}


BY_CUSTOMER = rows("""
    customer_id | currency | due_on | open_minor
    1 | CNY | 2026-08-08 | 1
    1 | CNY | 2026-07-01 | 10
    2 | CNY | 2026-05-31 | 100
    3 | USD | 2026-07-30 | 1000
    70000 | CNY | 2026-07-30 | 10000
""")
WHOSE = rows("""
    customer_id | collector_id
    1 | 8
    2 | 9
    3 | 8
    4 | 9
    70000 |
""")
ON_ACCOUNT = rows("""
    customer_id | currency | on_account_minor
    2 | EUR | 5
""")


def _shares(first: int, last: int) -> dict:
    these = pl.col("customer_id").is_between(first, last)
    frames = {"on_account": ON_ACCOUNT.filter(these), "collectors": WHOSE.filter(these)}
    return shares(BY_CUSTOMER.filter(these), **frames, as_of=DAY, edges=EDGES)


def test_each_collectors_share_says_of_which_customers_it_is():
    found = _shares(1, 70_000)
    assert {collector: share["mark"] for collector, share in found.items()} == {
        "0": [1, 70_000, (70_000 - 65_521) ** 2],
        "8": [2, 4, 1 + 9],
        "9": [2, 6, 4 + 16],
    }
    assert {
        (collector, currency): (figures["total"], figures["on_account"])
        for collector, share in found.items()
        for currency, figures in share["part"]["currencies"].items()
    } == {
        ("0", "CNY"): (10_000, 0), ("8", "CNY"): (11, 0), ("8", "USD"): (1000, 0),
        ("9", "CNY"): (100, 0), ("9", "EUR"): (0, 5),
    }  # fmt: skip


@pytest.mark.parametrize("cut", [0, 1, 2, 3, 70_000])
def test_the_shares_of_the_chunks_add_up_to_those_of_the_run_and_they_to_the_whole(cut):
    whole = _shares(1, 70_000)
    assert added_shares([_shares(1, cut), _shares(cut + 1, 70_000)]) == whole
    everything = snapshot(BY_CUSTOMER, on_account=ON_ACCOUNT, as_of=DAY, edges=EDGES)
    assert added(share["part"] for share in whole.values()) == everything
