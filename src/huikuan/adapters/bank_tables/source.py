"""Open a bank's table: find the layout, then stream its lines."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Self, TextIO

from huikuan.adapters.bank_tables.layout import HEAD_ROWS, HeadingsMissing, Layout, find_layout
from huikuan.adapters.bank_tables.profile import Profile, ProfileUnknown, profiles
from huikuan.adapters.bank_tables.reading import RowReader
from huikuan.adapters.tables.delimited import DelimitedTable
from huikuan.adapters.tables.files import open_table
from huikuan.cash.rules.statement import Part
from huikuan.exchange.ports import Table

_BLANKS_BEHIND_QUOTE: Final = re.compile(r'"\t+(?=,|\r?\n|$)')


class _Untabbed:
    """Lines of a text file without the blanks that some banks put between a closing quote and the comma."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[str]:
        for line in self._file:
            yield _BLANKS_BEHIND_QUOTE.sub('"', line) if '"\t' in line else line


class BankText(DelimitedTable):
    """A delimited text of a bank."""

    def _open(self) -> Any:  # noqa: ANN401  the csv reader takes any iterator of lines
        return _Untabbed(super()._open())


class TableSource:
    """An export of a bank or wallet. Implements `cash.ports.StatementSource`."""

    def __init__(self, path: Path, *, name: str, profile: str, encoding: str, folder: Path | None) -> None:
        """Raise Refusal when no layout, or more than one, fits."""
        known = profiles(folder)
        if profile and profile not in known:
            raise ProfileUnknown(profile=profile, known=", ".join(known))
        opened = open_table(path, encoding=encoding or None)
        self._table: Table = BankText(path, encoding=encoding or None) if opened.is_text else opened
        self._table.name = name
        self.name = name
        self.sha256 = self._table.digest
        self._layout, self._headings = self._found([known[profile]] if profile else list(known.values()))
        self.format = self._layout.profile.name

    def _found(self, known: Sequence[Profile]) -> tuple[Layout, Sequence[str]]:
        for candidate in self._table.candidates():
            rows = self._table.head(HEAD_ROWS, candidate)
            layout = find_layout(rows, known, self.name)
            if layout is not None:
                self._table.choose(candidate)
                return layout, rows[layout.header_row]
        raise HeadingsMissing(rows=HEAD_ROWS, name=self.name, known=", ".join(each.name for each in known))

    def parts(self) -> Iterator[Part]:
        """Read the rows below the headings."""
        yield from RowReader(self._layout, self._headings).parts(self._table)
