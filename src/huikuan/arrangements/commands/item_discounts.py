"""An early-payment discount on one item: proposed, agreed by who may or by others as the policy asks, withdrawn."""

from datetime import date, datetime
from typing import Final

from django.db import transaction

from huikuan.arrangements.commands.approvals import ask, open_about, stop_asking
from huikuan.arrangements.commands.discounts import WHOLE, DiscountOutOfRange, agree_discount
from huikuan.arrangements.models import Approval, DiscountRequest
from huikuan.arrangements.queries.claim import policy_for
from huikuan.arrangements.rules.discount import Offered, offered
from huikuan.journal.commands import record
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import User
from huikuan.parties.queries import may
from huikuan.parties.rules.rights import Action
from huikuan.receivables.commands.account import locked_customer
from huikuan.receivables.models import OpenItem

NOUN: Final = "discount"
EARLY_PAYMENT: Final = "EARLY_PAYMENT"
"""Why the approval is asked."""


class DiscountItemSettled(Refusal):
    """Nothing is left to be paid early."""

    code = "arrangements.discount-item-settled"
    text = gettext_noop("{item} is paid already: there is nothing to let off.")


class DiscountDayPassed(Refusal):
    """Nobody could take it."""

    code = "arrangements.discount-day-passed"
    text = gettext_noop("The last day for {item} would have been {last_on}. Give more days.")


class DiscountNothing(Refusal):
    """Rounded to nothing."""

    code = "arrangements.discount-nothing"
    text = gettext_noop("This share of {item} is less than the smallest coin. Choose a larger one.")


class DiscountWaiting(Refusal):
    """One question at a time."""

    code = "arrangements.discount-waiting"
    text = gettext_noop("A discount on {item} already waits for a decision. Wait for it, or withdraw it first.")


class DiscountRequestOver(Refusal):
    """Decided or withdrawn."""

    code = "arrangements.discount-request-over"
    text = gettext_noop("This discount is no longer waiting. Load the page again.")


def discount_on(item: OpenItem, *, share_ppm: int, days: int, as_of: date) -> Offered:
    """Return what a discount would let off an open item, and until when; nothing is written.

    Raises: DiscountOutOfRange, DiscountItemSettled, DiscountDayPassed, DiscountNothing.
    """
    if not 0 < share_ppm < WHOLE or days < 1:
        raise DiscountOutOfRange(share_ppm=share_ppm, days=days)
    if item.open_minor <= 0:
        raise DiscountItemSettled(item=item.number)
    found = offered(amount_minor=item.amount_minor, issued_on=item.issued_on, share=share_ppm, days=days)
    if found.last_on < as_of:
        raise DiscountDayPassed(item=item.number, last_on=found.last_on)
    if not found.discount_minor:
        raise DiscountNothing(item=item.number)
    return found


@transaction.atomic
def propose_item_discount(
    *, item_id: int, share_ppm: int, days: int, as_of: date, actor: User, now: datetime
) -> DiscountRequest:
    """Propose a discount on one item: who may approve agrees it at once, others ask whom the policy names.

    Args:
        item_id: Which.
        share_ppm: 20 000 = 2 %.
        days: After its issue.
        as_of: Today.
        actor: Who proposes.
        now: The instant.

    Raises: those of `discount_on`, and DiscountWaiting.
    """
    item = OpenItem.objects.get(pk=item_id)
    customer = locked_customer(item.customer_id)
    item.refresh_from_db()
    found = discount_on(item, share_ppm=share_ppm, days=days, as_of=as_of)
    if item.discount_requests.filter(agreed_at=None, declined_at=None, withdrawn_at=None).exists():
        raise DiscountWaiting(item=item.number)
    request = DiscountRequest.objects.create(
        entity=customer.entity, customer=customer, item=item, share_ppm=share_ppm, days=days,
        discount_minor=found.discount_minor, last_on=found.last_on, asked_by=actor, asked_at=now,
    )  # fmt: skip
    if may(actor, Action.APPROVE, customer.entity_id):
        _agree(request, actor=actor, now=now)
        return request
    ask(
        customer=customer, about=about(request), currency=item.currency, amount_minor=found.discount_minor,
        roles=policy_for(customer.entity_id, as_of).plan.roles_for(found.discount_minor, item.currency),
        reasons=[EARLY_PAYMENT], actor=actor, now=now,
    )  # fmt: skip
    _record("arrangements.discount-proposed", request, actor=actor, now=now)
    return request


@transaction.atomic
def withdraw_item_discount(*, request_id: int, actor: User, now: datetime) -> DiscountRequest:
    """Ask no longer for a discount that waits. Raises DiscountRequestOver."""
    request = _waiting(request_id)
    stop_asking(about(request), now=now)
    request.withdrawn_at = now
    request.save(update_fields=["withdrawn_at"])
    _record("arrangements.discount-withdrawn", request, actor=actor, now=now)
    return request


def discount_approval_decided(
    approval: Approval, request_id: int, /, *, as_of: date, actor: User, now: datetime
) -> None:
    """Agree a discount with its last yes, end it with its first no. Raises DiscountRequestOver, DiscountDayPassed."""
    request = _waiting(request_id)
    if not approval.is_granted:
        stop_asking(about(request), now=now)
        request.declined_at = now
        request.save(update_fields=["declined_at"])
    elif not open_about(about(request)).exists():
        if request.last_on < as_of:
            raise DiscountDayPassed(item=request.item.number, last_on=request.last_on)
        _agree(request, actor=actor, now=now)


def about(request: DiscountRequest) -> str:
    """Return how approvals name a request."""
    return f"{NOUN}:{request.pk}"


def _waiting(request_id: int) -> DiscountRequest:
    request = DiscountRequest.objects.select_for_update(of=("self",)).select_related("item").get(pk=request_id)
    if request.agreed_at or request.declined_at or request.withdrawn_at:
        raise DiscountRequestOver
    return request


def _agree(request: DiscountRequest, *, actor: User, now: datetime) -> None:
    request.agreed_at = now
    request.save(update_fields=["agreed_at"])
    agree_discount(
        item_id=request.item_id, share_ppm=request.share_ppm, days=request.days, starts_on=request.item.issued_on,
        actor=actor, now=now,
    )  # fmt: skip


def _record(event: str, request: DiscountRequest, *, actor: User, now: datetime) -> None:
    record(
        event, now=now, actor=actor, entity_id=request.entity_id, customer_id=request.customer_id, subject=request,
        item=request.item.number, currency=request.item.currency, share_ppm=request.share_ppm, days=request.days,
        discount_minor=request.discount_minor, last_on=request.last_on,
    )  # fmt: skip
