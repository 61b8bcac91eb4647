"""The payment record as the items say it is, and as the aggregates hold it."""

from collections.abc import Collection
from typing import Final

import polars as pl

from huikuan.receivables.queries.terms import reference_frame, terms_frame
from huikuan.receivables.rules.penalty import penalty
from huikuan.receivables.rules.waiver import WAIVERS
from huikuan.storage.among import among
from huikuan.storage.bulk import read_frame

ITEMS: Final[dict[str, type[pl.DataType]]] = {
    "item_id": pl.Int64,
    "customer_id": pl.Int64,
    "issued_on": pl.Date,
    "due_on": pl.Date,
    "settled_on": pl.Date,
    "amount_minor": pl.Int64,
    "terms_id": pl.Int64,
    "settled_penalty_minor": pl.Int64,
}
MONTHS: Final[dict[str, type[pl.DataType]]] = {
    "customer_id": pl.Int64,
    "month_on": pl.Date,
    "settled_count": pl.Int64,
    "late_count": pl.Int64,
    "any_late_count": pl.Int64,
    "days_late_sum": pl.Int64,
    "days_late_worst": pl.Int64,
    "amount_minor_sum": pl.Int64,
    "amount_days_sum": pl.Int128,
}
HISTORIES: Final[dict[str, type[pl.DataType]]] = {
    "customer_id": pl.Int64,
    "first_item_on": pl.Date,
    "item_count": pl.Int64,
    "settled_count": pl.Int64,
    "late_count": pl.Int64,
}


def settled_facts(customer_ids: Collection[int]) -> pl.DataFrame:
    """Return the facts of all items of the customers that the payment record is made of (`ITEMS`)."""
    condition, values = among("customer_id", "customers", sorted(customer_ids))
    columns = ", ".join(name for name in ITEMS if name != "item_id")
    return read_frame(
        f"SELECT id AS item_id, {columns} FROM receivables_openitem WHERE {condition}",  # noqa: S608  our own names
        values,
        ITEMS,
    )


def stored(table: str, schema: dict[str, type[pl.DataType]], customer_ids: Collection[int]) -> pl.DataFrame:
    """Return the aggregates that the table holds for the customers."""
    condition, values = among("customer_id", "customers", sorted(customer_ids))
    return read_frame(f"SELECT {', '.join(schema)} FROM {table} WHERE {condition}", values, schema)  # noqa: S608


def difference(right: pl.DataFrame, held: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows that are right but not held, and those held that are not right."""
    columns = right.columns
    return (
        right.join(held, on=columns, how="anti", nulls_equal=True),
        held.join(right, on=columns, how="anti", nulls_equal=True),
    )


def settled_penalties(items: pl.DataFrame, customer_ids: Collection[int]) -> pl.DataFrame:
    """Return id and settled_penalty_minor of the items whose stored penalty is not what they bore and is claimed."""
    late = items.filter((pl.col("settled_on") > pl.col("due_on")) & pl.col("terms_id").is_not_null())
    right = items.select("item_id", "settled_penalty_minor", right_minor=pl.lit(0, pl.Int64))
    if not late.is_empty():
        borne = _borne(late.with_columns(open_minor=pl.lit(0, pl.Int64)), customer_ids)
        right = items.join(borne, on="item_id", how="left").with_columns(
            right_minor=pl.col("penalty_minor").fill_null(0)
        )
    return right.filter(pl.col("right_minor") != pl.col("settled_penalty_minor")).select(
        id="item_id", settled_penalty_minor="right_minor"
    )


def _borne(late: pl.DataFrame, customer_ids: Collection[int]) -> pl.DataFrame:
    """Return the penalty of items settled late: nothing is open, so only what was paid late bears."""
    last = late.select(pl.col("settled_on").max()).item()
    condition, values = among("i.customer_id", "customers", sorted(customer_ids))
    paid = read_frame(
        f"""SELECT a.item_id, a.amount_minor, a.effective_on
            FROM receivables_allocation a JOIN receivables_openitem i ON i.id = a.item_id
            WHERE {condition} AND i.settled_on > i.due_on""",  # noqa: S608  our own names
        values,
        {"item_id": pl.Int64, "amount_minor": pl.Int64, "effective_on": pl.Date},
    )
    waivers = read_frame(
        f"""SELECT w.item_id, CAST(sum(w.amount_minor) AS bigint) AS waived_minor
            FROM receivables_penaltywaiver w JOIN receivables_openitem i ON i.id = w.item_id
            WHERE {condition} AND i.settled_on > i.due_on GROUP BY w.item_id""",  # noqa: S608  our own names
        values,
        WAIVERS,
    )
    answer = penalty(
        late, allocations=paid, terms=terms_frame(), reference=reference_frame(last), as_of=last, waivers=waivers
    )
    return answer.select("item_id", "penalty_minor")
