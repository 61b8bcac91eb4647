"""Which writer is wired to which format, by dotted path in the settings."""

from typing import cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from huikuan.exchange.ports import Writer


def writer(file_format: str) -> Writer:
    """Return the wired writer of a format ("csv", "xlsx"): `settings.HUIKUAN_PORTS["exchange.<format>"]`."""
    path = settings.HUIKUAN_PORTS.get(f"exchange.{file_format}")
    if path is None:
        message = f"HUIKUAN_PORTS has no 'exchange.{file_format}': nothing writes this format"
        raise ImproperlyConfigured(message)
    return cast("Writer", import_string(path))
