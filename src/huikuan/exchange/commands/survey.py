"""The first look at a file: where its columns are, that it is whole, how many rows it has, which of them repeat.

Nothing is written before the whole file has been read once: a file that was cut must leave no trace.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from huikuan.exchange.ports import Batch, FileCut, Table
from huikuan.exchange.rules.layout import HEAD_ROWS, Layout, find_layout, fit
from huikuan.exchange.rules.lists import LISTS, ListKind
from huikuan.exchange.rules.reading import Problem
from huikuan.kernel.refusal import Refusal, gettext_noop


class RowRepeated(Refusal):
    """The same identity twice in one file."""

    code = "import.row-repeated"
    text = gettext_noop("“{key}” already stands in row {first_row} of this file. Keep one of the two rows.")


@dataclass
class Survey:
    """What is known of a file before its rows are judged."""

    layout: Layout
    row_count: int = 0
    """Rows with any content below the headings."""
    repeated: dict[int, int] = field(default_factory=dict)
    """Row number → number of the row with the same identity before it."""
    namesakes: frozenset[int] = frozenset()
    """Contacts: rows whose customer and name stand in several rows, so that the name alone identifies nobody."""

    def problems(self, batch: Batch, keys: Sequence[str]) -> list[Problem]:
        """Return the problems of the rows of a batch that repeat others."""
        position = self.layout.columns[keys[0]]
        found = []
        for number in range(batch.first_row, batch.first_row + len(batch.rows)):
            if number in self.repeated:
                row = batch.rows[number - batch.first_row]
                key = row[position].strip() if position < len(row) else ""
                found.append(Problem(number, keys[0], key, RowRepeated(key=key, first_row=self.repeated[number])))
        return found


def survey(table: Table, kind: ListKind, mapping: Mapping[str, str | int]) -> Survey:
    """Look through the whole file once.

    Raises: Refusal of exchange.ports (cut, damaged …) and of rules.layout (headings not found).
    """
    layout = _layout(table, kind, mapping)
    found = Survey(layout)
    keys = _Keys(LISTS[kind].key, layout)
    names = _Keys(("customer_code", "name"), layout) if kind == ListKind.CONTACTS else None
    last: list[str] = []
    for batch in table.batches(after=layout.header_rows):
        filled = [any(map(str.strip, row)) for row in batch.rows]
        found.row_count += sum(filled)
        keys.add(batch, filled)
        if names:
            names.add(batch, filled)
        last = batch.rows[-1]
    if last and len(last) < layout.width and not table.ends_with_line_break():
        raise FileCut(name=table.name)
    found.repeated = keys.repeated()
    if names:
        found.namesakes = frozenset(names.repeated()) | frozenset(names.repeated().values())
    return found


def _layout(table: Table, kind: ListKind, mapping: Mapping[str, str | int]) -> Layout:
    """Choose the delimiter or sheet under which most columns are found, and find them."""
    heads = {candidate: table.head(HEAD_ROWS + 1, candidate) for candidate in table.candidates()}
    best = max(heads, key=lambda candidate: fit(kind, heads[candidate], mapping))
    table.choose(best)
    return find_layout(kind, heads[best][:HEAD_ROWS], mapping)


class _Keys:
    """Identities of all rows as two 64-bit hashes each: 24 bytes a row, so that ten million rows fit in memory."""

    def __init__(self, names: Sequence[str], layout: Layout) -> None:
        self._positions = [layout.columns[name] for name in names if name in layout.columns]
        self._parts: list[pl.DataFrame] = []

    def add(self, batch: Batch, filled: Sequence[bool]) -> None:
        """Remember the rows of a batch."""
        texts = pl.DataFrame(
            {
                str(at): pl.Series([row[at] if at < len(row) else "" for row in batch.rows], dtype=pl.String)
                for at in self._positions
            }
        ).with_columns(pl.all().str.normalize("NFKC").str.strip_chars())
        joined = texts.select(pl.concat_str(pl.all(), separator="\x1f").alias("key"))["key"]
        numbers = pl.Series(range(batch.first_row, batch.first_row + len(batch.rows)), dtype=pl.Int64)
        part = pl.DataFrame({"row": numbers, "one": joined.hash(1), "two": joined.hash(2)})
        keep = pl.Series(filled, dtype=pl.Boolean) & (texts.to_series(0) != "")
        self._parts.append(part.filter(keep))

    def repeated(self) -> dict[int, int]:
        """Return row → earlier row with the same identity."""
        if not self._parts:
            return {}
        rows = pl.concat(self._parts)
        rows = rows.with_columns(first=pl.col("row").min().over("one", "two")).filter(pl.col("row") > pl.col("first"))
        return dict(rows.select("row", "first").iter_rows())
