"""The portfolio of the demo: the same rows every time, for two hundred customers or fifty thousand, part by part."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from huikuan.demo import bargains, clients, payments, records, sales
from huikuan.demo.chance import between, one_of
from huikuan.demo.words import SURNAMES
from huikuan.receivables.rules.record import histories, payment_months

ITEMS_PER_CUSTOMER: Final = 19
"""On average, of which the number of customers for a number of items follows."""
PART_CUSTOMERS: Final = 20_000
"""Customers made and loaded at a time: memory stays the same however large the whole."""
UNKNOWN_PER_THOUSAND_CUSTOMERS: Final = 30
"""Bank money of which nobody knows yet who paid it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the portfolio stands on: rows that exist in the database already.

    Attributes:
        creditors: The entities with their collectors.
        terms_ids: Ids of the penalty terms.
        terms: The same as a frame for rules.
        reference: Reference rates by the day, through as_of.
        as_of: Today.
    """

    creditors: tuple[clients.Creditor, ...]
    terms_ids: bargains.TermsIds
    terms: pl.DataFrame
    reference: pl.DataFrame
    as_of: date


@dataclass(frozen=True, slots=True)
class Part:
    """Some customers with everything of theirs, each frame with the columns of its table."""

    customers: pl.DataFrame
    persons: pl.DataFrame
    contracts: pl.DataFrame
    items: pl.DataFrame
    receipts: pl.DataFrame
    credit_notes: pl.DataFrame
    allocations: pl.DataFrame
    payment_months: pl.DataFrame
    customer_history: pl.DataFrame

    @property
    def payers(self) -> pl.DataFrame:
        """How each customer pays: id, payer. Not in the database; the replay acts by it."""
        return self.customers.select("id", "payer")


def parts(ground: Ground, *, items: int, is_open_only: bool = False) -> Iterator[Part]:
    """Give the portfolio in parts, with ids that continue from one part to the next.

    Args:
        ground: What it stands on.
        items: How many open items, about.
        is_open_only: Nothing is paid in full (benchmarks: every item is open).
    """
    left = max(1, -(-items // ITEMS_PER_CUSTOMER))
    first = _Firsts()
    while left > 0:
        count = min(left, PART_CUSTOMERS)
        part = _part(ground, first=first, count=count, is_open_only=is_open_only)
        yield part
        first = first.after(part)
        left -= count


@dataclass(frozen=True, slots=True)
class _Firsts:
    """Ids of the first rows of the next part."""

    customer: int = 1
    person: int = 1
    item: int = 1
    receipt: int = 1
    credit_note: int = 1
    allocation: int = 1

    def after(self, part: Part) -> "_Firsts":
        """Return the ids that follow a part."""
        return _Firsts(
            self.customer + part.customers.height,
            self.person + part.persons.height,
            self.item + part.items.height,
            self.receipt + part.receipts.height,
            self.credit_note + part.credit_notes.height,
            self.allocation + part.allocations.height,
        )


def _part(ground: Ground, *, first: _Firsts, count: int, is_open_only: bool) -> Part:
    as_of = ground.as_of
    customers = clients.customers(ground.creditors, first_id=first.customer, count=count, as_of=as_of)
    contracts = bargains.contracts(customers, terms=ground.terms_ids, first_id=first.customer, as_of=as_of)
    billed = sales.items(contracts, first_id=first.item, as_of=as_of)
    ids = payments.FirstIds(first.receipt, first.credit_note, first.allocation)
    money = payments.money(billed, first=ids, as_of=as_of, is_open_only=is_open_only)
    items = records.settled(
        billed, money.allocations, terms=ground.terms, reference=ground.reference, as_of=as_of
    ).drop("payer")
    unknown = _unknown(ground, first_id=first.receipt + money.receipts.height, customers=count)
    named = money.receipts.join(customers.select(customer_id="id", payer_name="name"), on="customer_id", how="left")
    return Part(
        customers=customers.drop("business"),
        persons=clients.persons(customers, first_id=first.person),
        contracts=contracts.drop("payer", "business", "item_terms_id"),
        items=items,
        receipts=pl.concat([named, unknown], how="diagonal"),
        credit_notes=money.credit_notes,
        allocations=money.allocations,
        payment_months=payment_months(items),
        customer_history=histories(items),
    )


def _unknown(ground: Ground, *, first_id: int, customers: int) -> pl.DataFrame:
    """Return bank money without a customer: somebody paid in private, or wrote nothing that tells who."""
    count = max(len(ground.creditors), customers * UNKNOWN_PER_THOUSAND_CUSTOMERS // 1000)
    key = pl.col("id")
    entities = pl.Series("entities", [creditor.entity_id for creditor in ground.creditors], dtype=pl.Int64)
    on = pl.lit(ground.as_of) - pl.duration(days=between(key, "unknown-day", 1, 25))
    amount = between(key, "unknown", 800, 60_000) * 100
    return (
        pl.DataFrame({"id": pl.int_range(first_id, first_id + count, eager=True)})
        .with_columns(on=on)
        .select(
            "id",
            entity_id=pl.lit(entities).gather(key % len(entities)),
            customer_id=pl.lit(None, pl.Int64),
            reference=pl.lit("BK") + pl.col("on").dt.strftime("%Y%m%d") + key.cast(pl.String).str.zfill(8),
            received_on="on",
            currency=pl.lit("CNY"),
            amount_minor=amount,
            unapplied_minor=amount,
            payer_name=one_of(key, "unknown-payer", SURNAMES) + pl.lit("某"),
            designation=pl.lit(""),
            booked_at=(pl.col("on").cast(pl.Datetime("us")) + pl.duration(hours=9)).dt.replace_time_zone("UTC"),
        )
    )
