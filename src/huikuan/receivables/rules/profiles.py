"""Penalty terms that the law gives where the contract is silent, and the limits it sets. Data: law.md §3–§9."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from huikuan.receivables.rules.terms import Terms, exact_rate

LPR_1Y: Final = "CN_LPR_1Y"
LPR_5Y: Final = "CN_LPR_5Y"
ECB_HALF_YEAR: Final = "EU_ECB_MRO_HALF_YEAR"
"""Main refinancing rate of 1 January and 1 July, each holding for its half-year."""
BOE_HALF_YEAR: Final = "UK_BOE_HALF_YEAR"
"""Base rate of 31 December and 30 June, for what becomes late in the half-year that follows."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One statutory set of terms."""

    code: str
    terms: Terms
    article: str
    since: date
    status: str
    """Verified: read in the full text of the statute. Unverified: shown as such, never blocks by itself."""


CN_SALE: Final = Profile(
    "CN_SALE",
    Terms(
        kind="REFERENCE", reference_code=LPR_1Y, multiple_ppm=1_300_000, basis_days=365, anchor="AT_BREACH",
        source="最高人民法院关于审理买卖合同纠纷案件适用法律问题的解释 第18条 (LPR + 30%)",
    ),
    "买卖合同解释 18 (30–50 %)", date(2019, 8, 20), "verified",
)  # fmt: skip
"""The lower edge of what a court adds; claiming the upper edge is CN_SALE_HIGH, chosen by a person."""

CN_SALE_HIGH: Final = Profile(
    "CN_SALE_HIGH",
    Terms(
        kind="REFERENCE", reference_code=LPR_1Y, multiple_ppm=1_500_000, basis_days=365, anchor="AT_BREACH",
        source="最高人民法院关于审理买卖合同纠纷案件适用法律问题的解释 第18条 (LPR + 50%)",
    ),
    "买卖合同解释 18 (30–50 %)", date(2019, 8, 20), "verified",
)  # fmt: skip
CN_SME: Final = Profile(
    "CN_SME",
    Terms(kind="PER_DAY", rate_ppb=500_000, source="保障中小企业款项支付条例 第17条"),
    "保障中小企业款项支付条例 17: nothing agreed; buyer public body or large, seller small or medium",
    date(2025, 6, 1), "verified",
)  # fmt: skip
EU: Final = Profile(
    "EU",
    Terms(
        kind="REFERENCE", reference_code=ECB_HALF_YEAR, multiple_ppm=1_000_000, rate_ppb=80_000_000, basis_days=365,
        anchor="FLOATING", fee_bands=((1, 4000),), source="Directive 2011/7/EU art. 3, 6",
    ),
    "Directive 2011/7/EU art. 3, 6", date(2013, 3, 16), "unverified",
)  # fmt: skip
UK: Final = Profile(
    "UK",
    Terms(
        kind="REFERENCE", reference_code=BOE_HALF_YEAR, multiple_ppm=1_000_000, rate_ppb=80_000_000, basis_days=365,
        anchor="AT_BREACH", fee_bands=((1, 4000), (100_000, 7000), (1_000_000, 10_000)),
        source="Late Payment of Commercial Debts (Interest) Act 1998",
    ),
    "Late Payment of Commercial Debts (Interest) Act 1998, s. 5A, 6", date(2002, 8, 7), "unverified",
)  # fmt: skip

PROFILES: Final = {profile.code: profile for profile in (CN_SALE, CN_SALE_HIGH, CN_SME, EU, UK)}

LOAN_CAP_MULTIPLE: Final = 4
"""Loans between firms bear at most four times the LPR 1y at contract date (民间借贷规定 art. 25)."""
SME_FLOOR_SINCE: Final = date(2025, 6, 1)


def is_below_sme_floor(terms: Terms, *, lpr_ppm: int) -> bool:
    """Tell whether an agreed rate is less than the regulation allows (保障中小企业款项支付条例 art. 17) and so invalid.

    Args:
        terms: What was agreed, at a rate of its own: a rate that hangs on the LPR is compared at that same LPR.
        lpr_ppm: The LPR 1y at contract date, a year.
    """
    fixed_num, ref_num, den = exact_rate(terms)
    return terms.kind != "NONE" and (fixed_num + ref_num * lpr_ppm) * 365 * 10**6 < lpr_ppm * den


def is_above_loan_cap(terms: Terms, *, lpr_ppm: int) -> bool:
    """Tell whether a rate passes four times the LPR 1y at contract date (民间借贷规定 art. 25)."""
    fixed_num, ref_num, den = exact_rate(terms)
    return (fixed_num + ref_num * lpr_ppm) * 365 * 10**6 > LOAN_CAP_MULTIPLE * lpr_ppm * den
