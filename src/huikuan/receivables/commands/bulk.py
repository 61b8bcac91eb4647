"""The same writes for very many rows at once: imports, the demo, moving in from another system. Nothing per row.

`book_items(entity_id, items, actor, now)`       items: customer_id, number, issued_on, due_on, amount_minor;
                                                  optional kind, currency, contract_id, terms_id
`book_receipts(entity_id, receipts, actor, now)` receipts: customer_id (null: unidentified), reference, received_on,
                                                  amount_minor; optional currency, payer_name, designation, item_id
`allocate_on_account(entity_id, actor, now, …)`  what stands on account pays by the order of contract or law
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final

import polars as pl
from django.db import transaction

from huikuan.journal.commands import record
from huikuan.kernel.columns import check_bounds
from huikuan.parties.models import Customer, Entity, User
from huikuan.receivables.commands.account import AmountNotPositive
from huikuan.receivables.commands.history import CHUNK, add_to_history, refresh_history
from huikuan.receivables.commands.items import ItemNumberTaken
from huikuan.receivables.commands.order import by_the_order
from huikuan.receivables.commands.receipts import ReceiptReferenceTaken
from huikuan.receivables.models import Allocation, DefaultTerms, Receipt
from huikuan.storage.among import among
from huikuan.storage.bulk import insert_frame, read_frame

_TEXT: Final = pl.String
_WHOLE: Final = pl.Int64


def _filled(frame: pl.DataFrame, entity: Entity, optional: dict[str, tuple[type[pl.DataType], object]]) -> pl.DataFrame:
    """Add the columns that were left out, and fill gaps with what holds when nothing is said."""
    missing = [pl.lit(None, dtype).alias(name) for name, (dtype, _) in optional.items() if name not in frame.columns]
    filled = frame.with_columns(missing).with_columns(
        pl.col(name).fill_null(pl.lit(value, dtype)) for name, (dtype, value) in optional.items() if value is not None
    )
    return filled.with_columns(entity_id=pl.lit(entity.pk, _WHOLE))


def _refuse_bad(frame: pl.DataFrame, entity: Entity, *, name: str, table: str) -> None:
    """Raise AmountNotPositive, ItemNumberTaken or ReceiptReferenceTaken for the first offender."""
    check_bounds(frame, "amount_minor", key=name)
    bad = frame.filter(pl.col("amount_minor") <= 0)
    if not bad.is_empty():
        raise AmountNotPositive(number=bad[name][0])
    condition, values = among(name, "names", frame[name].to_list())
    taken = read_frame(
        f"SELECT {name} FROM {table} WHERE entity_id = %(entity)s AND {condition}",  # noqa: S608  our own names
        {"entity": entity.pk, **values},
        {name: pl.String},
    )[name].to_list()
    twice = frame.filter(pl.col(name).is_in(taken) | pl.col(name).is_duplicated())
    if not twice.is_empty() and table == "receivables_receipt":
        raise ReceiptReferenceTaken(entity=entity.code, reference=twice[name][0])
    if not twice.is_empty():
        raise ItemNumberTaken(entity=entity.code, number=twice[name][0])


@transaction.atomic
def book_items(*, entity_id: int, items: pl.DataFrame, actor: User | None, now: datetime) -> int:
    """Book many items of one entity; columns at the head of this file. All or none.

    Missing: kind INVOICE, currency and terms of the entity, no contract. The caller has looked at what it passes:
    customers and contracts are those of the entity and belong together.

    Returns: how many.

    Raises: AmountNotPositive, ItemNumberTaken, ColumnOutOfBounds.
    """
    entity = Entity.objects.get(pk=entity_id)
    default = DefaultTerms.objects.filter(entity=entity).values_list("terms_id", flat=True).first()
    optional: dict[str, tuple[type[pl.DataType], object]] = {
        "kind": (_TEXT, "INVOICE"),
        "currency": (_TEXT, entity.currency),
        "contract_id": (_WHOLE, None),
        "terms_id": (_WHOLE, default),
    }
    _refuse_bad(items, entity, name="number", table="receivables_openitem")
    rows = _filled(items, entity, optional).select(
        "entity_id", "customer_id", "contract_id", "number", "kind", "issued_on", "due_on", "currency",
        "amount_minor", "terms_id",
        open_minor="amount_minor",
        settled_penalty_minor=pl.lit(0, _WHOLE),
        booked_at=pl.lit(now).cast(pl.Datetime("us", "UTC")),
    )  # fmt: skip
    insert_frame("receivables_openitem", rows)
    add_to_history(rows.select("customer_id", "issued_on"))
    record("receivables.items-booked", now=now, actor=actor, entity_id=entity.pk, count=rows.height)
    return rows.height


@transaction.atomic
def book_receipts(*, entity_id: int, receipts: pl.DataFrame, actor: User | None, now: datetime) -> int:
    """Book many receipts of one entity; columns at the head of this file. All or none.

    With item_id the money pays that item first, as far as it is open (earlier money first); the rest stays on account.

    Returns: how many.

    Raises: AmountNotPositive, ReceiptReferenceTaken, ColumnOutOfBounds.
    """
    entity = Entity.objects.get(pk=entity_id)
    optional: dict[str, tuple[type[pl.DataType], object]] = {
        "currency": (_TEXT, entity.currency),
        "payer_name": (_TEXT, ""),
        "designation": (_TEXT, ""),
        "item_id": (_WHOLE, None),
    }
    _refuse_bad(receipts, entity, name="reference", table="receivables_receipt")
    given = _filled(receipts, entity, optional)
    booked_at = pl.lit(now).cast(pl.Datetime("us", "UTC"))
    insert_frame(
        "receivables_receipt",
        given.select(
            "entity_id", "customer_id", "reference", "received_on", "currency", "amount_minor", "payer_name",
            "designation", unapplied_minor="amount_minor", booked_at=booked_at,
        ),
    )  # fmt: skip
    paid = _designated(given, entity)
    write_allocations(paid, basis=Allocation.Basis.DESIGNATED, actor=actor, now=now)
    settling = given.filter(pl.col("item_id").is_in(paid["item_id"].unique().to_list()))
    refresh_history(customer_ids=settling["customer_id"].unique().to_list())
    record(
        "receivables.receipts-booked", now=now, actor=actor, entity_id=entity.pk, count=given.height,
        allocated_count=paid.height,
    )  # fmt: skip
    return given.height


def _designated(given: pl.DataFrame, entity: Entity) -> pl.DataFrame:
    """Return what each receipt pays of the item it names: source_id, item_id, amount_minor, effective_on, currency."""
    naming = given.filter(pl.col("item_id").is_not_null() & pl.col("customer_id").is_not_null())
    if naming.is_empty():
        return naming.select(
            "item_id", "currency", source_id="item_id", amount_minor="item_id", effective_on="received_on"
        )
    condition, values = among("reference", "references", naming["reference"].to_list())
    ids = read_frame(
        f"SELECT id AS source_id, reference FROM receivables_receipt WHERE entity_id = %(entity)s AND {condition}",  # noqa: S608
        {"entity": entity.pk, **values},
        {"source_id": pl.Int64, "reference": pl.String},
    )
    condition, values = among("id", "items", naming["item_id"].unique().to_list())
    items = read_frame(
        "SELECT id AS item_id, customer_id, currency, open_minor, issued_on "  # noqa: S608  our own names
        f"FROM receivables_openitem WHERE {condition}",
        values,
        {
            "item_id": pl.Int64, "customer_id": pl.Int64, "currency": pl.String, "open_minor": pl.Int64,
            "issued_on": pl.Date,
        },
    )  # fmt: skip
    before = pl.col("amount_minor").cum_sum().over("item_id") - pl.col("amount_minor")
    return (
        naming.join(ids, on="reference")
        .join(items, on=["item_id", "customer_id", "currency"])
        .sort("received_on", "source_id")
        .with_columns(
            amount_minor=pl.min_horizontal("amount_minor", (pl.col("open_minor") - before).clip(0)),
            effective_on=pl.max_horizontal("received_on", "issued_on"),
        )
        .filter(pl.col("amount_minor") > 0)
        .select("item_id", "currency", "source_id", "amount_minor", "effective_on")
    )


def write_allocations(lines: pl.DataFrame, *, basis: str | None, actor: User | None, now: datetime) -> None:
    """Insert allocations in bulk; the triggers move the balances.

    Args:
        lines: source_id (a receipt, or minus the id of a credit note), item_id, amount_minor, effective_on, currency;
            and basis where the argument is None.
        basis: For all of them.
        actor: Who books.
        now: The instant.
    """
    receipt = pl.col("source_id") > 0
    rows = lines.select(
        "item_id", "currency", "amount_minor", "effective_on",
        receipt_id=pl.when(receipt).then("source_id"),
        credit_note_id=pl.when(~receipt).then(-pl.col("source_id")),
        basis=pl.col("basis") if basis is None else pl.lit(basis),
        reason=pl.lit(""),
        booked_at=pl.lit(now).cast(pl.Datetime("us", "UTC")),
        booked_by_id=pl.lit(None if actor is None else actor.pk, pl.Int64),
    )  # fmt: skip
    insert_frame("receivables_allocation", rows)


@transaction.atomic
def allocate_on_account(
    *, entity_id: int, actor: User | None, now: datetime, customer_ids: Collection[int] | None = None
) -> int:
    """Let all money and credit on account pay what its customer owes, by the order of contract or law.

    Args:
        entity_id: The creditor.
        actor: Who asked for it.
        now: The instant.
        customer_ids: Only these; None: every customer of the entity with something on account.

    Returns: the number of allocations made; a second call makes none.
    """
    chosen = Customer.objects.filter(entity_id=entity_id)
    if customer_ids is None:
        with_money = Receipt.objects.filter(unapplied_minor__gt=0, entity_id=entity_id).values("customer_id")
        chosen = chosen.filter(pk__in=with_money) | chosen.filter(credit_notes__unapplied_minor__gt=0)
        ids = sorted(set(chosen.values_list("pk", flat=True)))
    else:
        wanted = set(customer_ids)
        ids = [pk for pk in chosen.order_by("pk").values_list("pk", flat=True) if pk in wanted]
    count = 0
    for start in range(0, len(ids), CHUNK):
        count += _allocate_chunk(ids[start : start + CHUNK], actor=actor, now=now)
    record("receivables.on-account-allocated", now=now, actor=actor, entity_id=entity_id, count=count)
    return count


def _allocate_chunk(customer_ids: list[int], *, actor: User | None, now: datetime) -> int:
    refresh_history(customer_ids=customer_ids)  # takes the locks before anything is read
    lines, count = by_the_order(customer_ids, actor=actor, now=now)
    write_allocations(lines, basis=None, actor=actor, now=now)
    concerned = lines["customer_id"].unique().to_list() if count == lines.height else customer_ids
    refresh_history(customer_ids=concerned)
    return count
