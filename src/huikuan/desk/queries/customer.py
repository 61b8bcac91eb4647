"""The customer page: contracts, receipts, warnings, and the payment record month by month."""

from dataclasses import dataclass
from datetime import date

from huikuan.credit.queries import open_risk_marks
from huikuan.desk.queries.words import terms_words, words_for
from huikuan.receivables.models import Contract, PaymentMonth, Receipt
from huikuan.receivables.queries.terms import content_of

CONTRACTS_SHOWN = 20
RECEIPTS_SHOWN = 10
MONTHS_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractRow:
    """What was agreed."""

    number: str
    kind: str
    signed_on: date | None
    term: str
    term_days: int | None
    penalty: str
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRow:
    """Money that arrived."""

    reference: str
    received_on: date
    currency: str
    amount_minor: int
    unapplied_minor: int
    payer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthRow:
    """What was settled in one calendar month."""

    month: str
    settled_count: int
    late_count: int
    mean_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """A warning that stands."""

    words: str
    since: date
    reasons: tuple[tuple[str, str], ...]


def contracts_of(customer_id: int) -> tuple[ContractRow, ...]:
    """Return the contracts, newest first. One query."""
    rows = Contract.objects.filter(customer_id=customer_id).select_related("terms").order_by("-signed_on", "-pk")
    return tuple(
        ContractRow(
            number=each.number,
            kind=each.get_kind_display(),
            signed_on=each.signed_on,
            term=each.get_due_basis_display(),
            term_days=each.term_days,
            penalty=terms_words(content_of(each.terms)) if each.terms else "",
            clause=each.clause,
        )
        for each in rows[:CONTRACTS_SHOWN]
    )


def receipts_of(customer_id: int) -> tuple[ReceiptRow, ...]:
    """Return the latest receipts. One query."""
    rows = Receipt.objects.filter(customer_id=customer_id).order_by("-received_on", "-pk")[:RECEIPTS_SHOWN]
    return tuple(
        ReceiptRow(
            reference=each.reference,
            received_on=each.received_on,
            currency=each.currency,
            amount_minor=each.amount_minor,
            unapplied_minor=each.unapplied_minor,
            payer=each.payer_name,
        )
        for each in rows
    )


def months_of(customer_id: int, *, today: date) -> tuple[MonthRow, ...]:
    """Return the payment record of the last twelve calendar months, oldest first, empty months included. One query."""
    months = [_months_back(today, back) for back in range(MONTHS_SHOWN - 1, -1, -1)]
    kept = {row.month_on: row for row in PaymentMonth.objects.filter(customer_id=customer_id, month_on__gte=months[0])}
    return tuple(
        MonthRow(
            month=f"{month:%Y-%m}",
            settled_count=row.settled_count if (row := kept.get(month)) else 0,
            late_count=row.any_late_count if row else 0,
            mean_days=round(row.days_late_sum / row.settled_count) if row and row.settled_count else 0,
        )
        for month in months
    )


def _months_back(day: date, count: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - count, 12)
    return date(year, month + 1, 1)


def warnings_of(customer_id: int) -> tuple[Warned, ...]:
    """Return the warnings that stand. One query."""
    return tuple(
        Warned(words=mark.get_kind_display(), since=mark.begun_on, reasons=words_for(mark.facts, ""))
        for mark in open_risk_marks(customer_id)
    )
