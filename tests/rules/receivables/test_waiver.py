"""Waived penalty: taken off last, penalty first and then the fixed cost, shown as a line that adds up."""

from fractions import Fraction

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from huikuan.receivables.rules.waiver import less_waived, share_waived, waived_lines
from tests.tables import rows
from tests.twins.penalty import round_half_away

TAKEN_OFF = rows("""
    item_id | penalty_minor | fee_minor | waived_minor | penalty_left | fee_left | line_minor
    1       |         21500 |         0 |        10750 |        10750 |        0 |     -10750
    2       |         10000 |      4000 |        12000 |            0 |     2000 |     -10000
    3       |           100 |         0 |          500 |            0 |        0 |       -100
    4       |           100 |        50 |            0 |          100 |       50 |
""")


def test_a_waiver_takes_off_the_penalty_first_then_the_fixed_cost_and_never_more():
    priced = TAKEN_OFF.select("item_id", "penalty_minor", "fee_minor")
    waivers = TAKEN_OFF.select("item_id", "waived_minor").filter(pl.col("waived_minor") > 0)
    answer = less_waived(priced, waivers)
    assert answer["penalty_minor"].to_list() == TAKEN_OFF["penalty_left"].to_list()
    assert answer["fee_minor"].to_list() == TAKEN_OFF["fee_left"].to_list()
    assert waived_lines(priced, waivers)["amount_minor"].to_list() == TAKEN_OFF["line_minor"].drop_nulls().to_list()


def test_without_waivers_nothing_is_touched():
    priced = TAKEN_OFF.select("item_id", "penalty_minor", "fee_minor")
    assert less_waived(priced, None) is priced
    assert waived_lines(priced, None).is_empty()


@given(
    st.lists(st.one_of(st.integers(0, 20), st.integers(0, 10**13)), min_size=1, max_size=8), st.integers(1, 1_000_000)
)
def test_a_waived_share_is_rounded_once_and_laid_on_the_items_to_the_cent(penalties, share_ppm):
    answer = share_waived(pl.DataFrame({"penalty_minor": penalties}), share_ppm_waived=share_ppm)
    parts = answer["waived_minor"].to_list()
    assert sum(parts) == round_half_away(Fraction(sum(penalties) * share_ppm, 10**6))
    assert all(0 <= part <= penalty for part, penalty in zip(parts, penalties, strict=True))
