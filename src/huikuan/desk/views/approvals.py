"""What waits for approval, and deciding it."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from huikuan.arrangements.commands.deciding import decide_approval
from huikuan.arrangements.models import Approval
from huikuan.arrangements.queries.agreements import waiting_approvals
from huikuan.desk.access import DeskRequest, page, write
from huikuan.desk.answers import done, refusal_page
from huikuan.kernel.refusal import Refusal
from huikuan.parties.queries import may_see
from huikuan.parties.rules.rights import Action


@page
def index(request: DeskRequest) -> HttpResponse:
    """List what is asked in the entity; first what waits for the user himself."""
    seat = request.seat
    asked = waiting_approvals(seat.user, entity_id=seat.entity.pk)
    mine = [each for each in asked if each.role == seat.role and each.asked_by_id != seat.user.pk]
    others = [each for each in asked if each not in mine]
    return render(request, "desk/approvals.html", {"mine": mine, "others": others})


@write
def decide(request: DeskRequest, approval_id: int) -> HttpResponse:
    """Say yes or no: 303 done, 409 refused."""
    found = Approval.objects.filter(may_see(request.user), pk=approval_id).first()
    if found is None:
        raise Http404
    request.seat.demand(Action.APPROVE, found.entity_id)
    answer = request.POST.get("decision")
    if answer not in {"yes", "no"}:
        raise PermissionDenied
    try:
        decide_approval(
            approval_id=approval_id, is_granted=answer == "yes", note=request.POST.get("note", ""),
            as_of=request.seat.today, actor=request.user, now=request.seat.now,
        )  # fmt: skip
    except Refusal as no:
        return refusal_page(request, no)
    said = _("Approved.") if answer == "yes" else _("Declined; whoever proposed it sees why.")
    return done(request, reverse("desk:approvals"), said)
