"""A batch of rows into typed columns: the plain cells all at once, the odd ones one by one, the bad ones as problems.

Plain cells (ISO days, digits with a point, codes of letters and digits) are read by Polars for the whole column; what
does not match is read by `cells`, once per different text. Both say the same of every plain cell (tests).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Final, NamedTuple

import polars as pl

from huikuan.exchange.ports import Batch, NumberText
from huikuan.exchange.rules.column import Cells, Defaults, read_column, type_of
from huikuan.exchange.rules.layout import Layout
from huikuan.exchange.rules.lists import LISTS, Cell, Field, ListKind, ListSpec
from huikuan.kernel.refusal import Refusal, gettext_noop

VALUE_SHOWN: Final = 80
"""Characters of a bad cell that a report repeats."""
_CONTEXT: Final = {Cell.MONEY: "currency", Cell.PHONE: "country", Cell.REGISTRATION: "country"}
"""The column whose value in the same row decides how a cell is read; it is read before."""


class RowTooWide(Refusal):
    """More cells than headings: a delimiter inside a value."""

    code = "import.row-too-wide"
    text = gettext_noop(
        "The row has {cells} cells under {headings} headings. "
        "A value that contains the delimiter needs quotation marks."
    )


class Problem(NamedTuple):
    """Why a row was refused, or what is remarkable about one that was not."""

    row: int
    field: str
    value: str
    refusal: Refusal


@dataclass
class ReadBatch:
    """Typed rows, one column per known field (null where the file has none), and what was wrong with others.

    `frame` has all rows, also bad ones, with `row` (number in the file), `is_good` and the fields.
    """

    frame: pl.DataFrame
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, problems: Sequence[Problem]) -> None:
        """Mark rows as bad."""
        if not problems:
            return
        self.problems.extend(problems)
        rows = pl.Series([problem.row for problem in problems], dtype=pl.Int64).unique()
        self.frame = self.frame.with_columns(is_good=pl.col("is_good") & ~pl.col("row").is_in(rows.implode()))

    @property
    def good(self) -> pl.DataFrame:
        """The rows without a problem."""
        return self.frame.filter("is_good")


def read_batch(kind: ListKind, batch: Batch, layout: Layout, defaults: Defaults, *, is_text: bool) -> ReadBatch:
    """Return the rows of a batch as typed columns; rows of blanks are left out.

    Args:
        kind: What the file holds.
        batch: Cells as text.
        layout: Which column is where.
        defaults: Currency and country of the entity, order of days of the file.
        is_text: True for delimited text, where a cell too many shifts all that follow.
    """
    spec = LISTS[kind]
    raw = _raw_columns(batch, layout)
    numbers = {} if is_text else _number_flags(batch, layout)
    rows = pl.Series("row", range(batch.first_row, batch.first_row + len(batch.rows)), dtype=pl.Int64)
    filled = _filled(batch)
    raw = raw.with_columns(rows, filled).filter("_filled").drop("_filled")
    numbers = {name: flags.filter(filled) for name, flags in numbers.items()}
    read = ReadBatch(pl.DataFrame({"row": raw["row"], "is_good": [True] * raw.height}))
    problems = _too_wide(batch, layout) if is_text else []
    shifted = {problem.row for problem in problems}
    for each in _in_order(spec):
        if each.name not in raw.columns:
            read.frame = read.frame.with_columns(pl.lit(None, dtype=type_of(each)).alias(each.name))
            continue
        cells = _cells(each, raw[each.name], numbers.get(each.name), read.frame, defaults)
        values, refused = read_column(kind, each, cells, defaults)
        read.frame = read.frame.with_columns(values.alias(each.name))
        found = [Problem(int(raw["row"][at]), each.name, _shown(cells.text[at]), why) for at, why in refused]
        problems += [problem for problem in found if problem.row not in shifted]
    read.refuse(sorted(problems, key=lambda problem: problem.row))
    return read


def _raw_columns(batch: Batch, layout: Layout) -> pl.DataFrame:
    columns = list(zip_longest(*batch.rows, fillvalue=""))
    nothing = ("",) * len(batch.rows)
    return pl.DataFrame(
        {
            name: pl.Series(columns[at] if at < len(columns) else nothing, dtype=pl.String)
            for name, at in layout.columns.items()
        }
    )


def _number_flags(batch: Batch, layout: Layout) -> dict[str, pl.Series]:
    return {
        name: pl.Series([at < len(row) and type(row[at]) is NumberText for row in batch.rows], dtype=pl.Boolean)
        for name, at in layout.columns.items()
    }


def _filled(batch: Batch) -> pl.Series:
    return pl.Series("_filled", [any(map(str.strip, row)) for row in batch.rows], dtype=pl.Boolean)


def _too_wide(batch: Batch, layout: Layout) -> list[Problem]:
    return [
        Problem(number, "", "", RowTooWide(cells=len(row), headings=layout.width))
        for number, row in enumerate(batch.rows, start=batch.first_row)
        if len(row) > layout.width and any(map(str.strip, row))
    ]


def _in_order(spec: ListSpec) -> list[Field]:
    """Return the fields, those first that decide how others are read."""
    context = set(_CONTEXT.values())
    return sorted(spec.fields, key=lambda each: each.name not in context)


def _shown(text: str | None) -> str:
    if text is None:
        return ""
    return text if len(text) <= VALUE_SHOWN else text[: VALUE_SHOWN - 1] + "…"


def _cells(each: Field, cells: pl.Series, numbers: pl.Series | None, frame: pl.DataFrame, defaults: Defaults) -> Cells:
    """Return the cells of a column, with what their reading needs."""
    text = cells.str.strip_chars()
    name = _CONTEXT.get(each.cell)
    around = None
    if name is not None and name in frame.columns:
        around = frame[name].fill_null(defaults.currency if name == "currency" else defaults.country)
    return Cells(text.set(text == "", None), numbers, around)
