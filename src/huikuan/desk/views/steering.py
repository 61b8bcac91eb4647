"""Steering a case: give it to somebody else, let it go on later, take that back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from huikuan.cases.commands.case import hand_over_case, postpone_next_action, resume_next_action
from huikuan.cases.models import Case
from huikuan.desk.access import DeskRequest, Seat, write
from huikuan.desk.answers import ILL_FILLED, SeeOther, done, refusal_page, refused
from huikuan.desk.forms.steering import NextForm, OwnerForm
from huikuan.desk.queries.collectors import collectors_of
from huikuan.desk.views.case import draw, may_assign
from huikuan.kernel.refusal import Refusal
from huikuan.parties.queries import may_see, visible_to
from huikuan.parties.rules.rights import Action


def visible_case(seat: Seat, case_id: int) -> Case:
    """Return a case that the user may see. Raises Http404."""
    case = Case.objects.select_related("customer").filter(may_see(seat.user), pk=case_id).first()
    if case is None:
        raise Http404
    return case


@write
def owner(request: DeskRequest, case_id: int) -> HttpResponse:
    """Give a case and its customer to another collector: 303 done, 409 refused, 422 ill-filled."""
    case = visible_case(request.seat, case_id)
    if not may_assign(request.seat, case.entity_id):
        raise PermissionDenied(_("Your role does not allow this. Ask a manager or an administrator."))
    form = OwnerForm(request.POST, collectors=collectors_of(case.entity_id))
    if not form.is_valid():
        return draw(request, request.seat, case_id, form=form, status=ILL_FILLED)
    try:
        given = hand_over_case(
            case_id=case_id, owner_id=form.cleaned_data["owner"], actor=request.user, now=request.seat.now
        )  # fmt: skip
    except Refusal as no:
        return draw(request, request.seat, case_id, form=form, status=refused(form, no))
    is_seen = visible_to(request.user).filter(pk=given.customer_id).exists()
    place = reverse("desk:case", args=[case_id]) if is_seen else reverse("desk:worklist")
    said = _("{number} and its open tasks now belong to {name}.").format(number=given.number, name=given.owner)
    return done(request, place, said)


@write
def postpone(request: DeskRequest, case_id: int) -> HttpResponse:
    """Let nothing happen before a day: 303 done, 409 refused, 422 ill-filled."""
    case = visible_case(request.seat, case_id)
    request.seat.demand(Action.WORK, case.entity_id)
    form = NextForm(request.POST, today=request.seat.today)
    if not form.is_valid():
        return draw(request, request.seat, case_id, form=form, status=ILL_FILLED)
    try:
        postpone_next_action(
            case_id=case_id,
            today=request.seat.today,
            actor=request.user,
            now=request.seat.now,
            **form.cleaned_data,
        )
    except Refusal as no:
        return draw(request, request.seat, case_id, form=form, status=refused(form, no))
    day = form.cleaned_data["on"].isoformat()
    messages.success(request, _("Nothing happens before {day}.").format(day=day), extra_tags=f"next:{case_id}")
    return SeeOther(reverse("desk:case", args=[case_id]))


@write
def resume(request: DeskRequest, case_id: int) -> HttpResponse:
    """Take the latest postponement back: 303 done, 409 refused."""
    case = visible_case(request.seat, case_id)
    request.seat.demand(Action.WORK, case.entity_id)
    try:
        resume_next_action(case_id=case_id, today=request.seat.today, actor=request.user, now=request.seat.now)
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, reverse("desk:case", args=[case_id]), _("The case goes on as before."))
