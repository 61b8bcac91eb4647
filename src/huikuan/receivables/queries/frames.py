"""The ledger as of any day, as frames for the rules (column contract: docs of each function).

What was open on day d is what is open now, and what was allocated with effect after d. So a past day costs one sum more
than today. `known_at` asks further what was booked by an instant: the difference between what was true on a day and
what one could know then.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import polars as pl
from django.db import connection

from huikuan.storage.among import among
from huikuan.storage.bulk import Param, read_frame

ITEM_SCHEMA: Final[dict[str, type[pl.DataType]]] = {
    "item_id": pl.Int64,
    "customer_id": pl.Int64,
    "currency": pl.String,
    "kind": pl.String,
    "number": pl.String,
    "contract_id": pl.Int64,
    "issued_on": pl.Date,
    "due_on": pl.Date,
    "amount_minor": pl.Int64,
    "open_minor": pl.Int64,
    "terms_id": pl.Int64,
}
ALLOCATION_SCHEMA: Final[dict[str, type[pl.DataType]]] = {
    "item_id": pl.Int64,
    "amount_minor": pl.Int64,
    "effective_on": pl.Date,
}
ON_ACCOUNT_SCHEMA: Final[dict[str, type[pl.DataType]]] = {
    "customer_id": pl.Int64,
    "currency": pl.String,
    "on_account_minor": pl.Int64,
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose ledger, and as of when. What is None does not narrow.

    Attributes:
        as_of: Items issued, money received and allocations effective by this day count.
        entity_id: The creditor.
        customer_ids: These customers.
        customer_range: Customers from the first to the last id, both included: how a run goes through an entity.
        known_at: Only what was booked by this instant.
    """

    as_of: date
    entity_id: int | None = None
    customer_ids: Collection[int] | None = None
    customer_range: tuple[int, int] | None = None
    known_at: datetime | None = None

    def params(self) -> dict[str, Param]:
        """Return the values of the placeholders of `where` and `_AFTER`."""
        low, high = self.customer_range or (None, None)
        # What the database holds an instant as: text on SQLite, an instant on PostgreSQL.
        known_at = connection.ops.adapt_datetimefield_value(self.known_at) if self.known_at else None
        values: dict[str, Param] = {
            "as_of": self.as_of, "entity": self.entity_id, "low": low, "high": high, "known_at": known_at,
        }  # fmt: skip
        if self.customer_ids is not None:
            values |= among("", "customers", sorted(self.customer_ids))[1]
        return values

    def where(self, row: str) -> str:
        """Return the condition on a table with entity_id, customer_id and booked_at, known by the alias `row`."""
        conditions = ["1 = 1"]
        if self.entity_id is not None:  # with customers named, their index serves and the entity's must not
            whose = f"{'' if self.customer_ids is None else '+'}{row}.entity_id"
            conditions.append(f"{whose} = %(entity)s")
        if self.customer_ids is not None:
            conditions.append(among(f"{row}.customer_id", "customers", sorted(self.customer_ids))[0])
        if self.customer_range is not None:
            conditions.append(f"{row}.customer_id BETWEEN %(low)s AND %(high)s")
        if self.known_at is not None:
            conditions.append(f"{row}.booked_at <= %(known_at)s")
        return " AND ".join(conditions)

    def after(self) -> str:
        """Return the condition under which an allocation (alias a) does not count yet."""
        later = "a.effective_on > %(as_of)s"
        return later if self.known_at is None else f"({later} OR a.booked_at > %(known_at)s)"


# A plus before the column that is grouped by keeps SQLite to the index by day: the few allocations of the future, not
# all that ever were, in the order of the group.
def item_frame(scope: Scope, *, with_settled: bool = False) -> pl.DataFrame:
    """Return the items of the scope: item_id, customer_id, currency, kind, number, contract_id, issued_on, due_on,
    amount_minor, open_minor (as of the day), terms_id; sorted by customer, due day and id.

    Args:
        scope: Whose, and as of when.
        with_settled: Also those with nothing open on the day.
    """  # noqa: D205  the columns are the summary
    unsettled = "" if with_settled else "AND (i.settled_on IS NULL OR i.settled_on > %(as_of)s OR l.amount IS NOT NULL)"
    frame = read_frame(
        f"""SELECT i.id AS item_id, i.customer_id, i.currency, i.kind, i.number, i.contract_id, i.issued_on, i.due_on,
                   i.amount_minor, i.terms_id, CAST(i.open_minor + coalesce(l.amount, 0) AS bigint) AS open_minor
            FROM receivables_openitem i
            LEFT JOIN (SELECT +a.item_id AS item_id, sum(a.amount_minor) AS amount FROM receivables_allocation a
                       WHERE {scope.after()} GROUP BY +a.item_id) l ON l.item_id = i.id
            WHERE {scope.where("i")} AND i.issued_on <= %(as_of)s {unsettled}""",  # noqa: S608  our own names
        scope.params(),
        ITEM_SCHEMA,
    )
    kept = frame if with_settled else frame.filter(pl.col("open_minor") != 0)
    return kept.sort("customer_id", "due_on", "item_id")


def allocation_frame(scope: Scope, *, with_settled: bool = False) -> pl.DataFrame:
    """Return the allocations that count on the day, of the items of the scope: item_id, amount_minor, effective_on.

    Args:
        scope: Whose, and as of when.
        with_settled: Also those of items that were settled by the day and stayed so.
    """
    unsettled = "" if with_settled or scope.known_at else "AND (i.settled_on IS NULL OR i.settled_on > %(as_of)s)"
    return read_frame(
        f"""SELECT a.item_id, a.amount_minor, a.effective_on
            FROM receivables_allocation a JOIN receivables_openitem i ON i.id = a.item_id
            WHERE NOT {scope.after()} AND {scope.where("i")} AND i.issued_on <= %(as_of)s {unsettled}""",  # noqa: S608
        scope.params(),
        ALLOCATION_SCHEMA,
    ).sort("item_id", "effective_on")


def on_account_frame(scope: Scope) -> pl.DataFrame:
    """Return money and credit notes not allocated as of the day: customer_id, currency, on_account_minor (positive).

    Money whose payer nobody has recognized yet belongs to no customer and is not here (`unidentified_frame`).
    """
    sides = " UNION ALL ".join(
        f"""SELECT s.customer_id, s.currency, s.unapplied_minor + coalesce(l.amount, 0) AS amount
            FROM {table} s
            LEFT JOIN (SELECT +a.{source} AS {source}, sum(a.amount_minor) AS amount FROM receivables_allocation a
                       WHERE a.{source} IS NOT NULL AND {scope.after()} GROUP BY +a.{source}) l ON l.{source} = s.id
            WHERE {scope.where("s")} AND s.customer_id IS NOT NULL AND s.{day} <= %(as_of)s
              AND (s.unapplied_minor > 0 OR l.amount IS NOT NULL)"""  # noqa: S608  our own names
        for table, source, day in (
            ("receivables_receipt", "receipt_id", "received_on"),
            ("receivables_creditnote", "credit_note_id", "issued_on"),
        )
    )
    return read_frame(
        f"""SELECT customer_id, currency, CAST(sum(amount) AS bigint) AS on_account_minor FROM ({sides}) AS money
            GROUP BY customer_id, currency HAVING sum(amount) <> 0""",  # noqa: S608  our own names
        scope.params(),
        ON_ACCOUNT_SCHEMA,
    ).sort("customer_id", "currency")


def unidentified_frame(scope: Scope) -> pl.DataFrame:
    """Return the money that nobody has recognized by the day, per currency: currency, receipt_count, amount_minor.

    A receipt recognized since is counted as recognized on any day: whose it was, was true from the start.
    """
    return read_frame(
        f"""SELECT s.currency, count(*) AS receipt_count, CAST(sum(s.amount_minor) AS bigint) AS amount_minor
            FROM receivables_receipt s
            WHERE s.customer_id IS NULL AND s.received_on <= %(as_of)s AND {scope.where("s")}
            GROUP BY s.currency""",  # noqa: S608  our own names
        scope.params(),
        {"currency": pl.String, "receipt_count": pl.Int64, "amount_minor": pl.Int64},
    ).sort("currency")
