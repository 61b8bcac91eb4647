"""The link of a plan: the plan behind a link, and what a collector sees of it."""

from dataclasses import dataclass
from datetime import datetime

from huikuan.arrangements.models import Plan
from huikuan.outreach.rules.kinds import subject_of
from huikuan.parties.commands.links import LinkUnknown, address_of_link
from huikuan.parties.models import SignedLink


@dataclass(frozen=True, slots=True)
class PlanLink:
    """What a collector sees of the link of a plan."""

    address: str
    expires_at: datetime
    first_opened_at: datetime | None


def link_of_plan(plan: Plan, *, now: datetime) -> PlanLink | None:
    """Return the valid link of a plan; None when there is none."""
    found = SignedLink.objects.filter(
        purpose=SignedLink.Purpose.PLAN, about=f"plan:{plan.pk}", revoked_at=None, expires_at__gt=now
    ).first()
    return None if found is None else PlanLink(address_of_link(found), found.expires_at, found.first_opened_at)


def plan_of_link(link: SignedLink) -> Plan:
    """Return the plan that a link was made for. Raises LinkUnknown when it is not the customer's."""
    noun, plan_id = subject_of(link.about)
    plan = Plan.objects.filter(pk=plan_id, customer_id=link.customer_id).select_related("entity", "customer").first()
    if noun != "plan" or link.purpose != SignedLink.Purpose.PLAN or plan is None:
        raise LinkUnknown
    return plan
