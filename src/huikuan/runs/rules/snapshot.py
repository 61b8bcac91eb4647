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
    names = labels(edges)
    spread = aging(
        items.select("currency", "due_on", "open_minor"),
        on_account=on_account.select("currency", "on_account_minor"),
        by=(),
        as_of=as_of,
        edges=edges,
    )
    due, minor = pl.col("due_on"), pl.col("open_minor")
    other = items.group_by("currency").agg(
        over_30=minor.filter(due < as_of - timedelta(days=OVER_DAYS)).sum(),
        due_soon=minor.filter(due.is_between(as_of, as_of + timedelta(days=SOON_DAYS))).sum(),
    )
    rows = spread.join(other, on="currency", how="left").with_columns(pl.col("over_30", "due_soon").fill_null(0))
    currencies = {
        row["currency"]: {
            "items": row["item_count"],
            "total": row["total_minor"],
            "buckets": [row[name] for name in names],
            "over_30": row["over_30"],
            "due_soon": row["due_soon"],
            "on_account": -row["on_account_minor"],
        }
        for row in rows.sort("currency").iter_rows(named=True)
    }
    return {"edges": list(edges), "currencies": currencies}


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


def _sum(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    buckets = [one + other for one, other in zip(first["buckets"], second["buckets"], strict=True)]
    return {name: first[name] + second[name] for name in first if name != "buckets"} | {"buckets": buckets}
