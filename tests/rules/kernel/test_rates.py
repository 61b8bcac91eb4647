"""Rates: read exactly or refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huikuan.kernel.rates import (
    RATE_MAX_PPB,
    RateNotExact,
    RateOutOfRange,
    RateUnreadable,
    format_rate,
    format_rate_decimal,
    parse_rate,
    rate_from_number,
)
from tests.tables import cases


@pytest.mark.parametrize(
    "case",
    cases("""
        written:text     | ppb
        0.0005           |        500000
        0.05%            |        500000
        0.5‰             |        500000
        5‱               |        500000
        5bp              |        500000
        万分之五         |        500000
        万分之5          |        500000
        万分之 5         |        500000
        千分之零点五     |        500000
        十万分之五十     |        500000
        百万分之五百     |        500000
        ０．０５％       |        500000
        .05 %            |        500000
        百分之十二       |     120000000
        百分之二十       |     200000000
        百分之一百二十   |    1200000000
        百分之一百零五   |    1050000000
        百分之三点四五   |      34500000
        3.45%            |      34500000
        18.25%           |     182500000
        0                |             0
        0%               |             0
        0.000000001      |             1
        150%             |    1500000000
        1.5              |    1500000000
        0.017500000000%  |        175000
    """),
    ids=lambda case: case["written"],
)
def test_a_rate_is_read_as_contracts_write_it(case):
    assert parse_rate(case["written"]) == case["ppb"]


@pytest.mark.parametrize(
    ("written", "refusal"),
    [
        ("", RateUnreadable),
        ("five", RateUnreadable),
        ("万分之", RateUnreadable),
        ("万分之点五", RateUnreadable),
        ("万分之五点", RateUnreadable),
        ("万分之百分之五", RateUnreadable),
        ("五", RateUnreadable),
        ("1,5%", RateUnreadable),
        ("5e-4", RateUnreadable),
        ("nan", RateUnreadable),
        ("0.05%%", RateUnreadable),
        ("0.0000000001", RateNotExact),
        ("0.00000001%", RateNotExact),
        ("-0.05%", RateOutOfRange),
        ("100.1", RateOutOfRange),
    ],
)
def test_what_is_no_exact_rate_is_refused_by_name(written, refusal):
    with pytest.raises(refusal):
        parse_rate(written)


def test_a_margin_may_be_negative():
    assert parse_rate("-0.1%", allow_negative=True) == -1_000_000


@pytest.mark.parametrize(
    ("cell", "ppb"),
    [(0.0005, 500_000), (0.1 + 0.2, 300_000_000), (1, 10**9), (Decimal("0.05"), 50_000_000), (3e-4, 300_000)],
)
def test_a_rate_comes_out_of_a_spreadsheet(cell, ppb):
    assert rate_from_number(cell) == ppb


@pytest.mark.parametrize(
    ("cell", "refusal"),
    [
        (float("nan"), RateUnreadable),
        (True, RateUnreadable),
        (1 / 3, RateNotExact),
        (-0.1, RateOutOfRange),
        (1e9, RateOutOfRange),
    ],
)
def test_a_cell_that_is_no_rate_is_refused(cell, refusal):
    with pytest.raises(refusal):
        rate_from_number(cell)


@given(st.integers(0, RATE_MAX_PPB))
def test_every_rate_comes_back_from_both_its_forms(ppb):
    assert parse_rate(format_rate(ppb)) == ppb
    assert parse_rate(format_rate_decimal(ppb)) == ppb


def test_rates_are_written_without_needless_zeros():
    assert [format_rate(ppb) for ppb in (500_000, 10**9, 0, 1, 10**10)] == [
        "0.05%",
        "100%",
        "0%",
        "0.0000001%",
        "1000%",
    ]
    assert [format_rate_decimal(ppb) for ppb in (500_000, 10**9, 0, 1)] == ["0.0005", "1", "0", "0.000000001"]
