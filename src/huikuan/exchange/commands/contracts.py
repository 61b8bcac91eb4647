"""Import contracts with their penalty terms: new ones added, changed ones updated; items keep the terms they have."""

from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from huikuan.exchange.commands.context import Importing, Judged, Written, with_customers
from huikuan.exchange.rules.comparing import changes, compared, merged
from huikuan.exchange.rules.reading import Problem, ReadBatch
from huikuan.journal.commands import record
from huikuan.kernel.rates import format_rate
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.receivables.commands.terms import keep_terms
from huikuan.receivables.models import Contract, PenaltyTerms
from huikuan.receivables.rules.terms import Terms, TermsContradictory
from huikuan.storage.among import among
from huikuan.storage.bulk import insert_frame, read_frame, update_frame

_VALUES: Final = ("kind", "signed_on", "term_days", "clause", "fingerprint")
_TERMS: Final = (
    "penalty_rate_per_day", "penalty_rate_per_year", "basis", "grace_days", "grace_mode", "cap_share",
)  # fmt: skip
_SCHEMA: Final = {
    "id": pl.Int64,
    "number": pl.String,
    "kind": pl.String,
    "signed_on": pl.Date,
    "term_days": pl.Int64,
    "clause": pl.String,
    "fingerprint": pl.String,
    "owner_id": pl.Int64,
}
_DAILY_UNUSUAL_PPB: Final = 5_000_000
"""0.5 % a day, 180 % a year: more than any court would leave standing; mostly a percent sign forgotten."""
_BASIS: Final = 365
_PPB_PER_PPM: Final = 1000
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
        """Compare with the contracts there are."""
        terms = _terms(read)
        rows = with_customers(read, importing)
        warnings = [
            Problem(row, "penalty_rate_per_day", format_rate(rate), RateUnusual(rate=format_rate(rate)))
            for row, rate in rows.filter(pl.col("penalty_rate_per_day") > _DAILY_UNUSUAL_PPB)
            .select("row", "penalty_rate_per_day")
            .iter_rows()
        ]
        condition, values = among("number", "numbers", rows["number"].to_list())
        held = read_frame(
            "SELECT c.id, number, c.kind, signed_on, term_days, clause, fingerprint, customer_id AS owner_id "  # noqa: S608
            "FROM receivables_contract c LEFT JOIN receivables_penaltyterms t ON t.id = c.terms_id "
            f"WHERE entity_id = %(entity)s AND {condition}",
            {"entity": importing.entity.pk, **values},
            _SCHEMA,
        )
        rows = rows.join(held.select("number", "owner_id"), on="number", how="left", maintain_order="left")
        foreign = rows.filter(pl.col("owner_id").is_not_null() & (pl.col("owner_id") != pl.col("customer_id")))
        read.refuse(
            [
                Problem(row, "customer_code", code, ContractOfOther(number=number))
                for row, code, number in foreign.select("row", "customer_code", "number").iter_rows()
            ]
        )
        rows = rows.join(foreign.select("row"), on="row", how="anti", maintain_order="left")
        rows = rows.join(terms, on="row", how="left", maintain_order="left")
        return Judged(compared(rows, held.drop("owner_id"), on=["number"], values=_VALUES), warnings)

    def write(self, judged: Judged, importing: Importing) -> Written:
        """Insert the new ones, update the changed ones."""
        insert_frame("receivables_contract", _new(_with_terms_id(judged.fated("create")), importing))
        changed = _with_terms_id(merged(judged.fated("update"), _VALUES))
        update_frame("receivables_contract", ["id"], changed.select("id", *_VALUES[:-1], "terms_id"))
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


def _terms(read: ReadBatch) -> pl.DataFrame:
    """Return row → fingerprint of the terms that the row states; refuse rows whose terms mean nothing."""
    known: dict[tuple[Any, ...], str | Refusal | None] = {}
    problems, fingerprints = [], []
    for row, *said in read.good.select("row", *_TERMS).iter_rows():
        content = tuple(said)
        if content not in known:
            known[content] = _fingerprint(content)
        answer = known[content]
        if isinstance(answer, Refusal):
            problems.append(Problem(row, "penalty_rate_per_day", "", answer))
        else:
            fingerprints.append((row, answer))
    read.refuse(problems)
    return pl.DataFrame(fingerprints, schema={"row": pl.Int64, "fingerprint": pl.String}, orient="row")


def _fingerprint(content: Sequence[Any]) -> str | Refusal | None:
    try:
        terms = _terms_of(content)
    except Refusal as refusal:
        return refusal
    return None if terms is None else terms.fingerprint


def _terms_of(content: Sequence[Any]) -> Terms | None:
    """Return the terms that the cells of a row state; None when they state no rate.

    Raises: TermsContradictory, TermsOutOfRange, TermsWithoutRate, CapNotExact.
    """
    per_day, per_year, basis, grace_days, grace_mode, cap = content
    if per_day is not None and per_year is not None:
        raise TermsContradictory(reason="a rate per day and a rate per year are both given")
    if per_day is None and per_year is None:
        if grace_days or cap is not None:
            raise TermsWithoutRate
        return None
    share, rest = divmod(cap or 0, _PPB_PER_PPM)
    if rest:
        raise CapNotExact
    return Terms(
        kind="PER_YEAR" if per_day is None else "PER_DAY",
        rate_ppb=per_year if per_day is None else per_day,
        basis_days=(basis or _BASIS) if per_day is None else None,
        grace_days=grace_days or 0,
        grace_mode=grace_mode or "SHIFTING",
        cap_share_ppm=None if cap is None else share,
    )


def _with_terms_id(rows: pl.DataFrame) -> pl.DataFrame:
    """Add terms_id: the stored terms of the fingerprint, stored now where they are new."""
    stated = rows.filter(pl.col("fingerprint").is_not_null())
    ids = []
    for fingerprint, *content in stated.unique("fingerprint").select("fingerprint", *_TERMS).iter_rows():
        held = PenaltyTerms.objects.filter(fingerprint=fingerprint).values_list("pk", flat=True).first()
        terms = _terms_of(content)
        if held is None and terms is not None:
            held = keep_terms(terms).pk
        ids.append((fingerprint, held))
    frame = pl.DataFrame(ids, schema={"fingerprint": pl.String, "terms_id": pl.Int64}, orient="row")
    return rows.join(frame, on="fingerprint", how="left", maintain_order="left")


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
