"""What interrupts the limitation period (诉讼时效中断) is written down when it happens, with its evidence (J1).

Civil Code 195: the creditor demands performance, the debtor agrees to perform. Whoever learns of such an act calls
`note_interruption`; part payments are found among the allocations. A legal module reads `queries.limitation`.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Final

import polars as pl
from django.db import transaction

from huikuan.journal.commands import record, record_each
from huikuan.parties.models import User
from huikuan.receivables.models import LimitationEvent, OpenItem
from huikuan.storage.among import among
from huikuan.storage.bulk import insert_frame, read_frame

INTERRUPTED: Final = "limitation.interrupted"
Kind = LimitationEvent.Kind

_PART_PAYMENTS: Final = """
SELECT DISTINCT i.entity_id, i.customer_id, a.item_id, r.received_on AS happened_on, r.payer_name AS who,
       'receipt:' || r.id AS evidence
  FROM receivables_openitem i
  JOIN receivables_allocation a ON a.item_id = i.id
  JOIN receivables_receipt r ON r.id = a.receipt_id
 WHERE {of_these} AND i.settled_on IS NULL AND a.reverses_id IS NULL
   AND NOT EXISTS (SELECT 1 FROM receivables_allocation b WHERE b.reverses_id = a.id)
   AND NOT EXISTS (SELECT 1 FROM receivables_thirdpartypayment t WHERE t.receipt_id = r.id)
   AND NOT EXISTS (SELECT 1 FROM receivables_limitationevent e
                    WHERE e.item_id = a.item_id AND e.kind = 'PART_PAYMENT' AND e.evidence = 'receipt:' || r.id)"""

_FOUND: Final[dict[str, type[pl.DataType]]] = {
    "entity_id": pl.Int64,
    "customer_id": pl.Int64,
    "item_id": pl.Int64,
    "happened_on": pl.Date,
    "who": pl.String,
    "evidence": pl.String,
}


@transaction.atomic
def note_interruption(
    *,
    customer_id: int,
    kind: str,
    happened_on: date,
    evidence: str,
    item_ids: Collection[int],
    actor: User | None,
    now: datetime,
    who: str = "",
    proof: str = "",
) -> int:
    """Write down that the limitation period of items begins anew; the same act is written down once.

    Args:
        customer_id: The debtor.
        kind: A `LimitationEvent.Kind`.
        happened_on: The day from which the period runs anew.
        evidence: The row that proves it: "plan:3".
        item_ids: What it is about; items of others are left out.
        actor: Who wrote it down.
        now: The instant.
        who: On the debtor's side.
        proof: In words, for the journal: the file, the link; empty: `evidence`.

    Returns: for how many items it is new.
    """
    mine = OpenItem.objects.filter(pk__in=list(item_ids), customer_id=customer_id).order_by("pk")
    known = LimitationEvent.objects.filter(item__in=mine, kind=kind, evidence=evidence).values("item_id")
    items = list(mine.exclude(pk__in=known))
    if not items:
        return 0
    LimitationEvent.objects.bulk_create(
        LimitationEvent(
            entity_id=item.entity_id, customer_id=customer_id, item=item, kind=kind, happened_on=happened_on,
            who=who[:200], evidence=evidence, noted_at=now, noted_by=actor,
        )
        for item in items
    )  # fmt: skip
    record(
        INTERRUPTED, now=now, actor=actor, entity_id=items[0].entity_id, customer_id=customer_id, as_of=happened_on,
        cause=kind, who=who, evidence=proof or evidence, item_ids=[item.pk for item in items],
    )  # fmt: skip
    return len(items)


@transaction.atomic
def note_part_payments(*, customer_ids: Collection[int], actor: User | None, now: datetime) -> int:
    """Write down every payment of a part of what is still open: in bulk, and each once.

    Money that somebody else paid in the customer's place is no act of the debtor and does not count.

    Returns: how many are new.
    """
    of_these, params = among("i.customer_id", "customers", sorted(customer_ids))
    found = read_frame(_PART_PAYMENTS.format(of_these=of_these), params, _FOUND)
    if found.is_empty():
        return 0
    rows = found.with_columns(
        kind=pl.lit(str(Kind.PART_PAYMENT)),
        noted_at=pl.lit(now).cast(pl.Datetime("us", "UTC")),
        noted_by_id=pl.lit(None if actor is None else actor.pk, pl.Int64),
    )
    insert_frame("receivables_limitationevent", rows)
    told = found.sort("customer_id", "happened_on", "item_id").group_by(
        ["entity_id", "customer_id", "happened_on", "who", "evidence"], maintain_order=True
    )  # fmt: skip
    record_each(
        INTERRUPTED, now=now, actor=actor,
        facts=[
            (
                row["entity_id"],
                row["customer_id"],
                {
                    "as_of": row["happened_on"], "cause": str(Kind.PART_PAYMENT), "who": row["who"],
                    "evidence": row["evidence"], "item_ids": row["item_id"],
                },
            )
            for row in told.agg("item_id").iter_rows(named=True)
        ],
    )  # fmt: skip
    return rows.height
