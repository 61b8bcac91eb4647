"""Keep the aggregates of the payment record right after items were booked, settled or reopened.

Set-wise and from the items themselves: the same function serves one receipt and the import of a million rows, and a
second call changes nothing.
"""

from collections.abc import Collection
from typing import Final

import polars as pl
from django.db import connection, transaction

from huikuan.receivables.queries.record import (
    HISTORIES,
    MONTHS,
    difference,
    settled_facts,
    settled_penalties,
    stored,
)
from huikuan.receivables.rules.record import histories, payment_months
from huikuan.storage.among import among
from huikuan.storage.bulk import insert_frame, update_frame

CHUNK: Final = 20_000
"""Customers looked at together: what is in memory at once."""


@transaction.atomic
def refresh_history(*, customer_ids: Collection[int]) -> int:
    """Bring PaymentMonth, CustomerHistory and the penalty of settled items of these customers in line with the items.

    Part of the commands that book and settle, so not journaled. The customers are locked, in the order of their ids,
    until the transaction ends.

    Returns: how many rows were wrong or missing.
    """
    ids = sorted(set(customer_ids))
    return sum(_refresh(ids[start : start + CHUNK]) for start in range(0, len(ids), CHUNK))


def _refresh(customer_ids: list[int]) -> int:
    lock_customers(customer_ids)
    items = settled_facts(customer_ids)
    months = _replaced("receivables_paymentmonth", MONTHS, payment_months(items), customer_ids)
    lives = _replaced("receivables_customerhistory", HISTORIES, histories(items), customer_ids)
    wrong = settled_penalties(items, customer_ids)
    return months + lives + update_frame("receivables_openitem", ["id"], wrong)


@transaction.atomic
def add_to_history(booked: pl.DataFrame) -> None:
    """Count items that were just booked, without looking at the others: nothing of them can be settled yet.

    What `refresh_history` would find; the price is the batch's, however many items the customers have.

    Args:
        booked: customer_id and issued_on of each new item.
    """
    new = booked.group_by("customer_id").agg(first_new=pl.col("issued_on").min(), new_count=pl.len().cast(pl.Int64))
    ids = sorted(new["customer_id"].to_list())
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        lock_customers(chunk)
        held = stored("receivables_customerhistory", HISTORIES, chunk)
        both = new.filter(pl.col("customer_id").is_in(chunk)).join(held, on="customer_id", how="left")
        right = both.select(
            "customer_id",
            first_item_on=pl.min_horizontal("first_new", "first_item_on"),
            item_count=pl.col("new_count") + pl.col("item_count").fill_null(0),
            settled_count=pl.col("settled_count").fill_null(0),
            late_count=pl.col("late_count").fill_null(0),
        )
        is_new = both["item_count"].is_null()
        insert_frame("receivables_customerhistory", right.filter(is_new))
        changed = right.filter(~is_new).select("customer_id", "first_item_on", "item_count")
        update_frame("receivables_customerhistory", ["customer_id"], changed)


def lock_customers(customer_ids: list[int]) -> None:
    """Let nobody else settle items of these customers meanwhile (SQLite: the transaction is exclusive already)."""
    if not connection.features.has_select_for_update:
        return
    condition, values = among("id", "customers", customer_ids)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM parties_customer WHERE {condition} ORDER BY id FOR UPDATE", values)  # noqa: S608


def _replaced(table: str, schema: dict[str, type[pl.DataType]], right: pl.DataFrame, customer_ids: list[int]) -> int:
    """Replace the rows of those customers whose aggregates are not right; return how many rows that concerned."""
    missing, wrong = difference(right.select(list(schema)), stored(table, schema, customer_ids))
    concerned = pl.concat([missing["customer_id"], wrong["customer_id"]]).unique().to_list()
    if not concerned:
        return 0
    condition, values = among("customer_id", "customers", concerned)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE {condition}", values)  # noqa: S608  our own names
    insert_frame(table, right.select(list(schema)).filter(pl.col("customer_id").is_in(concerned)))
    return missing.height + wrong.height
