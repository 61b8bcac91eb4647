"""Deciding what others asked for: one person's yes or no, and what follows from the last yes."""

from datetime import date, datetime
from typing import Final, Protocol

from django.db import transaction

from huikuan.arrangements.commands.approvals import decide
from huikuan.arrangements.commands.item_discounts import discount_approval_decided
from huikuan.arrangements.commands.planning import plan_approval_decided
from huikuan.arrangements.commands.restructurings import restructuring_approval_decided
from huikuan.arrangements.models import Approval
from huikuan.journal.commands import record
from huikuan.outreach.rules.kinds import subject_of
from huikuan.parties.models import Customer, User


class Follow(Protocol):
    """What an arrangement does when one of its approvals was decided."""

    def __call__(self, approval: Approval, subject_id: int, /, *, as_of: date, actor: User, now: datetime) -> None:
        """Follow the decision, inside its transaction."""


FOLLOW: Final[dict[str, Follow]] = {
    "plan": plan_approval_decided,
    "restructuring": restructuring_approval_decided,
    "discount": discount_approval_decided,
}
"""By the noun of `Approval.about`; a higher module adds its own when it is loaded (`cash.apps`)."""


@transaction.atomic
def decide_approval(
    *, approval_id: int, is_granted: bool, note: str, as_of: date, actor: User, now: datetime
) -> Approval:
    """Say yes or no to what somebody else proposed; the last yes lets it go on, one no sends it back.

    Args:
        approval_id: The request.
        is_granted: Yes or no.
        note: Why; needed for a no.
        as_of: The day.
        actor: Who decides: in the role that is asked, not who proposed.
        now: The instant.

    Raises: ApprovalUnknown, ApprovalDecided, ApprovalOfOwn, ApprovalByOtherRole, ApprovalReasonMissing.
    """
    Customer.objects.select_for_update(of=("self",)).filter(approvals__pk=approval_id).first()
    approval = decide(approval_id=approval_id, is_granted=is_granted, note=note, actor=actor, now=now)
    noun, subject_id = subject_of(approval.about)
    FOLLOW[noun](approval, subject_id, as_of=as_of, actor=actor, now=now)
    record(
        "arrangements.approval-decided", now=now, actor=actor, entity_id=approval.entity_id,
        customer_id=approval.customer_id, subject=approval, about=approval.about, role=approval.role,
        is_granted=is_granted, note=approval.note,
    )  # fmt: skip
    return approval
