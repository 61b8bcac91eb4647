"""The customer page: receipts, warnings, and the payment record month by month."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, CharField, F, Q, QuerySet, Value

from huikuan.credit.queries import open_risk_marks
from huikuan.desk.queries.words import words_for
from huikuan.receivables.models import CreditNote, PaymentMonth, Receipt

RECEIPTS_SHOWN = 10
MONTHS_SHOWN = 12


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """The latest receipts, what is not yet allocated per currency, and the payment record of twelve months."""

    receipts: tuple[ReceiptRow, ...]
    on_account: dict[str, int]
    months: tuple[MonthRow, ...]


def money_of(customer_id: int, *, today: date) -> Money:
    """Return what came in from a customer and how punctually, empty months included. One query."""
    first = _months_back(today, MONTHS_SHOWN - 1)
    of_customer = Receipt.objects.filter(customer_id=customer_id)
    latest = of_customer.order_by("-received_on", "-pk").values("pk")[:RECEIPTS_SHOWN]
    receipts = _shaped(
        of_customer.filter(Q(pk__in=latest) | Q(unapplied_minor__gt=0)), "receipt", day="received_on",
        one="amount_minor", two="unapplied_minor", named="reference", other="payer_name", coin="currency",
    )  # fmt: skip
    notes = _shaped(
        CreditNote.objects.filter(customer_id=customer_id, unapplied_minor__gt=0), "note", day="issued_on",
        one="amount_minor", two="unapplied_minor", coin="currency",
    )  # fmt: skip
    record = _shaped(
        PaymentMonth.objects.filter(customer_id=customer_id, month_on__gte=first), "month", day="month_on",
        one="settled_count", two="any_late_count", three="days_late_sum",
    )  # fmt: skip
    rows = list(receipts.union(notes, record, all=True))
    came = sorted((row for row in rows if row["row_is"] == "receipt"), key=lambda row: (row["day"], row["row_key"]))
    on_account: dict[str, int] = {}
    for row in rows:
        if row["row_is"] != "month" and row["two"] > 0:
            on_account[row["coin"]] = on_account.get(row["coin"], 0) + row["two"]
    return Money(
        receipts=tuple(_receipt(row) for row in came[::-1][:RECEIPTS_SHOWN]),
        on_account=on_account,
        months=_months({row["day"]: row for row in rows if row["row_is"] == "month"}, today),
    )


NONE, NOTHING = Value(0, output_field=BigIntegerField()), Value("", output_field=CharField())
COLUMNS: dict[str, Value] = {
    "day": NOTHING, "one": NONE, "two": NONE, "three": NONE, "named": NOTHING, "other": NOTHING, "coin": NOTHING,
}  # fmt: skip


def _shaped(rows: QuerySet[Any], source: str, **columns: str) -> QuerySet[Any, Any]:
    """Give every source the same columns in the same order."""
    said = {name: F(columns[name]) if name in columns else nothing for name, nothing in COLUMNS.items()}
    return rows.order_by().values(row_is=Value(source, output_field=CharField()), row_key=F("pk"), **said)


def _receipt(row: dict[str, Any]) -> ReceiptRow:
    return ReceiptRow(
        reference=row["named"],
        received_on=row["day"],
        currency=row["coin"],
        amount_minor=row["one"],
        unapplied_minor=row["two"],
        payer=row["other"],
    )


def _months(kept: dict[date, dict[str, Any]], today: date) -> tuple[MonthRow, ...]:
    months = [_months_back(today, back) for back in range(MONTHS_SHOWN - 1, -1, -1)]
    return tuple(
        MonthRow(
            month=f"{month:%Y-%m}",
            settled_count=row["one"] if (row := kept.get(month)) else 0,
            late_count=row["two"] if row else 0,
            mean_days=round(row["three"] / row["one"]) if row and row["one"] else 0,
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
