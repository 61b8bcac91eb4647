"""Any file of a bank, recognized by what is in it. Implements `cash.ports.open_statement`."""

from pathlib import Path
from typing import Final

from django.conf import settings

from huikuan.adapters.bank_tables.profile import profiles
from huikuan.adapters.bank_tables.source import TableSource
from huikuan.adapters.camt053.source import CamtSource, looks_like_xml
from huikuan.adapters.mt940.source import SwiftSource, looks_like_swift
from huikuan.cash.ports import StatementSource
from huikuan.exchange.ports import FileMissing

_LOOKED_AT: Final = 64 * 1024
"""Bytes from the beginning that tell what it is."""


def open_statement(path: Path, *, name: str, profile: str = "", encoding: str = "") -> StatementSource:
    """Recognize a file: ISO 20022 (camt), SWIFT (MT940, MT942), or a table of a bank or wallet.

    Raises: Refusal when it is none of them.
    """
    if not path.is_file():
        raise FileMissing(path=str(path))
    with path.open("rb") as file:
        start = file.read(_LOOKED_AT)
    if not profile and looks_like_xml(start):
        return CamtSource(path, name=name)
    if not profile and looks_like_swift(start):
        return SwiftSource(path, name=name, encoding=encoding)
    return TableSource(path, name=name, profile=profile, encoding=encoding, folder=settings.HUIKUAN_BANK_PROFILES)


def layouts() -> list[tuple[str, str]]:
    """Return name and title of every layout of tables, those of the users among them. Raises ProfileWrong."""
    return [(each.name, each.title) for each in profiles(settings.HUIKUAN_BANK_PROFILES).values()]
