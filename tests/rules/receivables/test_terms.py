"""Penalty terms: exact numbers, what contradicts itself, what a file may say, what the law says."""

from datetime import date
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huikuan.receivables.rules.excess import beside_loss
from huikuan.receivables.rules.penalty import penalty
from huikuan.receivables.rules.profiles import (
    CN_SALE,
    CN_SME,
    EU,
    LPR_1Y,
    PROFILES,
    UK,
    is_above_loan_cap,
    is_below_sme_floor,
)
from huikuan.receivables.rules.reference import rates_by_day
from huikuan.receivables.rules.terms import (
    DAY_GAIN_MAX,
    REFERENCE_PPM_MAX,
    TERMS_SCHEMA,
    Terms,
    TermsContradictory,
    TermsOutOfRange,
    exact_rate,
    terms_table,
)
from tests.tables import cases, rows

LPR_3 = rows("""
    reference_code | starts_on  | rate_ppm
    CN_LPR_1Y      | 2025-05-20 |    30000
""")


def test_rates_come_down_to_the_lowest_terms():
    lpr = {"kind": "REFERENCE", "reference_code": LPR_1Y, "anchor": "FLOATING"}
    assert exact_rate(Terms(kind="PER_DAY", rate_ppb=500_000)) == (1, 0, 2000)
    assert exact_rate(Terms(kind="PER_YEAR", rate_ppb=182_500_000, basis_days=365)) == (1, 0, 2000)
    assert exact_rate(Terms(**lpr, multiple_ppm=1_500_000, basis_days=365)) == (0, 3, 730_000_000)
    assert exact_rate(Terms(**lpr, multiple_ppm=1_000_000, rate_ppb=80_000_000, basis_days=360)) == (
        80_000,
        1,
        360_000_000,
    )
    assert exact_rate(Terms()) == (0, 0, 1)


@given(
    multiple=st.integers(0, 10_000_000), margin=st.integers(0, 10**9), basis=st.sampled_from([360, 365]),
    rate=st.integers(0, REFERENCE_PPM_MAX),
)  # fmt: skip
def test_a_day_bears_exactly_what_the_clause_says(multiple, margin, basis, rate):
    terms = Terms(kind="REFERENCE", reference_code=LPR_1Y, anchor="FLOATING", multiple_ppm=multiple, rate_ppb=margin,
                  basis_days=basis)  # fmt: skip
    fixed_num, ref_num, den = exact_rate(terms)
    clause = (Fraction(rate, 10**6) * Fraction(multiple, 10**6) + Fraction(margin, 10**9)) / basis
    assert Fraction(fixed_num + ref_num * rate, den) == clause
    assert fixed_num + ref_num * REFERENCE_PPM_MAX <= DAY_GAIN_MAX


CONTRADICTIONS = [
    ({"kind": "WEEKLY"}, "WEEKLY"),
    ({"kind": "PER_YEAR", "rate_ppb": 1}, "basis"),
    ({"kind": "PER_DAY", "rate_ppb": 1, "basis_days": 365}, "basis"),
    ({"kind": "REFERENCE", "basis_days": 365, "anchor": "FLOATING"}, "name"),
    ({"kind": "REFERENCE", "basis_days": 365, "reference_code": "X"}, "anchor"),
    ({"kind": "REFERENCE", "basis_days": 365, "reference_code": "X", "anchor": "SOMETIME"}, "SOMETIME"),
    ({"kind": "PER_DAY", "reference_code": "X"}, "only a reference"),
    ({"kind": "REFERENCE", "basis_days": 365, "reference_code": "X", "anchor": "AT_CONTRACT"}, "date"),
    ({"kind": "PER_DAY", "anchor_on": date(2026, 1, 1)}, "date"),
    ({"grace_mode": "GENEROUS"}, "GENEROUS"),
    ({"rounding": "NEVER"}, "NEVER"),
    ({"fee_bands": ((5, 1), (1, 2))}, "ascend"),
    ({"fee_bands": ((1, 1), (1, 1))}, "ascend"),
]


@pytest.mark.parametrize(("fields", "word"), CONTRADICTIONS)
def test_terms_that_contradict_themselves_are_refused(fields, word):
    with pytest.raises(TermsContradictory, match=word):
        Terms(**fields)


EXTREMES = [
    {"rate_ppb": -1},
    {"kind": "PER_DAY", "rate_ppb": 10**12},
    {"grace_days": 4000},
    {"cap_share_ppm": -1},
    {"cap_minor": 10**16},
    {"kind": "PER_YEAR", "basis_days": 364},
    {"kind": "REFERENCE", "basis_days": 365, "reference_code": "X", "anchor": "FLOATING", "multiple_ppm": 10_000_001},
    # each within its own bound, together beyond what two centuries can hold exactly
    {"kind": "REFERENCE", "basis_days": 365, "reference_code": "X", "anchor": "FLOATING", "multiple_ppm": 9_999_999,
     "rate_ppb": 99_999_999_999},
]  # fmt: skip


@pytest.mark.parametrize("fields", EXTREMES, ids=str)
def test_numbers_that_no_contract_says_are_refused(fields):
    with pytest.raises(TermsOutOfRange):
        Terms(**fields)


def test_equal_content_has_one_fingerprint():
    same = Terms(kind="PER_DAY", rate_ppb=500_000, source="§ 8")
    assert same.fingerprint == Terms(kind="PER_DAY", rate_ppb=500_000, source="§ 8").fingerprint
    assert same.fingerprint != Terms(kind="PER_DAY", rate_ppb=500_000, source="§ 9").fingerprint
    assert terms_table({7: same}).schema == TERMS_SCHEMA


def test_the_sme_floor_is_the_lpr_of_the_contract_date():
    """Contract of 2025-07-01, 2.0 % agreed: below 3.00 % and invalid (law.md §5)."""
    agreed = {
        rate: Terms(kind="PER_YEAR", rate_ppb=rate, basis_days=365) for rate in (20_000_000, 30_000_000, 29_999_999)
    }
    assert is_below_sme_floor(agreed[20_000_000], lpr_ppm=30_000)
    assert not is_below_sme_floor(agreed[30_000_000], lpr_ppm=30_000)
    assert is_below_sme_floor(agreed[29_999_999], lpr_ppm=30_000)
    assert not is_below_sme_floor(Terms(), lpr_ppm=30_000)


def test_loans_bear_at_most_four_times_the_lpr():
    assert not is_above_loan_cap(Terms(kind="PER_YEAR", rate_ppb=120_000_000, basis_days=365), lpr_ppm=30_000)
    assert is_above_loan_cap(Terms(kind="PER_YEAR", rate_ppb=120_000_001, basis_days=365), lpr_ppm=30_000)
    assert is_above_loan_cap(CN_SME.terms, lpr_ppm=30_000)


def test_statutory_profiles_say_where_they_come_from():
    assert set(PROFILES) == {"CN_SALE", "CN_SALE_HIGH", "CN_SME", "EU", "UK"}
    for profile in PROFILES.values():
        assert profile.terms.source
        assert profile.article
        assert profile.status in {"verified", "unverified"}
    assert CN_SALE.terms.anchor == UK.terms.anchor == "AT_BREACH"
    assert (EU.terms.anchor, EU.terms.fee_bands) == ("FLOATING", ((1, 4000),))


def test_british_statutory_interest():
    """10,000 at base 3.75 % + 8 %: 11.75 % simple, 3.22 a day, and 100 of recovery cost (law.md §8)."""
    base = pl.DataFrame({"reference_code": ["UK_BOE_HALF_YEAR"], "starts_on": [date(2026, 1, 1)], "rate_ppm": [37_500]})
    item = pl.DataFrame({"item_id": [1], "due_on": [date(2026, 7, 1)], "amount_minor": [1_000_000],
                         "open_minor": [1_000_000], "terms_id": [1]})  # fmt: skip
    as_of = date(2026, 7, 2)
    answer = penalty(item, allocations=NO_MONEY, terms=terms_table({1: UK.terms}),
                     reference=rates_by_day(base, through=as_of), as_of=as_of)  # fmt: skip
    assert answer.select("penalty_minor", "fee_minor").row(0) == (322, 10_000)


NO_MONEY = rows("item_id:int | amount_minor:int | effective_on:date")

RISK = cases("""
    rate_ppb | multiple_ppm | cap_minor:int | is_excessive
    # 100,000.00 for 90 days at LPR 3.00: the loss is 739.73, 1.3 times it 961.64 (law.md §4)
    500000   |              |               | true
    500000   |              |         96164 | false
    500000   |              |         96165 | true
    0        |      1300000 |               | false
    0        |      1500000 |               | true
    0        |              |               | false
""")  # fmt: skip


@pytest.mark.parametrize("case", RISK, ids=str)
def test_a_penalty_far_above_the_loss_is_pointed_out_and_not_cut(case):
    if case["multiple_ppm"]:
        terms = Terms(kind="REFERENCE", reference_code=LPR_1Y, multiple_ppm=case["multiple_ppm"], basis_days=365,
                      anchor="FLOATING")  # fmt: skip
    else:
        terms = Terms(kind="PER_DAY", rate_ppb=case["rate_ppb"], cap_minor=case["cap_minor"])
    as_of = date(2025, 9, 28)
    item = pl.DataFrame({"item_id": [1], "due_on": [date(2025, 6, 30)], "amount_minor": [10_000_000],
                         "open_minor": [10_000_000], "terms_id": [1]})  # fmt: skip
    inputs = {"allocations": NO_MONEY, "terms": terms_table({1: terms}), "as_of": as_of,
              "reference": rates_by_day(LPR_3, through=as_of)}  # fmt: skip
    borne = penalty(item, **inputs)
    compared = {name: inputs[name] for name in ("allocations", "as_of", "reference")}
    beside = beside_loss(borne, **compared)
    assert beside["is_excessive"].to_list() == [case["is_excessive"]]
    assert beside["loss_minor"].to_list() == [73_973]
    assert borne["penalty_minor"].item() == penalty(item, **inputs)["penalty_minor"].item()
    unknown = compared | {"reference": rates_by_day(LPR_3.clear(), through=as_of)}
    assert not beside_loss(borne, **unknown)["is_excessive"].item()
