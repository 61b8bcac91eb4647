"""One column of a batch: the plain cells all at once, the others once per different cell."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import polars as pl

from huikuan.exchange.rules.cells import EXACT_DIGITS, Reading, Value, ValueMissing, read_cell
from huikuan.exchange.rules.lists import Cell, Field, ListKind
from huikuan.kernel.days import DAY_FIRST, DAY_LAST, DayOrder
from huikuan.kernel.money import currency_exponent
from huikuan.kernel.refusal import Refusal

_PLAIN_CODE: Final = r"^[0-9A-Za-z\u4e00-\u9fff][0-9A-Za-z\u4e00-\u9fff_./#-]*$"
_PLAIN_AMOUNT: Final = r"^-?[0-9]{1,12}(\.[0-9]{1,2})?$"
_PLAIN_DAY: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_CENTS: Final = 2
_TYPES: Final = {Cell.DAY: pl.Date, Cell.MONEY: pl.Int64, Cell.RATE: pl.Int64, Cell.WHOLE: pl.Int64}
_QUESTION: Final = ("cell", "is_number", "around")

Refused = list[tuple[int, Refusal]]
"""Positions of cells without value, and why."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What an absent or empty cell means, and how days are written."""

    order: DayOrder
    country: str
    currency: str


class Cells(NamedTuple):
    """The cells of one column."""

    text: pl.Series
    """Without blanks around; null where empty."""
    numbers: pl.Series | None
    """True where the file held a number; None for text files."""
    around: pl.Series | None
    """The value of the column that decides how a cell is read (currency, country); None where there is none."""


def type_of(each: Field) -> type[pl.DataType]:
    """Return the type of a field's values."""
    return _TYPES.get(each.cell, pl.String)


def read_column(kind: ListKind, each: Field, cells: Cells, defaults: Defaults) -> tuple[pl.Series, Refused]:
    """Return the values of a column, null where a cell is empty or refused, and the refusals."""
    values = _plain(each, cells)
    left = (cells.text.is_not_null() & values.is_null()).arg_true()
    refused: Refused = []
    if len(left):
        answers, refused = _one_by_one(kind, each, cells, left, defaults)
        values = values.scatter(left, answers)
    if each.required:
        known = {at for at, _ in refused}
        empty = [at for at in values.is_null().arg_true().to_list() if at not in known]
        refused += [(at, ValueMissing(field=each.name)) for at in empty]
    return values, refused


def _plain(each: Field, cells: Cells) -> pl.Series:
    """Read what is plain; null for the rest."""
    text = cells.text
    if each.cell == Cell.CODE:
        plain = text.str.contains(_PLAIN_CODE) & (text.str.len_chars() <= each.longest)
        if cells.numbers is not None:
            plain = plain & (~cells.numbers | (text.str.len_chars() <= EXACT_DIGITS))
        return text.set(~plain, None)
    if each.cell == Cell.DAY:
        days = text.set(~text.str.contains(_PLAIN_DAY), None).str.to_date("%Y-%m-%d", strict=False)
        return days.set((days < DAY_FIRST) | (days > DAY_LAST), None)
    if each.cell == Cell.MONEY:
        return _plain_amounts(text, cells.around)
    return pl.Series([None] * len(text), dtype=type_of(each))


def _plain_amounts(text: pl.Series, currencies: pl.Series | None) -> pl.Series:
    """Read digits with at most two decimals, in currencies that have two."""
    plain = text.str.contains(_PLAIN_AMOUNT)
    if currencies is not None:
        of_cents = [code for code in currencies.unique().to_list() if currency_exponent(code) == _CENTS]
        plain = plain & currencies.is_in(of_cents)
    split = text.set(~plain, None).str.split_exact(".", 1).struct.unnest()
    sign = pl.when(split["field_0"].str.starts_with("-")).then(-1).otherwise(1)
    whole = pl.col("field_0").str.strip_chars("-").cast(pl.Int64) * 100
    part = pl.col("field_1").fill_null("").str.pad_end(_CENTS, "0").cast(pl.Int64)
    return split.select(amount=sign * (whole + part))["amount"]


def _one_by_one(
    kind: ListKind, each: Field, cells: Cells, left: pl.Series, defaults: Defaults
) -> tuple[pl.Series, Refused]:
    """Read the cells at the positions `left`, each different one once."""
    asked = pl.DataFrame(
        {
            "at": left.cast(pl.Int64),
            "cell": cells.text.gather(left),
            "is_number": [False] * len(left) if cells.numbers is None else cells.numbers.gather(left),
            "around": [None] * len(left) if cells.around is None else cells.around.gather(left),
        },
        schema_overrides={"around": pl.String},
    )
    questions = asked.select(_QUESTION).unique(maintain_order=True)
    answers = [_answer(kind, each, question, defaults) for question in questions.iter_rows()]
    values = [None if isinstance(answer, Refusal) else answer for answer in answers]
    numbered = questions.with_columns(
        pl.Series("value", values, dtype=type_of(each)), pl.Series("number", range(len(answers)), dtype=pl.Int64)
    )
    told = asked.join(numbered, on=list(_QUESTION), how="left", nulls_equal=True, maintain_order="left")
    bad = pl.Series([number for number, answer in enumerate(answers) if isinstance(answer, Refusal)], dtype=pl.Int64)
    refused: Refused = []
    if len(bad):
        for at, number in told.filter(pl.col("number").is_in(bad.implode())).select("at", "number").iter_rows():
            answer = answers[number]
            if isinstance(answer, Refusal):
                refused.append((at, answer))
    return told["value"], refused


def _answer(kind: ListKind, each: Field, question: Sequence[object], defaults: Defaults) -> Value | Refusal | None:
    cell, is_number, around = question
    currency, country = defaults.currency, defaults.country
    if each.cell == Cell.MONEY:
        currency = str(around or currency)
    elif around:
        country = str(around)
    try:
        return read_cell(str(cell), Reading(kind, each, defaults.order, country, currency, bool(is_number)))
    except Refusal as refusal:
        return refusal
