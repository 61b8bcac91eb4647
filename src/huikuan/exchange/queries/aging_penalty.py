"""The late penalties beside an aging report: the one rule on every open item, added up per row of the report."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import polars as pl
from django.db.models import QuerySet

from huikuan.kernel.columns import total
from huikuan.parties.models import Customer
from huikuan.receivables.queries.frames import Scope, allocation_frame, item_frame
from huikuan.receivables.queries.terms import reference_frame, terms_frame
from huikuan.receivables.queries.waivers import waiver_frame
from huikuan.receivables.rules.penalty import penalty
from huikuan.storage.bulk import read_frame

_ROW: Final = {
    "item": pl.col("item_id"),
    "customer": pl.col("customer_id"),
    "contract": pl.col("contract_id"),
    "collector": pl.col("collector_id"),
    "industry": pl.col("industry"),
    "currency": pl.col("currency"),
    "entity": pl.col("entity_id"),
}
_CUSTOMER: Final = {
    "customer_id": pl.Int64,
    "entity_id": pl.Int64,
    "collector_id": pl.Int64,
    "industry": pl.String,
}


def with_penalties(
    report: pl.DataFrame,
    by: str,
    *,
    as_of: date,
    entity_ids: Sequence[int] | None,
    customers: QuerySet[Customer] | None,
) -> pl.DataFrame:
    """Add `penalty` (minor units, of what is still open) to the rows of `aging_sql.grouped`.

    Args:
        report: id, key, currency and sums.
        by: What its rows stand for.
        as_of: The day through which penalties count.
        entity_ids: As for the report.
        customers: As for the report.
    """
    ids = None if customers is None else list(customers.order_by().values_list("pk", flat=True))
    scopes = [Scope(as_of, entity_id=entity_id, customer_ids=ids) for entity_id in _each(entity_ids)]
    terms, reference = terms_frame(), reference_frame(as_of)
    parts = [
        penalty(
            item_frame(scope),
            allocations=allocation_frame(scope),
            terms=terms,
            reference=reference,
            as_of=as_of,
            waivers=waiver_frame(scope),
        ).select("item_id", "customer_id", "contract_id", "currency", "penalty_minor")
        for scope in scopes
    ]
    borne = pl.concat(parts).filter(pl.col("penalty_minor") != 0) if parts else pl.DataFrame()
    if borne.is_empty():
        return report.with_columns(penalty=pl.lit(0, dtype=pl.Int64))
    borne = borne.join(_customers(), on="customer_id", how="left")
    row = "key" if by in {"industry", "currency"} else "id"
    sums = borne.group_by(_ROW[by].alias(row), pl.col("currency").alias("_currency")).agg(
        penalty=total(pl.col("penalty_minor"))
    )
    # Under "item" a row of money on account has no id: it must not meet the items without one.
    joined = report.join(
        sums, left_on=[row, "currency"], right_on=[row, "_currency"], how="left", nulls_equal=by != "item"
    )
    return joined.with_columns(pl.col("penalty").fill_null(0))


def _each(entity_ids: Sequence[int] | None) -> Sequence[int | None]:
    return [None] if entity_ids is None else list(entity_ids)


def _customers() -> pl.DataFrame:
    return read_frame(
        "SELECT id AS customer_id, entity_id, collector_id, industry FROM parties_customer", (), _CUSTOMER
    )
