"""The inbox: what came in, whose it is, and what a person makes of it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from huikuan.cases.commands.intents import Details, apply_intent, undo_intent
from huikuan.desk.access import DeskRequest, page, write
from huikuan.desk.answers import ILL_FILLED, done, refusal_page, refused
from huikuan.desk.forms.dispute import DisputeForm
from huikuan.desk.forms.inbox import AssignForm, SaidForm
from huikuan.desk.queries.claims import open_numbers
from huikuan.desk.queries.inbox import SHOWS, InboundDetail, inbound_of, inbox
from huikuan.desk.queries.paging import Place
from huikuan.journal.files import read_file
from huikuan.kernel.refusal import Refusal
from huikuan.outreach.commands.inbound import assign_inbound, handle_inbound, reopen_inbound
from huikuan.outreach.models import AppliedIntent, InboundMessage
from huikuan.outreach.rules.intent import Kind
from huikuan.parties.queries import may_see, visible_to
from huikuan.parties.rules.rights import Action


@page
def index(request: DeskRequest) -> HttpResponse:
    """Show a page of what came in, the newest first."""
    asked, kind = request.GET.get("show", ""), request.GET.get("kind", "")
    show_code = asked if asked in SHOWS else "open"
    kind = kind if kind in InboundMessage.Kind.values else ""
    context = {
        "listed": inbox(request.seat, show=show_code, kind=kind, place=Place.read(request.GET.dict())),
        "show": show_code,
        "kind": kind,
        "kinds": InboundMessage.Kind.choices,
        "query": {"show": show_code, **({"kind": kind} if kind else {})},
    }
    return render(request, "desk/inbox.html", context)


@page
def show(request: DeskRequest, message_id: int) -> HttpResponse:
    """Show one message with what it seems to say."""
    return _draw(request, _seen(request, message_id))


def _seen(request: DeskRequest, message_id: int) -> InboundDetail:
    """Return a message that the user may see. Raises Http404."""
    detail = inbound_of(request.seat, message_id)
    if detail is None:
        raise Http404
    return detail


def _draw(request: DeskRequest, detail: InboundDetail, *, status: int = 200, **forms: Any) -> HttpResponse:
    """Draw the page, with a form that has just been refused under its name."""
    message = detail.message
    customer = message.customer
    entity_id = message.entity_id or request.seat.entity.pk
    context: dict[str, Any] = {
        "detail": detail,
        "message": message,
        "may_work": request.seat.may(Action.WORK, entity_id),
        "may_assign": request.seat.may(Action.ASSIGN, entity_id),
        "assign_form": AssignForm(),
    }
    if customer is not None:
        disputes = [row.proposal for row in detail.proposals if row.proposal.kind is Kind.DISPUTE]
        text = "".join(stretch.text for stretch in detail.stretches)
        context["dispute_form"] = DisputeForm(
            items=open_numbers(customer.pk, as_of=request.seat.today),
            initial={"kind": disputes[0].reason if disputes else "", "text": text[:2000]},
        )
    return render(request, "desk/inbound.html", {**context, **forms}, status=status)


def _worked(request: DeskRequest, message_id: int, action: Action = Action.WORK) -> InboundDetail:
    """Return a message that the user may see and work on. Raises Http404, PermissionDenied."""
    detail = _seen(request, message_id)
    request.seat.demand(action, detail.message.entity_id)
    return detail


def _do(request: DeskRequest, message_id: int, command: Callable[[], object], said: str) -> HttpResponse:
    """Do one thing with a message: 303 done, 409 refused."""
    try:
        command()
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, reverse("desk:inbound", args=[message_id]), said)


@write
def assign(request: DeskRequest, message_id: int) -> HttpResponse:
    """Say whose a message is: 303 done, 409 refused, 422 no such customer."""
    detail = _worked(request, message_id, Action.ASSIGN)
    form = AssignForm(request.POST)
    customer = None
    if form.is_valid():
        mine = visible_to(request.user, entity_id=request.seat.entity.pk)
        customer = mine.filter(code__iexact=form.cleaned_data["customer"].strip()).first()
    if customer is None:
        form.add_error("customer", _("There is no such customer here."))
        return _draw(request, detail, assign_form=form, status=ILL_FILLED)
    return _do(
        request,
        message_id,
        lambda: assign_inbound(
            message_id=message_id, customer_id=customer.pk, actor=request.user, now=request.seat.now
        ),
        _("The message belongs to {customer} now.").format(customer=customer.name),
    )


@write
def handle(request: DeskRequest, message_id: int) -> HttpResponse:
    """Say that a message needs nothing more: 303 done, 409 refused."""
    _worked(request, message_id)
    return _do(
        request,
        message_id,
        lambda: handle_inbound(message_id=message_id, actor=request.user, now=request.seat.now),
        _("Done with."),
    )


@write
def reopen(request: DeskRequest, message_id: int) -> HttpResponse:
    """Take that back: 303 done, 409 refused."""
    _worked(request, message_id)
    return _do(
        request,
        message_id,
        lambda: reopen_inbound(message_id=message_id, actor=request.user, now=request.seat.now),
        _("The message is open again."),
    )


@write
def follow(request: DeskRequest, message_id: int) -> HttpResponse:
    """Follow one proposal: 303 done, 409 refused, 422 ill-filled."""
    detail = _worked(request, message_id)
    customer, posted = detail.message.customer, request.POST
    intent = posted.get("intent", "")
    if customer is None or intent not in {kind.value for kind in Kind}:
        raise Http404
    place = posted.get("place", "0")
    details = Details()
    if intent == Kind.PROMISE:
        currency = posted.get("currency", "")[:3] or customer.currency
        form: SaidForm | DisputeForm = SaidForm(posted, currency=currency)
        if not form.is_valid():
            return _draw(request, detail, said_form=form, status=ILL_FILLED)
        details = Details(shares=form.cleaned_data["shares"], currency=currency)
    elif intent == Kind.DISPUTE:
        form = DisputeForm(posted, items=open_numbers(customer.pk, as_of=request.seat.today))
        if not form.is_valid():
            return _draw(request, detail, dispute_form=form, status=ILL_FILLED)
        said = form.cleaned_data
        details = Details(item_id=said["item"], amount_minor=said["amount_minor"], dispute_kind=said["kind"])
    try:
        apply_intent(
            message_id=message_id, intent=intent, place=int(place) if place.isdecimal() else 0, actor=request.user,
            now=request.seat.now, details=details,
        )  # fmt: skip
    except Refusal as no:
        if intent == Kind.PROMISE:
            return _draw(request, detail, said_form=form, status=refused(form, no))
        return refusal_page(request, no)
    return done(request, reverse("desk:inbound", args=[message_id]), _("Followed; it shows on the timeline."))


@write
def undo(request: DeskRequest, applied_id: int) -> HttpResponse:
    """Take back what was made of a proposal: 303 done, 409 refused."""
    applied = (
        AppliedIntent.objects.filter(may_see(request.user, "message__customer"), pk=applied_id)
        .select_related("message")
        .first()
    )
    if applied is None:
        raise Http404
    request.seat.demand(Action.WORK, applied.message.entity_id)
    return _do(
        request,
        applied.message_id,
        lambda: undo_intent(applied_id=applied_id, actor=request.user, now=request.seat.now),
        _("Taken back."),
    )


@page
def content(request: DeskRequest, message_id: int) -> HttpResponse:
    """Give a message as it came, as an attachment."""
    detail = _seen(request, message_id)
    if detail.file is None:
        raise Http404
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(detail.file.name)}"}
    return HttpResponse(read_file(detail.file), content_type="application/octet-stream", headers=headers)
