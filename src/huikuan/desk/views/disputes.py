"""The tab of what a customer objects to and how he delays: disputes, complaints, delay signals, public records."""

from typing import Any, Final
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from huikuan.arrangements.commands.disputes import decide_dispute, open_dispute, say_in_dispute
from huikuan.arrangements.commands.signals import end_record, enter_record
from huikuan.arrangements.models import Complaint, Dispute, DisputeMessage, EnforcementRecord
from huikuan.arrangements.queries.service import service_clock
from huikuan.desk.access import DeskRequest, Seat, page, visible_customer, write
from huikuan.desk.answers import ILL_FILLED, done, refusal_page, refused
from huikuan.desk.forms.dispute import ComplaintForm, DecideForm, DisputeForm, RecordForm, SayForm
from huikuan.desk.queries.claims import open_numbers
from huikuan.desk.queries.disputes import complaint_rows, disputes_of, records_of, signals_of
from huikuan.desk.tabs import tab_context
from huikuan.journal.files import read_file
from huikuan.kernel.refusal import Refusal
from huikuan.parties.queries import may_see
from huikuan.parties.rules.rights import Action

FILE_MAX: Final = 25 * 2**20
"""Bytes of one piece of evidence read into memory at most; `keep_file` has its own limits by kind."""


@page
def show(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Show the disputes, complaints and signals of a customer."""
    return draw(request, request.seat, customer_id)


def draw(request: HttpRequest, seat: Seat, customer_id: int, *, status: int = 200, **forms: Any) -> HttpResponse:
    """Draw the tab, with a form that has just been refused under its name. Raises Http404."""
    frame = tab_context(seat, customer_id)
    customer = frame["customer"]
    clock = service_clock(customer.entity, seat.now)
    complaints = Complaint.objects.filter(customer=customer).select_related("customer", "responsible")
    context = {
        **frame,
        "may_work": seat.may(Action.WORK, customer.entity_id),
        "disputes": disputes_of(customer_id, clock=clock, today=seat.today, now=seat.now),
        "complaints": complaint_rows(list(complaints.order_by("-received_at", "-pk")[:20]), clock=clock, now=seat.now),
        "signals": signals_of(customer_id),
        "records": records_of(customer_id),
        "dispute_form": DisputeForm(items=open_numbers(customer_id, as_of=seat.today)),
        "complaint_form": ComplaintForm(),
        "record_form": RecordForm(),
        "say_form": SayForm(auto_id=False),
        "decide_form": DecideForm(currency="", auto_id=False),
        **forms,
    }
    return render(request, "desk/disputes.html", context, status=status)


def place_of(customer_id: int) -> str:
    """Return the address of the tab."""
    return reverse("desk:disputes", args=[customer_id])


@write
def raise_one(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Open a dispute: 303 done, 409 refused, 422 ill-filled."""
    customer = visible_customer(request.seat, customer_id)
    request.seat.demand(Action.WORK, customer.entity_id)
    form = DisputeForm(request.POST, items=open_numbers(customer_id, as_of=request.seat.today))
    if not form.is_valid():
        return draw(request, request.seat, customer_id, dispute_form=form, status=ILL_FILLED)
    said = form.cleaned_data
    try:
        open_dispute(
            customer_id=customer_id, item_id=said["item"], amount_minor=said["amount_minor"], kind=said["kind"],
            department=said["department"], text=said["text"], actor=request.user, now=request.seat.now,
        )  # fmt: skip
    except Refusal as no:
        return draw(request, request.seat, customer_id, dispute_form=form, status=refused(form, no))
    return done(request, place_of(customer_id), _("The disputed part is held; the rest is pursued."))


def _visible(request: DeskRequest, dispute_id: int) -> Dispute:
    """Return a dispute that the user may work on. Raises Http404, PermissionDenied."""
    dispute = Dispute.objects.filter(may_see(request.user), pk=dispute_id).first()
    if dispute is None:
        raise Http404
    request.seat.demand(Action.WORK, dispute.entity_id)
    return dispute


@write
def say(request: DeskRequest, dispute_id: int) -> HttpResponse:
    """Add a message, an answer or evidence to a dispute: 303 done, 409 refused, 422 ill-filled."""
    dispute = _visible(request, dispute_id)
    form = SayForm(request.POST, request.FILES, auto_id=False)
    if not form.is_valid():
        return draw(request, request.seat, dispute.customer_id, say_form=form, status=ILL_FILLED)
    file = form.cleaned_data["file"]
    evidence = None if file is None else (file.name, file.content_type or "", file.read(FILE_MAX))
    try:
        say_in_dispute(
            dispute_id=dispute_id, text=form.cleaned_data["text"], is_answer=form.cleaned_data["is_answer"],
            evidence=evidence, actor=request.user, now=request.seat.now,
        )  # fmt: skip
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, place_of(dispute.customer_id), _("Added to the dispute."))


@write
def decide(request: DeskRequest, dispute_id: int) -> HttpResponse:
    """Decide a dispute: 303 done, 409 refused, 422 ill-filled."""
    dispute = _visible(request, dispute_id)
    form = DecideForm(request.POST, currency=dispute.currency, auto_id=False)
    if not form.is_valid():
        return draw(request, request.seat, dispute.customer_id, decide_form=form, status=ILL_FILLED)
    said = form.cleaned_data
    try:
        decide_dispute(
            dispute_id=dispute_id, decision=said["decision"], explanation=said["explanation"],
            conceded_minor=said["conceded_minor"], actor=request.user, now=request.seat.now,
        )  # fmt: skip
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, place_of(dispute.customer_id), _("Decided. The customer is told."))


@page
def evidence(request: DeskRequest, file_id: int) -> HttpResponse:
    """Give a piece of evidence of a dispute as an attachment."""
    message = (
        DisputeMessage.objects.filter(may_see(request.user, "dispute__customer"), file_id=file_id)
        .select_related("file")
        .first()
    )
    if message is None or message.file is None:
        raise Http404
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(message.file.name)}"}
    return HttpResponse(read_file(message.file), content_type=message.file.media_type, headers=headers)


@write
def add_record(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Enter a public record: 303 done, 409 refused, 422 ill-filled."""
    customer = visible_customer(request.seat, customer_id)
    request.seat.demand(Action.WORK, customer.entity_id)
    form = RecordForm(request.POST)
    if not form.is_valid():
        return draw(request, request.seat, customer_id, record_form=form, status=ILL_FILLED)
    try:
        enter_record(customer_id=customer_id, actor=request.user, now=request.seat.now, **form.cleaned_data)
    except Refusal as no:
        return draw(request, request.seat, customer_id, record_form=form, status=refused(form, no))
    return done(request, place_of(customer_id), _("Entered. The next daily run makes it a signal."))


@write
def strike_record(request: DeskRequest, record_id: int) -> HttpResponse:
    """Say that a public record was struck off: 303 done, 409 refused."""
    found = EnforcementRecord.objects.select_related("customer").filter(pk=record_id)
    known = found.filter(may_see(request.user)).first()
    if known is None:
        raise Http404
    request.seat.demand(Action.WORK, known.customer.entity_id)
    try:
        end_record(record_id=record_id, ended_on=request.seat.today, actor=request.user, now=request.seat.now)
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, place_of(known.customer_id), _("The record no longer stands."))
