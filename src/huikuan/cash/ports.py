"""What the cash module needs from outside: readers of bank statements. `adapters.bank_files` implements it."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from huikuan.cash.rules.statement import Part


class StatementSource(Protocol):
    """A bank's file, recognized but not yet read."""

    name: str
    sha256: str
    """Of the bytes, hexadecimal."""
    format: str
    """camt.053.001.08, MT940, or the name of a profile."""

    def parts(self) -> Iterator[Part]:
        """Read the file from its beginning, in bounded memory; may be called again.

        Raises: Refusal with the place where the file is not what it should be.
        """


@cache
def _opener_at(path: str) -> Any:  # noqa: ANN401  what a dotted path names
    return import_string(path)


def open_statement(path: Path, *, name: str = "", profile: str = "", encoding: str = "") -> StatementSource:
    """Recognize a bank's file by its content (`HUIKUAN_PORTS["cash.statements"]`).

    Args:
        path: File on this machine.
        name: What people call it, when the path is a temporary one.
        profile: Name of the layout of a table; empty finds out.
        encoding: Of a text file; empty finds out.

    Raises: Refusal when it is no statement, or several profiles fit.
    """
    opener = _opener_at(settings.HUIKUAN_PORTS["cash.statements"])
    return cast("StatementSource", opener(path, name=name or path.name, profile=profile, encoding=encoding))


def known_layouts() -> list[tuple[str, str]]:
    """Return name and title of every layout of tables (`HUIKUAN_PORTS["cash.layouts"]`)."""
    return list(_opener_at(settings.HUIKUAN_PORTS["cash.layouts"])())
