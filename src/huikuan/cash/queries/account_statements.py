"""What a period did to accounts, for many customers at once: the ledger as of two days, and the documents between."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from huikuan.cash.rules.account_statement import ACCOUNT, LINES, balances, running, totals
from huikuan.receivables.queries.frames import Scope, allocation_frame, item_frame, on_account_frame
from huikuan.receivables.queries.terms import reference_frame, terms_frame
from huikuan.receivables.queries.waivers import waiver_frame
from huikuan.receivables.rules.penalty import penalty
from huikuan.storage.among import among
from huikuan.storage.bulk import read_frame

WAIVED: Final[dict[str, type[pl.DataType]]] = {
    "customer_id": pl.Int64,
    "currency": pl.String,
    "waived_minor": pl.Int64,
}


@dataclass(frozen=True, slots=True)
class Stated:
    """One account over a period. Lines: day, side, kind, number, due_on, amount_minor, balance_minor; open items:
    item_id, number, kind, issued_on, due_on, open_minor, days_overdue, penalty_minor (with the fixed recovery cost).
    """  # noqa: D205  one sentence

    customer_id: int
    currency: str
    sums: dict[str, int]
    lines: tuple[dict[str, Any], ...]
    open_items: tuple[dict[str, Any], ...]
    penalty_minor: int
    waived_minor: int
    on_account_minor: int


def stated_accounts(
    *, entity_id: int, customer_ids: Collection[int], starts_on: date, ends_on: date, currency: str = ""
) -> list[Stated]:
    """Return the accounts of customers that have anything to state, by customer and currency. About ten queries.

    Args:
        entity_id: The creditor.
        customer_ids: Whose.
        starts_on: First day of the period.
        ends_on: Last day, included.
        currency: Only this one; "": every one.

    Raises: StatementDoesNotAddUp when the ledger contradicts itself.
    """
    before = Scope(as_of=starts_on - timedelta(days=1), entity_id=entity_id, customer_ids=customer_ids)
    until = Scope(as_of=ends_on, entity_id=entity_id, customer_ids=customer_ids)
    openings = balances(item_frame(before), on_account_frame(before))
    open_items, on_account = item_frame(until), on_account_frame(until)
    lines = movement_frame(entity_id=entity_id, customer_ids=customer_ids, starts_on=starts_on, ends_on=ends_on)
    summed = totals(openings, lines, balances(open_items, on_account))
    if currency:
        summed = summed.filter(pl.col("currency") == currency)
    by_lines = _by_account(running(lines, openings))
    by_items = _by_account(_with_penalty(open_items, until))
    waived = {(row[0], row[1]): row[2] for row in _waived(until, starts_on).iter_rows()}
    money = {(row[0], row[1]): row[2] for row in on_account.select(*ACCOUNT, "on_account_minor").iter_rows()}
    found = []
    for row in summed.iter_rows(named=True):
        account = (row.pop("customer_id"), row.pop("currency"))
        items = by_items.get(account, ())
        found.append(
            Stated(
                *account, row, by_lines.get(account, ()), items, sum(each["penalty_minor"] for each in items),
                waived.get(account, 0), money.get(account, 0),
            )
        )  # fmt: skip
    return found


def _by_account(frame: pl.DataFrame) -> dict[tuple[int, str], tuple[dict[str, Any], ...]]:
    parts = frame.partition_by(*ACCOUNT, as_dict=True, include_key=False, maintain_order=True)
    return {(int(key[0]), str(key[1])): tuple(part.iter_rows(named=True)) for key, part in parts.items()}


def movement_frame(*, entity_id: int, customer_ids: Collection[int], starts_on: date, ends_on: date) -> pl.DataFrame:
    """Return what was booked with effect in a period as `LINES`, in no order.

    A write-off counts from the day of its allocation; what was taken back of it is a line of its own.
    """
    own, values = among("s.customer_id", "customers", sorted(customer_ids))
    where = f"s.entity_id = %(entity)s AND {own}"
    within = "BETWEEN %(first)s AND %(last)s"
    return read_frame(
        f"""SELECT s.customer_id, s.currency, s.issued_on AS day, 'ITEM' AS side, s.kind, s.number, s.due_on,
                   s.amount_minor
            FROM receivables_openitem s WHERE {where} AND s.issued_on {within}
            UNION ALL
            SELECT s.customer_id, s.currency, s.received_on, 'RECEIPT',
                   CASE WHEN b.id IS NULL THEN 'RECEIPT' ELSE 'BILL' END, s.reference, NULL, -s.amount_minor
            FROM receivables_receipt s LEFT JOIN receivables_bill b ON b.receipt_id = s.id
            WHERE {where} AND s.received_on {within}
            UNION ALL
            SELECT s.customer_id, s.currency, s.issued_on, 'CREDIT_NOTE', 'CREDIT_NOTE', s.number, NULL, -s.amount_minor
            FROM receivables_creditnote s WHERE {where} AND s.issued_on {within}
            UNION ALL
            SELECT s.customer_id, s.currency, a.effective_on, 'WRITE_OFF', 'WRITE_OFF', i.number, NULL, -a.amount_minor
            FROM receivables_allocation a JOIN receivables_writeoff s ON s.id = a.write_off_id
            JOIN receivables_openitem i ON i.id = a.item_id WHERE {where} AND a.effective_on {within}""",  # noqa: S608
        {"entity": entity_id, "first": starts_on, "last": ends_on, **values},
        LINES,
    )


def _with_penalty(items: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """Return the open items with days overdue and what each bears by the last day of the period."""
    borne = penalty(
        items, allocations=allocation_frame(scope), terms=terms_frame(), reference=reference_frame(scope.as_of),
        as_of=scope.as_of, waivers=waiver_frame(scope), added=("days_overdue", "penalty_minor", "fee_minor"),
    )  # fmt: skip
    return borne.select(
        *ACCOUNT, "item_id", "number", "kind", "issued_on", "due_on", "open_minor", "days_overdue",
        penalty_minor=pl.col("penalty_minor") + pl.col("fee_minor"),
    )  # fmt: skip


def _waived(scope: Scope, starts_on: date) -> pl.DataFrame:
    """Return the penalty given up in the period; what was charged as an item of its own was not given up."""
    return read_frame(
        f"""SELECT i.customer_id, w.currency, CAST(sum(w.amount_minor) AS bigint) AS waived_minor
            FROM receivables_penaltywaiver w JOIN receivables_openitem i ON i.id = w.item_id
            WHERE w.effective_on BETWEEN %(first)s AND %(as_of)s AND w.about NOT LIKE 'charge:%%' AND {scope.where("i")}
            GROUP BY i.customer_id, w.currency HAVING sum(w.amount_minor) <> 0""",  # noqa: S608  our own names
        scope.params() | {"first": starts_on},
        WAIVED,
    )
