"""Which column of a file is meant by which heading, and in which row the headings stand."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from huikuan.exchange.rules.aliases import HEADERS
from huikuan.exchange.rules.lists import LISTS, ListKind, ListSpec
from huikuan.kernel.refusal import Refusal, gettext_noop

HEAD_ROWS: Final = 30
"""How far down the headings may begin: titles, dates and merged cells stand above them in real files."""
_SHOWN: Final = 20
_IN_PARENTHESES: Final = re.compile(r"[(\[【].*?[)\]】]")
_NOT_A_LETTER: Final = re.compile(r"[\W_]+")
_MULTIPLES: Final = re.compile(r"[(\[【/](万|千|百万|亿|k|thousand|million|mn)元?")


class ColumnMissing(Refusal):
    """A required column was not found."""

    code = "import.column-missing"
    text = gettext_noop(
        "The file has no column for {missing}. The headings found are: {found}. "
        "Name the column so, or say with a mapping which column it is."
    )


class ColumnInMultiples(Refusal):
    """Amounts in thousands are never exact."""

    code = "import.column-in-multiples"
    text = gettext_noop("The heading “{heading}” says that amounts are multiples. Export them in single units.")


class MappingUnusable(Refusal):
    """The mapping names what is not there."""

    code = "import.mapping-unusable"
    text = gettext_noop("The mapping says that {field} is in “{heading}”. {reason}")


@dataclass(frozen=True)
class Layout:
    """Where things are in one file."""

    header_rows: int
    """Rows up to and including the headings; the data begins after them."""
    columns: Mapping[str, int]
    """Position of each known column, by name."""
    width: int
    """Number of cells in the row of headings; a row of text with more is shifted somewhere."""
    ignored: tuple[str, ...] = ()
    """Headings that mean nothing here."""
    doubled: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Columns for which several headings would do: the first was taken."""


@cache
def folded(heading: str) -> str:
    """Return a heading without case, width, blanks and punctuation: "* Customer Code：" is "customercode"."""
    return _NOT_A_LETTER.sub("", unicodedata.normalize("NFKC", heading).casefold())


@cache
def _names(kind: ListKind) -> dict[str, tuple[str, int]]:
    """Return folded heading → column and rank; the column's own name ranks first."""
    found: dict[str, tuple[str, int]] = {}
    for column in LISTS[kind].fields:
        found[folded(column.name)] = (column.name, -1)
    for name, words in HEADERS[kind].items():
        for rank, word in enumerate(words.split()):
            found.setdefault(folded(word), (name, rank))
    return found


def meaning(kind: ListKind, heading: str) -> tuple[str, int] | None:
    """Return the column that a heading means, and how well it fits (lower is better); None when it means nothing."""
    names = _names(kind)
    plain = unicodedata.normalize("NFKC", heading)
    return names.get(folded(plain)) or names.get(folded(_IN_PARENTHESES.sub("", plain)))


def find_layout(
    kind: ListKind, head: Sequence[Sequence[str]], mapping: Mapping[str, str | int] | None = None
) -> Layout:
    """Find the headings in the first rows of a file.

    The first row that has every required column wins; else two rows taken together (headings merged over groups of
    columns: the lower cell, or the upper where the lower is empty, or both joined); else the closest row is reported.

    Args:
        kind: What the file holds.
        head: First rows, as many as are looked at.
        mapping: Column → heading as written in the file, or position from 1; columns it does not name are looked for.

    Raises: ColumnMissing, ColumnInMultiples, MappingUnusable.
    """
    spec = LISTS[kind]
    best: Layout | None = None
    for number, headings in _heading_rows(head):
        layout = _read(spec, number, headings, mapping or {})
        if all(name in layout.columns for name in spec.required):
            _refuse_unfound(mapping or {}, layout)
            _refuse_multiples(layout, headings)
            return layout
        if best is None or len(layout.columns) > len(best.columns):
            best = layout
            best_headings = headings
    if best is None:
        raise ColumnMissing(missing=", ".join(spec.required), found="–")
    _refuse_unfound(mapping or {}, best)
    missing = [name for name in spec.required if name not in best.columns]
    shown = [_shortened(heading) for heading in best_headings if heading.strip()][:_SHOWN]
    raise ColumnMissing(missing=", ".join(missing), found=", ".join(shown) or "–")


def fit(kind: ListKind, head: Sequence[Sequence[str]], mapping: Mapping[str, str | int] | None = None) -> int:
    """Return how many columns can be found in these rows at best: by it one delimiter, or sheet, is preferred."""
    spec = LISTS[kind]
    return max((len(_read(spec, n, row, mapping or {}).columns) for n, row in _heading_rows(head)), default=0)


def _heading_rows(head: Sequence[Sequence[str]]) -> list[tuple[int, list[str]]]:
    """Return rows that may be headings with their number: each row, then each pair of neighbors as one."""
    single = [(number, list(row)) for number, row in enumerate(head, start=1) if any(cell.strip() for cell in row)]
    pairs = []
    for number in range(1, len(head)):
        upper, lower = _spread(head[number - 1]), list(head[number])
        width = max(len(upper), len(lower))
        upper += [""] * (width - len(upper))
        lower += [""] * (width - len(lower))
        pairs.append((number + 1, [below.strip() or above for above, below in zip(upper, lower, strict=True)]))
        pairs.append((number + 1, [above + below for above, below in zip(upper, lower, strict=True)]))
    return single + pairs


def _spread(row: Sequence[str]) -> list[str]:
    """Repeat a heading over the empty cells right of it: a merged cell keeps its text in the first one only."""
    spread, last = [], ""
    for cell in row:
        last = cell.strip() or last
        spread.append(last)
    return spread


def _read(spec: ListSpec, number: int, headings: Sequence[str], mapping: Mapping[str, str | int]) -> Layout:
    """Say which heading means which column, the mapping first, the better fitting name before the worse."""
    columns: dict[str, int] = {}
    for name, place in mapping.items():
        position = _mapped(headings, place)
        if position is not None:
            columns[name] = position
    taken = set(columns.values())
    candidates: dict[str, list[tuple[int, int]]] = {}
    ignored = []
    for position, heading in enumerate(headings):
        if not heading.strip() or position in taken:
            continue
        found = meaning(spec.kind, heading)
        if found is None:
            ignored.append(_shortened(heading))
        elif found[0] not in columns:
            candidates.setdefault(found[0], []).append((found[1], position))
    doubled = {}
    for name, places in candidates.items():
        places.sort()
        columns[name] = places[0][1]
        if len(places) > 1:
            doubled[name] = tuple(_shortened(headings[position]) for _, position in places)
    return Layout(number, columns, len(headings), tuple(ignored), doubled)


def _mapped(headings: Sequence[str], place: str | int) -> int | None:
    if isinstance(place, int):
        return place - 1 if 1 <= place <= len(headings) else None
    wanted = folded(place)
    return next((position for position, heading in enumerate(headings) if folded(heading) == wanted), None)


def _refuse_unfound(mapping: Mapping[str, str | int], layout: Layout) -> None:
    for name, place in mapping.items():
        if name not in layout.columns:
            raise MappingUnusable(field=name, heading=place, reason="There is no such heading in the file.")


def _refuse_multiples(layout: Layout, headings: Sequence[str]) -> None:
    position = layout.columns.get("amount")
    if position is None:
        return
    plain = unicodedata.normalize("NFKC", headings[position]).casefold()
    if _MULTIPLES.search(plain):
        raise ColumnInMultiples(heading=headings[position])


def _shortened(heading: str) -> str:
    tidy = " ".join(heading.split())
    return tidy if len(tidy) <= 2 * _SHOWN else tidy[: 2 * _SHOWN - 1] + "…"
