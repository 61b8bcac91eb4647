"""Tables of the journal."""

from huikuan.journal.models.entry import Entry, Seal
from huikuan.journal.models.file import StoredFile

__all__ = ["Entry", "Seal", "StoredFile"]
