"""Message texts with whitelisted placeholders, written once and rendered as text and as HTML.

A text is plain: a subject, and paragraphs parted by blank lines. `{name}` stands for a word, a `{table}` alone on its
line for a table. What may be absent leaves no hole: a line with an absent word or table is left out, and so is a
paragraph of which only its heading (a line that ends in a colon) remains. A word that every message has, and one that
the subject needs, must be there. Which placeholders a text may use depends on its kind (`rules.kinds`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from string import Formatter
from typing import Final

from huikuan.outreach.rules.html import Block, html_mail
from huikuan.outreach.rules.kinds import EVERY_TABLE, FRAME
from huikuan.outreach.rules.table import Table, text_table

_HEADING_ENDS: Final = (":", "：")
SMS: Final = "SMS"
LETTER: Final = "LETTER"
_SUMMARY: Final = 60
"""Characters of a text message that stand for its subject in lists."""


class TemplateFlawedError(ValueError):
    """The template cannot be used: it says where and why."""


class WordMissingError(KeyError):
    """A required word has no value: the composer forgot it."""


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
    """A message ready to be frozen; `blocks` is its body for pages that draw it themselves."""

    subject: str
    text: str
    html: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A text that can be filled in: `parse` or `template_of` makes it.

    Attributes:
        name: Its kind.
        language: "zh-hans" or "en".
        subject: "" for a text message.
        paragraphs: Lines of each.
        channel: Of `Delivery.Channel`; a text message is rendered as one line without HTML.
    """

    name: str
    language: str
    subject: str
    paragraphs: tuple[tuple[str, ...], ...]
    channel: str = "EMAIL"

    def placeholders(self) -> frozenset[str]:
        """Return every placeholder of the body."""
        return frozenset(name for paragraph in self.paragraphs for line in paragraph for name in placeholders(line))

    def render(self, given: Words) -> Rendered:
        """Fill in the words. Raises WordMissingError for one that every message has, and for any the subject needs."""
        for name in FRAME | set(placeholders(self.subject)):
            if not given.has(name):
                raise WordMissingError(name)
        blocks = tuple(self._blocks(given))
        if self.channel == SMS:
            text = self._joined(line for block in blocks if not isinstance(block, Table) for line in block)
            return Rendered(subject=text[:_SUMMARY], text=text, html="", blocks=((text,),))
        subject = " ".join(_filled(self.subject, given).split())
        return Rendered(
            subject=subject, text=_as_text(blocks), html=self._as_html(subject, blocks, given), blocks=blocks
        )

    def _joined(self, lines: Iterator[str]) -> str:
        return ("" if self.language.startswith("zh") else " ").join(" ".join(line.split()) for line in lines)

    def _as_html(self, subject: str, blocks: tuple[Block, ...], given: Words) -> str:
        return html_mail(
            subject=subject,
            sender=given.words["entity_name"],
            blocks=blocks,
            lang="zh-Hans" if self.language.startswith("zh") else self.language,
            links=tuple(given.words.get(name, "") for name in ("payment_url", "bill_link")),
        )

    def _blocks(self, given: Words) -> Iterator[Block]:
        """Give paragraphs and tables in order; what has nothing to say is left out."""
        for paragraph in self.paragraphs:
            lines: list[str] = []
            for line in _kept(paragraph, given):
                table = _table_of(line, given)
                if table is None:
                    lines.append(_filled(line, given))
                    continue
                if lines:
                    yield tuple(lines)
                lines = []
                yield table
            if lines:
                yield tuple(lines)


def template_of(name: str, language: str, subject: str, body: str, *, channel: str = "EMAIL") -> Template:
    """Return a text that has been checked (`rules.checking`) as something to fill in."""
    paragraphs = tuple(tuple(block.split("\n")) for block in _parts(body.replace("\r\n", "\n")))
    return Template(name, language, subject.strip(), paragraphs, channel)


def split_source(where: str, source: str, channel: str) -> tuple[str, str]:
    """Return subject and body of a file: “subject: …”, “---”, the body; a text message is all body.

    Raises TemplateFlawedError.
    """
    source = source.replace("\r\n", "\n")
    if channel == SMS:
        return "", source.strip()
    head, bar, body = source.partition("\n---\n")
    if not bar or not head.startswith("subject:") or "\n" in head:
        message = f"{where}: the first line is “subject: …”, the second “---”"
        raise TemplateFlawedError(message)
    return head.removeprefix("subject:").strip(), body.strip("\n")


@lru_cache(maxsize=4096)
def placeholders(line: str) -> tuple[str, ...]:
    """Return the placeholders of a line. Raises ValueError for a brace too many, a conversion or a format."""
    names = []
    for _text, name, spec, conversion in Formatter().parse(line):
        if name is None:
            continue
        if not name.isidentifier() or spec or conversion:
            message = f"{{{name}}} is more than a plain name"
            raise ValueError(message)
        names.append(name)
    return tuple(names)


def _parts(body: str) -> Iterator[str]:
    """Give the paragraphs: what stands between lines without anything visible."""
    block: list[str] = []
    for line in [*body.split("\n"), ""]:
        if line.strip():
            block.append(line)
        elif block:
            yield "\n".join(block)
            block = []


def _kept(paragraph: tuple[str, ...], given: Words) -> tuple[str, ...]:
    """Return the lines all of whose words exist; nothing when only the heading is left of more."""
    lines = tuple(line for line in paragraph if all(given.has(name) for name in placeholders(line)))
    is_heading_only = len(lines) == 1 and len(paragraph) > 1 and lines[0].rstrip().endswith(_HEADING_ENDS)
    return () if is_heading_only else lines


def _table_of(line: str, given: Words) -> Table | None:
    name = line.strip().removeprefix("{").removesuffix("}")
    return given.tables.get(name) if line.strip() == f"{{{name}}}" and name in EVERY_TABLE else None


def _filled(line: str, given: Words) -> str:
    return line.format_map({name: given.words.get(name, "") for name in placeholders(line)})


def _as_text(blocks: tuple[Block, ...]) -> str:
    """Return the plain text: a table follows its heading at once, paragraphs stand apart."""
    parts: list[str] = []
    for before, block in zip((None, *blocks), blocks, strict=False):
        is_under = isinstance(block, Table) and before is not None and not isinstance(before, Table)
        parts.append("" if not parts else "\n" if is_under else "\n\n")
        parts.append(text_table(block) if isinstance(block, Table) else "\n".join(block))
    return "".join(parts) + "\n"
