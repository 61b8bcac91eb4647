"""Add the ledger up again from its allocations, and say where what is stored differs. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import polars as pl
from django.db.models import Max, Min

from huikuan.parties.models import Customer
from huikuan.receivables.queries.record import (
    HISTORIES,
    MONTHS,
    difference,
    settled_facts,
    settled_penalties,
    stored,
)
from huikuan.receivables.rules.record import histories, payment_months
from huikuan.storage.bulk import read_frame

CUSTOMERS: Final = 20_000
"""Customers added up together: what is in memory at once."""
SHOWN: Final = 20

ITEM: Final = "receivables_openitem"
RECEIPT: Final = "receivables_receipt"
CREDIT_NOTE: Final = "receivables_creditnote"


@dataclass(frozen=True, slots=True)
class Correction:
    """Rows of one table that hold something else than their allocations add up to."""

    table: str
    rows: pl.DataFrame
    """id, number, and the right values under the names of their columns."""


@dataclass(slots=True)
class Report:
    """What was looked at, and what is not right."""

    item_count: int = 0
    allocation_count: int = 0
    differences: dict[str, int] = field(default_factory=dict)
    """How many rows per kind of difference; kinds without any are not named."""
    examples: dict[str, list[str]] = field(default_factory=dict)
    """Numbers or ids of the first of each kind."""

    @property
    def is_right(self) -> bool:
        """Whether everything adds up."""
        return not self.differences

    def add(self, kind: str, names: list[str]) -> None:
        """Count differences of a kind."""
        if names:
            self.differences[kind] = self.differences.get(kind, 0) + len(names)
            shown = self.examples.setdefault(kind, [])
            shown += names[: SHOWN - len(shown)]


def customer_ranges() -> Iterator[tuple[int, int]]:
    """Yield stretches of customer ids that together are all customers."""
    ends = Customer.objects.aggregate(low=Min("pk"), high=Max("pk"))
    if ends["low"] is None:
        return
    for low in range(ends["low"], ends["high"] + 1, CUSTOMERS):
        yield low, min(low + CUSTOMERS - 1, ends["high"])


def corrections(low: int, high: int) -> list[Correction]:
    """Return what open_minor, settled_on and unapplied_minor of the customers in a range should be but are not."""
    return [item_corrections(low, high), *source_corrections(low, high)]


def item_corrections(low: int, high: int) -> Correction:
    """Return the items whose balance, or day of settlement, is not what the allocations say."""
    items = read_frame(
        """SELECT i.id, i.number, i.amount_minor, i.open_minor, i.settled_on,
                  CAST(coalesce(a.amount, 0) AS bigint) AS allocated, a.last_on
           FROM receivables_openitem i
           LEFT JOIN (SELECT item_id, sum(amount) AS amount, max(CASE WHEN amount <> 0 THEN effective_on END) AS last_on
                      FROM (SELECT item_id, effective_on, sum(amount_minor) AS amount
                            FROM receivables_allocation GROUP BY item_id, effective_on) d
                      GROUP BY item_id) a ON a.item_id = i.id
           WHERE i.customer_id BETWEEN %(low)s AND %(high)s""",
        {"low": low, "high": high},
        {
            "id": pl.Int64, "number": pl.String, "amount_minor": pl.Int64, "open_minor": pl.Int64,
            "settled_on": pl.Date, "allocated": pl.Int64, "last_on": pl.Date,
        },
    )  # fmt: skip
    right_open = pl.col("amount_minor") - pl.col("allocated")
    right_day = pl.when(right_open == 0).then("last_on")
    wrong = (pl.col("open_minor") != right_open) | ~pl.col("settled_on").eq_missing(right_day)
    return Correction(ITEM, items.filter(wrong).select("id", "number", open_minor=right_open, settled_on=right_day))


def source_corrections(low: int, high: int) -> Iterator[Correction]:
    """Yield the receipts and credit notes that hold another rest than their allocations leave."""
    for table, source, name in ((RECEIPT, "receipt_id", "reference"), (CREDIT_NOTE, "credit_note_id", "number")):
        rows = read_frame(
            f"""SELECT s.id, s.{name} AS number, s.unapplied_minor,
                       CAST(s.amount_minor - coalesce(a.amount, 0) AS bigint) AS right_minor
                FROM {table} s
                LEFT JOIN (SELECT {source}, sum(amount_minor) AS amount FROM receivables_allocation
                           WHERE {source} IS NOT NULL GROUP BY {source}) a ON a.{source} = s.id
                WHERE s.customer_id BETWEEN %(low)s AND %(high)s""",  # noqa: S608  our own names
            {"low": low, "high": high},
            {"id": pl.Int64, "number": pl.String, "unapplied_minor": pl.Int64, "right_minor": pl.Int64},
        )
        wrong = rows.filter(pl.col("unapplied_minor") != pl.col("right_minor"))
        yield Correction(table, wrong.select("id", "number", unapplied_minor="right_minor"))


def verify() -> Report:
    """Add everything up again and report what differs."""
    report = Report()
    for low, high in customer_ranges():
        for correction in corrections(low, high):
            report.add(correction.table, correction.rows["number"].to_list())
        customers = list(range(low, high + 1))
        items = settled_facts(customers)
        report.item_count += items.height
        for table, schema, right in (
            ("receivables_paymentmonth", MONTHS, payment_months(items)),
            ("receivables_customerhistory", HISTORIES, histories(items)),
        ):
            missing, wrong = difference(right.select(list(schema)), stored(table, schema, customers))
            concerned = pl.concat([missing["customer_id"], wrong["customer_id"]]).unique().sort()
            report.add(table, [str(pk) for pk in concerned])
        penalties = settled_penalties(items, customers)
        report.add("settled_penalty_minor", [str(pk) for pk in penalties["id"].sort()])
        report.add("balance_of_the_past", impossible_pasts(low, high))
    report.allocation_count = _allocation_count()
    return report


def _allocation_count() -> int:
    counted = read_frame("SELECT count(*) AS n FROM receivables_allocation", (), {"n": pl.Int64})
    return int(counted["n"].item())


def impossible_pasts(low: int, high: int) -> list[str]:
    """Return the numbers of items that were, on some day, overpaid or owed more than their amount.

    Cannot be repaired by adding up: an allocation or a reversal carries a day on which it cannot have been.
    """
    moves = read_frame(
        """SELECT i.number, i.amount_minor, a.effective_on, CAST(sum(a.amount_minor) AS bigint) AS moved_minor
           FROM receivables_allocation a JOIN receivables_openitem i ON i.id = a.item_id
           WHERE i.customer_id BETWEEN %(low)s AND %(high)s
           GROUP BY i.id, i.number, i.amount_minor, a.effective_on""",
        {"low": low, "high": high},
        {"number": pl.String, "amount_minor": pl.Int64, "effective_on": pl.Date, "moved_minor": pl.Int64},
    )
    paid = moves.sort("number", "effective_on").with_columns(paid=pl.col("moved_minor").cum_sum().over("number"))
    wrong = paid.filter((pl.col("paid") < 0) | (pl.col("paid") > pl.col("amount_minor")))
    return sorted(set(wrong["number"].to_list()))
