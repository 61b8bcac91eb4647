"""A plan and the customer's signed link: made for him, accepted or declined by him, once (O1)."""

from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction

from huikuan.arrangements.commands.planning import PlanNotInState, about, accept_plan, call_off_plan
from huikuan.arrangements.models import Plan
from huikuan.arrangements.models.plan import PlanState
from huikuan.arrangements.queries.plan_link import plan_of_link
from huikuan.journal.files import keep_file
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.commands.links import issue_link, use_link
from huikuan.parties.models import SignedLink

VALID: Final = timedelta(days=14)
NAME_MAX: Final = 80
REASON_MAX: Final = 200


class NameMissing(Refusal):
    """Nobody has accepted."""

    code = "plan.name-missing"
    text = gettext_noop("Type your name, and tick that you agree.")


class DeclineReasonMissing(Refusal):
    """We would only ask."""

    code = "plan.decline-reason-missing"
    text = gettext_noop("Please say why, so that we can propose something else.")


@transaction.atomic
def issue_plan_link(*, plan_id: int, now: datetime) -> SignedLink:
    """Return the link by which the customer accepts or declines an approved plan. Raises PlanNotInState."""
    plan = Plan.objects.get(pk=plan_id)
    if plan.state != PlanState.APPROVED:
        raise PlanNotInState(number=plan.number, state=plan.get_state_display())
    return issue_link(
        customer_id=plan.customer_id, purpose=SignedLink.Purpose.PLAN, about=about(plan), expires_at=now + VALID,
        now=now,
    )  # fmt: skip


@transaction.atomic
def accept_plan_by_link(
    *, link_id: int, name: str, has_agreed: bool, agreement: bytes, as_of: date, now: datetime
) -> Plan:
    """Let the customer accept the plan of his link: the link is used up, the agreement kept, the plan runs.

    Args:
        link_id: The link, found valid by the caller.
        name: Who accepts, as he types it.
        has_agreed: He ticked that he agrees.
        agreement: The agreement he read, as PDF.
        as_of: Day of the acceptance, on the creditor's calendar.
        now: The instant.

    Raises: NameMissing, LinkUsed, LinkExpired, LinkUnknown, and those of `accept_plan`: nothing is used up then.
    """
    if not name.strip() or not has_agreed:
        raise NameMissing
    link = use_link(link_id=link_id, now=now)
    plan = plan_of_link(link)
    stored = keep_file(
        content=agreement, name=f"{plan.number}.pdf", media_type="application/pdf", kind="DOCUMENT", now=now,
        entity_id=plan.entity_id, customer_id=plan.customer_id, subject=plan, title=plan.number,
    )  # fmt: skip
    who = " ".join(name.split())[:NAME_MAX]
    evidence = f"{who} · {now:%Y-%m-%d %H:%M:%S %Z} · link {link.pk} · {stored.name} · SHA-256 {stored.sha256}"
    return accept_plan(
        plan_id=plan.pk, how=Plan.Acceptance.LINK, evidence=evidence, as_of=as_of, actor=None, now=now
    )  # fmt: skip


@transaction.atomic
def decline_plan_by_link(*, link_id: int, reason: str, as_of: date, now: datetime) -> Plan:
    """Let the customer decline the plan of his link: it is called off with his reason, and the link is used up.

    Raises: DeclineReasonMissing, LinkUsed, LinkExpired, LinkUnknown, PlanNotInState: nothing is used up then.
    """
    if not reason.strip():
        raise DeclineReasonMissing
    link = use_link(link_id=link_id, now=now)
    plan = plan_of_link(link)
    if plan.state != PlanState.APPROVED:
        raise PlanNotInState(number=plan.number, state=plan.get_state_display())
    said = " ".join(reason.split())[:REASON_MAX]
    return call_off_plan(plan_id=plan.pk, reason=f"{plan.customer.name}: {said}", as_of=as_of, actor=None, now=now)
