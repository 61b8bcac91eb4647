"""More time, or a part of the principal given up: proposed with its comparison, granted by others."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from huikuan.arrangements.commands.approvals import ask, open_about, stop_asking
from huikuan.arrangements.models import Approval, Restructuring
from huikuan.arrangements.queries.claim import claim_on, policy_for
from huikuan.journal.commands import record
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import Customer, User
from huikuan.policy.commands import place_hold
from huikuan.policy.models import Hold
from huikuan.receivables.commands.allocations import Wish
from huikuan.receivables.commands.credit_notes import book_credit_note
from huikuan.receivables.models import OpenItem

Kind, State = Restructuring.Kind, Restructuring.State


class RestructuringWithoutItems(Refusal):
    """There is nothing to change."""

    code = "restructuring.without-items"
    text = gettext_noop("A restructuring needs open items of {customer} in {currency}. Choose at least one.")


class RestructuringTooMuch(Refusal):
    """More is given up than is open, or nothing."""

    code = "restructuring.too-much"
    text = gettext_noop("The waiver must be above zero and at most what is open on these items. Correct the amount.")


class ExtensionInPast(Refusal):
    """More time lies ahead."""

    code = "restructuring.extension-in-past"
    text = gettext_noop("The new last day must lie after today. Choose a later one.")


class RestructuringReasonMissing(Refusal):
    """Nobody could later say why."""

    code = "restructuring.reason-missing"
    text = gettext_noop("Say why: whoever decides will ask, and so will the auditor.")


class RestructuringDecided(Refusal):
    """It is no longer open."""

    code = "restructuring.decided"
    text = gettext_noop("This proposal is “{state}”: there is nothing left to call off.")


@transaction.atomic
def propose_restructuring(
    *,
    customer_id: int,
    currency: str,
    kind: str,
    reason: str,
    comparison: Mapping[str, Any],
    as_of: date,
    actor: User,
    now: datetime,
    item_ids: Collection[int] | None = None,
    waived_minor: int = 0,
    extended_to: date | None = None,
) -> Restructuring:
    """Propose an extension or a partial waiver of principal; always for somebody else to decide.

    Args:
        customer_id: Whose.
        currency: Of the items.
        kind: Restructuring.Kind.
        reason: In words.
        comparison: The expected recoveries as they were shown (`queries.comparison.Comparison.as_dict`).
        as_of: The day.
        actor: Who proposes.
        now: The instant.
        item_ids: Which; None: everything overdue.
        waived_minor: Principal to give up, under PARTIAL_WAIVER.
        extended_to: The new last day, under EXTENSION.

    Raises: RestructuringWithoutItems, RestructuringTooMuch, ExtensionInPast, RestructuringReasonMissing.
    """
    customer = Customer.objects.select_for_update(of=("self",)).select_related("entity").get(pk=customer_id)
    if not reason.strip():
        raise RestructuringReasonMissing
    claim = claim_on(customer, currency, as_of=as_of, item_ids=item_ids)
    if not claim.items:
        raise RestructuringWithoutItems(customer=customer.name, currency=currency)
    if kind == Kind.PARTIAL_WAIVER and not 0 < waived_minor <= claim.principal_minor:
        raise RestructuringTooMuch
    if kind == Kind.EXTENSION and (extended_to is None or extended_to <= as_of):
        raise ExtensionInPast
    is_waiver = kind == Kind.PARTIAL_WAIVER
    made = Restructuring.objects.create(
        entity=customer.entity, customer=customer, kind=kind, currency=currency, open_minor=claim.principal_minor,
        waived_minor=waived_minor if is_waiver else 0, extended_to=None if is_waiver else extended_to,
        reason=reason.strip()[:300], comparison=dict(comparison), proposed_by=actor, proposed_at=now,
    )  # fmt: skip
    made.items.set([item.item_id for item in claim.items])
    amount_minor = made.waived_minor if is_waiver else claim.principal_minor
    ask(
        customer=customer, about=about(made), currency=currency, amount_minor=amount_minor, reasons=[kind],
        roles=policy_for(customer.entity_id, as_of).plan.roles_for(amount_minor, currency), actor=actor, now=now,
    )  # fmt: skip
    _told(made, "arrangements.restructuring-proposed", actor=actor, now=now)
    return made


def restructuring_approval_decided(
    approval: Approval, subject_id: int, /, *, as_of: date, actor: User, now: datetime
) -> None:
    """Let a proposal follow a decision: one no declines it, the last yes does what it says."""
    made = Restructuring.objects.select_for_update(of=("self",)).select_related("customer").get(pk=subject_id)
    if approval.is_granted and open_about(about(made)).exists():
        return
    if approval.is_granted:
        _grant(made, as_of=as_of, actor=actor, now=now)
    else:
        stop_asking(about(made), now=now)
    made.state = State.GRANTED if approval.is_granted else State.DECLINED
    made.ended_on = as_of
    made.save(update_fields=["state", "ended_on", "credit_note"])
    _told(made, f"arrangements.restructuring-{made.state.lower()}", actor=actor, now=now)


def _grant(made: Restructuring, *, as_of: date, actor: User, now: datetime) -> None:
    """Book the credit note over the items, the oldest first; or let dunning of the items wait until the new day."""
    items = list(made.items.filter(settled_on=None).order_by("due_on", "pk"))
    if made.kind == Kind.PARTIAL_WAIVER:
        made.credit_note = book_credit_note(
            customer_id=made.customer_id, number=f"RST-{made.pk}", issued_on=as_of, amount_minor=made.waived_minor,
            actor=actor, now=now, currency=made.currency, reason=made.reason[:200],
            wish=Wish(amounts=_spread(items, made.waived_minor), reason=made.reason[:200]),
        )  # fmt: skip
        return
    assert made.extended_to is not None  # noqa: S101  a constraint says so
    for item in items:
        place_hold(
            customer_id=made.customer_id, kind=Hold.Kind.PLAN, starts_on=as_of, ends_on=made.extended_to,
            reason=made.reason, actor=actor, now=now, item_id=item.pk,
        )  # fmt: skip


def _spread(items: list[OpenItem], waived_minor: int) -> dict[int, int]:
    """Lay a waiver on items in their order. Raises RestructuringTooMuch when they were paid meanwhile."""
    left, amounts = waived_minor, {}
    for item in items:
        piece = min(left, item.open_minor)
        if piece:
            amounts[item.pk] = piece
        left -= piece
    if left:
        raise RestructuringTooMuch
    return amounts


@transaction.atomic
def withdraw_restructuring(*, restructuring_id: int, as_of: date, actor: User, now: datetime) -> Restructuring:
    """Call a proposal off before it is decided. Raises RestructuringDecided."""
    made = Restructuring.objects.select_for_update(of=("self",)).get(pk=restructuring_id)
    if made.state != State.PROPOSED:
        raise RestructuringDecided(state=made.get_state_display())
    stop_asking(about(made), now=now)
    made.state, made.ended_on = State.WITHDRAWN, as_of
    made.save(update_fields=["state", "ended_on"])
    _told(made, "arrangements.restructuring-withdrawn", actor=actor, now=now)
    return made


def about(made: Restructuring) -> str:
    """Return how approvals name it: “restructuring:3”."""
    return f"restructuring:{made.pk}"


def _told(made: Restructuring, event: str, *, actor: User, now: datetime) -> None:
    record(
        event, now=now, actor=actor, entity_id=made.entity_id, customer_id=made.customer_id, subject=made,
        kind=made.kind, currency=made.currency, open_minor=made.open_minor, waived_minor=made.waived_minor,
        extended_to=made.extended_to, reason=made.reason,
    )  # fmt: skip
