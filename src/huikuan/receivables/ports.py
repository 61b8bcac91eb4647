"""What the ledger needs from above: what was agreed about the order of payment. Wired in `settings.HUIKUAN_PORTS`."""

from collections.abc import Collection
from functools import cache
from typing import Any, Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from huikuan.receivables.models import Receipt
from huikuan.receivables.rules.allocation import Agreed


class Agreements(Protocol):
    """Who has agreed on what is paid first (installment plans)."""

    def of(self, receipt: Receipt) -> Agreed | None:
        """Return what was agreed with the payer of this money, in its currency; None: nothing. `debts` are item ids."""
        ...

    def customers(self, customer_ids: Collection[int]) -> set[int]:
        """Return those of these customers for whom `of` may say something."""
        ...


@cache
def _class_at(path: str) -> type[Any]:
    found: type[Any] = import_string(path)
    return found


def agreements() -> Agreements:
    """Return what is wired (`HUIKUAN_PORTS["receivables.agreements"]`)."""
    return cast("Agreements", _class_at(settings.HUIKUAN_PORTS["receivables.agreements"])())
