"""What a run keeps of the aging: parts that add up to the whole."""

from datetime import date

import polars as pl
import pytest

from huikuan.runs.rules.snapshot import added, snapshot
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
