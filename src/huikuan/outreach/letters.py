"""Letters as texts: per kind and language a text with placeholders and with places for panels, of a version or shipped.

Besides the placeholders of notices (`rules.template`) a line of its own may be a panel, `[sums]`, `[payment]`,
`[signature]` or `[slip]`, and a line that begins with `## ` is a heading. How they look is the layout's business.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.outreach.rules import kinds
from huikuan.outreach.rules.template import Template, TemplateFlawedError
from huikuan.outreach.templates import LETTER_FOLDER, LibraryText, offered

LETTERS: Final = tuple(kinds.LETTERS)
"""In the order of the ladder."""
BY_LAWYERS: Final = frozenset({"lawyers_letter"})
"""A law firm writes these on its own paper: ours prepares the words and the figures."""
POSTED_BY_US: Final = tuple(code for code in LETTERS if code not in BY_LAWYERS)


class LetterTextUnknown(Refusal):
    """No such text."""

    code = "outreach.letter-text-unknown"
    text = gettext_noop("There is no letter called {template}. Use one of: {known}.")


@dataclass(frozen=True, slots=True)
class LetterText:
    """A text, the hash of its words and of those of the layout, and which version it is."""

    template: Template
    sha256: str
    facts: Mapping[str, str | int] = field(default_factory=dict)


def demand_letter(name: str) -> None:
    """Refuse what is no letter. Raises LetterTextUnknown."""
    if name not in LETTERS:
        raise LetterTextUnknown(template=name, known=", ".join(LETTERS))


def letter_text(text: LibraryText) -> LetterText:
    """Return a text of the library, or a version of the company's own, as the text of a letter."""
    source = f"subject: {text.subject}\n---\n{text.body}\n\0{_words_source(text.language)}"
    return LetterText(text.template, hashlib.sha256(source.encode()).hexdigest(), text.facts)


@cache
def letter_words(language: str) -> MappingProxyType[str, str]:
    """Return the words of the layout (labels, titles of panels), by key."""
    entries = {}
    for line in _words_source(offered(language)).splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        key, colon, word = line.partition(": ")
        if not colon or key in entries:
            message = f"{language}/words.txt: “{line}” is not “key: word”, or comes twice"
            raise TemplateFlawedError(message)
        entries[key] = word.strip()
    return MappingProxyType(entries)


@cache
def _words_source(language: str) -> str:
    return (LETTER_FOLDER / language / "words.txt").read_text(encoding="utf-8")


def on_firms_paper(data: Mapping[str, Any], say: Mapping[str, str]) -> dict[str, Any]:
    """Return the data of a letter with the law firm's place instead of our letterhead, signature and seal."""
    letterhead = {"name": say["lawyer.firm"], "second": "", "lines": [say["lawyer.contact"]]}
    signature = {**data["signature"], "name": say["lawyer.signature"]}
    return {**data, "letterhead": letterhead, "signature": signature, "seal": ""}
