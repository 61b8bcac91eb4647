"""The complaint register, and what is done with a complaint."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from huikuan.arrangements.commands.complaints import answer_complaint, resolve_complaint, take_complaint
from huikuan.arrangements.models import Complaint
from huikuan.arrangements.queries.service import service_clock
from huikuan.desk.access import DeskRequest, page, visible_customer, write
from huikuan.desk.answers import ILL_FILLED, done, refusal_page, refused
from huikuan.desk.forms.dispute import AnswerForm, ComplaintForm, ResolveForm
from huikuan.desk.queries.disputes import complaint_rows
from huikuan.desk.views.disputes import draw, place_of
from huikuan.kernel.refusal import Refusal
from huikuan.parties.queries import may_see, visible_to
from huikuan.parties.rules.rights import Action

ON_A_PAGE = 50


@page
def index(request: DeskRequest) -> HttpResponse:
    """Show the register of the chosen entity: the open ones, or all, the newest first."""
    seat = request.seat
    chosen = Complaint.objects.filter(entity=seat.entity, customer__in=visible_to(seat.user, entity_id=seat.entity.pk))
    if not request.GET.get("all"):
        chosen = chosen.filter(resolved_at=None)
    ordered = chosen.select_related("customer", "responsible").order_by("-received_at", "-pk")
    listed = Paginator(ordered, ON_A_PAGE).get_page(request.GET.get("page"))
    clock = service_clock(seat.entity, seat.now)
    context = {
        "rows": complaint_rows(list(listed), clock=clock, now=seat.now),
        "listed": listed,
        "shows_all": bool(request.GET.get("all")),
    }
    return render(request, "desk/complaints.html", context)


@write
def take(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Take down a complaint: 303 done, 409 refused, 422 ill-filled."""
    customer = visible_customer(request.seat, customer_id)
    request.seat.demand(Action.WORK, customer.entity_id)
    form = ComplaintForm(request.POST)
    if not form.is_valid():
        return draw(request, request.seat, customer_id, complaint_form=form, status=ILL_FILLED)
    now = request.seat.now
    try:
        take_complaint(
            customer_id=customer_id, received_at=now, responsible_id=request.user.pk, actor=request.user, now=now,
            **form.cleaned_data,
        )  # fmt: skip
    except Refusal as no:
        return draw(request, request.seat, customer_id, complaint_form=form, status=refused(form, no))
    return done(request, place_of(customer_id), _("Taken down; the clock of its answer runs."))


def _visible(request: DeskRequest, complaint_id: int) -> Complaint:
    """Return a complaint that the user may work on. Raises Http404, PermissionDenied."""
    found = Complaint.objects.filter(may_see(request.user), pk=complaint_id).first()
    if found is None:
        raise Http404
    request.seat.demand(Action.WORK, found.entity_id)
    return found


@write
def answer(request: DeskRequest, complaint_id: int) -> HttpResponse:
    """Write down the answer: 303 done, 409 refused, 422 ill-filled."""
    found = _visible(request, complaint_id)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return draw(request, request.seat, found.customer_id, status=ILL_FILLED)
    try:
        answer_complaint(
            complaint_id=complaint_id, response=form.cleaned_data["response"], actor=request.user, now=request.seat.now
        )
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, place_of(found.customer_id), _("Answered; the clock has stopped."))


@write
def resolve(request: DeskRequest, complaint_id: int) -> HttpResponse:
    """Close a complaint: 303 done, 409 refused, 422 ill-filled."""
    found = _visible(request, complaint_id)
    form = ResolveForm(request.POST)
    if not form.is_valid():
        return draw(request, request.seat, found.customer_id, status=ILL_FILLED)
    try:
        resolve_complaint(
            complaint_id=complaint_id, resolution=form.cleaned_data["resolution"],
            satisfaction=form.cleaned_data["satisfaction"], actor=request.user, now=request.seat.now,
        )  # fmt: skip
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, place_of(found.customer_id), _("Resolved."))
