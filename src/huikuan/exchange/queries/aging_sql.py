"""The sums behind the aging report, made in the database: whole numbers added up, nothing divided or rounded."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import polars as pl
from django.db.models import QuerySet

from huikuan.parties.models import Customer
from huikuan.storage.bulk import read_frame


class _Group(NamedTuple):
    """How a row is identified: SQL over `o` (what is open or on account) joined with `c` (its customer)."""

    id: str
    key: str
    label: str
    joins: str = ""


_COLLECTOR: Final = "LEFT JOIN parties_user u ON u.id = c.collector_id"
_GROUPS: Final = {
    "item": _Group("o.id", "o.number", "c.name"),
    "customer": _Group("c.id", "c.code", "c.name"),
    "contract": _Group(
        "o.contract_id", "coalesce(k.number, '')", "''", "LEFT JOIN receivables_contract k ON k.id = o.contract_id"
    ),
    "collector": _Group("u.id", "coalesce(u.username, '')", "coalesce(u.display_name, '')", _COLLECTOR),
    "industry": _Group("NULL", "c.industry", "''"),
    "currency": _Group("NULL", "o.currency", "''"),
    "entity": _Group("e.id", "e.code", "e.name", "JOIN parties_entity e ON e.id = o.entity_id"),
}

# The plus keeps SQLite to the index by day: the few allocations of the future, not the index it could group by.
_LATER: Final = """
    SELECT +{side} AS source_id, sum(amount_minor) AS amount FROM receivables_allocation
    WHERE effective_on > %(as_of)s GROUP BY +{side}"""

_ITEM: Final = """
    SELECT i.id, i.number, i.entity_id, i.customer_id, i.contract_id, i.currency, i.due_on,
           i.open_minor + coalesce(later.amount, 0) AS minor
    FROM receivables_openitem i
    LEFT JOIN ({later}) later ON later.source_id = i.id
    WHERE i.issued_on <= %(as_of)s AND {scope}"""

# What has an allocation of the future is open, or settled by it: settled_on is the last day that moved the balance.
# Two halves, because each has an index of its own.
_ITEMS: Final = f"{_ITEM} AND i.settled_on IS NULL UNION ALL {_ITEM} AND i.settled_on > %(as_of)s"

_MONEY: Final = """
    SELECT CAST(NULL AS bigint) AS id, s.{number} AS number, s.entity_id, s.customer_id,
           CAST(NULL AS bigint) AS contract_id, s.currency,
           s.unapplied_minor + coalesce(later.amount, 0) AS minor
    FROM {table} s
    LEFT JOIN ({later}) later ON later.source_id = s.id
    WHERE s.{day} <= %(as_of)s AND s.customer_id IS NOT NULL AND {scope}"""

_ON_ACCOUNT: Final = f"""{_MONEY} AND s.unapplied_minor > 0
    UNION ALL {_MONEY} AND s.unapplied_minor = 0 AND s.id IN
        (SELECT {{side}} FROM receivables_allocation WHERE effective_on > %(as_of)s AND {{side}} IS NOT NULL)"""  # noqa: S608


def grouped(
    by: str,
    *,
    as_of: date,
    edges: Sequence[int],
    entity_ids: Sequence[int] | None = None,
    customers: QuerySet[Customer] | None = None,
) -> pl.DataFrame:
    """Return one row per group and currency: id, key, label, currency, items, total, bucket_0 …, on_account.

    Args:
        by: A name of `_GROUPS`.
        as_of: What is issued, received or allocated with effect later does not count.
        edges: 0 and the last day of each bucket.
        entity_ids: None for all.
        customers: None for all.
    """
    params: dict[str, Any] = {"as_of": as_of}
    for number, edge in enumerate(edges):
        params[f"edge_{number}"] = as_of - timedelta(days=edge)
    parts = [_open_part(by, edges, params, entity_ids, customers)]
    parts += [_on_account_part(by, source, params, entity_ids, customers) for source in ("receipt", "credit_note")]
    names = ("id", "key", "label", "currency")
    sums = ("items", "total", *(f"bucket_{number}" for number in range(len(edges) + 1)), "on_account")
    types = dict.fromkeys(names, pl.String) | {"id": pl.Int64} | dict.fromkeys(sums, pl.Int64)
    frames = [read_frame(sql, params, {name: types[name] for name in columns}) for sql, columns in parts]
    together = pl.concat(frames, how="diagonal")
    return together.group_by(names).agg(pl.col(sums).sum()).select(*names, *sums)


def _open_part(
    by: str,
    edges: Sequence[int],
    params: dict[str, Any],
    entity_ids: Sequence[int] | None,
    customers: QuerySet[Customer] | None,
) -> tuple[str, list[str]]:
    """Return the SQL of what is open, and its columns."""
    conditions = ["o.due_on >= %(edge_0)s"]
    conditions += [f"o.due_on < %(edge_{n})s AND o.due_on >= %(edge_{n + 1})s" for n in range(len(edges) - 1)]
    conditions += [f"o.due_on < %(edge_{len(edges) - 1})s"]
    sums = ["count(*) AS items", "sum(o.minor) AS total"]
    sums += [
        f"sum(CASE WHEN {condition} THEN o.minor ELSE 0 END) AS bucket_{number}"
        for number, condition in enumerate(conditions)
    ]
    scope = _scope("i", params, entity_ids, customers)
    if customers is not None:  # SQLite goes from these customers to what each has open, not through the entity
        scope = scope.replace("i.entity_id", "+i.entity_id") + " AND i.due_on >= '0001-01-01'"
    source = _ITEMS.format(later=_LATER.format(side="item_id"), scope=scope)
    columns = ["items", "total", *(f"bucket_{number}" for number in range(len(conditions)))]
    return _grouping(by, source, sums), ["id", "key", "label", "currency", *columns]


def _on_account_part(
    by: str,
    source: str,
    params: dict[str, Any],
    entity_ids: Sequence[int] | None,
    customers: QuerySet[Customer] | None,
) -> tuple[str, list[str]]:
    """Return the SQL of what is on account from receipts or credit notes, and its columns."""
    number, day = ("reference", "received_on") if source == "receipt" else ("number", "issued_on")
    sql = _ON_ACCOUNT.format(
        number=number,
        day=day,
        table=f"receivables_{source.replace('_', '')}",
        later=_LATER.format(side=f"{source}_id"),
        side=f"{source}_id",
        # Without an index for the entity SQLite takes that of the few rows with something on account.
        scope=_scope("s", params, entity_ids, customers).replace("s.entity_id", "+s.entity_id"),
    )
    return _grouping(by, sql, ["sum(o.minor) AS on_account"]), ["id", "key", "label", "currency", "on_account"]


def _grouping(by: str, source: str, sums: Sequence[str]) -> str:
    group = _GROUPS[by]
    return f"""
    SELECT CAST({group.id} AS bigint) AS id, {group.key} AS key, {group.label} AS label, o.currency, {", ".join(sums)}
    FROM ({source}) o JOIN parties_customer c ON c.id = o.customer_id {group.joins}
    WHERE o.minor <> 0
    GROUP BY 1, 2, 3, 4"""  # noqa: S608  our own names


def _scope(
    alias: str, params: dict[str, Any], entity_ids: Sequence[int] | None, customers: QuerySet[Customer] | None
) -> str:
    """Return the condition that keeps to the entities and customers, and put its values into the parameters."""
    conditions = ["1 = 1"]
    if entity_ids is not None:
        names = [f"entity_{number}" for number in range(len(entity_ids))]
        params.update(zip(names, entity_ids, strict=True))
        conditions.append(f"{alias}.entity_id IN ({', '.join(f'%({name})s' for name in names) or 'NULL'})")
    if customers is not None:
        sql, values = customers.order_by().values("pk").query.sql_with_params()
        names = [f"seen_{number}" for number in range(len(values))]
        params.update(zip(names, values, strict=True))
        conditions.append(f"{alias}.customer_id IN ({sql % tuple(f'%({name})s' for name in names)})")
    return " AND ".join(conditions)
