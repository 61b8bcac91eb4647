"""Asking to write off, to pay back, to keep a difference; booked by the last yes, by the levels of the policy (B5)."""

from datetime import date, datetime

from django.db import transaction

from huikuan.arrangements.commands.approvals import ask, open_about, stop_asking
from huikuan.arrangements.models import Approval
from huikuan.cash.commands.closing import close_the_loop
from huikuan.cash.commands.reverse import ReasonMissing
from huikuan.cash.models import MoneyRequest
from huikuan.journal.commands import record
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import Customer, User
from huikuan.policy.queries import policy_in_force
from huikuan.policy.reading.policy import default_policy
from huikuan.receivables.commands.account import locked_customer, refuse_unbookable, today_of
from huikuan.receivables.commands.allocations import AllocationExceedsItem, AllocationExceedsMoney, PayerUnknown
from huikuan.receivables.commands.payouts import pay_out
from huikuan.receivables.commands.write_offs import write_off
from huikuan.receivables.models import OpenItem, Receipt

NOUN = "money-request"

Kind = MoneyRequest.Kind


class RequestWaiting(Refusal):
    """One question at a time."""

    code = "cash.request-waiting"
    text = gettext_noop("{name} already waits for a decision. Wait for it, or ask to have it declined first.")


@transaction.atomic
def request_write_off(*, item_id: int, amount_minor: int, reason: str, actor: User, now: datetime) -> MoneyRequest:
    """Ask to write off so much of an item. Raises ReasonMissing, AmountNotPositive, AllocationExceedsItem,
    RequestWaiting.
    """  # noqa: D205  one sentence
    item = OpenItem.objects.get(pk=item_id)
    customer = locked_customer(item.customer_id)
    item.refresh_from_db()
    if amount_minor > item.open_minor:
        raise AllocationExceedsItem(item=item.number, open_minor=item.open_minor, wanted_minor=amount_minor)
    if MoneyRequest.objects.filter(item=item, booked_at=None, declined_at=None).exists():
        raise RequestWaiting(name=item.number)
    request = MoneyRequest(kind=Kind.WRITE_OFF, item=item, currency=item.currency)
    return _asked(request, customer, item.number, amount_minor, reason=reason, actor=actor, now=now)


@transaction.atomic
def request_payout(
    *, receipt_id: int, kind: str, amount_minor: int, reason: str, actor: User, now: datetime, reference: str = ""
) -> MoneyRequest:
    """Ask to pay back money on account (REFUND), or to keep a small difference (INCOME).

    Raises: PayerUnknown, ReasonMissing, AmountNotPositive, AllocationExceedsMoney, RequestWaiting.
    """
    receipt = Receipt.objects.get(pk=receipt_id)
    if receipt.customer_id is None:
        raise PayerUnknown(source=receipt.reference)
    customer = locked_customer(receipt.customer_id)
    receipt.refresh_from_db()
    if amount_minor > receipt.unapplied_minor:
        raise AllocationExceedsMoney(
            source=receipt.reference, unapplied_minor=receipt.unapplied_minor, wanted_minor=amount_minor
        )
    if MoneyRequest.objects.filter(receipt=receipt, booked_at=None, declined_at=None).exists():
        raise RequestWaiting(name=receipt.reference)
    request = MoneyRequest(kind=Kind(kind), receipt=receipt, currency=receipt.currency, reference=reference)
    return _asked(request, customer, receipt.reference, amount_minor, reason=reason, actor=actor, now=now)


def _asked(
    request: MoneyRequest, customer: Customer, name: str, amount_minor: int, *, reason: str, actor: User, now: datetime
) -> MoneyRequest:
    refuse_unbookable(name, amount_minor)
    if not reason.strip():
        raise ReasonMissing
    request.entity, request.customer, request.amount_minor = customer.entity, customer, amount_minor
    request.reason, request.asked_by, request.asked_at = reason.strip(), actor, now
    request.save()
    in_force = policy_in_force(customer.entity_id, today_of(customer.entity, now))
    policy = in_force.policy if in_force else default_policy()
    ask(
        customer=customer, about=about(request), roles=policy.plan.roles_for(amount_minor, request.currency),
        currency=request.currency, amount_minor=amount_minor, reasons=[request.kind], actor=actor, now=now,
    )  # fmt: skip
    record(
        "cash.money-request-made", now=now, actor=actor, entity_id=customer.entity_id, customer_id=customer.pk,
        subject=request, kind=request.kind, name=name, amount_minor=amount_minor, currency=request.currency,
        reason=request.reason,
    )  # fmt: skip
    return request


def about(request: MoneyRequest) -> str:
    """Return how approvals name a request."""
    return f"{NOUN}:{request.pk}"


def request_decided(approval: Approval, request_id: int, /, *, as_of: date, actor: User, now: datetime) -> None:
    """Book a request with its last yes, end it with its first no. Part of the decision's transaction."""
    request = MoneyRequest.objects.select_for_update(of=("self",)).get(pk=request_id)
    if not approval.is_granted:
        stop_asking(about(request), now=now)
        request.declined_at = now
        request.save(update_fields=["declined_at"])
        return
    if open_about(about(request)).exists():
        return
    if request.item_id is not None:
        request.write_off = write_off(
            item_id=request.item_id, amount_minor=request.amount_minor, reason=request.reason, about=about(request),
            actor=actor, now=now,
        )  # fmt: skip
    elif request.receipt_id is not None:
        request.debit_note = pay_out(
            receipt_id=request.receipt_id, amount_minor=request.amount_minor, suffix=str(request.kind),
            reason=request.reason, reference=request.reference, actor=actor, now=now,
        )  # fmt: skip
    request.booked_at = now
    request.save(update_fields=["booked_at", "write_off", "debit_note"])
    close_the_loop(customer_id=request.customer_id, as_of=as_of, now=now, actor=actor)
