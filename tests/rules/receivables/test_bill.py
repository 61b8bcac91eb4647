"""Bills of exchange: what the number says, where a bill can go, and when somebody must act."""

from datetime import date, timedelta

import pytest

from huikuan.receivables.models.bill import BillState
from huikuan.receivables.rules.bill import NEXT, number_shape, present_until, recourse_until, reminders
from tests.tables import rows


@pytest.mark.parametrize(
    "case",
    rows("""
    digits | first | kind       | problem
    30     | 1     | BANK       |
    30     | 2     | COMMERCIAL |
    30     | 1     | COMMERCIAL | KIND
    30     | 6     | BANK       | KIND
    30     | 9     | BANK       |
    16     | 3     | COMMERCIAL |
    29     | 1     | BANK       | DIGITS
    0      | x     | BANK       | DIGITS
    """).to_dicts(),
    ids=str,
)
def test_the_number_is_checked_by_its_shape(case):
    number = str(case["first"]) + "0" * (max(int(case["digits"]), 1) - 1)
    assert number_shape(number, str(case["kind"])).problem == str(case["problem"] or "")


def test_every_state_has_its_ways_and_two_are_the_end():
    assert set(NEXT) == set(BillState.values)
    assert [state for state, ways in NEXT.items() if not ways] == ["PAID", "DISHONORED"]
    assert "DISHONORED" in NEXT["ENDORSED"] & NEXT["DISCOUNTED"]  # it comes back by recourse


def test_days_of_the_law():
    assert present_until(date(2026, 9, 25)) == date(2026, 10, 5)
    assert recourse_until(date(2026, 8, 31)) == date(2027, 2, 28)


MATURES = date(2026, 9, 25)


def due(state: str, as_of: date, recourse_ends_on: date | None = None) -> list[str]:
    return [
        code
        for code, _day in reminders(state=state, matures_on=MATURES, recourse_ends_on=recourse_ends_on, as_of=as_of)
    ]


def test_the_holder_is_told_a_week_before_maturity():
    assert due("HELD", MATURES - timedelta(days=8)) == []
    assert due("HELD", MATURES - timedelta(days=7)) == ["bill_present"]
    assert due("ENDORSED", MATURES) == []


def test_recourse_is_watched_at_thirty_and_ten_days():
    ends_on = date(2027, 3, 25)
    assert due("DISHONORED", ends_on - timedelta(days=31), ends_on) == []
    assert due("DISHONORED", ends_on - timedelta(days=30), ends_on) == ["bill_recourse_30"]
    assert due("DISHONORED", ends_on - timedelta(days=10), ends_on) == ["bill_recourse_30", "bill_recourse_10"]
    assert due("DISHONORED", ends_on + timedelta(days=1), ends_on) == []
