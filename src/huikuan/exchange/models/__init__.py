"""Tables of the exchange."""

from huikuan.exchange.models.mapping import SavedMapping

__all__ = ["SavedMapping"]
