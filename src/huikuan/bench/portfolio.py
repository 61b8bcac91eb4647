"""The load of the benchmarks: one creditor, every item open, 20 per customer, three in ten with part payments."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import polars as pl
from django.db import connection, transaction

from huikuan.demo.loading import TABLES, lay_ground
from huikuan.demo.portfolio import Part, parts
from huikuan.parties.models import Entity
from huikuan.storage import triggers
from huikuan.storage.bulk import align_sequence, insert_frame

AS_OF = date(2026, 3, 31)
"""The day of every benchmark: a Tuesday, so that there is work."""
NOW = datetime(2026, 3, 30, 22, 30, tzinfo=UTC)
ITEMS_OF_CUSTOMER = 20
"""What a customer of the load has, unless only some of it are asked for."""
MONTHS = [date(2025, month, 1) for month in range(9, 13)] + [date(2026, 1, 1), date(2026, 2, 1)]
"""Every customer has these months of settled items on record: aggregates that a run reads."""


@dataclass(frozen=True, slots=True)
class Load:
    """What was loaded."""

    items: int
    allocations: int
    customers: int


def load(items: int, *, of_each: int | None = None) -> Load:
    """Fill an empty database with exactly so many open items.

    Args:
        items: How many.
        of_each: At most so many of each customer, the newest of those past due; None: all that it has.
    """
    counts: Counter[str] = Counter()
    with transaction.atomic():
        ground = lay_ground(as_of=AS_OF, now=NOW)
        alone = replace(ground, creditors=ground.creditors[:1])
        with triggers.suspended(connection):
            drawn = items + items // 10 + 50 if of_each is None else items * ITEMS_OF_CUSTOMER
            for part in parts(alone, items=drawn, is_open_only=True):
                frames = _cut(part, items - counts["items"], of_each)
                for name, table in TABLES.items():
                    counts[name] += insert_frame(table, frames[name])
                if counts["items"] >= items:
                    break
        for table in TABLES.values():
            align_sequence(table)
        _analyze()
    return Load(counts["items"], counts["allocations"], counts["customers"])


def _cut(part: Part, items: int, of_each: int | None) -> dict[str, pl.DataFrame]:
    """Return the frames of a part, cut to so many items and what belongs to them, by the names of `TABLES`."""
    wanted = part.items
    if of_each is not None:
        newest_first = pl.col("due_on").rank("ordinal", descending=True).over("customer_id")
        wanted = wanted.filter(pl.col("due_on") < AS_OF).filter(newest_first <= of_each)
    wanted = wanted.head(items)
    customers = wanted.select("customer_id").unique()
    allocations = part.allocations.join(wanted.select(item_id="id"), on="item_id", how="semi")
    of_customer = {
        name: getattr(part, name).join(customers, on="customer_id", how="semi")
        for name in ("persons", "contracts", "customer_history")
    }
    return {
        **of_customer,
        "customers": part.customers.drop("payer").join(customers, left_on="id", right_on="customer_id", how="semi"),
        "items": wanted,
        "allocations": allocations,
        "receipts": _receipts(part.receipts, allocations),
        "credit_notes": part.credit_notes.join(allocations.select(id="credit_note_id"), on="id", how="semi"),
        "payment_months": _history(customers),
    }


def entity() -> Entity:
    """Return the creditor of the load."""
    return Entity.objects.get(code="MAIN")


def _receipts(receipts: pl.DataFrame, allocations: pl.DataFrame) -> pl.DataFrame:
    """Return the receipts that are used, of the sizes that they pay, so that every balance is right."""
    used = allocations.filter(pl.col("receipt_id").is_not_null()).group_by("receipt_id").agg(
        paid_minor=pl.col("amount_minor").sum()
    )  # fmt: skip
    return (
        receipts.join(used, left_on="id", right_on="receipt_id", how="inner")
        .with_columns(amount_minor=pl.col("paid_minor") + pl.col("unapplied_minor"))
        .drop("paid_minor")
    )


def _history(customers: pl.DataFrame) -> pl.DataFrame:
    """Return a payment record for each customer: some pay late."""
    late = pl.col("customer_id") % 4
    return (
        customers.with_columns(month_on=pl.lit(MONTHS))
        .explode("month_on")
        .select(
            "customer_id",
            "month_on",
            settled_count=pl.lit(4, pl.Int64),
            late_count=late,
            any_late_count=late,
            days_late_sum=late * 9,
            days_late_worst=late * 5,
            amount_minor_sum=pl.lit(4_000_000, pl.Int64),
            amount_days_sum=late * 9_000_000,
        )
        .sort("customer_id", "month_on")
    )


def _analyze() -> None:
    """Let the database know what is in its tables, as its own housekeeping would by then."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
