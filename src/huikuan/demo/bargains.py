"""Contracts of the demo, with penalty terms of every kind."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import polars as pl

from huikuan.demo.chance import below, between, happens, weighted
from huikuan.demo.clients import KEY, instant
from huikuan.receivables.rules.terms import Terms

TERMS: Final = {
    "daily": Terms(kind="PER_DAY", rate_ppb=500_000, source="合同第八条：每日万分之五"),
    "daily-grace": Terms(
        kind="PER_DAY", rate_ppb=500_000, grace_days=3, grace_mode="SHIFTING", cap_share_ppm=200_000,
        source="合同第八条：宽限 3 日后每日万分之五，以本金 20% 为限",
    ),
    "daily-forgiving": Terms(
        kind="PER_DAY", rate_ppb=300_000, grace_days=5, grace_mode="FORGIVING", cap_share_ppm=300_000,
        source="物业服务合同第十一条：5 日内免计，逾期每日万分之三，以本金 30% 为限",
    ),
    "yearly": Terms(kind="PER_YEAR", rate_ppb=120_000_000, basis_days=365, source="合同第九条：年利率 12%"),
    "yearly-grace": Terms(
        kind="PER_YEAR", rate_ppb=80_000_000, basis_days=360, grace_days=10, source="合同第九条：宽限 10 日后年利率 8%",
    ),
    "lpr": Terms(
        kind="REFERENCE", reference_code="CN_LPR_1Y", multiple_ppm=1_500_000, anchor="FLOATING", basis_days=365,
        source="合同第十条：一年期 LPR 的 1.5 倍，随公布调整",
    ),
    "lpr-breach": Terms(
        kind="REFERENCE", reference_code="CN_LPR_1Y", multiple_ppm=1_300_000, anchor="AT_BREACH", basis_days=360,
        cap_share_ppm=250_000, source="违约行为发生时一年期 LPR 加计 30%",
    ),
    "none": Terms(kind="NONE", source="合同约定不计违约金"),
}  # fmt: skip
"""The terms by a name of our own; every kind that a contract can say, as far as it may differ by item."""

SILENT: Final = "lpr-breach"
"""What holds where a contract is silent (the entity's default terms)."""

_CHOICE: Final = {
    "SALE": {"daily": 35, "daily-grace": 20, "yearly": 8, "lpr": 15, "lpr-breach": 6, "none": 6, "": 10},
    "PROPERTY": {"daily-forgiving": 70, "daily": 10, "none": 10, "": 10},
    "LEASING": {"daily": 30, "yearly-grace": 20, "lpr": 25, "yearly": 15, "": 10},
}
_KINDS: Final = {"SALE": "SALE", "PROPERTY": "PROPERTY", "LEASING": "LEASE"}
_CLAUSES: Final = {"SALE": "第六条第二款、第八条", "PROPERTY": "第七条、第十一条", "LEASING": "第五条、第十条"}


@dataclass(frozen=True, slots=True)
class TermsIds:
    """The ids that the terms have in the database, by their name; the default where a contract is silent."""

    by_name: dict[str, int]

    def of(self, name: pl.Expr) -> pl.Expr:
        """Return the id for each name; "" becomes the default terms."""
        return name.replace("", SILENT).replace_strict(
            list(self.by_name), list(self.by_name.values()), return_dtype=pl.Int64
        )


def contracts(customers: pl.DataFrame, *, terms: TermsIds, first_id: int, as_of: date) -> pl.DataFrame:
    """Return one contract per customer: the columns of the table, and payer, business, item_terms_id.

    Args:
        customers: As `clients.customers` gives them.
        terms: Ids of the terms.
        first_id: Id of the first contract.
        as_of: Today.
    """
    parts = [
        _of_one(customers.filter(pl.col("business") == business), business, terms=terms, as_of=as_of)
        for business in _KINDS
    ]
    numbered = pl.concat(parts).sort("customer_id")
    return numbered.with_columns(id=pl.int_range(first_id, first_id + numbered.height, eager=True))


def _of_one(customers: pl.DataFrame, business: str, *, terms: TermsIds, as_of: date) -> pl.DataFrame:
    """Return the contracts of the customers of one kind of creditor."""
    said = weighted(KEY, "terms", _CHOICE[business])
    is_periodic = business != "SALE"
    signed_on = pl.max_horizontal("business_since", pl.lit(as_of - timedelta(days=1100))) + pl.duration(
        days=below(KEY, "signed", 15)
    )
    cycle = pl.when(happens(KEY, "quarterly", 250)).then(3).otherwise(1)
    months = [10, 15, 20, 25]
    return customers.select(
        "entity_id",
        "payer",
        "business",
        customer_id=KEY,
        number=pl.lit("HT-") + pl.col("code"),
        kind=pl.lit(_KINDS[business]),
        signed_on=signed_on,
        effective_on=signed_on,
        ends_on=pl.lit(None, pl.Date),
        due_basis=pl.lit("FIXED_DAY" if is_periodic else "NET_DAYS"),
        term_days=pl.lit(None, pl.Int16)
        if is_periodic
        else weighted(KEY, "term", {"30": 45, "45": 20, "60": 25, "90": 10}).cast(pl.Int16),
        fixed_day=pl.lit(pl.Series("days", months, dtype=pl.Int16)).gather(below(KEY, "fixed-day", 4))
        if is_periodic
        else pl.lit(None, pl.Int16),
        cycle_months=cycle.cast(pl.Int16) if is_periodic else pl.lit(None, pl.Int16),
        cycle_amount_minor=_cycle_amount(business) * cycle if is_periodic else pl.lit(None, pl.Int64),
        currency="currency",
        credit_limit_minor=pl.lit(None, pl.Int64) if is_periodic else between(KEY, "limit", 10, 200) * 1_000_000,
        terms_id=pl.when(said != "").then(terms.of(said)),
        item_terms_id=terms.of(said),
        clause=pl.lit(_CLAUSES[business]),
        acceleration_missed_count=pl.lit(2 if business == "LEASING" else None, pl.Int16),
        retains_title=pl.lit(business == "SALE") & happens(KEY, "title", 200),
        forum=pl.lit("合同签订地人民法院"),
        service_address=pl.lit(""),
        allocation_order=pl.when(happens(KEY, "order", 120))
        .then(pl.lit("STATUTORY"))
        .otherwise(pl.lit("PRINCIPAL_FIRST")),
        created_at=pl.lit(instant(as_of - timedelta(days=730))).cast(pl.Datetime("us", "UTC")),
    )


def _cycle_amount(business: str) -> pl.Expr:
    """Return the installment of a month, in minor units: whole hundreds for rent, whole yuan for fees."""
    if business == "LEASING":
        return between(KEY, "rent", 40, 600) * 10_000
    return between(KEY, "fee", 1_200, 25_000) * 100
