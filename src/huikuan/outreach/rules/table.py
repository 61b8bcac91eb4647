"""Tables in messages: rows of text under titles, and how they look in plain text."""

import unicodedata
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under titles; `numbers` names the columns (from 0) that stand flush right. The total row is last."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()
    total: tuple[str, ...] = ()

    def all_rows(self) -> tuple[tuple[str, ...], ...]:
        """Return the rows with the total, if there is one."""
        return (*self.rows, self.total) if self.total else self.rows


def text_table(table: Table) -> str:
    """Return the table in columns of equal width, numbers flush right; a Chinese character is two wide."""
    rows = [table.titles, *table.all_rows()]
    widths = [[display_width(cell) for cell in row] for row in rows]
    widest = [max(column) for column in zip(*widths, strict=True)]
    return "\n".join(
        "  ".join(
            " " * (most - width) + cell if column in table.numbers else cell + " " * (most - width)
            for column, (cell, width, most) in enumerate(zip(row, of_row, widest, strict=True))
        ).rstrip()
        for row, of_row in zip(rows, widths, strict=True)
    )


class _Widths(dict[int, str]):
    """As many marks for each character as it takes columns, for `str.translate`."""

    def __missing__(self, code: int) -> str:
        marks = "##" if unicodedata.east_asian_width(chr(code)) in {"W", "F"} else "#"
        self[code] = marks
        return marks


_WIDTHS: Final = _Widths()


def display_width(text: str) -> int:
    """Return how many columns a text takes on a terminal or in a fixed-width font."""
    return len(text) if text.isascii() else len(text.translate(_WIDTHS))
