"""What the matcher knows of one entity: its open items with what they bear, customers, contracts, learned payers."""

from collections.abc import Iterator
from datetime import date
from typing import Final

import polars as pl
from django.db.models import Q, QuerySet

from huikuan.cash.models import SetAside, StatementLine
from huikuan.cash.queries.lines import open_lines
from huikuan.cash.rules.match import Book, Line
from huikuan.cash.rules.match_bills import Paper
from huikuan.cash.rules.match_book import CONTRACT_SCHEMA, CUSTOMER_SCHEMA, PAYER_SCHEMA
from huikuan.kernel.columns import share_ppm
from huikuan.parties.models import Entity
from huikuan.receivables.models import Bill
from huikuan.receivables.models.bill import BillState
from huikuan.receivables.queries.frames import Scope, allocation_frame, item_frame
from huikuan.receivables.queries.terms import reference_frame, terms_frame
from huikuan.receivables.queries.waivers import waiver_frame
from huikuan.receivables.rules.penalty import penalty
from huikuan.storage.bulk import read_frame

COLLECTABLE: Final = (BillState.HELD, BillState.PLEDGED, BillState.PRESENTED)
"""States in which the money of a bill comes to us, or to whoever holds it for us."""
_DISCOUNTS: Final = """
SELECT i.id AS item_id, coalesce(o.share_ppm, c.share_ppm) AS share_ppm, i.amount_minor, i.issued_on,
       coalesce(o.days, c.days) AS days
  FROM receivables_openitem i
  LEFT JOIN arrangements_discountterms o ON o.item_id = i.id
  LEFT JOIN arrangements_discountterms c ON c.contract_id = i.contract_id AND c.starts_on <= i.issued_on
 WHERE i.entity_id = %(entity)s AND i.settled_on IS NULL AND coalesce(o.share_ppm, c.share_ppm, 0) > 0"""
_DISCOUNT_SCHEMA: Final = {
    "item_id": pl.Int64, "share_ppm": pl.Int64, "amount_minor": pl.Int64, "issued_on": pl.Date, "days": pl.Int64,
}  # fmt: skip


def unmatched(*, entity_id: int) -> QuerySet[StatementLine]:
    """Return the lines that wait for a decision: open ones, and those booked as money of nobody knows whom."""
    aside = SetAside.objects.filter(ended_at=None).values("line_id")
    unknown = StatementLine.objects.filter(account__entity_id=entity_id, receipt__customer=None).exclude(pk__in=aside)
    opened = open_lines(entity_id=entity_id).values("pk")
    return StatementLine.objects.filter(Q(pk__in=opened) | Q(pk__in=unknown.exclude(receipt=None).values("pk")))


def lines_to_match(*, entity_id: int) -> Iterator[Line]:
    """Give the undecided lines as the rules see them; those that a bank took back are for a person to judge."""
    rows = unmatched(entity_id=entity_id).filter(is_reversal=False).order_by("pk")
    for row in rows.iterator(chunk_size=2_000):
        yield line_to_match(row)


def line_to_match(row: StatementLine) -> Line:
    """Return a line as the rules see it."""
    return Line(
        line_id=row.pk,
        received_on=row.value_on or row.booked_on,
        currency=row.currency,
        amount_minor=row.amount_minor,
        payer_name=row.counterparty_name,
        payer_account=row.counterparty_account,
        text="\n".join(part for part in (row.remittance, row.end_to_end_id) if part),
        charges_minor=row.charges_minor,
    )


def papers_of(*, entity_id: int, **only: object) -> list[Paper]:
    """Return the bills in our hands, which a bank line may collect; only those of an amount, say. One query."""
    found = Bill.objects.filter(entity_id=entity_id, state__in=COLLECTABLE, **only)
    return [
        Paper(
            bill_id=bill.pk, number=bill.number, acceptor=bill.acceptor, currency=bill.currency,
            amount_minor=bill.amount_minor, matures_on=bill.matures_on,
        )
        for bill in found.order_by("matures_on", "pk")
    ]  # fmt: skip


def book_of(entity: Entity, *, as_of: date) -> Book:
    """Return everything that a line of the entity may be matched with.

    Args:
        entity: The creditor.
        as_of: The day for which penalties and discounts are reckoned.
    """
    return Book(
        items=_items(entity, as_of),
        customers=read_frame(
            """SELECT id AS customer_id, code, name, registration_no, parent_id
                 FROM parties_customer WHERE entity_id = %(entity)s""",
            {"entity": entity.pk}, CUSTOMER_SCHEMA,
        ),
        contracts=read_frame(
            "SELECT customer_id, number FROM receivables_contract WHERE entity_id = %(entity)s",
            {"entity": entity.pk}, CONTRACT_SCHEMA,
        ),
        payers=read_frame(
            "SELECT kind, key, customer_id, confirmed_count, rejected_count FROM cash_knownpayer"
            " WHERE entity_id = %(entity)s",
            {"entity": entity.pk}, PAYER_SCHEMA,
        ),
    )  # fmt: skip


def _items(entity: Entity, as_of: date) -> pl.DataFrame:
    scope = Scope(as_of=as_of, entity_id=entity.pk)
    borne = penalty(
        item_frame(scope), allocations=allocation_frame(scope), terms=terms_frame(), reference=reference_frame(as_of),
        as_of=as_of, waivers=waiver_frame(scope), added=("penalty_minor",),
    ).filter(pl.col("open_minor") > 0)  # fmt: skip
    granted = read_frame(_DISCOUNTS, {"entity": entity.pk}, _DISCOUNT_SCHEMA)
    in_time = granted.filter(pl.col("issued_on") + pl.duration(days="days") >= as_of).select(
        "item_id", discount_minor=share_ppm(pl.col("amount_minor"), pl.col("share_ppm"))
    )
    return borne.join(in_time, on="item_id", how="left").with_columns(pl.col("discount_minor").fill_null(0))
