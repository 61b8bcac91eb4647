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
from huikuan.exchange.rules.cells import EXACT_DIGITS, Reading, ValueMissing, read_cell
from huikuan.exchange.rules.layout import Layout
from huikuan.exchange.rules.lists import LISTS, Cell, Field, ListKind, ListSpec
from huikuan.kernel.days import DAY_FIRST, DAY_LAST, DayOrder
from huikuan.kernel.money import currency_exponent
from huikuan.kernel.refusal import Refusal, gettext_noop

VALUE_SHOWN: Final = 80
"""Characters of a bad cell that a report repeats."""
_PLAIN_CODE: Final = r"^[0-9A-Za-z\u4e00-\u9fff][0-9A-Za-z\u4e00-\u9fff_./#-]*$"
_PLAIN_AMOUNT: Final = r"^-?\d{1,12}(\.\d{1,2})?$"
_PLAIN_DAY: Final = r"^\d{4}-\d{2}-\d{2}$"
_CENTS: Final = 2

_TYPES: Final = {Cell.DAY: pl.Date, Cell.MONEY: pl.Int64, Cell.RATE: pl.Int64, Cell.WHOLE: pl.Int64}
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


@dataclass(frozen=True, slots=True)
class Defaults:
    """What an absent or empty cell means, and how days are written."""

    order: DayOrder
    country: str
    currency: str


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
    for each in _in_order(spec):
        cells = raw[each.name] if each.name in raw.columns else None
        values, found = _column(kind, each, cells, numbers.get(each.name), read.frame, defaults)
        read.frame = read.frame.with_columns(values.alias(each.name))
        problems += [
            Problem(int(read.frame["row"][at]), each.name, _shown(raw, each.name, at), why) for at, why in found
        ]
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
        if len(row) > layout.width and any(map(str.strip, row[layout.width :]))
    ]


def _in_order(spec: ListSpec) -> list[Field]:
    """Return the fields, those first that decide how others are read."""
    context = set(_CONTEXT.values())
    return sorted(spec.fields, key=lambda each: each.name not in context)


def _shown(raw: pl.DataFrame, name: str, at: int) -> str:
    if name not in raw.columns:
        return ""
    text = str(raw[name][at] or "")
    return text if len(text) <= VALUE_SHOWN else text[: VALUE_SHOWN - 1] + "…"


def _column(
    kind: ListKind,
    each: Field,
    cells: pl.Series | None,
    numbers: pl.Series | None,
    frame: pl.DataFrame,
    defaults: Defaults,
) -> tuple[pl.Series, list[tuple[int, Refusal]]]:
    """Return the values of one field and, by position, why some cells have none."""
    dtype = _TYPES.get(each.cell, pl.String)
    if cells is None:
        return pl.Series([None] * frame.height, dtype=dtype), []
    text = cells.str.strip_chars()
    text = text.set(text == "", None)
    context = _context(each, frame, defaults)
    values = _plain(each, text, numbers, context, dtype)
    left = (text.is_not_null() & values.is_null()).arg_true()
    refusals: list[tuple[int, Refusal]] = []
    if len(left):
        answers = _one_by_one(kind, each, text, numbers, context, left, defaults)
        good = [(at, value) for at, value in answers if not isinstance(value, Refusal)]
        refusals = [(at, value) for at, value in answers if isinstance(value, Refusal)]
        if good:
            values = values.scatter([at for at, _ in good], pl.Series([value for _, value in good], dtype=dtype))
    if each.required:
        empty = text.is_null().arg_true().to_list()
        refusals += [(at, ValueMissing(field=each.name)) for at in empty]
    return values, refusals


def _context(each: Field, frame: pl.DataFrame, defaults: Defaults) -> pl.Series | None:
    name = _CONTEXT.get(each.cell)
    if name is None or name not in frame.columns:
        return None
    return frame[name].fill_null(defaults.currency if name == "currency" else defaults.country)


def _plain(
    each: Field, text: pl.Series, numbers: pl.Series | None, context: pl.Series | None, dtype: type[pl.DataType]
) -> pl.Series:
    """Read what is plain; null for the rest."""
    if each.cell == Cell.CODE:
        plain = text.str.contains(_PLAIN_CODE) & (text.str.len_chars() <= each.longest)
        if numbers is not None:
            plain = plain & (~numbers | (text.str.len_chars() <= EXACT_DIGITS))
        return text.set(~plain, None)
    if each.cell == Cell.DAY:
        plain = text.set(~text.str.contains(_PLAIN_DAY), None)
        days = plain.str.to_date("%Y-%m-%d", strict=False)
        return days.set((days < DAY_FIRST) | (days > DAY_LAST), None)
    if each.cell == Cell.MONEY:
        return _plain_amounts(text, context)
    return pl.Series([None] * len(text), dtype=dtype)


def _plain_amounts(text: pl.Series, context: pl.Series | None) -> pl.Series:
    """Read digits with at most two decimals, in currencies that have two."""
    plain = text.str.contains(_PLAIN_AMOUNT)
    if context is not None:
        of_cents = [code for code in context.unique().to_list() if currency_exponent(code) == _CENTS]
        plain = plain & context.is_in(of_cents)
    split = text.set(~plain, None).str.split_exact(".", 1).struct.unnest()
    sign = pl.when(split["field_0"].str.starts_with("-")).then(-1).otherwise(1)
    whole = pl.col("field_0").str.strip_chars("-").cast(pl.Int64) * 100
    part = pl.col("field_1").fill_null("").str.pad_end(_CENTS, "0").cast(pl.Int64)
    return split.select(amount=sign * (whole + part))["amount"]


def _one_by_one(
    kind: ListKind,
    each: Field,
    text: pl.Series,
    numbers: pl.Series | None,
    context: pl.Series | None,
    left: pl.Series,
    defaults: Defaults,
) -> list[tuple[int, object]]:
    """Read the cells at the positions `left`, each different one once; a Refusal stands for a cell without value."""
    known: dict[tuple[str, bool, str | None], object] = {}
    answers: list[tuple[int, object]] = []
    flags = [False] * len(left) if numbers is None else numbers.gather(left).to_list()
    contexts = [None] * len(left) if context is None else context.gather(left).to_list()
    for at, cell, is_number, around in zip(left.to_list(), text.gather(left).to_list(), flags, contexts, strict=True):
        question = (cell, is_number, around)
        if question not in known:
            known[question] = _answer(kind, each, cell, defaults, is_number=is_number, around=around)
        if known[question] is not None:
            answers.append((at, known[question]))
    return answers


def _answer(
    kind: ListKind, each: Field, cell: str, defaults: Defaults, *, is_number: bool, around: str | None
) -> object:
    currency, country = defaults.currency, defaults.country
    if each.cell == Cell.MONEY and around:
        currency = around
    elif around:
        country = around
    reading = Reading(kind, each, defaults.order, country, currency, is_number=is_number)
    try:
        return read_cell(cell, reading)
    except Refusal as refusal:
        return refusal
