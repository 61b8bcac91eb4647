"""Field visits: the way of the day, the appointment, and the page for the phone of whoever stands at the door."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from huikuan.arrangements.commands.fieldwork import report_visit
from huikuan.desk.access import DeskRequest, page, visible_customer, write
from huikuan.desk.answers import ILL_FILLED, done, refusal_page, refused
from huikuan.desk.downloads import attachment
from huikuan.desk.forms.text import tidy
from huikuan.desk.forms.visit import ArrivalForm, PhotoForm, ReportForm, VisitForm
from huikuan.desk.queries.claims import open_numbers
from huikuan.desk.queries.people import people_of
from huikuan.desk.queries.visits import VisitPage, staff_of, visit_page, visits_of, visits_of_day
from huikuan.desk.tabs import tab_context
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.refusal import Refusal
from huikuan.outreach.commands.templates import forbidden_in
from huikuan.outreach.commands.visit import cancel_visit, check_in, keep_photo, pack, plan_visit
from huikuan.outreach.models import VisitDocument
from huikuan.parties.models import Customer
from huikuan.parties.rules.rights import Action

USUAL_HOUR: Final = time(10)
REASON_MAX: Final = 300
POSITION_HERE: Final = "camera=(), geolocation=(self), microphone=(), payment=(), usb=()"
"""Powers of the browser on the page of a visit: its position may be asked for, with the visitor's consent."""


@page
def of_day(request: DeskRequest) -> HttpResponse:
    """Show the visits of a day, in the order in which they are gone to."""
    seat = request.seat
    try:
        day = parse_date(request.GET.get("day", "")) or seat.today
    except ValueError:
        day = seat.today
    context = {
        "day": day,
        "before": day - timedelta(days=1) if day > date.min else day,
        "after": day + timedelta(days=1) if day < date.max else day,
        "is_today": day == seat.today,
        "visits": visits_of_day(request.user, seat.entity.pk, day),
    }
    return render(request, "desk/visits.html", context)


@page
def of_customer(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Show a customer's visits, and the form for the next one."""
    return _draw_customer(request, customer_id)


def _draw_customer(
    request: DeskRequest, customer_id: int, form: VisitForm | None = None, status: int = 200
) -> HttpResponse:
    frame = tab_context(request.seat, customer_id)
    customer: Customer = frame["customer"]
    may_work = request.seat.may(Action.WORK, customer.entity_id)
    context = {
        **frame,
        "visits": visits_of(customer_id, request.user),
        "form": (form or _form(request, customer)) if may_work else None,
        "may_work": may_work,
    }
    return render(request, "desk/customer_visits.html", context, status=status)


def _form(request: DeskRequest, customer: Customer) -> VisitForm:
    staff = staff_of(customer.entity_id)
    given: dict[str, Any] = {"persons": people_of(customer.pk).persons, "staff": staff}
    if request.method == "POST":
        return VisitForm(request.POST, **given)
    other = next((key for key, _name in staff if key != request.user.pk), "")
    tomorrow = WorkingCalendar(customer.country).add_working_days(request.seat.today, 1)
    begun = {
        "planned_at": datetime.combine(tomorrow, USUAL_HOUR),
        "place": customer.address,
        "speaker": request.user.pk,
        "note_taker": other,
        "documents": [code for code in VisitDocument.Code.values if code not in {"LETTER", "PLAN"}],
    }
    return VisitForm(initial=begun, **given)


@write
def plan(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Plan a visit: 303 to its page, 409 refused by the guard or the day, 422 ill-filled."""
    customer = visible_customer(request.seat, customer_id)
    request.seat.demand(Action.WORK, customer.entity_id)
    form = _form(request, customer)
    if not form.is_valid():
        return _draw_customer(request, customer_id, form, ILL_FILLED)
    try:
        visit = plan_visit(customer_id=customer_id, actor=request.user, now=request.seat.now, **form.facts())
    except Refusal as no:
        return _draw_customer(request, customer_id, form, refused(form, no))
    return done(request, reverse("desk:visit", args=[visit.pk]), _("The visit is planned."))


@page
def show(request: DeskRequest, visit_id: int) -> HttpResponse:
    """Show one visit: made for the phone of whoever goes."""
    return _draw(request, _own(request, visit_id))


def _own(request: DeskRequest, visit_id: int, action: Action | None = None) -> VisitPage:
    """Return a visit that the user may see. Raises Http404, and PermissionDenied when he may not do the action."""
    found = visit_page(visit_id, request.user)
    if found is None:
        raise Http404
    if action is not None:
        request.seat.demand(action, found.visit.entity_id)
    return found


def _draw(request: DeskRequest, found: VisitPage, report: ReportForm | None = None, status: int = 200) -> HttpResponse:
    visit = found.visit
    may_work = request.seat.may(Action.WORK, visit.entity_id)
    is_under_way = visit.state == "UNDER_WAY"
    context: dict[str, Any] = {
        "found": found,
        "visit": visit,
        "customer": visit.customer,
        "owed": open_numbers(visit.customer_id, as_of=request.seat.today),
        "report_form": (report or _report_form(request, found)) if may_work and is_under_way else None,
        "may_work": may_work,
        "is_today": timezone.localtime(visit.planned_at).date() == timezone.localtime(request.seat.now).date(),
    }
    answer = render(request, "desk/visit.html", context, status=status)
    answer["Permissions-Policy"] = POSITION_HERE
    return answer


def _report_form(request: DeskRequest, found: VisitPage) -> ReportForm:
    data = request.POST if request.method == "POST" else None
    return ReportForm(data, persons=(), currency=_currency(request, found))


def _currency(request: DeskRequest, found: VisitPage) -> str:
    owed = open_numbers(found.visit.customer_id, as_of=request.seat.today)
    return owed[0].currency if owed else found.visit.customer.currency


def _decide(request: DeskRequest, visit_id: int, command: Callable[[], object], said: str) -> HttpResponse:
    """Do one thing with a visit: 303 back to it, 409 refused."""
    try:
        command()
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, reverse("desk:visit", args=[visit_id]), said)


@write
def documents(request: DeskRequest, visit_id: int) -> HttpResponse:
    """Say which papers are packed."""
    _own(request, visit_id, Action.WORK)
    packed = [code for code in request.POST.getlist("packed") if code in VisitDocument.Code.values]
    act = partial(pack, visit_id=visit_id, documents=packed, actor=request.user, now=request.seat.now)
    return _decide(request, visit_id, act, _("The list is saved."))


@write
def arrive(request: DeskRequest, visit_id: int) -> HttpResponse:
    """Check in: the guard is asked again; the position is kept only with the box ticked."""
    _own(request, visit_id, Action.WORK)
    form = ArrivalForm(request.POST)
    position = form.position() if form.is_valid() else None
    act = partial(check_in, visit_id=visit_id, position=position, actor=request.user, now=request.seat.now)
    return _decide(request, visit_id, act, _("Checked in. Report what you find before you leave the street."))


@write
def report(request: DeskRequest, visit_id: int) -> HttpResponse:
    """End the visit with its report: 303 done, 409 refused, 422 ill-filled."""
    found = _own(request, visit_id, Action.WORK)
    form = _report_form(request, found)
    check = partial(forbidden_in, entity_id=found.visit.entity_id, now=request.seat.now)
    if not form.is_valid() or form.doubtful_words(check):
        return _draw(request, found, form, ILL_FILLED)
    try:
        report_visit(
            visit_id=visit_id, findings=form.findings(), actor=request.user, now=request.seat.now, **form.facts()
        )  # fmt: skip
    except Refusal as no:
        return _draw(request, found, form, refused(form, no))
    return done(request, reverse("desk:visit", args=[visit_id]), _("The report is kept, and the visit is in the log."))


@write
def photo(request: DeskRequest, visit_id: int) -> HttpResponse:
    """Keep a photo: 303 done, 409 refused, 422 without one."""
    found = _own(request, visit_id, Action.WORK)
    form = PhotoForm(request.POST, request.FILES)
    if not form.is_valid():
        return _draw(request, found, status=ILL_FILLED)
    file = form.cleaned_data["photo"]
    act = partial(
        keep_photo, visit_id=visit_id, content=file.read(), name=file.name or "photo",
        media_type=file.content_type or "", title=form.cleaned_data["title"], actor=request.user, now=request.seat.now,
    )  # fmt: skip
    return _decide(request, visit_id, act, _("The photo is kept as evidence."))


@page
def photo_file(request: DeskRequest, visit_id: int, file_id: int) -> HttpResponse:
    """Send a photo, checked against its hash."""
    found = _own(request, visit_id)
    stored = next((each for each in found.photos if each.pk == file_id), None)
    if stored is None:
        raise Http404
    try:
        return attachment(request, stored)
    except Refusal as no:
        return refusal_page(request, no)


@write
def cancel(request: DeskRequest, visit_id: int) -> HttpResponse:
    """Call a planned visit off with a reason."""
    _own(request, visit_id, Action.WORK)
    reason = tidy(request.POST, "reason", longest=REASON_MAX)
    act = partial(cancel_visit, visit_id=visit_id, reason=reason, actor=request.user, now=request.seat.now)
    return _decide(request, visit_id, act, _("The visit is called off."))
