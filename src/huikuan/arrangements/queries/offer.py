"""What an offer rests on: the overdue items with their penalty as of a day, and the money that came since."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from huikuan.arrangements.models import Offer, OfferItem
from huikuan.arrangements.rules.offer import Named, Paid
from huikuan.policy.queries import holds_frame
from huikuan.policy.rules.holds import apply_holds
from huikuan.receivables.models import Allocation, CreditNote, Receipt
from huikuan.receivables.queries.frames import Scope, allocation_frame, item_frame
from huikuan.receivables.queries.terms import reference_frame, terms_frame
from huikuan.receivables.queries.waivers import waiver_frame
from huikuan.receivables.rules.lines import penalty_lines
from huikuan.receivables.rules.penalty import penalty

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Basis:
    """What is overdue and not held, with its penalty.

    Attributes:
        items: item_id, number, due_minor, held_minor, penalty_minor, fee_minor; the first due first.
        lines: The calculation of the penalty, line by line.
    """

    items: list[Row]
    lines: list[Row]


def overdue_basis(
    *, entity_id: int, customer_id: int, currency: str, as_of: date, item_ids: Collection[int] | None = None
) -> Basis:
    """Return what an offer made on the day would name: the chosen items, or everything overdue."""
    scope = Scope(as_of=as_of, entity_id=entity_id, customer_ids=[customer_id])
    items = item_frame(scope).filter((pl.col("currency") == currency) & (pl.col("due_on") < as_of))
    if item_ids is not None:
        items = items.filter(pl.col("item_id").is_in(list(item_ids)))
    holds = holds_frame(entity_id=entity_id, as_of=as_of, customer_ids=[customer_id])
    owed = (
        apply_holds(items, holds=holds, as_of=as_of)
        .with_columns(due_minor=pl.col("open_minor") - pl.col("held_minor"))
        .filter(pl.col("due_minor") > 0)
        .with_columns(open_minor="due_minor")
    )
    inputs: dict[str, Any] = {
        "allocations": allocation_frame(scope), "terms": terms_frame(), "reference": reference_frame(as_of),
        "as_of": as_of, "waivers": waiver_frame(scope),
    }  # fmt: skip
    return Basis(penalty(owed, **inputs).to_dicts(), penalty_lines(owed, **inputs).to_dicts())


def borne_until(offer: Offer, day: date) -> dict[int, int]:
    """Return by item what it bore until a day, penalty and fixed cost, waived or not; in the order of the offer."""
    lines = list(OfferItem.objects.filter(offer=offer).order_by("item__due_on", "item_id"))
    held = pl.DataFrame(
        [(line.item_id, line.held_minor) for line in lines],
        schema={"item_id": pl.Int64, "held_minor": pl.Int64},
        orient="row",
    )
    scope = Scope(as_of=day, customer_ids=[offer.customer_id])
    items = (
        item_frame(scope, with_settled=True)
        .join(held, on="item_id")
        .with_columns(open_minor=(pl.col("open_minor") - pl.col("held_minor")).clip(0))
    )
    borne = penalty(
        items,
        allocations=allocation_frame(scope, with_settled=True),
        terms=terms_frame(),
        reference=reference_frame(day),
        as_of=day,
    )
    by_item = dict(borne.select("item_id", pl.col("penalty_minor") + pl.col("fee_minor")).iter_rows())
    return {line.item_id: by_item[line.item_id] for line in lines}


def named_items(offer: Offer) -> list[Named]:
    """Return the items of an offer with the allocations that were not taken back."""
    lines = list(OfferItem.objects.filter(offer=offer).select_related("item"))
    paid: dict[int, list[Paid]] = {line.item_id: [] for line in lines}
    standing = Allocation.objects.filter(item_id__in=paid, reverses=None, reversed_by=None)
    for item_id, day, minor in standing.values_list("item_id", "effective_on", "amount_minor"):
        paid[item_id].append(Paid(day, minor))
    return [Named(line.item.amount_minor, line.held_minor, paid[line.item_id]) for line in lines]


def money_on_account(customer_id: int, currency: str) -> list[Paid]:
    """Return what stands on account of a customer, by value date."""
    mine = {"customer_id": customer_id, "currency": currency, "unapplied_minor__gt": 0}
    receipts = Receipt.objects.filter(**mine).values_list("received_on", "unapplied_minor")
    notes = CreditNote.objects.filter(**mine).values_list("issued_on", "unapplied_minor")
    return [Paid(day, minor) for day, minor in [*receipts, *notes]]
