"""The notice texts that ship with the product, read once and checked when read."""

from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.outreach.rules.kinds import KINDS, TEXT
from huikuan.outreach.rules.template import Template, TemplateFlawedError, parse

LANGUAGES: Final = ("zh-hans", "en")
NOTICES: Final = tuple(kind for kind in KINDS if kind != TEXT)
"""Every kind with a shipped text: those of the ladder in its order, then the others."""


class TemplateUnknown(Refusal):
    """The policy names a template that does not exist."""

    code = "outreach.template-unknown"
    text = gettext_noop("There is no notice text called {template}. Use one of: {known}.")


def notice(name: str, language: str) -> Template:
    """Return a notice text; a language that is not offered reads English. Raises TemplateUnknown."""
    if name not in NOTICES:
        raise TemplateUnknown(template=name, known=", ".join(NOTICES))
    return _read(name, offered(language))


def offered(language: str) -> str:
    """Return the language in which a customer is written to: Chinese for any Chinese, else English."""
    return "zh-hans" if language.lower().startswith("zh") else "en"


@cache
def _read(name: str, language: str) -> Template:
    return parse(name, language, _source(f"{name}.txt", language))


@cache
def vocabulary(language: str) -> MappingProxyType[str, str]:
    """Return the words that notices are put together from (titles of columns, announcements), by key."""
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
    return (files("huikuan.outreach") / "templates_lib" / language / file).read_text(encoding="utf-8")
