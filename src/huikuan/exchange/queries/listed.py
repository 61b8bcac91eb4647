"""The rows of an exported list, streamed by ranges of keys: a million rows cost the memory of some thousands."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

import polars as pl
from django.db.models import QuerySet

from huikuan.exchange.ports import Column
from huikuan.exchange.queries.lists import SOURCES, ListSource
from huikuan.kernel.days import DAY_LAST
from huikuan.kernel.money import format_decimal
from huikuan.kernel.rates import format_rate_decimal
from huikuan.parties.models import Customer
from huikuan.storage.bulk import Param, read_frame

_PAGE: Final = 20_000
_PPB_PER_PPM: Final = 1000
_RATES: Final = {"penalty_rate_per_day": 1, "penalty_rate_per_year": 1, "cap_share": _PPB_PER_PPM}
"""Columns that hold a rate, and what one unit of them is in parts per billion."""


def columns_of(name: str) -> tuple[Column, ...]:
    """Return the columns of a list. Raises KeyError for a name not in `SOURCES`."""
    return SOURCES[name][0].columns


def rows_of(
    name: str,
    *,
    as_of: date | None = None,
    entity_ids: Sequence[int] | None = None,
    customers: QuerySet[Customer] | None = None,
) -> Iterator[Sequence[object]]:
    """Yield the rows of a list by primary key, in the order of `columns_of`; money as decimal text.

    Args:
        name: A name of `SOURCES`.
        as_of: What was there on that day, and what was open then; None for all there is, as it stands.
        entity_ids: Only these creditors; None for all.
        customers: Only of these customers, usually `visible_to(user)`; None for all.
    """
    for source in SOURCES[name]:
        yield from _rows(source, as_of, entity_ids, customers)


def _rows(
    source: ListSource, as_of: date | None, entity_ids: Sequence[int] | None, customers: QuerySet[Customer] | None
) -> Iterator[Sequence[object]]:
    sql, params = _narrowed(source, as_of, entity_ids, customers)
    after = 0
    while True:
        page = f"{sql} AND t.id > %(after)s ORDER BY t.id LIMIT {_PAGE}"
        frame = read_frame(page, {**params, "after": after}, source.schema).sort("_id")
        if frame.is_empty():
            return
        is_last = frame.height < _PAGE
        if not is_last:  # a case has a row per currency: what the page may have cut in two comes whole in the next
            frame = frame.filter(pl.col("_id") < int(frame["_id"][-1]))
        after = int(frame["_id"][-1])
        yield from _written(source, frame).select(each.name for each in source.columns).iter_rows()
        if is_last:
            return


def _narrowed(
    source: ListSource, as_of: date | None, entity_ids: Sequence[int] | None, customers: QuerySet[Customer] | None
) -> tuple[str, dict[str, Param]]:
    """Return the statement with its conditions, and their values."""
    conditions, params = [source.sql], dict[str, Param]({"as_of": as_of or DAY_LAST})
    if as_of is not None and source.day:
        conditions.append(source.day)
    if entity_ids is not None:
        names = [f"entity_{number}" for number in range(len(entity_ids))]
        params.update(zip(names, entity_ids, strict=True))
        conditions.append(f"{source.entity} IN ({', '.join(f'%({name})s' for name in names) or 'NULL'})")
    if customers is not None:
        sql, values = customers.order_by().values("pk").query.sql_with_params()
        names = [f"seen_{number}" for number in range(len(values))]
        params.update(zip(names, values, strict=True))
        conditions.append(f"{source.customer} IN ({sql % tuple(f'%({name})s' for name in names)})")
    return " AND ".join(conditions), params


def _written(source: ListSource, frame: pl.DataFrame) -> pl.DataFrame:
    """Write amounts, rates and codes as they are read again."""
    frame = frame.with_columns(pl.col(name).str.to_lowercase() for name in source.lowered)
    for each in source.columns:
        if each.kind == "money":
            pairs = zip(frame[each.name].to_list(), frame["_currency"].to_list(), strict=True)
            texts = [None if minor is None else format_decimal(minor, currency) for minor, currency in pairs]
            frame = frame.with_columns(pl.Series(each.name, texts, dtype=pl.String))
        elif each.name in _RATES:
            unit = _RATES[each.name]
            rates = [None if parts is None else format_rate_decimal(int(parts) * unit) for parts in frame[each.name]]
            frame = frame.with_columns(pl.Series(each.name, rates, dtype=pl.String))
    return frame
