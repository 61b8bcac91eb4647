"""A customer's account as pages and letters show it: items with their penalty calculated, sums per currency, money."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db.models import Sum

from huikuan.parties.models import Customer
from huikuan.receivables.models import Contract, CreditNote, OpenItem, PenaltyTerms, Receipt
from huikuan.receivables.queries.frames import Scope, allocation_frame, item_frame, on_account_frame
from huikuan.receivables.queries.terms import reference_frame, terms_frame
from huikuan.receivables.queries.waivers import waiver_frame
from huikuan.receivables.rules.aging import bucketed, labels
from huikuan.receivables.rules.excess import is_excessive
from huikuan.receivables.rules.lines import penalty_lines
from huikuan.receivables.rules.penalty import penalty


@dataclass(frozen=True, slots=True)
class PenaltyLine:
    """One line of the printed calculation (`rules.lines.penalty_lines`)."""

    kind: str
    """DAYS, CAP (what the cap takes off), or WAIVED."""
    starts_on: date | None
    ends_on: date | None
    days: int | None
    base_minor: int | None
    rate_num: int | None
    rate_den: int | None
    """rate_num / rate_den: what one unit bears on a day, exactly."""
    reference_ppm: int | None
    amount_minor: int


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item as of the day; money in minor units of `currency`."""

    item_id: int
    number: str
    kind: str
    contract_id: int | None
    contract_number: str
    clause: str
    issued_on: date
    due_on: date
    currency: str
    amount_minor: int
    open_minor: int
    days_overdue: int
    bucket: str
    penalty_minor: int
    fee_minor: int
    terms_source: str
    is_reference_missing: bool
    """Part of the time lies before the first known publication of the reference rate."""
    is_excessive: bool
    """The penalty is above 1.3 times the loss at LPR: a court may cut it on request. Nothing is cut here."""
    lines: tuple[PenaltyLine, ...]


@dataclass(frozen=True, slots=True)
class CurrencyPosition:
    """The sums of one currency; currencies are never added."""

    currency: str
    open_minor: int
    overdue_minor: int
    current_minor: int
    on_account_minor: int
    """Money and credit notes not allocated; positive, and not taken off the sums above."""
    penalty_minor: int
    """Borne so far by what is open."""
    fee_minor: int
    settled_penalty_minor: int
    """Borne by items that were settled late."""
    oldest_due_on: date | None
    """Of what is overdue."""
    buckets: dict[str, int]


@dataclass(frozen=True, slots=True)
class Position:
    """A customer's account on a day."""

    customer_id: int
    as_of: date
    currencies: tuple[CurrencyPosition, ...]
    items: tuple[ItemRow, ...]


def customer_position(
    customer: Customer, as_of: date, *, known_at: datetime | None = None, with_settled: bool = False
) -> Position:
    """Return the account of a customer as it was on a day.

    Args:
        customer: Whose; the caller has asked `visible_to`.
        as_of: The day.
        known_at: As one could know it at that instant; None: as it is known now.
        with_settled: Also the items with nothing open.
    """
    scope = Scope(as_of=as_of, customer_ids=[customer.pk], known_at=known_at)
    items = item_frame(scope, with_settled=with_settled)
    allocations = allocation_frame(scope, with_settled=with_settled)
    terms = terms_frame(PenaltyTerms.objects.filter(pk__in=items["terms_id"].drop_nulls().unique().to_list()))
    inputs: dict[str, Any] = {
        "allocations": allocations, "terms": terms, "reference": reference_frame(as_of), "as_of": as_of,
    }  # fmt: skip
    waivers = waiver_frame(scope)
    borne = bucketed(penalty(items, waivers=waivers, **inputs), as_of=as_of)
    borne = borne.with_columns(is_excessive(borne, **inputs))
    lines = penalty_lines(items, waivers=waivers, **inputs)
    return Position(
        customer_id=customer.pk,
        as_of=as_of,
        currencies=_sums(customer, scope, borne),
        items=_item_rows(borne, lines),
    )


def _item_rows(borne: pl.DataFrame, lines: pl.DataFrame) -> tuple[ItemRow, ...]:
    of_item: dict[int, list[PenaltyLine]] = defaultdict(list)
    for line in lines.iter_rows(named=True):
        of_item[line["item_id"]].append(PenaltyLine(**{name: line[name] for name in PenaltyLine.__slots__}))
    contracts = Contract.objects.in_bulk(borne["contract_id"].drop_nulls().unique().to_list())
    sources = dict(PenaltyTerms.objects.filter(pk__in=borne["terms_id"].drop_nulls()).values_list("pk", "source"))
    rows = []
    for row in borne.iter_rows(named=True):
        contract = contracts.get(row["contract_id"])
        taken = {name: row[name] for name in ItemRow.__slots__ if name in row}
        rows.append(
            ItemRow(
                **taken,
                contract_number=contract.number if contract else "",
                clause=contract.clause if contract else "",
                terms_source=sources.get(row["terms_id"], ""),
                lines=tuple(of_item[row["item_id"]]),
            )
        )
    return tuple(rows)


def _sums(customer: Customer, scope: Scope, borne: pl.DataFrame) -> tuple[CurrencyPosition, ...]:
    on_account = {currency: minor for _pk, currency, minor in on_account_frame(scope).iter_rows()}
    late = OpenItem.objects.filter(customer=customer, settled_on__lte=scope.as_of)
    settled = dict(late.values_list("currency").annotate(Sum("settled_penalty_minor")).order_by())
    open_items = borne.filter(pl.col("open_minor") != 0)
    parts = {key[0]: part for key, part in open_items.partition_by("currency", as_dict=True).items()}
    known = sorted(set(parts) | set(on_account) | {currency for currency, minor in settled.items() if minor})
    empty = open_items.clear()
    return tuple(
        _sum(currency, parts.get(currency, empty), on_account.get(currency, 0), settled.get(currency, 0))
        for currency in known
    )


def _sum(currency: str, items: pl.DataFrame, on_account_minor: int, settled_penalty_minor: int) -> CurrencyPosition:
    overdue = items.filter(pl.col("days_overdue") > 0)
    by_bucket = dict(items.group_by("bucket").agg(pl.col("open_minor").sum()).iter_rows())
    open_minor, overdue_minor = int(items["open_minor"].sum()), int(overdue["open_minor"].sum())
    return CurrencyPosition(
        currency=currency,
        open_minor=open_minor,
        overdue_minor=overdue_minor,
        current_minor=open_minor - overdue_minor,
        on_account_minor=on_account_minor,
        penalty_minor=int(items["penalty_minor"].sum()),
        fee_minor=int(items["fee_minor"].sum()),
        settled_penalty_minor=settled_penalty_minor,
        oldest_due_on=overdue.select(pl.col("due_on").min()).item(),
        buckets={name: by_bucket.get(name, 0) for name in labels()},
    )


@dataclass(frozen=True, slots=True)
class AllocationRow:
    """What a piece of money or a credit note did to one item."""

    allocation_id: int
    item_id: int
    item_number: str
    amount_minor: int
    """Negative: taken back."""
    effective_on: date
    basis: str
    reason: str
    is_reversed: bool


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """A receipt or a credit note with what it paid."""

    id: int
    is_credit_note: bool
    name: str
    day: date
    currency: str
    amount_minor: int
    unapplied_minor: int
    payer_name: str
    allocations: tuple[AllocationRow, ...]


def money_of(customer: Customer, *, limit: int = 200) -> tuple[MoneyRow, ...]:
    """Return the newest receipts and credit notes of a customer with their allocations, the newest first."""
    receipts = Receipt.objects.filter(customer=customer).order_by("-received_on", "-pk")[:limit]
    notes = CreditNote.objects.filter(customer=customer).order_by("-issued_on", "-pk")[:limit]
    rows = [
        MoneyRow(each.pk, False, each.reference, each.received_on, each.currency, each.amount_minor,
                 each.unapplied_minor, each.payer_name, _allocation_rows(each))
        for each in receipts.prefetch_related("allocations__item", "allocations__reversed_by")
    ] + [
        MoneyRow(each.pk, True, each.number, each.issued_on, each.currency, each.amount_minor, each.unapplied_minor,
                 "", _allocation_rows(each))
        for each in notes.prefetch_related("allocations__item", "allocations__reversed_by")
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda row: (row.day, row.id), reverse=True)[:limit])


def _allocation_rows(source: Receipt | CreditNote) -> tuple[AllocationRow, ...]:
    return tuple(
        AllocationRow(
            allocation_id=each.pk,
            item_id=each.item_id,
            item_number=each.item.number,
            amount_minor=each.amount_minor,
            effective_on=each.effective_on,
            basis=each.basis,
            reason=each.reason,
            is_reversed=hasattr(each, "reversed_by"),
        )
        for each in sorted(source.allocations.all(), key=lambda each: (each.effective_on, each.pk))
    )
