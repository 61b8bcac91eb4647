"""The texts that ship with the product (version 0), read once and checked when read."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.outreach.rules.checking import flaws_of
from huikuan.outreach.rules.choice import Variant
from huikuan.outreach.rules.kinds import KINDS, LETTERS, TEXT, Kind
from huikuan.outreach.rules.scripts import SCRIPTS, channel_of, script_flaws
from huikuan.outreach.rules.template import LETTER, SMS, Template, TemplateFlawedError, split_source, template_of

LANGUAGES: Final = ("zh-hans", "en")
NOTICES: Final = tuple(kind for kind in KINDS if kind != TEXT)
"""Every kind with a shipped text: those of the ladder in its order, then the others."""
EMAIL, PHONE, VISIT = "EMAIL", "PHONE", "VISIT"
SPOKEN: Final = frozenset({PHONE, VISIT})
FOLDER: Final = files("huikuan.outreach") / "templates_lib"
LETTER_FOLDER: Final = files("huikuan.outreach") / "letters_lib"
_LONG_TERM: Final = "long_term"


class TemplateUnknown(Refusal):
    """The policy names a template that does not exist."""

    code = "outreach.template-unknown"
    text = gettext_noop("There is no notice text called {template}. Use one of: {known}.")


@dataclass(frozen=True, slots=True)
class LibraryText:
    """A text that may be used: shipped (number 0), or a version that the company approved."""

    kind: str
    channel: str
    language: str
    variant: Variant
    subject: str
    body: str
    number: int = 0

    @property
    def template(self) -> Template:
        """Return it as something to fill in."""
        return _template(self.kind, self.language, self.subject, self.body, self.channel)

    @property
    def facts(self) -> dict[str, str | int]:
        """Return which text it is, as it is frozen with a message."""
        marks = (self.variant.industry, self.variant.grade, "long-term" if self.variant.is_long_term else "")
        place = (self.kind, self.channel, self.language, self.variant.tone, *(mark for mark in marks if mark))
        return {"template": self.kind, "template_place": "/".join(place), "template_version": self.number}


@lru_cache(maxsize=512)
def _template(kind: str, language: str, subject: str, body: str, channel: str) -> Template:
    return template_of(kind, language, subject, body, channel=channel)


def kind_of(code: str, channel: str) -> Kind:
    """Return the kind of a message, of a letter, or of a script where it is spoken. Raises TemplateUnknown."""
    if code not in kind_codes(channel):
        raise TemplateUnknown(template=code, known=", ".join(kind_codes(channel)))
    return _kinds(channel)[code]


def kind_codes(channel: str) -> tuple[str, ...]:
    """Return what can be written, or spoken, on a channel."""
    return tuple(_kinds(channel))


def _kinds(channel: str) -> Mapping[str, Kind]:
    if channel in SPOKEN:
        return {code: kind for code, kind in SCRIPTS.items() if channel_of(code) == channel}
    return LETTERS if channel == LETTER else KINDS


def notice(name: str, language: str) -> Template:
    """Return the shipped e-mail of a kind; a language that is not offered reads English. Raises TemplateUnknown."""
    if name not in NOTICES:
        raise TemplateUnknown(template=name, known=", ".join(NOTICES))
    plain = next(text for text in shipped(name, EMAIL, offered(language)) if not text.variant.is_long_term)
    return plain.template


def offered(language: str) -> str:
    """Return the language in which a customer is written to: Chinese for any Chinese, else English."""
    return "zh-hans" if language.lower().startswith("zh") else "en"


@cache
def library() -> tuple[LibraryText, ...]:
    """Return every shipped text, in the order of the kinds. Raises TemplateFlawedError with file, line and reason."""
    found = []
    for language in LANGUAGES:
        folder = FOLDER / language
        names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".txt"))
        found += [_read(name, language) for name in names if name != "words.txt"]
        scripts = folder / "scripts"
        found += [_read_script(code, language, (scripts / f"{code}.txt").read_text("utf-8")) for code in SCRIPTS]
        found += [_read_letter(code, language) for code in LETTERS]
    order = [*KINDS, *LETTERS, *SCRIPTS]
    return tuple(
        sorted(
            found,
            key=lambda text: (
                text.channel in SPOKEN, order.index(text.kind), text.channel, text.variant.is_long_term
            ),
        )
    )  # fmt: skip


def shipped(kind: str, channel: str, language: str) -> tuple[LibraryText, ...]:
    """Return the shipped texts of one place: the plain one, then its variants."""
    return tuple(
        text for text in library() if text.kind == kind and text.channel == channel and text.language == language
    )


def _read(file: str, language: str) -> LibraryText:
    """Read one file, named kind[.long_term][.sms].txt."""
    name, *marks = file.removesuffix(".txt").split(".")
    if name not in NOTICES or set(marks) - {_LONG_TERM, "sms"}:
        message = f"{language}/{file}: a file is named kind[.long_term][.sms].txt"
        raise TemplateFlawedError(message)
    kind, channel = KINDS[name], SMS if "sms" in marks else EMAIL
    subject, body = split_source(f"{language}/{file}", _source(file, language), channel)
    for flaw in flaws_of(kind, channel=channel, language=language, subject=subject, body=body):
        message = f"{language}/{file}, line {flaw.line}: {flaw.message}"
        raise TemplateFlawedError(message)
    variant = Variant(kind.tone, is_long_term=_LONG_TERM in marks)
    return LibraryText(name, channel, language, variant, subject, body)


def _read_letter(code: str, language: str) -> LibraryText:
    kind, where = LETTERS[code], f"{language}/{code}.txt"
    source = (LETTER_FOLDER / language / f"{code}.txt").read_text(encoding="utf-8")
    subject, body = split_source(where, source, LETTER)
    for flaw in flaws_of(kind, channel=LETTER, language=language, subject=subject, body=body):
        message = f"letters_lib/{where}, line {flaw.line}: {flaw.message}"
        raise TemplateFlawedError(message)
    return LibraryText(code, LETTER, language, Variant(kind.tone), subject, body)


def _read_script(code: str, language: str, body: str) -> LibraryText:
    kind = SCRIPTS[code]
    for flaw in script_flaws(kind, body):
        message = f"{language}/scripts/{code}.txt, line {flaw.line}: {flaw.message}"
        raise TemplateFlawedError(message)
    return LibraryText(code, channel_of(code), language, Variant(kind.tone), "", body.strip())


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
    return (FOLDER / language / file).read_text(encoding="utf-8")
