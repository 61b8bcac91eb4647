"""The aging report (账龄): what was open on a day, by how late it was, for whom.

What was open on day d is exact from today's balance: open on d = open now + everything allocated with effect after d
(`Allocation` is append-only and signed). So a past day costs one sum more than today, and both are one definition.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

import polars as pl
from django.db.models import QuerySet

from huikuan.exchange.queries.aging_penalty import with_penalties
from huikuan.exchange.queries.aging_sql import grouped
from huikuan.kernel.money import format_decimal
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import Customer
from huikuan.parties.queries import Person, sees_whole, visible_to
from huikuan.receivables.rules.aging import DEFAULT_EDGES
from huikuan.receivables.rules.aging import labels as bucket_names

BUCKETS: Final = DEFAULT_EDGES


class By(StrEnum):
    """What a row of the report stands for."""

    ITEM = "item"
    CUSTOMER = "customer"
    CONTRACT = "contract"
    COLLECTOR = "collector"
    INDUSTRY = "industry"
    CURRENCY = "currency"
    ENTITY = "entity"


class BucketsUnusable(Refusal):
    """The edges do not ascend."""

    code = "aging.buckets-unusable"
    text = gettext_noop("“{buckets}” are no buckets. Give ascending whole days such as 30,60,90,180,365.")


@dataclass(frozen=True, slots=True)
class AgingRow:
    """One group and currency; money in minor units of the currency."""

    id: int | None
    """Primary key of what the row stands for; None for the group without one, and for industry and currency."""
    key: str
    """Number, code or name that people and files use; "" for the group without one."""
    label: str
    """Name for pages; equals `key` where there is no other."""
    currency: str
    items: int
    total_minor: int
    buckets_minor: tuple[int, ...]
    """Current first, then each bucket, then older."""
    on_account_minor: int
    """Never positive: money and credit notes not yet allocated."""
    penalty_minor: int | None
    """None when the report was made without it."""

    @property
    def overdue_minor(self) -> int:
        """What is past due."""
        return sum(self.buckets_minor[1:])


@dataclass(frozen=True)
class AgingReport:
    """Rows by key and currency, and one total per currency (never added across currencies)."""

    as_of: date
    by: By
    labels: tuple[str, ...]
    """Names of the buckets: current, 1-30 …, >365."""
    rows: Sequence[AgingRow]
    totals: Sequence[AgingRow]

    def as_json(self) -> dict[str, Any]:
        """Return the report as the command prints it: money as decimal text."""
        return {
            "as_of": self.as_of.isoformat(),
            "by": self.by.value,
            "rows": [{"key": row.key, **self._amounts(row)} for row in self.rows],
            "totals": [self._amounts(row) for row in self.totals],
        }

    def _amounts(self, row: AgingRow) -> dict[str, Any]:
        amounts = dict(zip(self.labels, row.buckets_minor, strict=True)) | {"on_account": row.on_account_minor}
        if row.penalty_minor is not None:
            amounts["penalty"] = row.penalty_minor
        written = {name: format_decimal(minor, row.currency) for name, minor in amounts.items()}
        return {
            "currency": row.currency,
            "items": row.items,
            "total": format_decimal(row.total_minor, row.currency),
            **written,
        }


def aging_report(
    *,
    as_of: date,
    by: By | str = By.CUSTOMER,
    buckets: Sequence[int] = BUCKETS,
    entity_ids: Sequence[int] | None = None,
    customers: QuerySet[Customer] | None = None,
    user: Person | None = None,
    with_penalty: bool = False,
) -> AgingReport:
    """Return what was open on a day, in buckets of days overdue.

    Args:
        as_of: The day; items issued later and allocations with effect later do not count.
        by: What a row stands for. Under "item" money on account shows as rows of its own, by its reference.
        buckets: Last days of the buckets, ascending.
        entity_ids: Only these creditors; None for all.
        customers: Only these customers (a filter of a page); None for all.
        user: Only customers that this user may see; None only for the command line, which stands above roles.
        with_penalty: Also the penalty of what is open. It reads every open item, the sums alone do not.

    Raises: BucketsUnusable.
    """
    by = By(by)
    edges = (0, *buckets)
    if any(second <= first for first, second in pairwise(edges)):
        raise BucketsUnusable(buckets=",".join(map(str, buckets)))
    seen = customers
    sees_all = user is not None and entity_ids is not None and all(sees_whole(user, each) for each in entity_ids)
    if user is not None and not sees_all:
        visible = visible_to(user, entity_id=entity_ids[0] if entity_ids and len(entity_ids) == 1 else None)
        seen = visible if customers is None else visible.filter(pk__in=customers.values("pk"))
    frame = grouped(by.value, as_of=as_of, edges=edges, entity_ids=entity_ids, customers=seen)
    if with_penalty:
        frame = with_penalties(frame, by.value, as_of=as_of, entity_ids=entity_ids, customers=seen)
    labels = tuple(bucket_names(buckets))
    totals = (
        frame.group_by("currency")
        .agg(pl.exclude("id", "key", "label", "currency").sum())
        .with_columns(id=pl.lit(None, dtype=pl.Int64), key=pl.lit(""), label=pl.lit(""))
        .sort("currency")
    )
    return AgingReport(
        as_of=as_of,
        by=by,
        labels=labels,
        rows=list(_rows(frame.sort("key", "id", "currency", nulls_last=True), len(labels))),
        totals=list(_rows(totals, len(labels))),
    )


def _rows(frame: pl.DataFrame, width: int) -> Iterator[AgingRow]:
    for row in frame.iter_rows(named=True):
        yield AgingRow(
            id=row["id"],
            key=row["key"],
            label=row["label"] or row["key"],
            currency=row["currency"],
            items=row["items"],
            total_minor=row["total"],
            buckets_minor=tuple(row[f"bucket_{number}"] for number in range(width)),
            on_account_minor=-row["on_account"],
            penalty_minor=row.get("penalty"),
        )
