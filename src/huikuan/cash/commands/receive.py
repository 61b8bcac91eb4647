"""Money that arrives (收款): booked, allocated, and the loop closed, all in one transaction.

Every way in which money comes ends here: by hand, by import, from a bank statement, from a payment gateway.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, Literal

import polars as pl
from django.db import transaction

from huikuan.cash.commands.closing import close_loops, close_the_loop
from huikuan.parties.models import Entity, User
from huikuan.receivables.commands.account import today_of
from huikuan.receivables.commands.allocations import BY_THE_ORDER, Wish, allocate
from huikuan.receivables.commands.history import lock_customers
from huikuan.receivables.commands.limitation import note_part_payments
from huikuan.receivables.commands.receipts import assign_receipt, book_receipt, book_unidentified_receipt
from huikuan.receivables.commands.third_party import PaidBy, declare_third_party
from huikuan.receivables.models import Allocation, OpenItem, Receipt
from huikuan.storage.among import among
from huikuan.storage.bulk import read_frame

ORDER: Final = "ORDER"
NONE: Final = "NONE"

Way = Literal["ORDER", "NONE"] | Sequence[tuple[int, int]]
"""How money is allocated: what the payer named and then the order of contract or law; only what the payer named, the
rest on account; or exactly these amounts (item id, minor units), and the rest on account."""


@transaction.atomic
def receive_money(
    *,
    entity_id: int,
    customer_id: int | None,
    reference: str,
    received_on: date,
    currency: str,
    amount_minor: int,
    payer_name: str = "",
    designation: str = "",
    paid_by: PaidBy | None = None,
    allocate: Way = ORDER,
    actor: User | None,
    now: datetime,
) -> Receipt:
    """Book money, let it pay, and end what it makes pointless: everything, or nothing.

    Args:
        entity_id: The creditor.
        customer_id: Whose money it is; None: nobody has recognized the payer, and it pays nothing yet.
        reference: Unique in the entity: the bank's.
        received_on: Value date.
        currency: "" for the entity's.
        amount_minor: Minor units, positive.
        payer_name: As the bank says.
        designation: Number of the item that the payer named; it is paid before any other (Civil Code 560).
        paid_by: Somebody else who pays in the customer's place, as declared to us.
        allocate: See `Way`.
        actor: Who books; None: the machine.
        now: The instant.

    Raises: those of `receivables.commands.receipts.book_receipt`, and ThirdPartyUndeclared.
    """
    if customer_id is None:
        return book_unidentified_receipt(
            entity_id=entity_id, reference=reference, received_on=received_on, amount_minor=amount_minor, actor=actor,
            now=now, currency=currency, payer_name=payer_name,
        )  # fmt: skip
    receipt = book_receipt(
        customer_id=customer_id, reference=reference, received_on=received_on, amount_minor=amount_minor, actor=actor,
        now=now, currency=currency, payer_name=payer_name, item_number=designation, wish=wish_of(allocate),
    )  # fmt: skip
    if paid_by is not None:
        declare_third_party(receipt, paid_by, actor=actor, now=now)
    close_after(receipt, actor=actor, now=now)
    return receipt


@transaction.atomic
def recognize_money(
    *, receipt_id: int, customer_id: int, actor: User | None, now: datetime, allocate: Way = ORDER
) -> Receipt:
    """Say whose money it is, let it pay, and close the loop. Raises as `receivables` does in `assign_receipt`."""
    receipt = assign_receipt(
        receipt_id=receipt_id, customer_id=customer_id, actor=actor, now=now, wish=wish_of(allocate)
    )  # fmt: skip
    close_after(receipt, actor=actor, now=now)
    return receipt


@transaction.atomic
def allocate_money(
    *, receipt_id: int, actor: User | None, now: datetime, wish: Wish = BY_THE_ORDER
) -> list[Allocation]:
    """Let money on account pay items, and close the loop. Raises as `receivables.commands.allocations.allocate`."""
    made = allocate(receipt_id=receipt_id, actor=actor, now=now, wish=wish)
    close_after(Receipt.objects.get(pk=receipt_id), actor=actor, now=now)
    return made


@transaction.atomic
def close_after_import(*, entity_id: int, references: Sequence[str], actor: User | None, now: datetime) -> int:
    """Close the loops of all customers whose money was booked under these references, in bulk.

    Returns: for how many customers anything ended.
    """
    day = today_of(Entity.objects.get(pk=entity_id), now)
    condition, values = among("reference", "references", list(references))
    latest = read_frame(
        "SELECT customer_id, max(id) AS receipt_id FROM receivables_receipt "  # noqa: S608  our own names
        f"WHERE entity_id = %(entity)s AND customer_id IS NOT NULL AND {condition} GROUP BY customer_id",
        {"entity": entity_id, **values},
        {"customer_id": pl.Int64, "receipt_id": pl.Int64},
    )
    receipts = dict(latest.iter_rows())
    lock_customers(sorted(receipts))
    note_part_payments(customer_ids=list(receipts), actor=actor, now=now)
    closed = close_loops(
        entity_id=entity_id, customer_ids=list(receipts), as_of=day, now=now, actor=actor, receipts=receipts
    )
    return len(closed)


def wish_of(way: Way) -> Wish | None:
    """Return the wish that a way of allocating stands for; None: nothing beyond what the payer named."""
    if way == NONE:
        return None
    if way == ORDER:
        return BY_THE_ORDER
    amounts: dict[int, int] = {}
    for item_id, minor in way:
        amounts[int(item_id)] = amounts.get(int(item_id), 0) + int(minor)
    return Wish(amounts=amounts)


def close_after(receipt: Receipt, *, actor: User | None, now: datetime) -> None:
    """Close the loop of the customer to whom a receipt belongs; the transaction of the caller goes on."""
    assert receipt.customer_id is not None  # noqa: S101  the callers looked
    note_part_payments(customer_ids=[receipt.customer_id], actor=actor, now=now)
    settled = OpenItem.objects.filter(allocations__receipt=receipt, settled_on__isnull=False).distinct()
    close_the_loop(
        customer_id=receipt.customer_id, as_of=today_of(receipt.entity, now), now=now, actor=actor,
        settled_item_ids=list(settled.order_by("pk").values_list("pk", flat=True)), receipt_id=receipt.pk,
    )  # fmt: skip
