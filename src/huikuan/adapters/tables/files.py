"""Open a file as a table, by what it is rather than by what it is called."""

from pathlib import Path
from typing import Final

from huikuan.adapters.tables.delimited import DelimitedTable
from huikuan.adapters.tables.workbook import SheetTable
from huikuan.exchange.ports import FileMissing, Table

_WORKBOOK_STARTS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
"""Zip (.xlsx, .ods) and the older compound file (.xls, and encrypted .xlsx)."""
_WORKBOOK_SUFFIXES: Final = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})


def open_table(
    path: Path, *, encoding: str | None = None, delimiter: str | None = None, sheet: str | None = None
) -> Table:
    """Return the table in a file.

    A file called .xlsx that does not begin like one is still opened as a workbook and refused as damaged.

    Args:
        path: File on this machine.
        encoding: Of a text file; None finds out.
        delimiter: Of a text file; None finds out.
        sheet: Of a workbook; None takes the first visible one with the columns.

    Raises: Refusal of exchange.ports.
    """
    if not path.is_file():
        raise FileMissing(path=str(path))
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(_WORKBOOK_STARTS) or (path.suffix.lower() in _WORKBOOK_SUFFIXES and start):
        return SheetTable(path, sheet=sheet)
    return DelimitedTable(path, encoding=encoding, delimiter=delimiter)
