"""Import contracts with their penalty terms: new ones added, changed ones updated; items keep the terms they have."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import polars as pl

from huikuan.exchange.commands.context import Importing, Judged, Written, with_customers
from huikuan.exchange.rules.comparing import NOW, changes, compared, merged
from huikuan.exchange.rules.reading import Problem, ReadBatch
from huikuan.journal.commands import record
from huikuan.kernel.rates import format_rate
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.receivables.commands.terms import keep_terms
from huikuan.receivables.models import Contract, PenaltyTerms
from huikuan.receivables.queries.terms import content_of
from huikuan.receivables.rules.terms import Terms, TermsContradictory
from huikuan.storage.among import among
from huikuan.storage.bulk import insert_frame, read_frame, update_frame

_PLAIN: Final = ("kind", "signed_on", "term_days", "clause")
_TERMS: Final = (
    "penalty_rate_per_day", "penalty_rate_per_year", "basis", "grace_days", "grace_mode", "cap_share",
)  # fmt: skip
_RATES: Final = ("penalty_rate_per_day", "penalty_rate_per_year")
_SCHEMA: Final = {
    "id": pl.Int64,
    "number": pl.String,
    "kind": pl.String,
    "signed_on": pl.Date,
    "term_days": pl.Int64,
    "clause": pl.String,
    "penalty_rate_per_day": pl.Int64,
    "penalty_rate_per_year": pl.Int64,
    "basis": pl.Int64,
    "grace_days": pl.Int64,
    "grace_mode": pl.String,
    "cap_share": pl.Int64,
    "terms_id": pl.Int64,
    "owner_id": pl.Int64,
}
_HELD: Final = """
    SELECT c.id, number, c.kind, signed_on, term_days, clause, customer_id AS owner_id, terms_id,
           CASE WHEN t.kind = 'PER_DAY' THEN rate_ppb END AS penalty_rate_per_day,
           CASE WHEN t.kind = 'PER_YEAR' THEN rate_ppb END AS penalty_rate_per_year,
           basis_days AS basis, grace_days, grace_mode, cap_share_ppm * 1000 AS cap_share
    FROM receivables_contract c LEFT JOIN receivables_penaltyterms t ON t.id = c.terms_id
    WHERE entity_id = %(entity)s AND {condition}"""
_DAILY_UNUSUAL_PPB: Final = 5_000_000
"""0.5 % a day, 180 % a year: more than any court would leave standing; mostly a percent sign forgotten."""
_BASIS: Final = 365
_PPB_PER_PPM: Final = 1000
PLAIN_TERMS: Final = Terms()
_KIND_OF_BUSINESS: Final = {"PROPERTY": "PROPERTY", "SERVICE": "SERVICE", "LEASING": "FINANCIAL_LEASE"}


class ContractOfOther(Refusal):
    """The number belongs to another customer."""

    code = "import.contract-of-other"
    text = gettext_noop(
        "Contract “{number}” belongs to another customer. "
        "A contract never changes hands; correct the number or the code."
    )


class TermsWithoutRate(Refusal):
    """Grace or cap, but nothing that they apply to."""

    code = "import.terms-without-rate"
    text = gettext_noop(
        "The row has a grace period or a cap, but no rate. Give penalty_rate_per_day or penalty_rate_per_year."
    )


class RateUnusual(Refusal):
    """Very high for a day."""

    code = "import.rate-unusual"
    text = gettext_noop("A penalty of {rate} a day is unusually high. Check the percent sign: 0.0005 is 0.05%.")


class CapNotExact(Refusal):
    """Finer than a millionth."""

    code = "import.cap-not-exact"
    text = gettext_noop("The cap has more than six decimals. Write it like 20% or 0.2.")


class ContractImporter:
    """Contracts of one entity, by number."""

    def judge(self, read: ReadBatch, importing: Importing) -> Judged:
        """Compare with the contracts there are, terms by what the file can say of them."""
        rows = with_customers(read, importing)
        condition, values = among("number", "numbers", rows["number"].to_list())
        held = read_frame(_HELD.format(condition=condition), {"entity": importing.entity.pk, **values}, _SCHEMA)
        more = held.select("number", "owner_id", pl.col("terms_id").alias("terms_held"))
        rows = rows.join(more, on="number", how="left", maintain_order="left")
        rows = _own(read, rows)
        judged = compared(rows, held.drop("owner_id", "terms_id"), on=["number"], values=(*_PLAIN, *_TERMS))
        judged = _stated(read, judged)
        return Judged(judged, _unusual(judged))

    def write(self, judged: Judged, importing: Importing) -> Written:
        """Insert the new ones, update the changed ones."""
        insert_frame("receivables_contract", _new(_with_terms_id(judged.fated("create")), importing))
        changed = _with_terms_id(merged(judged.fated("update"), _PLAIN))
        update_frame("receivables_contract", ["id"], changed.select("id", *_PLAIN, "terms_id"))
        for row in changed.iter_rows(named=True):
            record(
                "receivables.contract-changed",
                now=importing.now,
                actor=importing.actor,
                entity_id=importing.entity.pk,
                customer_id=row["customer_id"],
                subject=Contract(pk=row["id"]),
                number=row["number"],
                changed=changes(row),
            )
        return Written()


def _own(read: ReadBatch, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows whose contract is new or the customer's own; refuse the others."""
    is_foreign = (pl.col("owner_id") != pl.col("customer_id")).fill_null(value=False)
    read.refuse(
        [
            Problem(row, "customer_code", code, ContractOfOther(number=number))
            for row, code, number in rows.filter(is_foreign).select("row", "customer_code", "number").iter_rows()
        ]
    )
    return rows.filter(~is_foreign)


def _unusual(rows: pl.DataFrame) -> list[Problem]:
    high = rows.filter(pl.col("penalty_rate_per_day") > _DAILY_UNUSUAL_PPB).select("row", "penalty_rate_per_day")
    return [
        Problem(row, "penalty_rate_per_day", format_rate(rate), RateUnusual(rate=format_rate(rate)))
        for row, rate in high.iter_rows()
    ]


def _stated(read: ReadBatch, rows: pl.DataFrame) -> pl.DataFrame:
    """Complete the terms of each row from those held, and refuse rows whose terms mean nothing.

    A rate stated replaces the one held, whatever its period; the rest replaces what it names.
    """
    has_rate = pl.any_horizontal(pl.col(_RATES).is_not_null())
    others = [name for name in _TERMS if name not in _RATES]
    full = [pl.when(has_rate).then(name).otherwise(name + NOW).alias(f"{name}_full") for name in _RATES]
    full += [pl.coalesce(name, name + NOW).alias(f"{name}_full") for name in others]
    rows = rows.with_columns(*full, says_terms=pl.any_horizontal(pl.col(_TERMS).is_not_null()))
    known: dict[tuple[Any, ...], Refusal | None] = {}
    problems = []
    concerned = rows.filter("says_terms").select("row", *(f"{name}_full" for name in _TERMS))
    for row, *content in concerned.iter_rows():
        question = tuple(content)
        if question not in known:
            known[question] = _flaw(question)
        flaw = known[question]
        if flaw is not None:
            problems.append(Problem(row, _RATES[0], "", flaw))
    read.refuse(problems)
    return rows.filter(~pl.col("row").is_in([problem.row for problem in problems]))


def _flaw(content: Sequence[Any]) -> Refusal | None:
    try:
        _terms_of(content, PLAIN_TERMS)
    except Refusal as refusal:
        return refusal
    return None


def _terms_of(content: Sequence[Any], held: Terms) -> Terms:
    """Return the terms that a row states, on top of those held, of which a file says nothing (fixed fees, rounding).

    Raises: TermsContradictory, TermsOutOfRange, TermsWithoutRate, CapNotExact.
    """
    per_day, per_year, basis, grace_days, grace_mode, cap = content
    if per_day is not None and per_year is not None:
        raise TermsContradictory(reason="a rate per day and a rate per year are both given")
    if per_day is None and per_year is None:
        raise TermsWithoutRate
    share, rest = divmod(cap or 0, _PPB_PER_PPM)
    if rest:
        raise CapNotExact
    return replace(
        held,
        kind="PER_YEAR" if per_day is None else "PER_DAY",
        rate_ppb=per_year if per_day is None else per_day,
        basis_days=(basis or _BASIS) if per_day is None else None,
        reference_code="",
        multiple_ppm=0,
        anchor="",
        anchor_on=None,
        grace_days=grace_days or 0,
        grace_mode=grace_mode or "SHIFTING",
        cap_share_ppm=None if cap is None else share,
    )


def _with_terms_id(rows: pl.DataFrame) -> pl.DataFrame:
    """Add terms_id: of the terms stated, stored now where they are new; else of those held."""
    full = [f"{name}_full" for name in _TERMS]
    stated = rows.filter("says_terms").unique(["terms_held", *full], maintain_order=True)
    held = {row.pk: content_of(row) for row in PenaltyTerms.objects.filter(pk__in=stated["terms_held"].drop_nulls())}
    ids = [
        keep_terms(_terms_of(content, held.get(terms_id, PLAIN_TERMS))).pk
        for terms_id, *content in stated.select("terms_held", *full).iter_rows()
    ]
    answers = stated.select("terms_held", *full, pl.lit(True).alias("says_terms")).with_columns(
        pl.Series("terms_stated", ids, dtype=pl.Int64)
    )
    joined = rows.join(
        answers, on=["terms_held", *full, "says_terms"], how="left", nulls_equal=True, maintain_order="left"
    )
    return joined.with_columns(terms_id=pl.coalesce("terms_stated", "terms_held"))


def _new(rows: pl.DataFrame, importing: Importing) -> pl.DataFrame:
    entity = importing.entity
    return rows.select(
        pl.lit(entity.pk, dtype=pl.Int64).alias("entity_id"),
        "customer_id",
        "number",
        pl.col("kind").fill_null(_KIND_OF_BUSINESS.get(entity.business, "SALE")),
        "signed_on",
        pl.lit(Contract.DueBasis.NET_DAYS.value).alias("due_basis"),
        "term_days",
        pl.lit(entity.currency).alias("currency"),
        "terms_id",
        pl.col("clause").fill_null(""),
        pl.lit(False).alias("retains_title"),
        pl.lit("").alias("forum"),
        pl.lit("").alias("service_address"),
        pl.lit(Contract.AllocationOrder.PRINCIPAL_FIRST.value).alias("allocation_order"),
        pl.lit(importing.now).cast(pl.Datetime("us", "UTC")).alias("created_at"),
    )
