"""Notice texts with whitelisted placeholders, written once and rendered as text and as HTML.

A template is a text file: `subject: …`, a line `---`, then paragraphs parted by blank lines. `{name}` stands for a
word, a `{table}` alone on its line for a table. What may be absent leaves no hole: a line with an absent word or table
is left out, and so is a paragraph of which only its heading (a line that ends in a colon) remains. A required word that
is missing, and a placeholder nobody knows, are errors.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from string import Formatter
from typing import Final

from huikuan.outreach.rules.kinds import EVERY_TABLE, EVERY_WORD, FRAME

_HEADING_ENDS: Final = (":", "：")
_STYLE: Final = {
    "body": "font-family:'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',Helvetica,Arial,sans-serif;font-size:15px;"
    "line-height:1.6;color:#1f2328;max-width:44em;margin:0;padding:16px",
    "table": "border-collapse:collapse;margin:4px 0 16px;font-size:14px",
    "th": "border-bottom:2px solid #57606a;padding:4px 12px 4px 0;font-weight:600;text-align:",
    "td": "border-bottom:1px solid #d0d7de;padding:4px 12px 4px 0;font-variant-numeric:tabular-nums;text-align:",
}


class TemplateFlawedError(ValueError):
    """The template cannot be used: it says where and why."""


class WordMissingError(KeyError):
    """A required word has no value: the composer forgot it."""


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


@dataclass(frozen=True, slots=True)
class Words:
    """What the placeholders stand for today. An absent or empty word is no word; a table without rows no table."""

    words: Mapping[str, str]
    tables: Mapping[str, Table] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Tell whether there is something to write."""
        if name in EVERY_TABLE:
            return name in self.tables and bool(self.tables[name].rows)
        return bool(self.words.get(name))


@dataclass(frozen=True, slots=True)
class Rendered:
    """A notice ready to be frozen."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Template:
    """A checked template: `parse` makes it."""

    name: str
    language: str
    subject: str
    paragraphs: tuple[tuple[str, ...], ...]

    def render(self, given: Words) -> Rendered:
        """Fill in the words. Raises WordMissingError for a required one, and for any the subject needs."""
        for name in FRAME | set(_names(self.subject)):
            if not given.has(name):
                raise WordMissingError(name)
        paragraphs = [kept for paragraph in self.paragraphs if (kept := _kept(paragraph, given))]
        text = "\n\n".join("\n".join(_as_text(line, given) for line in paragraph) for paragraph in paragraphs)
        body = "\n".join(_as_html(paragraph, given) for paragraph in paragraphs)
        subject = " ".join(_filled(self.subject, given).split())
        lang = "zh-Hans" if self.language.startswith("zh") else self.language
        html = (
            f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8"><title>{escape(subject)}</title></head>'
            f'<body style="{_STYLE["body"]}">\n{body}\n</body></html>\n'
        )
        return Rendered(subject=subject, text=f"{text}\n", html=html)


def parse(name: str, language: str, source: str) -> Template:
    """Read a template. Raises TemplateFlawedError with file and line."""
    head, bar, body = source.replace("\r\n", "\n").partition("\n---\n")
    if not bar or not head.startswith("subject:") or "\n" in head:
        message = f"{language}/{name}: the first line is “subject: …”, the second “---”"
        raise TemplateFlawedError(message)
    template = Template(
        name=name,
        language=language,
        subject=head.removeprefix("subject:").strip(),
        paragraphs=tuple(tuple(block.split("\n")) for block in _blocks(body)),
    )
    for line in [template.subject, *(line for paragraph in template.paragraphs for line in paragraph)]:
        _check(template, line)
    return template


def _blocks(body: str) -> Iterator[str]:
    return (block.strip("\n") for block in body.split("\n\n") if block.strip())


def _check(template: Template, line: str) -> None:
    """Refuse what is not a plain, known placeholder."""
    where = f"{template.language}/{template.name}: in “{line}”"
    try:
        names = _names(line)
    except ValueError as error:
        message = f"{where}: {error}"
        raise TemplateFlawedError(message) from error
    for name in names:
        if name not in EVERY_WORD | EVERY_TABLE:
            message = f"{where}: no placeholder is called {{{name}}}"
            raise TemplateFlawedError(message)
        if name in EVERY_TABLE and line.strip() != f"{{{name}}}":
            message = f"{where}: the table {{{name}}} stands alone on its line"
            raise TemplateFlawedError(message)
    if template.subject == line and EVERY_TABLE & set(names):
        message = f"{where}: a subject has no tables"
        raise TemplateFlawedError(message)


def _names(line: str) -> list[str]:
    """Return the placeholders of a line. Raises ValueError for a brace too many, a conversion or a format."""
    names = []
    for _text, name, spec, conversion in Formatter().parse(line):
        if name is None:
            continue
        if not name.isidentifier() or spec or conversion:
            message = f"{{{name}}} is more than a plain name"
            raise ValueError(message)
        names.append(name)
    return names


def _kept(paragraph: tuple[str, ...], given: Words) -> tuple[str, ...]:
    """Return the lines all of whose words exist; nothing when only the heading is left of more."""
    lines = tuple(line for line in paragraph if all(given.has(name) for name in _names(line)))
    is_heading_only = len(lines) == 1 and len(paragraph) > 1 and lines[0].rstrip().endswith(_HEADING_ENDS)
    return () if is_heading_only else lines


def _table_of(line: str, given: Words) -> Table | None:
    name = line.strip().removeprefix("{").removesuffix("}")
    return given.tables.get(name) if line.strip() == f"{{{name}}}" and name in EVERY_TABLE else None


def _filled(line: str, given: Words) -> str:
    return line.format_map({name: given.words.get(name, "") for name in _names(line)})


def _as_text(line: str, given: Words) -> str:
    table = _table_of(line, given)
    return _filled(line, given) if table is None else text_table(table)


def _as_html(paragraph: tuple[str, ...], given: Words) -> str:
    """Write a paragraph: lines of words become one <p>, tables stand between."""
    parts: list[str] = []
    lines: list[str] = []
    for line in (*paragraph, None):
        table = None if line is None else _table_of(line, given)
        if (line is None or table is not None) and lines:
            parts.append(f"<p>{'<br>'.join(lines)}</p>")
            lines = []
        if table is not None:
            parts.append(html_table(table))
        elif line is not None:
            lines.append(_linked(_filled(line, given), given).replace("\n", "<br>"))
    return "\n".join(parts)


def _linked(line: str, given: Words) -> str:
    """Escape a line; the payment link, if it stands there, can be followed."""
    url = given.words.get("payment_url", "")
    safe = escape(line)
    if not url.startswith(("https://", "http://")) or escape(url) not in safe:
        return safe
    return safe.replace(escape(url), f'<a href="{escape(url)}">{escape(url)}</a>')


def html_table(table: Table) -> str:
    """Return the table as HTML, numbers flush right, the total in bold."""

    def side(column: int) -> str:
        return "right" if column in table.numbers else "left"

    def row(cells: tuple[str, ...], tag: str, weight: str = "") -> str:
        drawn = (
            f'<{tag} style="{_STYLE[tag]}{side(column)}{weight}">{escape(cell)}</{tag}>'
            for column, cell in enumerate(cells)
        )
        return f"<tr>{''.join(drawn)}</tr>"

    rows = [row(table.titles, "th"), *(row(cells, "td") for cells in table.rows)]
    if table.total:
        rows.append(row(table.total, "td", ";font-weight:600"))
    return f'<table style="{_STYLE["table"]}">\n' + "\n".join(rows) + "\n</table>"


def text_table(table: Table) -> str:
    """Return the table in columns of equal width, numbers flush right; a Chinese character is two wide."""
    rows = [table.titles, *table.all_rows()]
    widths = [max(display_width(row[column]) for row in rows) for column in range(len(table.titles))]
    return "\n".join(
        "  ".join(
            _padded(cell, widths[column], right=column in table.numbers) for column, cell in enumerate(row)
        ).rstrip()
        for row in rows
    )


def _padded(cell: str, width: int, *, right: bool) -> str:
    gap = " " * (width - display_width(cell))
    return gap + cell if right else cell + gap


def display_width(text: str) -> int:
    """Return how many columns a text takes on a terminal or in a fixed-width font."""
    return sum(2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1 for character in text)
