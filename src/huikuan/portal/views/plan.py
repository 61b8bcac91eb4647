"""A plan behind its link: read it, accept it with a name and a tick, or decline it with a reason."""

from typing import Final
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from huikuan.arrangements.commands.linking import (
    NAME_MAX,
    REASON_MAX,
    accept_plan_by_link,
)
from huikuan.arrangements.models import Plan
from huikuan.arrangements.models.plan import PlanState
from huikuan.arrangements.queries.agreement import agreement_data, agreement_pdf
from huikuan.arrangements.queries.plan_link import plan_of_link
from huikuan.cases.commands.answered import decline_plan
from huikuan.kernel.refusal import Refusal
from huikuan.kernel.zones import local_day
from huikuan.parties.commands.links import LinkUnknown
from huikuan.parties.models import SignedLink
from huikuan.portal.access import REFUSED, UNKNOWN, PortalRequest, linked, page_context, said_no

PLAN: Final = SignedLink.Purpose.PLAN
SHOWN: Final = tuple(each for each in PlanState if each not in {PlanState.DRAFTED, PlanState.PROPOSED})
"""What has not been approved is nobody's business outside."""


def show(request: PortalRequest) -> HttpResponse:
    """Show the plan: its parts, its clauses, and the two answers while it waits for one."""
    return _draw(request)


def _draw(request: PortalRequest, *, said: str = "") -> HttpResponse:
    plan = _plan(request)
    if plan is None:
        return said_no(request, LinkUnknown(), UNKNOWN)
    language = request.language
    context = {
        **page_context(request),
        "plan": plan,
        "installments": plan.installments.order_by("number"),
        "lines": plan.lines.select_related("item").order_by("item__due_on", "item_id"),
        "clauses": _clauses(plan, language),
        "may_answer": plan.state == PlanState.APPROVED and request.link.used_at is None,
        "said": said,
        "typed": {name: request.POST.get(name, "") for name in ("name", "reason")},
        "name_max": NAME_MAX,
        "reason_max": REASON_MAX,
    }
    return render(request, "portal/plan.html", context, status=REFUSED if said else 200)


def _plan(request: PortalRequest) -> Plan | None:
    """Return the plan of the link; None when it is not the customer's, or not approved yet."""
    try:
        plan = plan_of_link(request.link)
    except LinkUnknown:
        return None
    return plan if plan.state in SHOWN else None


def _clauses(plan: Plan, language: str) -> list[dict[str, object]]:
    """Return the clauses of the agreement, word for word; the tables stand on the page already."""
    return [piece for piece in agreement_data(plan, language=language)["body"] if piece["kind"] != "table"]


@linked("GET", "HEAD", purpose=PLAN)
def agreement(request: PortalRequest) -> HttpResponse:
    """Return the agreement as PDF, in the language of the page."""
    plan = _plan(request)
    if plan is None:
        return said_no(request, LinkUnknown(), UNKNOWN)
    answer = HttpResponse(agreement_pdf(plan, language=request.language), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{plan.number}.pdf"'
    return answer


@linked("POST", purpose=PLAN)
def accept(request: PortalRequest) -> HttpResponse:
    """Take the acceptance: 303 back to the plan, 409 with the reason."""
    plan, now = _plan(request), timezone.now()
    if plan is None:
        return said_no(request, LinkUnknown(), UNKNOWN)
    try:
        accept_plan_by_link(
            link_id=request.link.pk, name=request.POST.get("name", ""), has_agreed="agreed" in request.POST,
            agreement=agreement_pdf(plan, language=request.language),
            as_of=local_day(now, plan.entity.time_zone), now=now,
        )  # fmt: skip
    except Refusal as no:
        return _draw(request, said=gettext(no.text).format(**no.facts))
    return _back(request)


@linked("POST", purpose=PLAN)
def decline(request: PortalRequest) -> HttpResponse:
    """Take the refusal: 303 back to the plan, 409 with the reason."""
    plan, now = _plan(request), timezone.now()
    if plan is None:
        return said_no(request, LinkUnknown(), UNKNOWN)
    try:
        decline_plan(
            link_id=request.link.pk, reason=request.POST.get("reason", ""),
            as_of=local_day(now, plan.entity.time_zone), now=now,
        )  # fmt: skip
    except Refusal as no:
        return _draw(request, said=gettext(no.text).format(**no.facts))
    return _back(request)


def _back(request: PortalRequest) -> HttpResponse:
    place = reverse("portal:open", args=[request.token])
    return HttpResponseRedirect(f"{place}?{urlencode({'lang': request.language})}", status=303)
