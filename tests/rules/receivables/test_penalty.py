"""The penalty of the specification's examples, to the cent."""

from datetime import date

import polars as pl
import pytest

from huikuan.kernel.columns import ColumnHasGap, ColumnOutOfBounds
from huikuan.receivables.rules.lines import penalty_lines
from huikuan.receivables.rules.penalty import penalty
from huikuan.receivables.rules.reference import rates_by_day
from huikuan.receivables.rules.terms import Terms, terms_table
from tests.tables import cases, rows

NOTHING_PAID = rows("item_id:int | amount_minor:int | effective_on:date")
LPR = rows("""
    reference_code | starts_on  | rate_ppm
    CN_LPR_1Y      | 2023-08-21 |    34500
    CN_LPR_1Y      | 2024-07-22 |    33500
    CN_LPR_1Y      | 2024-10-21 |    31000
    CN_LPR_1Y      | 2025-05-20 |    30000
""")
FLAT = rows("""
    reference_code | starts_on  | rate_ppm
    CN_LPR_1Y      | 2024-01-01 |    30000
""")
DAILY = Terms(kind="PER_DAY", rate_ppb=500_000)


def borne(terms, items, *, as_of, paid=NOTHING_PAID, publications=LPR):
    """Return the calculated frame for items that all have these terms."""
    table = terms_table({1: terms})
    given = items.with_columns(terms_id=pl.lit(1, pl.Int64))
    if "amount_minor" not in given.columns:
        given = given.with_columns(amount_minor=pl.col("open_minor"))
    known = rates_by_day(publications, through=as_of)
    answer = penalty(given, allocations=paid, terms=table, reference=known, as_of=as_of)
    lines = penalty_lines(given, allocations=paid, terms=table, reference=known, as_of=as_of)
    added = lines.group_by("item_id").agg(pl.col("amount_minor").sum()).to_dict(as_series=False)
    printed = dict(zip(added["item_id"], added["amount_minor"], strict=True))
    for item_id, minor in answer.select("item_id", "penalty_minor").iter_rows():
        assert printed.get(item_id, 0) == minor, "the printed lines must add up to the penalty"
    return answer


def one(terms, open_minor, due_on, as_of, **more):
    """Return the penalty of a single unpaid item."""
    item = pl.DataFrame({"item_id": [7], "due_on": [date.fromisoformat(due_on)], "open_minor": [open_minor]})
    return borne(terms, item, as_of=date.fromisoformat(as_of), **more)["penalty_minor"].item()


SIMPLE = rows("""
    item_id | due_on     | open_minor | days_overdue | penalty_minor
    # five days late at 0.05 % a day: 150.00 and 215.00
    1       | 2025-07-06 |    6000000 |            5 |         15000
    2       | 2025-07-06 |    8600000 |            5 |         21500
    # due today: the due day itself is on time
    3       | 2025-07-11 |    4300000 |            0 |             0
    4       | 2025-07-12 |    4300000 |            0 |             0
    # half a cent rounds up
    5       | 2025-07-10 |       1000 |            1 |             1
    6       | 2025-07-10 |        999 |            1 |             0
    # nothing open
    7       | 2025-07-01 |          0 |            0 |             0
""")


def test_five_days_late():
    given = SIMPLE.select("item_id", "due_on", "open_minor")
    answer = borne(DAILY, given, as_of=date(2025, 7, 11))
    assert answer.select(SIMPLE.columns).rows() == SIMPLE.rows()


PART_PAID = cases("""
    grace_days | grace_mode | cap_share_ppm:int | penalty_minor
    0          | SHIFTING   |                   |        110000
    3          | SHIFTING   |                   |         95000
    3          | SHIFTING   |             10000 |        100000
    3          | FORGIVING  |                   |        110000
    10         | FORGIVING  |                   |         90000
    10         | SHIFTING   |                   |         60000
    9          | FORGIVING  |                   |        110000
""")


@pytest.mark.parametrize("case", PART_PAID, ids=str)
def test_the_base_falls_with_a_part_payment(case):
    """100,000.00 due 2026-01-10, 40,000.00 paid 2026-01-20, as of 2026-02-09 (domain.md §3).

    With ten forgiving days the 40,000.00 came within grace and bears nothing; with nine it came a day too late and
    bears all ten.
    """
    wanted = case.pop("penalty_minor")
    if case["cap_share_ppm"] == 10_000:
        # A cap of 1 % of the principal is 1,000.00 and more than 950.00; it bites without grace.
        assert _part_paid(Terms(kind="PER_DAY", rate_ppb=500_000, cap_share_ppm=10_000)) == wanted
        return
    assert _part_paid(Terms(kind="PER_DAY", rate_ppb=500_000, **case)) == wanted


def _part_paid(terms, as_of=date(2026, 2, 9)):
    item = rows("""
        item_id | due_on     | amount_minor | open_minor
        1       | 2026-01-10 |     10000000 |    6000000
    """)
    paid = rows("""
        item_id | amount_minor | effective_on
        1       |      4000000 | 2026-01-20
    """)
    return borne(terms, item, paid=paid, as_of=as_of)["penalty_minor"].item()


def test_nothing_is_shown_within_grace_and_all_of_it_after():
    forgiving = Terms(kind="PER_DAY", rate_ppb=500_000, grace_days=15, grace_mode="FORGIVING")
    assert _part_paid(forgiving, as_of=date(2026, 1, 25)) == 0
    assert _part_paid(forgiving, as_of=date(2026, 1, 26)) == 6_000_000 * 16 // 2000


def test_both_ends_counted_or_not_and_the_basis_are_parameters():
    """93,633 at LPR 3.00 % × 1.5 from 2025-04-08 to 2025-10-23, the rate taken as flat (law.md §4)."""
    terms = {
        basis: Terms(kind="REFERENCE", reference_code="CN_LPR_1Y", multiple_ppm=1_500_000, basis_days=basis,
                     anchor="FLOATING") for basis in (360, 365)
    }  # fmt: skip
    both_ends = {"due_on": "2025-04-07", "as_of": "2025-10-23", "publications": FLAT}
    assert one(terms[360], 9_363_300, **both_ends) == 232_912
    assert one(terms[365], 9_363_300, **both_ends) == 229_722
    assert one(terms[365], 9_363_300, "2025-04-08", "2025-10-23", publications=FLAT) == 228_567


YEARLY = cases("""
    open_minor | rate_ppb  | days | basis | penalty_minor
    52000000   | 120000000 |  228 |   360 |       3952000
    170000000  | 120000000 |  418 |   360 |      23686667
    36922000   |  39000000 |  373 |   360 |       1491956
    100000     |  82500000 |   60 |   365 |          1356
""")


@pytest.mark.parametrize("case", YEARLY, ids=str)
def test_a_yearly_rate(case):
    terms = Terms(kind="PER_YEAR", rate_ppb=case["rate_ppb"], basis_days=case["basis"])
    as_of = date.fromordinal(date(2024, 6, 7).toordinal() + case["days"])
    assert one(terms, case["open_minor"], "2024-06-07", as_of.isoformat()) == case["penalty_minor"]


RISK = cases("""
    multiple_ppm | penalty_minor
    1000000      |         73973
    1500000      |        110959
    4000000      |        295890
""")


@pytest.mark.parametrize("case", RISK, ids=str)
def test_multiples_of_the_lpr(case):
    """100,000 for 90 days at LPR 3.00 (law.md §4)."""
    terms = Terms(kind="REFERENCE", reference_code="CN_LPR_1Y", multiple_ppm=case["multiple_ppm"], basis_days=365,
                  anchor="FLOATING")  # fmt: skip
    assert one(terms, 10_000_000, "2025-06-30", "2025-09-28") == case["penalty_minor"]


def test_the_sme_regulation():
    """500,000 late 100 days: 25,000.00 at 0.05 % a day, or 4,109.59 by LPR (law.md §5)."""
    assert one(DAILY, 50_000_000, "2025-08-30", "2025-12-08") == 2_500_000
    lpr = Terms(
        kind="REFERENCE", reference_code="CN_LPR_1Y", multiple_ppm=1_000_000, basis_days=365, anchor="AT_BREACH"
    )
    assert one(lpr, 50_000_000, "2025-08-30", "2025-12-08") == 410_959


ANCHORS = cases("""
    anchor      | anchor_on:date | penalty_minor
    FLOATING    |                |         16685
    AT_BREACH   |                |         16986
    AT_CONTRACT | 2024-08-01     |         18356
""")


@pytest.mark.parametrize("case", ANCHORS, ids=str)
def test_the_anchor_picks_the_rate(case):
    """100,000.00 due 2025-05-10, seen 20 days later. By hand: 9 days at 3.10 % (11th to 19th) and 11 at 3.00 % when
    floating; 20 at 3.10 % by the rate at breach; 20 at 3.35 % by that of the contract date."""
    terms = Terms(kind="REFERENCE", reference_code="CN_LPR_1Y", multiple_ppm=1_000_000, basis_days=365,
                  anchor=case["anchor"], anchor_on=case["anchor_on"])  # fmt: skip
    assert one(terms, 10_000_000, "2025-05-10", "2025-05-30") == case["penalty_minor"]


def test_british_interest_rounded_by_the_day_or_at_the_end():
    """Case INT-01: 1,000 at 8.5 %, 50 days: 0.23 a day, 11.50; rounded once it would be 11.64."""
    by_day = Terms(kind="PER_YEAR", rate_ppb=85_000_000, basis_days=365, rounding="PER_DAY")
    at_end = Terms(kind="PER_YEAR", rate_ppb=85_000_000, basis_days=365)
    assert one(by_day, 100_000, "2026-01-01", "2026-01-02") == 23
    assert one(by_day, 100_000, "2026-01-01", "2026-02-20") == 1150
    assert one(at_end, 100_000, "2026-01-01", "2026-02-20") == 1164


def test_a_part_payment_cuts_the_base_from_its_day_on():
    """Case INT-07: 400 of 1,000 paid on day 20, seen on day 50: 8.85."""
    item = rows("""
        item_id | due_on     | amount_minor | open_minor
        1       | 2026-01-01 |       100000 |      60000
    """)
    paid = rows("""
        item_id | amount_minor | effective_on
        1       |        40000 | 2026-01-21
    """)
    terms = Terms(kind="PER_YEAR", rate_ppb=85_000_000, basis_days=365)
    assert borne(terms, item, paid=paid, as_of=date(2026, 2, 20))["penalty_minor"].item() == 885


FEES = rows("""
    item_id | due_on     | open_minor | fee_minor
    1       | 2026-01-01 |      99999 |      4000
    2       | 2026-01-01 |     100000 |      7000
    3       | 2026-01-01 |     999999 |      7000
    4       | 2026-01-01 |    1000000 |     10000
    5       | 2026-02-20 |    1000000 |         0
    6       | 2026-01-01 |          0 |         0
""")


def test_the_fixed_recovery_cost_by_size():
    """Case INT-06: 999.99 gives 40, 1,000.00 and 9,999.99 give 70, 10,000.00 gives 100; on time, nothing."""
    terms = Terms(fee_bands=((1, 4000), (100_000, 7000), (1_000_000, 10_000)))
    answer = borne(terms, FEES.drop("fee_minor"), as_of=date(2026, 2, 20))
    assert answer.select(FEES.columns).rows() == FEES.rows()
    assert answer["penalty_minor"].to_list() == [0] * 6


def test_the_fee_stays_when_the_late_money_has_come():
    item = rows("""
        item_id | due_on     | amount_minor | open_minor
        1       | 2026-01-01 |        90000 |          0
    """)
    late, in_time = (pl.DataFrame({"item_id": [1], "amount_minor": [90_000], "effective_on": [day]}) for day in
                     (date(2026, 1, 2), date(2026, 1, 1)))  # fmt: skip
    terms = Terms(fee_bands=((1, 4000),))
    assert borne(terms, item, paid=late, as_of=date(2026, 2, 20))["fee_minor"].item() == 4000
    assert borne(terms, item, paid=in_time, as_of=date(2026, 2, 20))["fee_minor"].item() == 0


def test_a_settled_item_keeps_what_it_bore():
    item = rows("""
        item_id | due_on     | amount_minor | open_minor
        1       | 2026-01-10 |     10000000 |          0
    """)
    paid = rows("""
        item_id | amount_minor | effective_on
        1       |     10000000 | 2026-01-20
    """)
    answer = borne(DAILY, item, paid=paid, as_of=date(2026, 6, 30))
    assert answer.select("days_overdue", "penalty_minor").row(0) == (0, 50_000)


def test_a_payment_reversed_later_bears_from_the_reversal_on():
    item = rows("""
        item_id | due_on     | amount_minor | open_minor
        1       | 2026-01-10 |     10000000 |   10000000
    """)
    paid = rows("""
        item_id | amount_minor | effective_on
        1       |     10000000 | 2026-01-15
        1       |    -10000000 | 2026-01-25
    """)
    assert borne(DAILY, item, paid=paid, as_of=date(2026, 1, 30))["penalty_minor"].item() == 50_000
    # Five days before the money, five after it had gone again.


def test_allocations_after_the_day_are_ignored():
    item = rows("""
        item_id | due_on     | amount_minor | open_minor
        1       | 2026-01-10 |     10000000 |   10000000
    """)
    tomorrow = rows("""
        item_id | amount_minor | effective_on
        1       |     10000000 | 2026-01-16
    """)
    assert borne(DAILY, item, paid=tomorrow, as_of=date(2026, 1, 15))["penalty_minor"].item() == 25_000


def test_items_without_terms_bear_nothing_and_none_is_dropped():
    items = rows("""
        item_id | due_on     | amount_minor | open_minor | terms_id:int
        9       | 2026-01-10 |     10000000 |   10000000 |
        3       | 2026-01-10 |     10000000 |   10000000 |            1
        5       | 2026-01-10 |     10000000 |   10000000 |           88
    """)
    answer = penalty(items, allocations=NOTHING_PAID, terms=terms_table({1: DAILY}),
                     reference=rates_by_day(LPR, through=date(2026, 1, 11)), as_of=date(2026, 1, 11))  # fmt: skip
    assert answer.select("item_id", "penalty_minor", "days_overdue").rows() == [(9, 0, 1), (3, 5000, 1), (5, 0, 1)]


def test_an_empty_ledger_has_an_empty_answer():
    empty = rows("item_id:int | due_on:date | amount_minor:int | open_minor:int | terms_id:int")
    day = date(2026, 1, 11)
    unpublished = rates_by_day(LPR.clear(), through=day)
    answer = penalty(empty, allocations=NOTHING_PAID, terms=terms_table({}), reference=unpublished, as_of=day)
    assert answer.is_empty()
    assert "penalty_minor" in answer.columns


def test_time_before_the_first_publication_bears_nothing_and_says_so():
    terms = Terms(
        kind="REFERENCE", reference_code="CN_LPR_1Y", multiple_ppm=1_000_000, basis_days=365, anchor="FLOATING"
    )
    items = rows("""
        item_id | due_on     | open_minor
        1       | 2023-08-10 |   36500000
        2       | 2023-08-20 |   36500000
    """)
    answer = borne(terms, items, as_of=date(2023, 8, 30))
    assert answer["penalty_minor"].to_list() == [34_500, 34_500]
    assert answer["is_reference_missing"].to_list() == [True, False]


def test_a_rate_that_is_not_published_at_all_is_missed():
    terms = Terms(kind="REFERENCE", reference_code="EU", rate_ppb=80_000_000, basis_days=365, anchor="AT_BREACH",
                  multiple_ppm=1_000_000)  # fmt: skip
    items = pl.DataFrame({"item_id": [1], "due_on": [date(2026, 1, 1)], "open_minor": [3_650_000]})
    answer = borne(terms, items, as_of=date(2026, 1, 11))
    assert answer.select("penalty_minor", "is_reference_missing").row(0) == (8000, True)


def test_reference_rates_must_reach_the_day():
    terms = terms_table({1: Terms(kind="REFERENCE", reference_code="CN_LPR_1Y", multiple_ppm=1_000_000, basis_days=365,
                                  anchor="FLOATING")})  # fmt: skip
    items = rows("""
        item_id | due_on     | amount_minor | open_minor | terms_id
        1       | 2026-01-10 |     10000000 |   10000000 |        1
    """)
    with pytest.raises(ValueError, match="end before 2026-03-01"):
        penalty(items, allocations=NOTHING_PAID, terms=terms, reference=rates_by_day(LPR, through=date(2026, 2, 1)),
                as_of=date(2026, 3, 1))  # fmt: skip


def test_eleven_billion_over_ten_years_stays_exact():
    """Amount × index passes 64 bits long before: 476063833190 × 115674000 (engine.md §4)."""
    terms = Terms(
        kind="REFERENCE", reference_code="CN_LPR_1Y", multiple_ppm=1_500_000, basis_days=365, anchor="FLOATING"
    )
    assert (
        one(terms, 10**15, "2024-01-01", "2033-12-29", publications=FLAT) == 10**15 * 3 * 30_000 * 3650 // 730_000_000
    )


def test_amounts_beyond_the_bound_are_refused_by_name():
    items = pl.DataFrame({"item_id": [41, 42], "due_on": [date(2026, 1, 1)] * 2, "open_minor": [1, 10**15 + 1]})
    with pytest.raises(ColumnOutOfBounds, match="42"):
        borne(DAILY, items, as_of=date(2026, 2, 1))
    with pytest.raises(ColumnHasGap, match="42"):
        borne(DAILY, items.with_columns(open_minor=pl.Series([1, None], dtype=pl.Int64)), as_of=date(2026, 2, 1))
