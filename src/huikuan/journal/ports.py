"""What the journal needs from outside: a place where bytes lie by their hash."""

from functools import cache
from typing import Any, Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string


class ContentMissingError(LookupError):
    """The store has nothing under this hash."""


class ContentStore(Protocol):
    """Keeps bytes under their SHA-256. What was put stays: there is no way to change or remove it."""

    def put(self, sha256: str, content: bytes) -> None:
        """Keep the content durably before returning; kept already: nothing happens. Two may put the same at once."""
        ...

    def get(self, sha256: str) -> bytes:
        """Return what is kept. Raises ContentMissingError. Whether it is still what was put, the caller checks."""
        ...


@cache
def _class_at(path: str) -> type[Any]:
    found: type[Any] = import_string(path)
    return found


def content_store() -> ContentStore:
    """Return the wired content store (`HUIKUAN_PORTS["journal.content"]`)."""
    return cast("ContentStore", _class_at(settings.HUIKUAN_PORTS["journal.content"])())
