"""The account statement as columns: it always adds up, or it is refused."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huikuan.cash.rules.account_statement import BALANCES, LINES, StatementDoesNotAddUp, balances, running, totals
from tests.twins.statement import statement

FIRST, LAST = date(2026, 9, 1), date(2026, 9, 30)


def a_balance(*rows: tuple[int, str, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=BALANCES, orient="row")


def the_lines(*rows) -> pl.DataFrame:
    full = [(1, "CNY", day, side, side, number, None, amount) for day, side, number, amount in rows]
    return pl.DataFrame(full, schema=LINES, orient="row")


def test_sums_are_stated_as_people_state_them():
    lines = the_lines(
        (FIRST, "ITEM", "INV-1", 100_000),
        (FIRST, "RECEIPT", "R-1", -30_000),
        (LAST, "CREDIT_NOTE", "CN-1", -5_000),
        (LAST, "WRITE_OFF", "INV-0", -1_000),
        (LAST, "WRITE_OFF", "INV-0", 400),
    )
    stated = totals(a_balance((1, "CNY", 20_000)), lines, a_balance((1, "CNY", 84_400))).row(0, named=True)
    assert stated == {
        "customer_id": 1, "currency": "CNY", "opening_minor": 20_000, "charged_minor": 100_000,
        "credited_minor": 5_000, "received_minor": 30_000, "written_off_minor": 600, "closing_minor": 84_400,
    }  # fmt: skip


def test_a_cent_off_is_refused():
    lines = the_lines((FIRST, "ITEM", "INV-1", 100_000))
    with pytest.raises(StatementDoesNotAddUp, match="100001"):
        totals(a_balance(), lines, a_balance((1, "CNY", 100_001)))


def test_an_account_that_stands_still_is_stated_and_an_empty_one_is_not():
    stated = totals(a_balance((1, "CNY", 7), (2, "CNY", 0)), the_lines(), a_balance((1, "CNY", 7), (2, "CNY", 0)))
    assert stated["customer_id"].to_list() == [1]


def test_money_on_account_makes_a_balance_negative():
    owed = pl.DataFrame({"customer_id": [1, 1], "currency": ["CNY", "CNY"], "open_minor": [3, 4]})
    money = pl.DataFrame({"customer_id": [1, 2], "currency": ["CNY", "USD"], "on_account_minor": [9, 5]})
    assert balances(owed, money).rows() == [(1, "CNY", -2), (2, "USD", -5)]


SIGNED = {"ITEM": 1, "CREDIT_NOTE": -1, "RECEIPT": -1, "WRITE_OFF": -1}
documents = st.lists(
    st.builds(
        lambda days, side, number, minor: (FIRST + timedelta(days=days), side, f"N{number}", SIGNED[side] * minor),
        st.integers(-40, 60), st.sampled_from(sorted(SIGNED)), st.integers(1, 5), st.integers(1, 10**12),
    ),
    max_size=25,
)  # fmt: skip


@given(documents)
def test_the_twin_agrees(found):
    opening, lines, closing = statement(found, FIRST, LAST)
    frame = the_lines(*((day, side, number, amount) for day, side, number, amount, _balance in lines))
    before = a_balance((1, "CNY", opening))
    stated = totals(before, frame, a_balance((1, "CNY", closing)))
    ran = running(frame, before).select("day", "side", "number", "amount_minor", "balance_minor").rows()
    assert ran == lines
    if stated.is_empty():
        assert (opening, lines, closing) == (0, [], 0)
    else:
        row = stated.row(0, named=True)
        assert (row["opening_minor"], row["closing_minor"]) == (opening, closing)
        assert row["charged_minor"] == sum(line[3] for line in lines if line[1] == "ITEM")
