"""Lines of a wallet's statement that a gateway already told us of (0051): set aside by themselves, never booked twice.

Both orders are met: a statement that comes after the gateway's news is looked through when it is imported; where it
came before, its lines are looked for when the news comes.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from huikuan.cash.models import Payment, SetAside, StatementLine
from huikuan.cash.rules.gateway_lines import Movement, Recognized, Trade, recognize, references_of
from huikuan.journal.commands import record
from huikuan.kernel.zones import local_day

CHUNK: Final = 500
EARLY: Final = timedelta(days=1)
"""A wallet's day may begin before ours."""


def recognize_lines(lines: QuerySet[StatementLine], *, entity_id: int, now: datetime) -> int:
    """Set aside those of an entity's lines that are payments, fees or refunds of its gateways; return how many.

    A line that a person has put back on the list stays there. Its caller holds the lock of the account, or of the
    customer who paid, and journals what it follows from.
    """
    paid = Payment.objects.filter(entity_id=entity_id, receipt__isnull=False)
    if not paid.exists():
        return 0
    spoken = SetAside.objects.filter(Q(ended_at=None) | Q(payment__isnull=False), line=OuterRef("pk"))
    undecided = lines.filter(~Exists(spoken), receipt=None).order_by("pk").iterator(chunk_size=CHUNK)
    made: list[SetAside] = []
    while chunk := list(islice(undecided, CHUNK)):
        made += _set_aside(chunk, paid, now=now)
    if made:
        record(
            "cash.gateway-lines-recognized", now=now, actor=None, entity_id=entity_id,
            lines=[[each.line_id, each.why, each.reason] for each in made],
        )  # fmt: skip
    return len(made)


def _set_aside(lines: Iterable[StatementLine], paid: QuerySet[Payment], *, now: datetime) -> list[SetAside]:
    movements = [movement_of(line) for line in lines]
    names = {name for each in movements for name in each.references}
    named = Q(number__in=names) | Q(provider_reference__in=names)
    payments = list(paid.filter(named | Q(refunds__number__in=names)).distinct().select_related("receipt"))
    if not payments:
        return []
    trades = [_trade(payment) for payment in payments]
    found = recognize(movements, trades, taken=_taken(payments))
    called = {payment.pk: payment.receipt.reference for payment in payments if payment.receipt is not None}
    return SetAside.objects.bulk_create(
        SetAside(line_id=line_id, why=what, payment_id=payment_id, reason=called[payment_id], placed_at=now)
        for line_id, (payment_id, what) in sorted(found.items())
    )


def movement_of(line: StatementLine) -> Movement:
    """Return a line as the rules see it."""
    return Movement(
        line_id=line.pk, account_id=line.account_id, currency=line.currency, amount_minor=line.amount_minor,
        references=references_of((line.bank_reference, line.end_to_end_id), line.remittance), kind=line.kind,
        words=line.remittance,
    )  # fmt: skip


def _trade(payment: Payment) -> Trade:
    refunds = payment.refunds.values_list("number", "provider_reference")
    return Trade(
        payment_id=payment.pk, number=payment.number, provider_reference=payment.provider_reference,
        currency=payment.currency, amount_minor=payment.amount_minor,
        refunds=frozenset(name for names in refunds for name in names if name),
    )  # fmt: skip


def _taken(payments: list[Payment]) -> set[tuple[int, int]]:
    """Return the (payment, account) whose line of money in is known: set aside before, or booked as the payment."""
    known = SetAside.objects.filter(payment__in=payments, why=Recognized.PAYMENT, ended_at=None)
    booked = StatementLine.objects.filter(receipt__payment__in=payments)
    return {*known.values_list("payment_id", "line__account_id"), *booked.values_list("receipt__payment", "account_id")}


def lines_about(payment: Payment) -> QuerySet[StatementLine]:
    """Return the lines of its entity that may be about a payment: from the day on which it began."""
    since = local_day(payment.created_at, payment.entity.time_zone) - EARLY
    return StatementLine.objects.filter(account__entity_id=payment.entity_id, booked_on__gte=since)


def booked_before(payment: Payment, provider_reference: str) -> StatementLine | None:
    """Return the line of a statement by which this very payment was booked before the gateway told of it."""
    named = Q(bank_reference=provider_reference) | Q(end_to_end_id=provider_reference)
    if not provider_reference:
        named = Q()
    named |= Q(bank_reference=payment.number) | Q(end_to_end_id=payment.number) | Q(remittance__contains=payment.number)
    booked = lines_about(payment).filter(named, receipt__isnull=False, receipt__payment=None)
    return booked.select_related("receipt").order_by("pk").first()
