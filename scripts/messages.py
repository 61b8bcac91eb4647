#!/usr/bin/env python3
"""Gather the texts to translate from the source, and compile the translations.

`make messages` rewrites every django.po with the texts found now: translations are kept, texts that are gone
are dropped, new ones come with an empty translation to fill in. Then each django.mo is compiled from its .po.
The same functions tell the tests what must be translated. The files carry no dates and no line numbers, so
that two people's changes seldom meet.
"""

from __future__ import annotations

import ast
import re
import sys
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "huikuan"
LOCALES = {"zh_Hans": PACKAGE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"}
KEYWORDS = {
    "_": None,
    "_now": None,
    "N_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
TEMPLATE_SUFFIXES = {".html", ".txt"}
STRING = r"""(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
CALL = re.compile(rf"\b(_|n?p?gettext)\(\s*u?({STRING}(?:\s*,\s*u?{STRING})*)")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)[^}]*\}")
VOLATILE = tuple(
    f'"{name}'.encode()
    for name in (
        "Project-Id-Version",
        "Report-Msgid-Bugs-To",
        "POT-Creation-Date",
        "PO-Revision-Date",
        "Last-Translator",
        "Language-Team",
        "Generated-By",
    )
)
UNTRANSLATED_FOLDERS = {"locale", "migrations"}


def texts() -> Catalog:
    """Return every text of the source that a user may see, each with the files that hold it."""
    catalog = Catalog(domain="django", charset="utf-8")
    for path in sorted(PACKAGE.rglob("*")):
        if UNTRANSLATED_FOLDERS & set(path.relative_to(PACKAGE).parts):
            continue
        for message, context in texts_of(path):
            catalog.add(message, locations=[(path.relative_to(ROOT).as_posix(), None)], context=context)
    return catalog


def texts_of(path: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """Yield each text of a program or a template, a pair where there is a plural, with its context or None."""
    if path.suffix == ".py":
        with path.open("rb") as file:
            for _line, message, _notes, context in extract("python", file, KEYWORDS):
                yield message, context
    elif path.suffix in TEMPLATE_SUFFIXES and "templates" in path.parts:
        yield from _from_template(path)


def _from_template(path: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """Let Django turn the template into calls of gettext, and read those: what is between them is no Python."""
    code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for call in CALL.finditer(code):
        words = [ast.literal_eval(word) for word in re.findall(STRING, call[2])]
        context = words.pop(0) if "p" in call[1] else None
        yield (tuple(words[:2]) if "n" in call[1].partition("get")[0] else words[0]), context


def placeholders(message: str) -> list[str]:
    """Return the names a text leaves open, `%(name)s` and `{name}` alike, sorted and with repetitions dropped."""
    return sorted({first or second for first, second in PLACEHOLDER.findall(message)})


def read(path: Path) -> Catalog:
    """Read a .po file."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name, domain="django")


def compiled(catalog: Catalog) -> bytes:
    """Return the .mo file of a catalog; the same catalog always gives the same bytes."""
    buffer = BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def merged(found: Catalog, old: Catalog | None, locale: str) -> Catalog:
    """Return the texts found now with the translations there were. Nothing is guessed from similar texts."""
    new = Catalog(
        locale=locale,
        domain="django",
        project="huikuan",
        header_comment=f"# The texts of huikuan in {locale}. Under the same license as huikuan (LICENSE).\n#",
        charset="utf-8",
        fuzzy=False,
    )
    for message in sorted(_entries(found), key=lambda each: (each.context or "", *_originals(each))):
        before = old.get(message.id, message.context) if old else None
        string = before.string if before and not before.fuzzy else None
        files = sorted({place for place, _ in message.locations})
        new.add(
            message.id,
            string,
            locations=[(place, None) for place in files],
            user_comments=before.user_comments if before else (),
            context=message.context,
        )
    return new


def _originals(message: Message) -> tuple[str, ...]:
    """Return the text, or singular and plural."""
    return tuple(message.id) if isinstance(message.id, list | tuple) else (message.id,)


def _entries(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def write(catalog: Catalog, path: Path) -> None:
    """Write the .po without the lines that change by themselves, and the .mo beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = BytesIO()
    write_po(buffer, catalog, width=100, include_lineno=False)
    lines = [line for line in buffer.getvalue().splitlines(keepends=True) if not line.startswith(VOLATILE)]
    path.write_bytes(b"".join(lines))
    path.with_suffix(".mo").write_bytes(compiled(read(path)))


def main() -> int:
    """Rewrite the translation files; return 1 when something is left to translate."""
    settings.configure(USE_I18N=True)
    found, left = texts(), 0
    for locale, path in LOCALES.items():
        catalog = merged(found, read(path) if path.exists() else None, locale)
        write(catalog, path)
        missing = [message for message in _entries(catalog) if not _is_translated(message)]
        left += len(missing)
        print(f"{locale}: {len(_entries(catalog))} texts, {len(missing)} left to translate")
    return 1 if left else 0


def _is_translated(message: Message) -> bool:
    strings = message.string if isinstance(message.string, list | tuple) else [message.string]
    return bool(strings) and all(strings)


if __name__ == "__main__":
    sys.exit(main())
