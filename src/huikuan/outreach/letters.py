"""The texts of letters that ship with the product: per language a file with placeholders and with places for panels.

Besides the placeholders of notices (`rules.template`) a line of its own may be a panel, `[sums]`, `[payment]`,
`[signature]` or `[slip]`, and a line that begins with `## ` is a heading. How they look is the layout's business.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.outreach.rules.template import Template, TemplateFlawedError, split_source, template_of
from huikuan.outreach.templates import offered

LETTERS: Final = ("demand", "last_notice")
"""In the order of the ladder."""


class LetterTextUnknown(Refusal):
    """No such text."""

    code = "outreach.letter-text-unknown"
    text = gettext_noop("There is no letter called {template}. Use one of: {known}.")


@dataclass(frozen=True, slots=True)
class LetterText:
    """A text and the hash of its file."""

    template: Template
    sha256: str


def letter_text(name: str, language: str) -> LetterText:
    """Return the text of a letter; a language that is not offered reads English. Raises LetterTextUnknown."""
    if name not in LETTERS:
        raise LetterTextUnknown(template=name, known=", ".join(LETTERS))
    return _read(name, offered(language))


@cache
def _read(name: str, language: str) -> LetterText:
    source = _source(f"{name}.txt", language)
    subject, body = split_source(f"{language}/{name}", source, "LETTER")
    words = _source("words.txt", language)
    return LetterText(
        template_of(name, language, subject, body, channel="LETTER"),
        hashlib.sha256(f"{source}\0{words}".encode()).hexdigest(),
    )


@cache
def letter_words(language: str) -> MappingProxyType[str, str]:
    """Return the words of the layout (labels, titles of panels), by key."""
    entries = {}
    for line in _source("words.txt", offered(language)).splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        key, colon, word = line.partition(": ")
        if not colon or key in entries:
            message = f"{language}/words.txt: “{line}” is not “key: word”, or comes twice"
            raise TemplateFlawedError(message)
        entries[key] = word.strip()
    return MappingProxyType(entries)


def _source(file: str, language: str) -> str:
    return (files("huikuan.outreach") / "letters_lib" / language / file).read_text(encoding="utf-8")
