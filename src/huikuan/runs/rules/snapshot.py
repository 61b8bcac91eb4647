"""What was open on the day of a run, added up while the run had every open item in hand (the run's snapshot). Pure.

It is kept with the run: pages show the whole entity's figures without reading its ledger, and runs side by side are the
trend. A chunk gives its part, the run is their sum, in whole minor units and per currency.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from huikuan.receivables.rules.aging import aging, labels

OVER_DAYS: Final = 30
"""Overdue by more days than this is red (domain.md §2)."""
SOON_DAYS: Final = 7

NOBODY: Final = 0
"""Stands for no collector among the shares."""
MARK_MODULUS: Final = 65_521
"""A prime: the sum of squares of ids modulo it, beside their count and sum, tells one set of customers from another."""

Shares = dict[str, dict[str, Any]]
"""By the key of the collector, or NOBODY: `{"mark": [customers, sum of ids, sum of squares], "part": Snapshot}`. The
part is the collector's for as long as the mark is that of the collector's customers."""
Snapshot = dict[str, Any]
"""`{"edges": [30, …], "currencies": {"CNY": {"items", "total", "buckets": […], "over_30", "due_soon", "on_account"}}}`;
`on_account` is never negative."""


def snapshot(items: pl.DataFrame, *, on_account: pl.DataFrame, as_of: date, edges: Sequence[int]) -> Snapshot:
    """Add up the open items of some customers.

    Args:
        items: currency, due_on, open_minor as of the day.
        on_account: currency, on_account_minor.
        as_of: The day.
        edges: Last day of each bucket, ascending.
    """
    return {"edges": list(edges), "currencies": _figures(items, on_account, (), as_of, edges).get((), {})}


def shares(
    items: pl.DataFrame, *, on_account: pl.DataFrame, collectors: pl.DataFrame, as_of: date, edges: Sequence[int]
) -> Shares:
    """Add up the same by whose customers they are, so that a collector's own figures need not be read either.

    Args:
        items: As for `snapshot`, with customer_id.
        on_account: As for `snapshot`, with customer_id.
        collectors: customer_id and collector_id (null: nobody's) of every customer, also of those that owe nothing.
        as_of: The day.
        edges: Last day of each bucket, ascending.
    """
    whose = collectors.select("customer_id", pl.col("collector_id").fill_null(NOBODY))
    of_items, of_money = (frame.join(whose, on="customer_id", how="inner") for frame in (items, on_account))
    figures = _figures(of_items, of_money, ("collector_id",), as_of, edges)
    place = pl.col("customer_id") % MARK_MODULUS
    marks = whose.group_by("collector_id").agg(
        count=pl.len().cast(pl.Int64), ids=pl.col("customer_id").sum(), squares=(place * place).sum()
    )
    return {
        str(collector): {
            "mark": mark,
            "part": {"edges": list(edges), "currencies": figures.get((collector,), {})},
        }
        for collector, *mark in marks.sort("collector_id").iter_rows()
    }


def _figures(
    items: pl.DataFrame, on_account: pl.DataFrame, by: Sequence[str], as_of: date, edges: Sequence[int]
) -> dict[tuple[int, ...], dict[str, dict[str, Any]]]:
    """Return the figures by group and currency."""
    names, keys = labels(edges), [*by, "currency"]
    spread = aging(
        items.select(*keys, "due_on", "open_minor"),
        on_account=on_account.select(*keys, "on_account_minor"),
        by=by,
        as_of=as_of,
        edges=edges,
    )
    due, minor = pl.col("due_on"), pl.col("open_minor")
    other = items.group_by(keys).agg(
        over_30=minor.filter(due < as_of - timedelta(days=OVER_DAYS)).sum(),
        due_soon=minor.filter(due.is_between(as_of, as_of + timedelta(days=SOON_DAYS))).sum(),
    )
    rows = spread.join(other, on=keys, how="left").with_columns(pl.col("over_30", "due_soon").fill_null(0))
    found: dict[tuple[int, ...], dict[str, dict[str, Any]]] = {}
    for row in rows.sort("currency").iter_rows(named=True):
        found.setdefault(tuple(row[name] for name in by), {})[row["currency"]] = {
            "items": row["item_count"],
            "total": row["total_minor"],
            "buckets": [row[name] for name in names],
            "over_30": row["over_30"],
            "due_soon": row["due_soon"],
            "on_account": -row["on_account_minor"],
        }
    return found


def added(parts: Iterable[Snapshot]) -> Snapshot:
    """Add the parts of one run; nothing of nothing. The parts have the same edges: those of the run's policy."""
    edges: list[int] = []
    currencies: dict[str, dict[str, Any]] = {}
    for part in parts:
        edges = part["edges"]
        for currency, figures in part["currencies"].items():
            known = currencies.get(currency)
            currencies[currency] = figures if known is None else _sum(known, figures)
    return {"edges": edges, "currencies": dict(sorted(currencies.items()))} if edges else {}


def added_shares(parts: Iterable[Shares]) -> Shares:
    """Add the shares of the chunks of one run."""
    found: dict[str, list[dict[str, Any]]] = {}
    for part in parts:
        for collector, share in part.items():
            found.setdefault(collector, []).append(share)
    return {
        collector: {
            "mark": [sum(numbers) for numbers in zip(*(each["mark"] for each in of_one), strict=True)],
            "part": added(each["part"] for each in of_one),
        }
        for collector, of_one in sorted(found.items())
    }


def _sum(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    buckets = [one + other for one, other in zip(first["buckets"], second["buckets"], strict=True)]
    return {name: first[name] + second[name] for name in first if name != "buckets"} | {"buckets": buckets}
