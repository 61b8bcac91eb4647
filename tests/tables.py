"""Tables written as text, so that a bookkeeper can read a test.

    item          | due_on     | open_minor | is_disputed | note:text
    1 five late   | 2025-07-06 |    4300000 | false       | 007
    2 due today   | 2025-07-11 |            | true        |

The first line names the columns. A column takes the one type that all its filled cells have: whole number,
ISO date, true/false, else text. Empty means null; `""` is the empty text. `name:type` (int, date, bool, text)
says the type where the cells cannot. Lines that begin with # are remarks.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl

TYPES: dict[str, tuple[re.Pattern[str], Callable[[str], Any], type[pl.DataType]]] = {
    "int": (re.compile(r"[+-]?\d[\d_]*"), int, pl.Int64),
    "date": (re.compile(r"\d{4}-\d{2}-\d{2}"), date.fromisoformat, pl.Date),
    "bool": (re.compile("true|false"), lambda cell: cell == "true", pl.Boolean),
    "text": (re.compile(".*", re.DOTALL), lambda cell: "" if cell == '""' else cell, pl.String),
}
INT64_LARGEST = 2**63 - 1


def rows(text: str) -> pl.DataFrame:
    """Return the table as a frame; a column of numbers beyond 64 bits becomes Int128."""
    names, lines = _parsed(text)
    columns = []
    for position, name_and_type in enumerate(names):
        name, _, said = name_and_type.partition(":")
        cells = [line[position] for line in lines]
        kind = said or _kind_of(cells)
        values = [_value(cell, kind, column=name) for cell in cells]
        dtype = TYPES[kind][2]
        if kind == "int" and any(abs(value) > INT64_LARGEST for value in values if value is not None):
            dtype = pl.Int128
        columns.append(pl.Series(name, values, dtype=dtype))
    return pl.DataFrame(columns)


def cases(text: str) -> list[dict[str, Any]]:
    """Return the table as one dictionary per line, for `pytest.mark.parametrize`."""
    return rows(text).to_dicts()


def _parsed(text: str) -> tuple[list[str], list[list[str]]]:
    lines = [line.strip() for line in text.splitlines()]
    cells = [[cell.strip() for cell in line.split("|")] for line in lines if line and not line.startswith("#")]
    if not cells:
        message = "the table has no lines: name the columns in the first one"
        raise ValueError(message)
    names, *body = cells
    for line in body:
        if len(line) != len(names):
            message = f"{len(line)} cells under {len(names)} columns: {' | '.join(line)}"
            raise ValueError(message)
    if unknown := [name for name in names if ":" in name and name.partition(":")[2] not in TYPES]:
        message = f"unknown type in {unknown[0]!r}: use one of {', '.join(TYPES)}"
        raise ValueError(message)
    return names, body


def _kind_of(cells: list[str]) -> str:
    filled = [cell for cell in cells if cell]
    if not filled:
        return "text"
    return next(kind for kind, (pattern, _, _) in TYPES.items() if all(pattern.fullmatch(cell) for cell in filled))


def _value(cell: str, kind: str, *, column: str) -> Any:
    if not cell:
        return None
    pattern, read, _ = TYPES[kind]
    if not pattern.fullmatch(cell):
        message = f"{cell!r} in column {column} is no {kind}"
        raise ValueError(message)
    return read(cell)
