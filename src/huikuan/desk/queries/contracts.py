"""The contracts of a customer: what was agreed, what it has borne, and where the law may answer back."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from huikuan.arrangements.models import DiscountTerms
from huikuan.kernel.rates import format_rate
from huikuan.receivables.models import Contract, PenaltyTerms
from huikuan.receivables.queries.frames import Scope, allocation_frame, item_frame
from huikuan.receivables.queries.terms import content_of, reference_frame, terms_frame
from huikuan.receivables.queries.waivers import waiver_frame
from huikuan.receivables.queries.words import terms_words
from huikuan.receivables.rules.excess import beside_loss
from huikuan.receivables.rules.penalty import penalty
from huikuan.receivables.rules.profiles import LPR_1Y, SME_FLOOR_SINCE, is_below_sme_floor

CONTRACTS_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractRow:
    """One contract; money in minor units of `currency`.

    `loss_minor` is what the LPR of each day would have borne; `is_excessive`: a court may cut the penalty of at least
    one item on request; `is_below_floor`: less than the LPR of the day of signing, which is invalid towards a small
    or medium creditor. Nothing is cut here (domain.md §3). `discount`: for early payment, as a share; "": none agreed.
    """

    pk: int
    number: str
    kind: str
    signed_on: date | None
    term: str
    term_days: int | None
    penalty: str
    clause: str
    discount: str
    discount_days: int
    discount_from: date | None
    currency: str
    open_minor: int
    penalty_minor: int
    loss_minor: int
    is_excessive: bool
    is_below_floor: bool


def contracts_of(customer_id: int, *, as_of: date) -> tuple[ContractRow, ...]:
    """Return the contracts of a customer, newest first, with what is open under each. Six queries."""
    contracts = list(
        Contract.objects.filter(customer_id=customer_id)
        .select_related("terms", "discount_terms")
        .order_by("-signed_on", "-pk")
    )[:CONTRACTS_SHOWN]
    if not contracts:
        return ()
    reference = reference_frame(as_of)
    published = dict(reference.filter(reference_code=LPR_1Y).select("day", "rate_ppm").iter_rows())
    borne = _borne(customer_id, reference, as_of)
    signed = {each.pk: None if each.signed_on is None else min(each.signed_on, as_of) for each in contracts}
    return tuple(_row(each, borne.get(each.pk, {}), published.get(signed[each.pk])) for each in contracts)


def contract_numbers(customer_id: int) -> list[tuple[int, str]]:
    """Return key and number of the contracts of a customer. One query."""
    return list(Contract.objects.filter(customer_id=customer_id).values_list("pk", "number"))


def _borne(customer_id: int, reference: pl.DataFrame, as_of: date) -> dict[int, dict[str, Any]]:
    """Return the sums of each contract's open items."""
    scope = Scope(as_of=as_of, customer_ids=[customer_id])
    items, allocations = item_frame(scope), allocation_frame(scope)
    terms = terms_frame(PenaltyTerms.objects.filter(pk__in=items["terms_id"].drop_nulls().unique().to_list()))
    borne = penalty(
        items, allocations=allocations, terms=terms, reference=reference, as_of=as_of, waivers=waiver_frame(scope)
    )
    beside = beside_loss(borne, allocations=allocations, reference=reference, as_of=as_of)
    sums = (
        beside.drop_nulls("contract_id")
        .group_by("contract_id")
        .agg(pl.col("open_minor", "penalty_minor", "loss_minor").sum(), pl.col("is_excessive").any())
    )
    return {row.pop("contract_id"): row for row in sums.iter_rows(named=True)}


def _row(contract: Contract, sums: dict[str, Any], lpr_ppm: int | None) -> ContractRow:
    terms = content_of(contract.terms) if contract.terms else None
    since = contract.signed_on
    agreed: DiscountTerms | None = getattr(contract, "discount_terms", None)
    discount = agreed if agreed is not None and agreed.share_ppm else None
    may_be_low = terms is not None and lpr_ppm is not None and since is not None and since >= SME_FLOOR_SINCE
    return ContractRow(
        pk=contract.pk,
        number=contract.number,
        kind=contract.get_kind_display(),
        signed_on=since,
        term=contract.get_due_basis_display(),
        term_days=contract.term_days,
        penalty=terms_words(terms) if terms else "",
        clause=contract.clause,
        discount=format_rate(discount.share_ppm * 1000) if discount else "",
        discount_days=discount.days if discount else 0,
        discount_from=discount.starts_on if discount else None,
        currency=contract.currency,
        open_minor=sums.get("open_minor", 0),
        penalty_minor=sums.get("penalty_minor", 0),
        loss_minor=sums.get("loss_minor", 0),
        is_excessive=sums.get("is_excessive", False),
        is_below_floor=bool(may_be_low and terms and lpr_ppm and is_below_sme_floor(terms, lpr_ppm=lpr_ppm)),
    )
