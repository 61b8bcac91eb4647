"""Column arithmetic: exact for negatives, ties and sizes beyond 64 bits."""

from fractions import Fraction

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from polars.exceptions import InvalidOperationError
from polars.testing import assert_frame_equal

from huikuan.kernel.columns import (
    MONEY_MAX,
    ColumnHasGap,
    ColumnOutOfBounds,
    bucket,
    bucket_labels,
    check_bounds,
    floor_div,
    mul128,
    round_half_away,
    share_ppm,
    total,
)
from tests.tables import rows
from tests.twins import columns as column_twin
from tests.twins import money as twin

MONEY = st.integers(-MONEY_MAX, MONEY_MAX)
GAINS = st.integers(0, 10**13)
DENOMINATORS = st.sampled_from([1, 2, 3, 360, 365, 10**6, 10**9, 360 * 10**9, 365 * 10**9]) | st.integers(1, 10**12)


def test_halves_go_away_from_zero():
    given_and_expected = rows("""
        numerator | denominator | rounded
                5 |           2 |       3
               -5 |           2 |      -3
               -4 |           2 |      -2
                4 |           3 |       1
               -4 |           3 |      -1
                5 |           3 |       2
               -5 |           3 |      -2
               -1 |           2 |      -1
                1 |           4 |       0
               -1 |           4 |       0
               -3 |           4 |      -1
                0 |           7 |       0
               -7 |           1 |      -7
                  |           2 |
    """)
    rounded = round_half_away(pl.col("numerator"), pl.col("denominator"))
    assert_frame_equal(given_and_expected.with_columns(rounded=rounded), given_and_expected)


def test_a_product_beyond_64_bits_is_exact():
    # engine.md §4: the product of the sample already passes 2**63
    frame = pl.DataFrame({"open_minor": [476063833190, -476063833190], "gain": [115674000, 115674000]})
    exact = mul128(pl.col("open_minor"), pl.col("gain"))
    expected = twin.round_half_away(Fraction(476063833190 * 115674000, 365 * 10**6))
    assert frame.select(x=round_half_away(exact, 365 * 10**6))["x"].to_list() == [expected, -expected]


@given(st.lists(st.tuples(MONEY, GAINS, DENOMINATORS), min_size=1, max_size=30))
@example([(MONEY_MAX, 10**13, 10**12), (-MONEY_MAX, 10**13, 10**12), (-1, 1, 2), (1, 1, 2)])
def test_rounding_a_column_by_a_column_agrees_with_its_twin(lines):
    amounts, gains, denominators = zip(*lines, strict=True)
    exact = [twin.round_half_away(Fraction(a * g, d)) for a, g, d in lines]
    frame = pl.DataFrame({"a": amounts, "g": gains, "d": denominators}, schema=dict.fromkeys("agd", pl.Int64))
    expression = round_half_away(mul128(pl.col("a"), pl.col("g")), pl.col("d"))
    if all(-(2**63) <= value < 2**63 for value in exact):
        assert frame.select(x=expression)["x"].to_list() == exact
    else:
        with pytest.raises(InvalidOperationError):
            frame.select(x=expression)


@given(st.lists(MONEY, min_size=1, max_size=30), GAINS, DENOMINATORS)
@example([-1, 1, -3, 3], 1, 2)
@example([-5, 5, 0], 1, 10)
def test_rounding_a_column_by_a_number_agrees_with_its_twin(amounts, gain, denominator):
    exact = [twin.round_half_away(Fraction(amount * gain, denominator)) for amount in amounts]
    frame = pl.DataFrame({"a": amounts}, schema={"a": pl.Int64})
    expression = round_half_away(mul128(pl.col("a"), gain), denominator)
    if all(-(2**63) <= value < 2**63 for value in exact):
        assert frame.lazy().select(x=expression).collect(engine="streaming")["x"].to_list() == exact
    else:
        with pytest.raises(InvalidOperationError):
            frame.select(x=expression)


def test_a_result_beyond_64_bits_stops_instead_of_wrapping():
    frame = pl.DataFrame({"a": [MONEY_MAX]})
    with pytest.raises(InvalidOperationError):
        frame.select(round_half_away(mul128(pl.col("a"), 10**9), 1))


@given(st.lists(MONEY, min_size=1, max_size=20), st.integers(1, 10**12))
def test_floor_division_is_pythons(amounts, denominator):
    frame = pl.DataFrame({"a": amounts}, schema={"a": pl.Int64})
    divided = frame.select(x=floor_div(pl.col("a"), denominator))["x"].to_list()
    assert divided == [amount // denominator for amount in amounts]


def test_a_share_of_a_column_is_rounded_once():
    frame = rows("""
        amount   | ppm    | share
        10000000 | 300000 | 3000000
               1 | 500000 |       1
              -1 | 500000 |      -1
             333 | 333333 |     111
    """)
    assert_frame_equal(frame.with_columns(share=share_ppm(pl.col("amount"), pl.col("ppm"))), frame)


@pytest.mark.parametrize("ppm", [0, 1, 333_333, 500_000, 1_000_000])
def test_a_share_by_one_rate_agrees_with_its_twin(ppm):
    amounts = list(range(-50, 51))
    shares = pl.DataFrame({"a": amounts}).select(x=share_ppm(pl.col("a"), ppm))["x"].to_list()
    assert shares == [twin.round_half_away(Fraction(amount * ppm, 10**6)) for amount in amounts]


def test_sums_do_not_wrap():
    frame = pl.DataFrame({"key": ["a", "a", "b"], "a": [2**62, 2**62, 5]})
    assert frame.filter(key="b").select(total(pl.col("a"))).item() == 5
    with pytest.raises(InvalidOperationError):
        frame.select(total(pl.col("a")))
    with pytest.raises(InvalidOperationError):
        frame.group_by("key").agg(total(pl.col("a")))


@given(st.lists(st.integers(-400, 400), min_size=1), st.sets(st.integers(-300, 300), min_size=1))
def test_buckets_agree_with_their_twin(values, edges):
    ascending = sorted(edges)
    frame = pl.DataFrame({"days": values}, schema={"days": pl.Int32})
    assert frame.select(x=bucket(pl.col("days"), ascending))["x"].to_list() == [
        column_twin.bucket(value, ascending) for value in values
    ]


def test_the_buckets_of_the_aging_list():
    edges = [0, 30, 60, 90, 180, 365]
    frame = rows("""
        days | bucket
          -5 |      0
           0 |      0
           1 |      1
          30 |      1
          31 |      2
          90 |      3
          91 |      4
         180 |      4
         365 |      5
         366 |      6
    """)
    found = frame.with_columns(bucket=bucket(pl.col("days"), edges).cast(pl.Int64))
    assert_frame_equal(found, frame)
    assert bucket_labels(edges) == ["current", "1-30", "31-60", "61-90", "91-180", "181-365", ">365"]


@pytest.mark.parametrize("edges", [[30, 0], [0, 0]])
def test_bucket_edges_ascend(edges):
    with pytest.raises(ValueError, match="ascend"):
        bucket(pl.col("days"), edges)


def test_what_can_be_held_passes_unchanged():
    frame = pl.DataFrame({"number": ["A", "B"], "open_minor": [MONEY_MAX, -MONEY_MAX]})
    assert check_bounds(frame, "open_minor", key="number") is frame
    assert check_bounds(frame.clear(), "open_minor").is_empty()


@pytest.mark.parametrize("value", [MONEY_MAX + 1, -MONEY_MAX - 1, -(2**63)])
def test_what_cannot_be_held_is_refused_by_column_and_row(value):
    frame = pl.DataFrame({"number": ["A", "B"], "amount_minor": [1, 1], "open_minor": [1, value]})
    with pytest.raises(ColumnOutOfBounds) as refused:
        check_bounds(frame, "amount_minor", "open_minor", key="number")
    assert refused.value.facts == {"column": "open_minor", "row": "B", "value": value, "limit": MONEY_MAX}
    # a value at the limit is not the offender
    frame = pl.DataFrame({"open_minor": [MONEY_MAX, -MONEY_MAX, value]})
    with pytest.raises(ColumnOutOfBounds, match="Row 3 of open_minor"):
        check_bounds(frame, "open_minor")


def test_a_gap_is_refused_by_column_and_row():
    frame = pl.DataFrame({"number": ["A", "B"], "open_minor": [1, None]})
    with pytest.raises(ColumnHasGap, match="Row B of open_minor is empty"):
        check_bounds(frame, "open_minor", key="number")


def test_another_limit():
    with pytest.raises(ColumnOutOfBounds, match="Row 1 of days is 5"):
        check_bounds(pl.DataFrame({"days": [5]}), "days", limit=4)
