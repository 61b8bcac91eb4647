"""Payments through a gateway, our side: begun behind a signed link, offered, closed, news taken, money booked once.

Nothing here calls a gateway: `cash.gateways` does, outside any transaction.
"""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

import polars as pl
from django.conf import settings
from django.db import transaction

from huikuan.cash.commands.gateway_lines import booked_before, lines_about, recognize_lines
from huikuan.cash.commands.matching import undo_match
from huikuan.cash.commands.receive import NONE, Way, receive_money, recognize_money
from huikuan.cash.models import Payment, PaymentEvent, PaymentLine, StatementLine
from huikuan.cash.ports import Checkout, payment_gateway
from huikuan.cash.rules.payment import Asked, News, NewsState, Verdict, judge, next_check, share_out
from huikuan.journal.commands import record
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.kernel.zones import local_day
from huikuan.parties.models import SignedLink
from huikuan.receivables.commands.account import locked_customer, today_of
from huikuan.receivables.commands.charges import charge_penalty, chargeable
from huikuan.receivables.models import OpenItem, Receipt
from huikuan.receivables.queries.account import ItemRow, account_of
from huikuan.storage.locks import hold

TERM: Final = timedelta(minutes=60)
"""How long a payment can be paid. Stripe demands at least 30 minutes."""
LEFT_AT_LEAST: Final = timedelta(minutes=15)
"""A payment that was begun for the same is taken up again when so much of its time is left."""
REFERENCE_MAX: Final = 80

State = Payment.State
OPEN: Final = (State.CREATED, State.PENDING)


class NothingToPay(Refusal):
    """No item chosen, or none of them is open any more."""

    code = "payment.nothing-to-pay"
    text = gettext_noop("Choose at least one open item. What you chose may have been paid meanwhile.")


class OneCurrency(Refusal):
    """A payment has one."""

    code = "payment.one-currency"
    text = gettext_noop("Pay items of one currency at a time.")


class GatewayCurrency(Refusal):
    """The gateway does not take it."""

    code = "payment.gateway-currency"
    text = gettext_noop("{gateway} takes no {currency}. Choose another way to pay.")


class GatewayOfOther(Refusal):
    """The merchant account belongs to another creditor."""

    code = "payment.gateway-of-other"
    text = gettext_noop("{entity} takes no payments online. Please transfer the money.")


@transaction.atomic
def begin_payment(
    *, link_id: int, gateway: str, item_ids: Collection[int], with_penalty: bool, now: datetime
) -> Payment:
    """Begin a payment for items behind a signed link; the same choice again returns the payment that is still open.

    Args:
        link_id: The link, found valid by the caller: whose items can be paid.
        gateway: Name of a gateway that is switched on.
        item_ids: Which; those of other customers are left out.
        with_penalty: Pay the penalty that ran up to today, too.
        now: The instant.

    Raises: GatewayUnknown, GatewayOfOther, NothingToPay, OneCurrency, GatewayCurrency.
    """
    link = SignedLink.objects.select_related("customer__entity").get(pk=link_id)
    customer = locked_customer(link.customer_id)
    takes = payment_gateway(gateway).currencies
    if customer.entity.code not in settings.HUIKUAN_GATEWAY_ENTITIES:
        raise GatewayOfOther(entity=customer.entity.name)
    today = today_of(customer.entity, now)
    chosen = [item for item in account_of(customer.pk, as_of=today).items if item.pk in set(item_ids)]
    if not chosen:
        raise NothingToPay
    currency = chosen[0].currency
    if any(item.currency != currency for item in chosen):
        raise OneCurrency
    if currency not in takes:
        raise GatewayCurrency(gateway=gateway, currency=currency)
    penalty_minor = sum(item.penalty_minor for item in chosen) if with_penalty else 0
    payment = Payment(
        entity=customer.entity, customer=customer, link=link, gateway=gateway, currency=currency,
        number=f"{today:%Y%m%d}{secrets.token_hex(8)}", penalty_minor=penalty_minor, penalty_on=today,
        amount_minor=sum(item.open_minor for item in chosen) + penalty_minor, created_at=now, expires_at=now + TERM,
        next_check_at=next_check(now, checked=0, expires_at=now + TERM),
    )  # fmt: skip
    if (same := _still_open(payment, chosen)) is not None:
        return same
    payment.save()
    PaymentLine.objects.bulk_create(
        PaymentLine(payment=payment, item_id=item.pk, amount_minor=item.open_minor) for item in chosen
    )
    _record("cash.payment-begun", payment, now=now, items=[item.number for item in chosen])
    return payment


def _still_open(wanted: Payment, chosen: Collection[ItemRow]) -> Payment | None:
    """Return the payment that was begun for the very same, and can still be paid for a while."""
    lines = {item.pk: item.open_minor for item in chosen}
    found = Payment.objects.filter(
        link=wanted.link, gateway=wanted.gateway, state=State.PENDING, penalty_minor=wanted.penalty_minor,
        penalty_on=wanted.penalty_on, expires_at__gt=wanted.created_at + LEFT_AT_LEAST,
    )  # fmt: skip
    for payment in found.prefetch_related("lines"):
        if {line.item_id: line.amount_minor for line in payment.lines.all()} == lines:
            return payment
    return None


@transaction.atomic
def offer_payment(*, payment_id: int, checkout: Checkout, now: datetime) -> Payment:
    """Keep where the payer pays; a payment that has ended meanwhile stays as it is."""
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    if payment.state == State.CREATED:
        payment.state, payment.address, payment.is_code = State.PENDING, checkout.address, checkout.is_code
        payment.handle = checkout.handle
        payment.save(update_fields=["state", "address", "is_code", "handle"])
        _record("cash.payment-offered", payment, now=now)
    return payment


@transaction.atomic
def end_payment(*, payment_id: int, state: Payment.State, now: datetime, reason: str = "") -> Payment:
    """End an open payment as FAILED or CLOSED; money that comes all the same is booked all the same."""
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    if payment.state in OPEN:
        _end(payment, state, now=now)
        _record("cash.payment-ended", payment, now=now, state=state, reason=reason)
    return payment


@transaction.atomic
def ask_later(*, payment_id: int, now: datetime) -> None:
    """Say when the gateway is asked next about an open payment."""
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    if payment.state in OPEN:
        payment.next_check_at = next_check(now, checked=payment.check_count, expires_at=payment.expires_at)
        payment.check_count += 1
        payment.save(update_fields=["next_check_at", "check_count"])


@transaction.atomic
def take_news(*, gateway: str, news: News, source: str, now: datetime) -> Verdict:
    """Take verified news of a gateway; money that it tells of is booked exactly once.

    Calls may come twice, at once, late, in any order: the customer is locked, the news is kept under its unique name,
    and what was known decides (`rules.payment.judge`).
    """
    hold(f"payment-event:{gateway}:{news.event_id}")
    customer_id = Payment.objects.filter(gateway=gateway, number=news.number).values_list("customer_id", flat=True)
    payment = None
    if (found := customer_id.first()) is not None:
        locked_customer(found)
        payment = Payment.objects.select_for_update(of=("self",)).select_related("entity").get(number=news.number)
    if PaymentEvent.objects.filter(gateway=gateway, event_id=news.event_id).exists():
        return Verdict.REPEATED
    verdict = Verdict.UNKNOWN if payment is None else judge(news, _asked(payment))
    line = None
    if payment is not None and verdict is Verdict.BOOKED:
        line = booked_before(payment, news.provider_reference)
        if line is not None and line.amount_minor != payment.amount_minor:
            verdict = Verdict.AMOUNT_DIFFERS
    PaymentEvent.objects.create(
        gateway=gateway, event_id=news.event_id, payment=payment, source=source, number=news.number, state=news.state,
        provider_reference=news.provider_reference, currency=news.currency, amount_minor=news.amount_minor,
        verdict=verdict, heard_at=now,
    )  # fmt: skip
    if payment is not None and verdict is Verdict.BOOKED:
        _book(payment, news, line, now=now)
    elif payment is not None and verdict is Verdict.MOVED:
        _end(payment, State.FAILED if news.state is NewsState.FAILED else State.CLOSED, now=now)
        _record("cash.payment-ended", payment, now=now, state=payment.state, reason="")
    elif verdict is not Verdict.NOTED:
        _record_trouble(payment, gateway, news, verdict, now=now)
    return verdict


def _asked(payment: Payment) -> Asked:
    return Asked(
        state=payment.state,
        currency=payment.currency,
        amount_minor=payment.amount_minor,
        provider_reference=payment.provider_reference,
    )


def _book(payment: Payment, news: News, line: StatementLine | None, *, now: datetime) -> None:
    """Book the money, unless a line of a statement brought it before; lines that tell of it again are set aside."""
    if line is not None and line.receipt is not None and line.receipt.customer_id == payment.customer_id:
        payment.receipt = line.receipt
    elif line is not None and line.receipt is not None:
        payment.receipt = _recognized(payment, line, now=now)
    else:
        payment.receipt = _received(payment, news, now=now)
    payment.provider_reference = news.provider_reference
    _end(payment, State.PAID, now=now)
    recognize_lines(lines_about(payment), entity_id=payment.entity_id, now=now)
    _record("cash.payment-booked", payment, now=now, receipt=payment.receipt.reference)


def _recognized(payment: Payment, line: StatementLine, *, now: datetime) -> Receipt:
    """Give money that a statement brought to him who paid it: the gateway knows, whatever a line was taken for."""
    for wrong in line.matches.filter(undone_at=None):
        undo_match(match_id=wrong.pk, reason=f"{payment.gateway} {payment.number}", actor=None, now=now)
    assert line.receipt is not None  # noqa: S101  the caller looked
    way = _way(payment, now=now)
    return recognize_money(
        receipt_id=line.receipt.pk, customer_id=payment.customer_id, actor=None, now=now, allocate=way
    )


def _received(payment: Payment, news: News, *, now: datetime) -> Receipt:
    today = today_of(payment.entity, now)
    paid_on = local_day(news.paid_at, payment.entity.time_zone) if news.paid_at else today
    return receive_money(
        entity_id=payment.entity_id, customer_id=payment.customer_id,
        reference=f"{payment.gateway}:{news.provider_reference or payment.number}"[:REFERENCE_MAX],
        received_on=min(paid_on, today), currency=payment.currency, amount_minor=payment.amount_minor,
        payer_name=news.payer_name, allocate=_way(payment, now=now), actor=None, now=now,
    )  # fmt: skip


def _way(payment: Payment, *, now: datetime) -> Way:
    """Return what the money pays: items as chosen, as far as they are open; what was paid meanwhile goes on account."""
    lines = list(payment.lines.order_by("pk").values_list("item_id", "amount_minor"))
    item_ids = [item_id for item_id, _minor in lines]
    lines += _charged(payment, item_ids, now=now)
    still_open = dict(OpenItem.objects.filter(pk__in=[item for item, _ in lines]).values_list("pk", "open_minor"))
    return share_out(lines, still_open) or NONE


def _charged(payment: Payment, item_ids: list[int], *, now: datetime) -> list[tuple[int, int]]:
    """Charge the penalty that the payer chose to pay; return the debit notes as further lines.

    What is not exactly the amount he was shown, because the account has moved, is not charged: it stays on account.
    """
    if not payment.penalty_minor:
        return []
    borne, _lines = chargeable(payment.customer_id, through_on=payment.penalty_on)
    if borne.filter(pl.col("item_id").is_in(item_ids))["penalty_minor"].sum() != payment.penalty_minor:
        return []
    charges = charge_penalty(
        customer_id=payment.customer_id, through_on=payment.penalty_on, item_ids=item_ids, actor=None, now=now,
        reason=payment.number,
    )  # fmt: skip
    return [(charge.booked_as_id, charge.amount_minor) for charge in charges]


def _end(payment: Payment, state: Payment.State, *, now: datetime) -> None:
    payment.state, payment.next_check_at, payment.ended_at = state, None, now
    payment.save(update_fields=["state", "next_check_at", "ended_at", "provider_reference", "receipt"])


def _record(event: str, payment: Payment, *, now: datetime, **facts: object) -> None:
    record(
        event, now=now, actor=None, entity_id=payment.entity_id, customer_id=payment.customer_id, subject=payment,
        gateway=payment.gateway, number=payment.number, currency=payment.currency, amount_minor=payment.amount_minor,
        **facts,
    )  # fmt: skip


def _record_trouble(payment: Payment | None, gateway: str, news: News, verdict: Verdict, *, now: datetime) -> None:
    """Write the journal of news that changed nothing."""
    record(
        "cash.payment-news-kept", now=now, actor=None, entity_id=payment.entity_id if payment else None,
        customer_id=payment.customer_id if payment else None, subject=payment, gateway=gateway, number=news.number,
        provider_reference=news.provider_reference, currency=news.currency, amount_minor=news.amount_minor,
        state=news.state, verdict=verdict,
    )  # fmt: skip
