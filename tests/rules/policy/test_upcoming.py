"""Steps before the due day."""

from datetime import date

import polars as pl
import pytest

from huikuan.policy.reading.policy import default_policy
from huikuan.policy.rules.compile import compile_ladders
from huikuan.policy.rules.upcoming import upcoming
from tests.tables import rows

POLICY = default_policy()
STEPS = compile_ladders(POLICY, currencies=["CNY", "USD"]).steps
DECISIONS = {"customer_id": pl.Int64, "currency": pl.String, "action": pl.String}
STANDING = {"customer_id": pl.Int64, "currency": pl.String, "reason": pl.String}


def items(table: str) -> pl.DataFrame:
    return rows(table).with_columns(
        currency=pl.lit("CNY"), open_minor=pl.lit(1000), segment=pl.lit("default"), ladder=pl.lit("standard")
    )


ITEMS = items("""
    item_id | customer_id | issued_on  | due_on     | grade | held_minor
          1 |           1 | 2026-03-01 | 2026-03-31 | A     |          0
          2 |           1 | 2026-03-01 | 2026-03-31 | A     |          0
          3 |           2 | 2026-03-01 | 2026-03-31 | B     |          0
          4 |           3 | 2026-03-01 | 2026-03-31 | C     |          0
          5 |           4 | 2026-03-01 | 2026-03-31 | A     |       1000
""")


def due(day: str, *, previous: str | None = None, given=ITEMS, overdue=(), standing=()):
    """Return (customer, step, action, items) of the day."""
    found = upcoming(
        given,
        steps=STEPS,
        climb_decisions=pl.DataFrame(list(overdue), schema=DECISIONS, orient="row"),
        standing=pl.DataFrame(list(standing), schema=STANDING, orient="row"),
        previous_on=date.fromisoformat(previous) if previous else None,
        as_of=date.fromisoformat(day),
    )
    return found.select("customer_id", "step_code", "action", "item_ids").rows()


def test_the_bill_goes_out_on_the_day_of_issue_one_for_all_items():
    assert due("2026-03-01") == [(1, "bill", "NOTICE", [1, 2]), (2, "bill", "NOTICE", [3]), (3, "bill", "NOTICE", [4])]
    assert due("2026-03-02") == []


def test_half_of_the_term_is_a_call_for_b_and_three_days_after_issue_one_for_c():
    assert due("2026-03-16") == [(2, "courtesy_call", "TASK", [3])]
    assert due("2026-03-04") == [(3, "order_check", "TASK", [4])]


@pytest.mark.parametrize(("day", "is_due"), [("2026-03-27", False), ("2026-03-28", True), ("2026-03-29", False)])
def test_three_days_before_the_due_day(day, is_due):
    assert [code for customer, code, *_ in due(day) if customer == 1] == (["reminder"] if is_due else [])


def test_days_without_a_run_are_caught_up_while_the_item_is_not_yet_due():
    assert (1, "reminder", "NOTICE", [1, 2]) in due("2026-03-31", previous="2026-03-20")
    assert due("2026-04-01", previous="2026-03-20") == []


def test_the_highest_step_leads_the_contact_and_the_others_are_passed_over():
    assert due("2026-03-30", previous="2026-02-28")[:2] == [
        (1, "bill", "SKIPPED", [1, 2]),
        (1, "reminder", "NOTICE", [1, 2]),
    ]


def test_the_season_is_that_of_the_day_of_the_step():
    january = items("""
        item_id | customer_id | issued_on  | due_on     | grade | held_minor
              1 |           1 | 2025-12-01 | 2026-01-31 | A     |          0
              2 |           2 | 2026-06-01 | 2026-07-31 | A     |          0
    """)
    assert due("2026-01-17", given=january) == [(1, "season_reminder", "NOTICE", [1])]
    assert due("2026-07-17", given=january) == []


def test_an_overdue_contact_of_the_same_day_takes_precedence():
    assert due("2026-03-01", overdue=[(1, "CNY", "NOTICE")])[0] == (1, "bill", "SKIPPED", [1, 2])
    assert due("2026-03-01", overdue=[(1, "USD", "NOTICE")])[0] == (1, "bill", "NOTICE", [1, 2])
    assert due("2026-03-01", overdue=[(1, "CNY", "SKIPPED")])[0] == (1, "bill", "NOTICE", [1, 2])


def test_customers_in_arrears_get_their_bills_but_no_reminders():
    late = [(1, "CNY", "NOT_DUE")]
    assert due("2026-03-01", standing=late)[0] == (1, "bill", "NOTICE", [1, 2])
    assert [row for row in due("2026-03-28", standing=late) if row[0] == 1] == []
    assert due("2026-03-28", standing=[(1, "CNY", "COVERED")])[0] == (1, "reminder", "NOTICE", [1, 2])


def test_an_item_that_reached_the_ledger_late_has_its_bill_on_the_day_it_was_booked():
    booked = ITEMS.with_columns(booked_on=date(2026, 3, 9))
    assert due("2026-03-01", given=booked) == []
    assert due("2026-03-09", given=booked)[0] == (1, "bill", "NOTICE", [1, 2])


def test_nobody_without_a_ladder_hears_from_us():
    assert due("2026-03-01", given=ITEMS.with_columns(ladder=pl.lit(None, dtype=pl.String))) == []
    empty = compile_ladders(POLICY, currencies=[]).steps
    found = upcoming(
        ITEMS,
        steps=empty,
        climb_decisions=pl.DataFrame(schema=DECISIONS),
        standing=pl.DataFrame(schema=STANDING),
        previous_on=None,
        as_of=date(2026, 3, 1),
    )
    assert found.is_empty()
    assert "item_ids" in found.columns
