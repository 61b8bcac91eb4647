"""Asking others for their yes: four eyes, by the levels of the policy."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from huikuan.arrangements.models import Approval
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import Customer, User
from huikuan.parties.queries import may_see, role_in


class ApprovalUnknown(Refusal):
    """No such request, or about a customer that the person may not see."""

    code = "approval.unknown"
    text = gettext_noop("There is no such request for approval.")


class ApprovalDecided(Refusal):
    """Somebody was faster, or it is asked no longer."""

    code = "approval.decided"
    text = gettext_noop("This request is no longer open. Load the list again.")


class ApprovalOfOwn(Refusal):
    """Nobody approves what he proposed."""

    code = "approval.of-own"
    text = gettext_noop("You proposed this yourself. Somebody else in the role “{role}” must decide.")


class ApprovalByOtherRole(Refusal):
    """The policy names another role."""

    code = "approval.by-other-role"
    text = gettext_noop("The policy asks for the role “{role}” here. Ask somebody who has it.")


class ApprovalReasonMissing(Refusal):
    """A no without a reason helps nobody."""

    code = "approval.reason-missing"
    text = gettext_noop("Say why you decline: whoever proposed it will ask.")


def ask(
    *,
    customer: Customer,
    about: str,
    roles: Sequence[str],
    currency: str,
    amount_minor: int,
    reasons: Sequence[str],
    actor: User,
    now: datetime,
) -> list[Approval]:
    """Ask one person of each role. Part of a command: not journaled."""
    return [
        Approval.objects.create(
            entity_id=customer.entity_id, customer=customer, about=about, role=role, currency=currency,
            amount_minor=amount_minor, reasons=list(reasons), asked_by=actor, asked_at=now,
        )
        for role in roles
    ]  # fmt: skip


def open_about(about: str) -> QuerySet[Approval]:
    """Return the requests about an arrangement that nobody has decided."""
    return Approval.objects.filter(about=about, decided_at=None, withdrawn_at=None)


def stop_asking(about: str, *, now: datetime) -> None:
    """Withdraw what is still asked about an arrangement. Part of a command: not journaled."""
    open_about(about).update(withdrawn_at=now)


def decide(*, approval_id: int, is_granted: bool, note: str, actor: User, now: datetime) -> Approval:
    """Write down one person's yes or no. Part of a command: not journaled.

    Raises: ApprovalUnknown, ApprovalDecided, ApprovalOfOwn, ApprovalByOtherRole, ApprovalReasonMissing.
    """
    asked = Approval.objects.select_for_update(of=("self",)).filter(may_see(actor), pk=approval_id)
    approval = asked.first()
    if approval is None:
        raise ApprovalUnknown
    if approval.decided_at is not None or approval.withdrawn_at is not None:
        raise ApprovalDecided
    if approval.asked_by_id == actor.pk:
        raise ApprovalOfOwn(role=approval.get_role_display())
    if role_in(actor, approval.entity_id) != approval.role:
        raise ApprovalByOtherRole(role=approval.get_role_display())
    if not is_granted and not note.strip():
        raise ApprovalReasonMissing
    approval.is_granted, approval.note = is_granted, note.strip()[:300]
    approval.decided_by, approval.decided_at = actor, now
    approval.save(update_fields=["is_granted", "note", "decided_by", "decided_at"])
    return approval
