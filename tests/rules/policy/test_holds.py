"""What holds keep back on a day, and how long clocks stand still."""

from datetime import date, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from huikuan.policy.rules.holds import apply_holds
from tests.rules.policy.portfolio import HOLDS
from tests.tables import rows

ITEMS = rows("""
    item_id | customer_id | due_on     | open_minor
         11 |           1 | 2026-01-01 |       1000
         12 |           1 | 2026-01-05 |        500
         21 |           2 | 2026-01-01 |        800
""")


def holds(table: str) -> pl.DataFrame:
    return rows(table).cast(HOLDS)


def held(table: str, day: str, **more) -> list[tuple]:
    found = apply_holds(ITEMS, holds=holds(table), as_of=date.fromisoformat(day), **more)
    assert found["item_id"].to_list() == ITEMS["item_id"].to_list()
    return found.select("held_minor", "hold_ends_on").rows()


def test_a_hold_on_the_customer_holds_everything_of_that_customer():
    table = """
        customer_id | item_id:int | kind    | amount_minor:int | starts_on  | ends_on
                  1 |             | DISPUTE |                  | 2026-01-10 | 2026-01-12
    """
    end = date(2026, 1, 12)
    assert held(table, "2026-01-09") == [(0, None), (0, None), (0, None)]
    assert held(table, "2026-01-10") == [(1000, end), (500, end), (0, None)]
    assert held(table, "2026-01-12") == [(1000, end), (500, end), (0, None)]
    assert held(table, "2026-01-13") == [(0, None), (0, None), (0, None)]


def test_parts_add_up_and_never_exceed_what_is_open():
    table = """
        customer_id | item_id | kind      | amount_minor:int | starts_on  | ends_on
                  1 |      11 | DISPUTE   |              300 | 2026-01-01 | 2026-01-20
                  1 |      11 | COMPLAINT |              400 | 2026-01-01 | 2026-01-10
                  1 |      12 | DISPUTE   |              900 | 2026-01-01 | 2026-01-20
                  2 |      21 | DISPUTE   |                  | 2026-01-01 | 2026-01-20
                  2 |      21 | DISPUTE   |                1 | 2026-01-01 | 2026-01-05
    """
    end = date(2026, 1, 20)
    assert held(table, "2026-01-05") == [(700, end), (500, end), (800, end)]
    assert held(table, "2026-01-15") == [(300, end), (500, end), (800, end)]


def test_a_clock_that_stands_still_loses_the_days_of_the_pause():
    """FIN-10: a pause from the 17th to the 30th takes 13 days off the age."""
    items = rows("""
        item_id | customer_id | due_on     | open_minor
             11 |           1 | 2023-10-01 |        250
             12 |           1 | 2023-11-20 |        250
             13 |           1 | 2023-12-20 |        250
    """)
    table = """
        customer_id | item_id:int | kind           | amount_minor:int | starts_on  | ends_on
                  1 |             | SPECIAL_PERIOD |                  | 2023-11-17 | 2023-11-30
                  1 |          11 | SPECIAL_PERIOD |                  | 2023-11-20 | 2023-12-02
                  1 |             | MANUAL         |                  | 2023-12-05 | 2023-12-25
                  1 |          12 | SPECIAL_PERIOD |              100 | 2023-12-01 | 2023-12-31
    """
    given_holds = {"holds": holds(table), "stops_clock": frozenset({"SPECIAL_PERIOD"})}
    found = apply_holds(items, as_of=date(2024, 1, 1), **given_holds)
    assert found["paused_days"].to_list() == [15, 10, 0]
    assert apply_holds(items, as_of=date(2023, 11, 25), **given_holds)["paused_days"].to_list() == [8, 5, 0]


holdings = st.lists(
    st.tuples(
        st.sampled_from([1, 2]), st.none() | st.sampled_from([11, 12, 21]), st.none() | st.integers(1, 1200),
        st.integers(0, 20), st.integers(0, 10),
    ),
    max_size=6,
)  # fmt: skip


@given(holdings)
def test_held_and_paused_counted_day_by_day(found):
    owner = dict(ITEMS.select("item_id", "customer_id").rows())
    due = dict(ITEMS.select("item_id", "due_on").rows())
    opened = dict(ITEMS.select("item_id", "open_minor").rows())
    placed = [
        (
            owner.get(item, customer),
            item,
            None if item is None else part,
            date(2025, 12, 28) + timedelta(starts),
            length,
        )
        for customer, item, part, starts, length in found
    ]
    frame = pl.DataFrame(
        [(c, item, "PLAN", part, starts, starts + timedelta(length)) for c, item, part, starts, length in placed],
        schema=HOLDS,
        orient="row",
    )
    day = date(2026, 1, 10)
    result = apply_holds(ITEMS, holds=frame, as_of=day, stops_clock=frozenset({"PLAN"}))
    for item, held_minor, paused in result.select("item_id", "held_minor", "paused_days").rows():
        mine = [hold for hold in placed if hold[1] == item or (hold[1] is None and hold[0] == owner[item])]
        running = [hold for hold in mine if hold[3] <= day <= hold[3] + timedelta(hold[4])]
        expected = sum(opened[item] if part is None else part for _, _, part, _, _ in running)
        assert held_minor == min(expected, opened[item])
        still = {
            due[item] + timedelta(offset)
            for offset in range(1, 30)
            for _, _, part, starts, length in mine
            if part is None
            and starts < due[item] + timedelta(offset) <= min(starts + timedelta(length), day)
        }  # fmt: skip
        assert paused == len(still)
