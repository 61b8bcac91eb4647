"""What money would pay, in which order and on what ground; nothing is booked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from huikuan.receivables.models import Allocation, CreditNote, OpenItem, Receipt
from huikuan.receivables.ports import agreements
from huikuan.receivables.queries.claims import claims_of_account
from huikuan.receivables.rules.allocation import pay_out
from huikuan.receivables.rules.beside import Row, debts_of, folded, unfolded


@dataclass(frozen=True, slots=True)
class Payable:
    """One open item with what the money would pay of it; `basis` is "" where that is nothing."""

    item_id: int
    number: str
    kind: str
    due_on: date
    currency: str
    open_minor: int
    pays_minor: int
    place: int | None
    """In the order of payment, from 1."""
    basis: str

    @property
    def ground(self) -> str:
        """Return the basis in words; "" where nothing is paid."""
        return str(Allocation.Basis(self.basis).label) if self.basis else ""


def pays(
    source: Receipt | CreditNote, *, order: str | None = None, designated: Sequence[int] = (), only: bool = False
) -> list[Row]:
    """Return item_id, amount_minor and basis of what a source would pay now, in the order of payment.

    Args:
        source: Money or credit with something unapplied, of a known customer.
        order: PRINCIPAL_FIRST or STATUTORY; None: as the contracts say.
        designated: Items that the payer named, in his order.
        only: Nothing beyond those.
    """
    assert source.customer_id is not None  # noqa: S101  the callers looked
    agreed = agreements().of(source) if isinstance(source, Receipt) and not only else None
    rows, by_contracts = claims_of_account(source.customer_id, source.currency)
    if only:
        rows = [row for row in rows if row["item_id"] in set(designated)]
    paid = pay_out(
        folded(rows),
        sum_minor=source.unapplied_minor,
        order=order or by_contracts,
        as_of=source.received_on if isinstance(source, Receipt) else source.issued_on,
        designated=debts_of(designated, rows),
        agreed=replace(agreed, debts=frozenset(debts_of(sorted(agreed.debts), rows))) if agreed else None,
    )
    return unfolded(paid, rows)


def payables(source: Receipt | CreditNote) -> list[Payable]:
    """Return everything the customer owes in the currency, what would be paid first, the rest by due day."""
    assert source.customer_id is not None  # noqa: S101  the callers looked
    lines = {line["item_id"]: (place, line) for place, line in enumerate(pays(source), start=1)}
    items = OpenItem.objects.filter(customer_id=source.customer_id, currency=source.currency, settled_on=None)
    found = []
    for item in items.order_by("due_on", "pk"):
        place, line = lines.get(item.pk, (None, {}))
        found.append(
            Payable(
                item_id=item.pk, number=item.number, kind=item.get_kind_display(), due_on=item.due_on,
                currency=item.currency, open_minor=item.open_minor, pays_minor=int(line.get("amount_minor", 0)),
                place=place, basis=str(line.get("basis", "")),
            )
        )  # fmt: skip
    return sorted(found, key=lambda each: (each.place is None, each.place or 0))
