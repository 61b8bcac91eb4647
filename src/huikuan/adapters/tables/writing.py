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
from huikuan.exchange.rules.guarding import guarded

_ROWS_TOGETHER: Final = 2_000
_BLOCK: Final = 1 << 16
_SHEET_ROWS: Final = 1_048_576
_TEXT_LONGEST: Final = 32_767
"""Limits of a sheet and of a cell in the format itself."""
_NUMBER_DIGITS: Final = 15
"""Digits that a number cell keeps; a longer amount is written as text."""
_BYTE_ORDER_MARK: Final = "\ufeff"


def write_csv(columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Yield UTF-8 with its mark, so that spreadsheet programs read Chinese; commas; \\r\\n."""
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
            _fill(book, columns, rows)
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block


def _fill(book: Any, columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> None:  # noqa: ANN401  no types
    formats = {
        "heading": book.add_format({"bold": True, "bottom": 1}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "instant": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
    }
    for decimals in range(5):
        shown = "#,##0" + ("." + "0" * decimals if decimals else "")
        formats[f"money{decimals}"] = book.add_format({"num_format": shown})
    sheet, at = _sheet(book, columns, formats), 0
    for row in rows:
        at += 1
        if at == _SHEET_ROWS:
            sheet.autofilter(0, 0, at - 1, len(columns) - 1)
            sheet, at = _sheet(book, columns, formats), 1
        for position, (value, each) in enumerate(zip(row, columns, strict=True)):
            _put(sheet, at, position, value, each.kind, formats)
    sheet.autofilter(0, 0, at, len(columns) - 1)


def _sheet(book: Any, columns: Sequence[Column], formats: dict[str, Any]) -> Any:  # noqa: ANN401
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    for position, each in enumerate(columns):
        sheet.set_column(position, position, each.width)
        sheet.write_string(0, position, each.name, formats["heading"])
    return sheet


def _put(  # noqa: PLR0917  a cell has this many sides
    sheet: Any,
    at: int,
    position: int,
    value: object,
    kind: str,
    formats: dict[str, Any],
) -> None:
    """Write one cell by its type. Text is always a text cell, and guarded: it may be saved as CSV later."""
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        sheet.write_datetime(at, position, value.astimezone(UTC).replace(tzinfo=None), formats["instant"])
    elif isinstance(value, date):
        sheet.write_datetime(at, position, value, formats["day"])
    elif kind in {"money", "whole"} and len(str(value).strip("-").replace(".", "")) <= _NUMBER_DIGITS:
        number = Decimal(str(value))
        decimals = -int(number.as_tuple().exponent)
        sheet.write_number(at, position, float(number), formats[f"money{decimals}"] if kind == "money" else None)
    else:
        text = guarded(str(value)) if kind == "text" else str(value)
        sheet.write_string(at, position, text if len(text) <= _TEXT_LONGEST else text[: _TEXT_LONGEST - 1] + "…")
