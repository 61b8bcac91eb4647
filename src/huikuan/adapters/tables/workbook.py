"""A sheet of a spreadsheet as a table. Numbers come as floats: they are handed on as the decimal the cell shows."""

import datetime as dt
import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Final

import python_calamine as calamine

from huikuan.exchange.ports import (
    BATCH,
    Batch,
    FileDamaged,
    FileEmpty,
    FileEncrypted,
    FileTooLarge,
    NumberText,
    SheetUnknown,
)

UNPACKED_LIMIT: Final = 4 << 30
"""A workbook that unpacks to more than 4 GiB is refused: more than a full sheet of text, or a zip bomb."""
_ZIPPED: Final = b"PK\x03\x04"


class SheetTable:
    """One sheet of an .xlsx, .xls or .ods file. A formula cell counts as the value it had when the file was saved."""

    def __init__(self, path: Path, *, sheet: str | None = None) -> None:
        """Raise Refusal when the file is empty, cut, damaged, encrypted, or has no such sheet."""
        self.path = path
        self.name = path.name
        self.digest = _digest(path)
        self.encoding = ""
        self.delimiter: str | None = None
        self.is_text = False
        _check(path)
        try:
            book = calamine.load_workbook(path)
            visible = [each.name for each in book.sheets_metadata if each.visible == calamine.SheetVisibleEnum.Visible]
            self.sheet_names = [name for name in book.sheet_names if name in visible] or list(book.sheet_names)
            if sheet is not None and sheet not in book.sheet_names:
                raise SheetUnknown(sheet=sheet, sheets=", ".join(book.sheet_names))
            self.sheet_name = sheet or self.sheet_names[0]
            self._book = book
            self._sheet = book.get_sheet_by_name(self.sheet_name)
        except calamine.PasswordError:
            raise FileEncrypted(name=path.name) from None
        except (calamine.CalamineError, OSError) as error:
            raise FileDamaged(name=path.name, reason=str(error)) from None

    def candidates(self) -> tuple[str, ...]:
        """Return the visible sheets, as a text file returns its delimiters: the columns decide which one is meant."""
        return (self.sheet_name, *(name for name in self.sheet_names if name != self.sheet_name))

    def head(self, count: int, candidate: str) -> list[list[str]]:
        """Return the first rows of a sheet."""
        self.choose(candidate)
        return [row for _, row in islice(self._rows(), count)]

    def choose(self, candidate: str) -> None:
        """Keep this sheet."""
        if candidate != self.sheet_name:
            self.sheet_name = candidate
            self._sheet = self._book.get_sheet_by_name(candidate)

    def batches(self, *, after: int = 0, size: int = BATCH) -> Iterator[Batch]:
        """Yield the rows after the first `after`, in batches."""
        rows = islice(self._rows(), after, None)
        while numbered := list(islice(rows, size)):
            yield Batch(first_row=numbered[0][0], rows=[row for _, row in numbered])

    def ends_with_line_break(self) -> bool:
        """Tell that the last row is whole: a cut workbook does not open."""
        return True

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield row numbers and cells from row 1 and column A on, also where the sheet begins further down or right."""
        if self._sheet.start is None:
            raise FileEmpty(name=self.name)
        for number, cells in enumerate(self._sheet.iter_rows(), start=1):
            yield number, [cell if type(cell) is str else _text(cell) for cell in cells]


def _text(cell: object) -> str:
    """Write a typed cell as text that the field will read: numbers as NumberText, days as ISO."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        return NumberText(_decimal(cell))
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ")
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return str(cell)


def _decimal(number: float) -> str:
    """Write a float as the shortest decimal that means the same float, without exponent and without ".0"."""
    text = repr(number)
    if "e" in text:
        text = format(Decimal(text), "f")
    return text.removesuffix(".0")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check(path: Path) -> None:
    """Raise when the file is empty, or a zip that is cut, torn or a bomb: the reader would not notice all of these."""
    with path.open("rb") as file:
        start = file.read(len(_ZIPPED))
    if not start:
        raise FileEmpty(name=path.name)
    if start != _ZIPPED:
        return
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(each.file_size for each in archive.infolist())
            if unpacked > UNPACKED_LIMIT:
                raise FileTooLarge(name=path.name, limit=f"{UNPACKED_LIMIT >> 30} GiB")
            torn = archive.testzip()
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError, zlib.error) as error:
        raise FileDamaged(name=path.name, reason=str(error)) from None
    if torn:
        raise FileDamaged(name=path.name, reason=torn)
