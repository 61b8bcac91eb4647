"""Write tables: CSV that spreadsheet programs open correctly, and workbooks with typed cells, both streamed."""

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from huikuan.exchange.ports import Column
from huikuan.kernel.guarding import guarded

_ROWS_TOGETHER: Final = 2_000
_BLOCK: Final = 1 << 16
_SHEET_ROWS: Final = 1_048_576
_TEXT_LONGEST: Final = 32_767
"""Limits of a sheet and of a cell in the format itself."""
_NUMBER_DIGITS: Final = 15
"""Digits that a number cell keeps; a longer amount is written as text."""
_BYTE_ORDER_MARK: Final = "\ufeff"


def write_csv(columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Yield UTF-8 with its mark, so that spreadsheet programs read Chinese; commas, DOS line breaks."""
    text = StringIO()
    text.write(_BYTE_ORDER_MARK)
    lines = csv.writer(text)
    lines.writerow([each.name for each in columns])
    kinds = [each.kind for each in columns]
    for number, row in enumerate(rows, start=1):
        lines.writerow([_cell(value, kind) for value, kind in zip(row, kinds, strict=True)])
        if number % _ROWS_TOGETHER == 0:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _cell(value: object, kind: str) -> str:
    """Write a value as text; only what is typed as text may need a guard, numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return guarded(str(value)) if kind == "text" else str(value)


def write_xlsx(columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Yield a workbook: typed cells, frozen heading, filter. Rows beyond what a sheet holds go on in the next sheet."""
    with tempfile.TemporaryDirectory(prefix="huikuan-") as folder:
        path = Path(folder) / "list.xlsx"
        options = {"constant_memory": True, "tmpdir": folder, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(path, options) as book:
            sheets = _Sheets(book, columns)
            for row in rows:
                sheets.add(row)
            sheets.end()
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block


class _Sheets:
    """The sheets of one workbook: typed cells, and a new sheet when one is full."""

    def __init__(self, book: Any, columns: Sequence[Column]) -> None:  # noqa: ANN401  the library has no types
        self._book = book
        self._columns = columns
        self._heading = book.add_format({"bold": True, "bottom": 1})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        shown = ["#,##0" + ("." + "0" * decimals if decimals else "") for decimals in range(5)]
        self._money = [book.add_format({"num_format": form}) for form in shown]
        self._begin()

    def _begin(self) -> None:
        self._sheet = self._book.add_worksheet()
        self._at = 0
        self._sheet.freeze_panes(1, 0)
        for position, each in enumerate(self._columns):
            self._sheet.set_column(position, position, each.width)
            self._sheet.write_string(0, position, each.name, self._heading)

    def add(self, row: Sequence[object]) -> None:
        """Write one row."""
        if self._at + 1 == _SHEET_ROWS:
            self.end()
            self._begin()
        self._at += 1
        for position, (value, each) in enumerate(zip(row, self._columns, strict=True)):
            if value is not None and value != "":
                self._put(position, value, each.kind)

    def end(self) -> None:
        """Give the sheet its filter."""
        self._sheet.autofilter(0, 0, self._at, len(self._columns) - 1)

    def _put(self, position: int, value: object, kind: str) -> None:
        """Write one cell by its type. Text is always a text cell, and guarded: it may be saved as CSV later."""
        if isinstance(value, datetime):
            naive = value.astimezone(UTC).replace(tzinfo=None)
            self._sheet.write_datetime(self._at, position, naive, self._instant)
        elif isinstance(value, date):
            self._sheet.write_datetime(self._at, position, value, self._day)
        elif kind in {"money", "whole"} and len(str(value).strip("-").replace(".", "")) <= _NUMBER_DIGITS:
            number = Decimal(str(value))
            form = self._money[-int(number.as_tuple().exponent)] if kind == "money" else None
            self._sheet.write_number(self._at, position, float(number), form)
        else:
            text = guarded(str(value)) if kind == "text" else str(value)
            longest = text if len(text) <= _TEXT_LONGEST else text[: _TEXT_LONGEST - 1] + "…"
            self._sheet.write_string(self._at, position, longest)
