"""Which reader and which writers of tables are wired, by dotted path in the settings."""

from pathlib import Path
from typing import cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from huikuan.exchange.ports import Table, Writer


def writer(file_format: str) -> Writer:
    """Return the wired writer of a format ("csv", "xlsx"): `settings.HUIKUAN_PORTS["exchange.<format>"]`."""
    path = settings.HUIKUAN_PORTS.get(f"exchange.{file_format}")
    if path is None:
        message = f"HUIKUAN_PORTS has no 'exchange.{file_format}': nothing writes this format"
        raise ImproperlyConfigured(message)
    return cast("Writer", import_string(path))


def opened_table(path: Path) -> Table:
    """Return the table in a file by the wired reader: `settings.HUIKUAN_PORTS["exchange.table"]`.

    Raises: the refusals of exchange.ports.
    """
    return cast("Table", import_string(settings.HUIKUAN_PORTS["exchange.table"])(path))
