"""What a row of a file would change: nothing, something, or add a row. Cells that say nothing change nothing."""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

NOW: Final = "_now"
"""Suffix of what the ledger holds, beside what the file says."""


def compared(
    rows: pl.DataFrame, held: pl.DataFrame, *, on: Sequence[str], values: Sequence[str], id_name: str = "id"
) -> pl.DataFrame:
    """Add what is held for each row, and its fate.

    Args:
        rows: What the file says; null means nothing said.
        held: What the ledger holds: the key, `id_name` and the values.
        on: Columns that identify a row.
        values: Columns to compare.
        id_name: Primary key.

    Returns: the rows with `id_name`, `<value>_now`, `differs` (names of the values that differ) and `fate`: create,
        unchanged or update.
    """
    renamed = held.select(*on, id_name, *(pl.col(name).alias(name + NOW) for name in values))
    both = rows.join(renamed, on=list(on), how="left", maintain_order="left")
    differing = [
        pl.when(pl.col(name).is_not_null() & pl.col(name).ne_missing(pl.col(name + NOW))).then(pl.lit(name))
        for name in values
    ]
    return both.with_columns(
        differs=pl.concat_list(differing).list.drop_nulls() if differing else pl.lit([], dtype=pl.List(pl.String))
    ).with_columns(
        fate=pl.when(pl.col(id_name).is_null())
        .then(pl.lit("create"))
        .when(pl.col("differs").list.len() == 0)
        .then(pl.lit("unchanged"))
        .otherwise(pl.lit("update"))
    )


def merged(rows: pl.DataFrame, values: Sequence[str]) -> pl.DataFrame:
    """Return the rows to update with each value as it shall be: what the file says, else what is held."""
    return rows.with_columns(pl.coalesce(name, name + NOW).alias(name) for name in values)


def changes(row: Mapping[str, object]) -> dict[str, list[object]]:
    """Return the changed values of one row, as [before, after] by name."""
    differs = row["differs"]
    return {name: [row[name + NOW], row[name]] for name in differs} if isinstance(differs, list) else {}
