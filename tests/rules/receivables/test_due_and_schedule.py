"""When an item falls due, and what a contract's cycle bills."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huikuan.receivables.rules.due import due_on
from huikuan.receivables.rules.schedule import cycle_installments
from tests.tables import cases

DUE = cases("""
    issued_on  | basis        | term_days:int | fixed_day:int | due_on
    # cases ERP-29 and ERP-31
    2016-01-22 | NET_DAYS     |            30 |               | 2016-02-21
    2017-01-22 | NET_DAYS     |            30 |               | 2017-02-21
    2016-01-22 | NET_DAYS     |               |               | 2016-01-22
    # large enterprise 60 days, public body 30 days (law.md §5)
    2025-07-01 | NET_DAYS     |            60 |               | 2025-08-30
    2025-07-01 | NET_DAYS     |            30 |               | 2025-07-31
    2026-01-15 | END_OF_MONTH |             0 |               | 2026-01-31
    2026-01-15 | END_OF_MONTH |            30 |               | 2026-02-28
    2026-01-31 | END_OF_MONTH |            30 |               | 2026-03-31
    2026-01-15 | FIXED_DAY    |               |            25 | 2026-01-25
    2026-01-25 | FIXED_DAY    |               |            25 | 2026-01-25
    2026-01-26 | FIXED_DAY    |               |            25 | 2026-02-25
    2026-01-26 | FIXED_DAY    |            30 |            25 | 2026-02-25
    2026-12-26 | FIXED_DAY    |               |            25 | 2027-01-25
    2026-02-10 | FIXED_DAY    |               |            31 | 2026-02-28
    2026-01-31 | FIXED_DAY    |             1 |            30 | 2026-02-28
""")


@pytest.mark.parametrize("case", DUE, ids=str)
def test_the_due_day(case):
    wanted = case.pop("due_on")
    assert due_on(case.pop("issued_on"), **case) == wanted


def test_a_due_day_needs_a_rule():
    for basis in ("FIXED_DAY", "WHENEVER"):
        with pytest.raises(ValueError, match=basis):
            due_on(date(2026, 1, 1), basis=basis)


@given(st.dates(date(2000, 1, 1), date(2099, 1, 1)), st.sampled_from(["NET_DAYS", "END_OF_MONTH", "FIXED_DAY"]),
       st.integers(0, 400), st.integers(1, 31))  # fmt: skip
def test_nothing_falls_due_before_its_term(issued_on, basis, term_days, fixed_day):
    due = due_on(issued_on, basis=basis, term_days=term_days, fixed_day=fixed_day)
    assert term_days <= (due - issued_on).days <= term_days + 31


def billed(**contract):
    terms = {"starts_on": date(2026, 1, 31), "ends_on": None, "cycle_months": 1, "amount_minor": 310_000,
             "through": date(2026, 4, 30)}  # fmt: skip
    return [(each.starts_on, each.ends_on, each.amount_minor) for each in cycle_installments(**(terms | contract))]


def test_periods_begin_on_the_day_of_the_contract():
    assert billed() == [
        (date(2026, 1, 31), date(2026, 2, 27), 310_000),
        (date(2026, 2, 28), date(2026, 3, 30), 310_000),
        (date(2026, 3, 31), date(2026, 4, 29), 310_000),
        (date(2026, 4, 30), date(2026, 5, 30), 310_000),
    ]


def test_a_period_cut_short_costs_its_days():
    rent = billed(starts_on=date(2026, 1, 1), ends_on=date(2026, 3, 10))
    assert rent[-1] == (date(2026, 3, 1), date(2026, 3, 10), 100_000)
    assert len(rent) == 3
    assert billed(starts_on=date(2026, 1, 1), ends_on=date(2026, 3, 31), cycle_months=3) == [
        (date(2026, 1, 1), date(2026, 3, 31), 310_000)
    ]


def test_nothing_is_billed_before_the_contract_starts():
    assert billed(through=date(2026, 1, 30)) == []


def test_a_cycle_needs_months_and_an_amount():
    for wrong in ({"cycle_months": 0}, {"amount_minor": 0}):
        with pytest.raises(ValueError, match="schedule"):
            billed(**wrong)
