"""What one customer owes in one currency, as the ladder sees it."""

from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from huikuan.policy.rules.positions import positions
from tests.rules.policy.portfolio import CONTACTS, ITEMS, ON_ACCOUNT, STATE, no
from tests.tables import rows

DAY = date(2026, 3, 10)


def placed(items: pl.DataFrame, **more) -> pl.DataFrame:
    given = {
        "on_account": no(ON_ACCOUNT),
        "ladder_state": no(STATE),
        "customers": pl.DataFrame(schema={"customer_id": pl.Int64, "grade": pl.String}),
        "contacts": no(CONTACTS),
        "as_of": DAY,
        **more,
    }
    return positions(items, **given).sort("customer_id", "currency")


HELD = rows("""
    item_id | customer_id | currency | issued_on  | due_on     | open_minor | held_minor | hold_ends_on:date | paused_days | contract_kind
    # overdue; the oldest is held altogether, so the next one leads
          1 |           1 | CNY      | 2026-01-01 | 2026-02-01 |        100 |        100 | 2026-03-20        |           0 | PROPERTY
          3 |           1 | CNY      | 2026-01-05 | 2026-02-10 |        200 |         50 | 2026-03-15        |           0 | SALE
          2 |           1 | CNY      | 2026-01-06 | 2026-02-10 |        300 |          0 |                   |           4 | WORKS
    # due today and later: not overdue
          4 |           1 | CNY      | 2026-01-07 | 2026-03-10 |        400 |          0 |                   |           0 | SALE
    # another currency is another position
          5 |           1 | USD      | 2026-01-08 | 2026-03-01 |          7 |          0 |                   |           0 | SALE
    # everything held
          6 |           2 | CNY      | 2026-01-09 | 2026-02-01 |         10 |         10 | 2026-03-20        |           0 | SALE
          7 |           2 | CNY      | 2026-01-09 | 2026-02-02 |         10 |         10 | 2026-03-12        |           0 | SALE
""")  # noqa: E501


def test_sums_days_and_the_item_that_leads():
    found = placed(HELD, on_account=pl.DataFrame([(1, "CNY", 60)], schema=ON_ACCOUNT, orient="row"))
    columns = [
        "open_minor", "overdue_minor", "held_minor", "on_account_minor", "net_overdue_minor", "unpaid_minor",
        "item_count", "overdue_count", "unpaid_count",
    ]  # fmt: skip
    assert found.select(columns).rows() == [
        (1000, 600, 150, 60, 390, 850, 3, 2, 3),
        (7, 7, 0, 0, 7, 7, 1, 1, 1),
        (20, 20, 20, 0, 0, 0, 2, 0, 0),
    ]
    days = ["oldest_due_on", "ladder_due_on", "oldest_issued_on", "held_until", "lead_item_id", "contract_kind"]
    assert found.select(days).rows() == [
        (date(2026, 2, 10), date(2026, 2, 10), date(2026, 1, 5), date(2026, 3, 21), 2, "WORKS"),
        (date(2026, 3, 1), date(2026, 3, 1), date(2026, 1, 8), None, 5, "SALE"),
        (None, None, None, date(2026, 3, 13), None, None),
    ]


def test_from_the_due_day_on_and_item_by_item():
    assert placed(HELD, from_due_day=True)["item_count"].to_list() == [4, 1, 2]
    state = no(STATE).with_columns(item_id=pl.lit(None, dtype=pl.Int64))
    single = placed(HELD, per_item=True, ladder_state=state)
    assert single.height == HELD.height
    assert single.sort("item_id")["net_overdue_minor"].to_list() == [0, 300, 150, 0, 7, 0, 0]


owed = st.tuples(
    st.integers(1, 3), st.sampled_from(["CNY", "USD"]), st.integers(-60, 30), st.integers(1, 10**15), st.integers(0, 3)
)


@given(st.lists(owed, max_size=30))
def test_nothing_is_lost_on_the_way_from_items_to_positions(debts):
    items = pl.DataFrame(
        [
            (number, customer, currency, date(2025, 12, 1), date.fromordinal(DAY.toordinal() + due), amount)
            for number, (customer, currency, due, amount, _) in enumerate(debts)
        ],
        schema=ITEMS,
        orient="row",
    ).with_columns(
        held_minor=pl.Series([amount * part // 3 for *_, amount, part in debts], dtype=pl.Int64),
        hold_ends_on=pl.lit(DAY),
        paused_days=pl.lit(0),
    )
    found = placed(items)
    late = [(customer, currency, amount) for customer, currency, due, amount, _ in debts if due < 0]
    for customer, currency, overdue, count in found.select(
        "customer_id", "currency", "overdue_minor", "item_count"
    ).rows():
        mine = [amount for owner, of, amount in late if (owner, of) == (customer, currency)]
        assert (overdue, count) == (sum(mine), len(mine))
    assert found["open_minor"].sum() == items["open_minor"].sum()
    assert found["unpaid_minor"].sum() == items["open_minor"].sum() - items["held_minor"].sum()
