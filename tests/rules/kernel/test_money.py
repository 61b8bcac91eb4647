"""Money: reading, writing, rounding."""

import pickle
from decimal import Decimal
from fractions import Fraction

import pytest
from babel.numbers import get_currency_precision
from hypothesis import example, given
from hypothesis import strategies as st

from huikuan.kernel.money import (
    MONEY_MAX_MINOR,
    AmountInExponentForm,
    AmountInOtherCurrency,
    AmountNotExact,
    AmountOutOfRange,
    AmountTooPrecise,
    AmountUnreadable,
    CurrencyUnknown,
    currency_exponent,
    format_decimal,
    format_money,
    minor_from_number,
    parse_minor,
    round_half_away,
    share_ppm,
    uppercase_rmb,
)
from huikuan.kernel.rates import PARTS_PER_BILLION
from huikuan.kernel.refusal import Refusal
from tests.tables import cases
from tests.twins import money as twin

AMOUNTS = st.integers(-MONEY_MAX_MINOR, MONEY_MAX_MINOR)
CURRENCIES = st.sampled_from(["CNY", "USD", "JPY", "KWD", "CLF"])


@pytest.mark.parametrize(
    "case",
    cases("""
        written:text      | currency | minor
        1234.5            | CNY      |  123450
        1,234.50          | CNY      |  123450
        1 234.50          | CNY      |  123450
        12,345,678.90     | CNY      | 1234567890
        １，２３４．５０  | CNY      |  123450
        ¥1,234.50         | CNY      |  123450
        ￥１２３          | CNY      |   12300
        人民币1,234.5元   | CNY      |  123450
        人民币 1,234.5    | CNY      |  123450
        1234.5元          | CNY      |  123450
        CNY 5             | CNY      |     500
        cny5              | CNY      |     500
        5 USD             | USD      |     500
        $5                | USD      |     500
        ¥5                | JPY      |       5
        -5.00             | CNY      |    -500
        −5.00             | CNY      |    -500
        5.00-             | CNY      |    -500
        (5.00)            | CNY      |    -500
        （5.00）          | CNY      |    -500
        -¥5               | CNY      |    -500
        ¥-5               | CNY      |    -500
        +5                | CNY      |     500
        .50               | CNY      |      50
        007               | CNY      |     700
        5.0000            | CNY      |     500
        5.000             | KWD      |    5000
        0.0001            | CLF      |       1
        1234.000          | JPY      |    1234
        0                 | CNY      |       0
        -0.00             | CNY      |       0
        10000000000000.00 | CNY      | 1000000000000000
    """),
    ids=lambda case: case["written"],
)
def test_an_amount_is_read_as_people_and_programs_write_it(case):
    assert parse_minor(case["written"], case["currency"]) == case["minor"]


@pytest.mark.parametrize(
    ("written", "currency", "refusal"),
    [
        ("", "CNY", AmountUnreadable),
        ("   ", "CNY", AmountUnreadable),
        ("five", "CNY", AmountUnreadable),
        ("nan", "CNY", AmountUnreadable),
        ("inf", "CNY", AmountUnreadable),
        ("-Infinity", "CNY", AmountUnreadable),
        ("1,23", "CNY", AmountUnreadable),
        ("1.234,50", "CNY", AmountUnreadable),
        ("12,34,567", "CNY", AmountUnreadable),
        ("1.2.3", "CNY", AmountUnreadable),
        ("5.", "CNY", AmountUnreadable),
        ("--5", "CNY", AmountUnreadable),
        ("(-5)", "CNY", AmountUnreadable),
        ("(5", "CNY", AmountUnreadable),
        ("-5-", "CNY", AmountUnreadable),
        ("5)", "CNY", AmountUnreadable),
        ("12万", "CNY", AmountUnreadable),
        ("1_000", "CNY", AmountUnreadable),
        ("0x10", "CNY", AmountUnreadable),
        ("=1+1", "CNY", AmountUnreadable),
        ("1e5", "CNY", AmountInExponentForm),
        ("1.3E+17", "CNY", AmountInExponentForm),
        ("1.234", "CNY", AmountTooPrecise),
        ("0.001", "CNY", AmountTooPrecise),
        ("0.5", "JPY", AmountTooPrecise),
        ("1.2345", "KWD", AmountTooPrecise),
        ("$5", "CNY", AmountInOtherCurrency),
        ("5 USD", "CNY", AmountInOtherCurrency),
        ("¥5", "USD", AmountInOtherCurrency),
        ("10000000000000.01", "CNY", AmountOutOfRange),
        ("-10000000000000.01", "CNY", AmountOutOfRange),
        ("9" * 400, "CNY", AmountOutOfRange),
        ("5", "RMB", CurrencyUnknown),
        ("5", "", CurrencyUnknown),
        ("5", "cny", CurrencyUnknown),
    ],
)
def test_what_is_no_exact_amount_is_refused_by_name(written, currency, refusal):
    with pytest.raises(refusal):
        parse_minor(written, currency)


@given(AMOUNTS, CURRENCIES)
def test_every_amount_comes_back_from_its_machine_form(minor, currency):
    assert parse_minor(format_decimal(minor, currency), currency) == minor


@given(AMOUNTS, CURRENCIES, st.sampled_from(["zh-hans", "en"]))
def test_every_amount_comes_back_from_the_form_for_people(minor, currency, language):
    assert parse_minor(format_money(minor, currency, language).replace("CLF\xa0", "CLF "), currency) == minor


@given(st.text(max_size=12))
def test_any_text_is_read_or_refused_but_never_breaks(text):
    try:
        minor = parse_minor(text, "CNY")
    except Refusal:
        return
    assert parse_minor(format_decimal(minor, "CNY"), "CNY") == minor


@pytest.mark.parametrize(
    ("cell", "currency", "minor"),
    [
        (1234.5, "CNY", 123450),
        (0.1 + 0.2, "CNY", 30),
        (1234.5600000001, "CNY", 123456),
        (1234.5599999999, "CNY", 123456),
        (0.07 * 100, "CNY", 700),
        (-86000.0, "CNY", -8600000),
        (12345678901.23, "CNY", 1234567890123),
        (1e5, "CNY", 10000000),
        (5, "JPY", 5),
        (Decimal("1.10"), "CNY", 110),
    ],
)
def test_float_noise_of_a_spreadsheet_is_dropped(cell, currency, minor):
    assert minor_from_number(cell, currency) == minor


@pytest.mark.parametrize(
    ("cell", "currency", "refusal"),
    [
        (1234.567, "CNY", AmountNotExact),
        (0.005, "CNY", AmountNotExact),
        (1.000001, "CNY", AmountNotExact),  # exactly the tolerance: no longer noise
        (0.5, "JPY", AmountNotExact),
        (float("nan"), "CNY", AmountUnreadable),
        (float("inf"), "CNY", AmountUnreadable),
        (True, "CNY", AmountUnreadable),
        (1e300, "CNY", AmountOutOfRange),
        (Decimal("1e999999"), "CNY", AmountOutOfRange),
        (-1e16, "JPY", AmountOutOfRange),
        (1.3e17, "CNY", AmountOutOfRange),
        (10000000000000.1, "CNY", AmountOutOfRange),
    ],
)
def test_a_number_that_is_no_amount_is_refused(cell, currency, refusal):
    with pytest.raises(refusal):
        minor_from_number(cell, currency)


@given(st.integers(-(10**12), 10**12))
def test_every_amount_that_a_float_holds_is_taken_from_it_exactly(minor):
    assert minor_from_number(minor / 100, "CNY") == minor


def test_amounts_are_written_for_people():
    assert format_money(123450, "CNY", "zh-hans") == "¥1,234.50"
    assert format_money(123450, "CNY", "en") == "¥1,234.50"
    assert format_money(-5, "CNY", "en") == "-¥0.05"
    assert format_money(123450, "USD", "en") == "$1,234.50"
    assert format_money(123450, "USD", "zh-Hans") == "US$1,234.50"
    assert format_money(1234, "JPY", "en") == "JP¥1,234"
    assert format_money(500, "CHF", "en") == "CHF\N{NO-BREAK SPACE}5.00"


def test_amounts_are_written_for_machines():
    assert format_decimal(123450, "CNY") == "1234.50"
    assert format_decimal(-5, "CNY") == "-0.05"
    assert format_decimal(1234, "JPY") == "1234"
    assert format_decimal(1, "KWD") == "0.001"


def test_decimals_are_those_of_iso_4217_and_agree_with_babel_where_it_follows_iso():
    exponents = {code: currency_exponent(code) for code in ["CNY", "HKD", "EUR", "KRW", "VND", "TND", "IQD", "ALL"]}
    assert exponents == {"CNY": 2, "HKD": 2, "EUR": 2, "KRW": 0, "VND": 0, "TND": 3, "IQD": 3, "ALL": 2}
    for code in ["CNY", "HKD", "EUR", "KRW", "VND", "TND", "BHD", "JPY", "CLF", "USD", "SGD", "GBP"]:
        assert currency_exponent(code) == get_currency_precision(code)


@pytest.mark.parametrize(
    "case",
    cases("""
        numerator | denominator | rounded
                5 |           2 |       3
               -5 |           2 |      -3
                4 |           3 |       1
                5 |           3 |       2
               -4 |           3 |      -1
               -5 |           3 |      -2
                0 |           7 |       0
                1 |           2 |       1
               -1 |           2 |      -1
                1 |           3 |       0
    """),
)
def test_halves_go_away_from_zero(case):
    assert round_half_away(case["numerator"], case["denominator"]) == case["rounded"]


@given(st.integers(), st.integers(1, 10**20))
@example(-(10**40) * 2 - 1, 2)
def test_rounding_agrees_with_its_twin(numerator, denominator):
    assert round_half_away(numerator, denominator) == twin.round_half_away(Fraction(numerator, denominator))


@pytest.mark.parametrize("denominator", [0, -1])
def test_rounding_wants_a_positive_denominator(denominator):
    with pytest.raises(ValueError, match="positive"):
        round_half_away(1, denominator)


@pytest.mark.parametrize(
    "case",
    cases("""
        # law.md §4 and domain.md §3, to the cent; the rate as a year's or (basis 1) a day's, in parts per billion
        principal:text | ppb       | days | basis | interest:text
        60000.00       |    500000 |    5 |     1 | 150.00
        86000.00       |    500000 |    5 |     1 | 215.00
        93633.00       |  45000000 |  199 |   360 | 2329.12
        93633.00       |  45000000 |  199 |   365 | 2297.22
        93633.00       |  45000000 |  198 |   365 | 2285.67
        520000.00      | 120000000 |  228 |   360 | 39520.00
        1700000.00     | 120000000 |  418 |   360 | 236866.67
        369220.00      |  39000000 |  373 |   360 | 14919.56
        100000.00      |    500000 |   90 |     1 | 4500.00
        100000.00      |  30000000 |   90 |   365 | 739.73
        100000.00      |  39000000 |   90 |   365 | 961.64
        100000.00      |  45000000 |   90 |   365 | 1109.59
        100000.00      |  58500000 |   90 |   365 | 1442.47
        100000.00      | 120000000 |   90 |   365 | 2958.90
        100000.00      |    175000 |  100 |     1 | 1750.00
        10000.00       |    175000 |   57 |     1 | 99.75
        10000.00       |    500000 |  244 |     1 | 1220.00
    """),
)
def test_simple_interest_of_the_statutes_comes_out_to_the_cent(case):
    exact = parse_minor(case["principal"], "CNY") * case["ppb"] * case["days"]
    minor = round_half_away(exact, PARTS_PER_BILLION * case["basis"])
    assert format_decimal(minor, "CNY") == case["interest"]


def test_a_share_is_rounded_once():
    assert share_ppm(10_000_000, 300_000) == 3_000_000
    assert share_ppm(1, 500_000) == 1
    assert share_ppm(-1, 500_000) == -1
    assert share_ppm(333, 333_333) == 111


@pytest.mark.parametrize(
    ("minor", "capitals"),
    [
        # law.md §7; where the rule leaves 零 open, the form that this product writes
        (140950, "壹仟肆佰零玖元伍角"),
        (600714, "陆仟零柒元壹角肆分"),
        (168032, "壹仟陆佰捌拾元叁角贰分"),
        (10700053, "壹拾万零柒仟元伍角叁分"),
        (1640902, "壹万陆仟肆佰零玖元零贰分"),
        (32504, "叁佰贰拾伍元零肆分"),
        # edges
        (0, "零元整"),
        (5, "伍分"),
        (50, "伍角"),
        (55, "伍角伍分"),
        (100, "壹元整"),
        (1000, "壹拾元整"),
        (10005, "壹佰元零伍分"),
        (8600000, "捌万陆仟元整"),
        (100_000_000_00, "壹亿元整"),
        (100_000_005_00, "壹亿零伍元整"),
        (100_050_000_00, "壹亿零伍万元整"),
        (1_000_000_000_00, "壹拾亿元整"),
        (1_050_000_000_00, "壹拾亿零伍仟万元整"),
        (1_000_000_000_000_00, "壹万亿元整"),
        (-140950, "负壹仟肆佰零玖元伍角"),
    ],
)
def test_renminbi_in_capitals(minor, capitals):
    assert uppercase_rmb(minor) == capitals


@given(AMOUNTS | st.integers(-(10**6), 10**6))
def test_capitals_mean_the_amount(minor):
    written = uppercase_rmb(minor)
    assert twin.read_capitals(written) == minor
    assert "零零" not in written
    assert "零元" not in written.replace("零元整", "") or minor == 0
    assert not written.endswith("分整")


def test_an_amount_beyond_the_bound_is_not_put_into_words():
    with pytest.raises(AmountOutOfRange):
        uppercase_rmb(MONEY_MAX_MINOR + 1)


def test_a_refusal_says_what_is_wrong_and_keeps_the_facts_across_processes():
    with pytest.raises(AmountTooPrecise) as refused:
        parse_minor("1.234", "CNY")
    sent = pickle.loads(pickle.dumps(refused.value))
    assert type(sent) is AmountTooPrecise
    assert sent.as_dict() == {
        "code": "money.amount-too-precise",
        "message": "“1.234” has more decimals than CNY has (2). Round it where it was calculated.",
        "facts": {"value": "1.234", "currency": "CNY", "decimals": 2},
    }
