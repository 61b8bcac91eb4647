"""Tables of the journal."""

from huikuan.journal.models.entry import Entry, Seal

__all__ = ["Entry", "Seal"]
