"""Delimited text as a table: comma, semicolon or tab, quoted line breaks, strict about what is cut or torn."""

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final, TextIO

from huikuan.adapters.tables.encoding import examine
from huikuan.exchange.ports import BATCH, Batch, FileCut, FileEmpty, FileQuotedWrongly

DELIMITERS: Final = (",", ";", "\t")
CELL_LIMIT: Final = 4 << 20
"""Longest cell that is read at all; what a field may hold is the field's to say."""

csv.field_size_limit(CELL_LIMIT)


class DelimitedTable:
    """A text file of rows. Opening it reads all bytes once: for the digest and to be sure of the encoding."""

    def __init__(self, path: Path, *, encoding: str | None = None, delimiter: str | None = None) -> None:
        """Raise Refusal when the file is empty or its encoding cannot be told."""
        found = examine(path, encoding)
        if not found.size:
            raise FileEmpty(name=path.name)
        self.path = path
        self.name = path.name
        self.digest = found.digest
        self.encoding = found.encoding
        self.delimiter = delimiter
        self.is_text = True

    def candidates(self) -> tuple[str, ...]:
        """Return the delimiters that may be meant; the caller keeps the one under which it finds its columns."""
        return (self.delimiter,) if self.delimiter else DELIMITERS

    def head(self, count: int, delimiter: str) -> list[list[str]]:
        """Return the first rows as one delimiter cuts them; a torn quote there gives fewer rows, not an error."""
        rows: list[list[str]] = []
        with self._open() as file:
            try:
                rows.extend(islice(csv.reader(file, delimiter=delimiter), count))
            except csv.Error:
                return rows
        return rows

    def choose(self, delimiter: str) -> None:
        """Keep this delimiter."""
        self.delimiter = delimiter

    def batches(self, *, after: int = 0, size: int = BATCH) -> Iterator[Batch]:
        """Yield the rows after the first `after`, in batches. Row numbers are those a spreadsheet program shows.

        Raises: FileCut when the file ends inside quotes or in the middle of a row, FileQuotedWrongly.
        """
        with self._open() as file:
            reader = csv.reader(file, delimiter=self.delimiter or ",", strict=True)
            number = 0
            try:
                number += sum(1 for _ in islice(reader, after))
                while rows := list(islice(reader, size)):
                    yield Batch(first_row=number + 1, rows=rows)
                    number += len(rows)
            except csv.Error as error:
                if "unexpected end of data" in str(error):
                    raise FileCut(name=self.name) from None
                raise FileQuotedWrongly(name=self.name, line=reader.line_num) from None

    def ends_with_line_break(self) -> bool:
        """Tell whether the last row was finished."""
        with self.path.open("rb") as file:
            file.seek(-min(4, self.path.stat().st_size), 2)
            return any(mark in file.read() for mark in (b"\n", b"\r"))

    def _open(self) -> TextIO:
        return self.path.open(encoding=self.encoding, newline="")
