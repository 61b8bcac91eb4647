"""The composer: a message written by hand, checked as it is written, sent through the outbox only."""

from datetime import timedelta
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from huikuan.desk.access import DeskRequest, read_or_write, write
from huikuan.desk.answers import ILL_FILLED, REFUSED, done, refused
from huikuan.desk.forms.compose import CHANNELS, ComposeForm
from huikuan.desk.queries.claims import open_numbers
from huikuan.desk.queries.guard import guard_answer
from huikuan.desk.queries.people import persons_of
from huikuan.desk.queries.words_texts import kind_name, line_name, why_not
from huikuan.desk.tabs import tab_context
from huikuan.desk.views.texts import drawn_blocks
from huikuan.kernel.refusal import Refusal
from huikuan.outreach.commands.templates import TextHasFlaws
from huikuan.outreach.commands.writing import check_words, send_words
from huikuan.outreach.models import Delivery
from huikuan.outreach.queries.texts import text_for
from huikuan.outreach.rules.checking import Flaw
from huikuan.outreach.rules.kinds import EVERY_TABLE, KINDS, TEXT
from huikuan.outreach.templates import TemplateUnknown, offered
from huikuan.parties.models import Customer
from huikuan.parties.rules.rights import Action
from huikuan.runs.queries.composer import preview_words

UNDO_MINUTES: Final = 2
"""A message by hand waits so long before it may leave."""
TO_BEGIN_WITH: Final = ("friendly", "follow_up", "weekly", "upcoming")
"""Texts that may be taken as a beginning: what binds or announces consequences is sent by its step of the policy."""
WAITING_SHOWN: Final = 10


@read_or_write
def show(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Show the composer; a POST only checks the words written so far and shows how they read. Keeps nothing."""
    form = _form(request, customer_id)
    return _draw(request, customer_id, form)


def _form(request: DeskRequest, customer_id: int) -> tuple[dict[str, Any], ComposeForm]:
    """Return the frame of the page and the form: filled in, begun with a text, or empty. Raises Http404, 403."""
    frame = tab_context(request.seat, customer_id)
    customer: Customer = frame["customer"]
    request.seat.demand(Action.WORK, customer.entity_id)
    owed = sorted({each.currency for each in open_numbers(customer_id, as_of=request.seat.today)})
    channel = request.GET.get("channel", "")
    given: dict[str, Any] = {
        "persons": persons_of(customer_id),
        "currencies": owed or [customer.currency],
        "general": customer.phone if (request.POST.get("channel") or channel) == "SMS" else customer.email,
    }
    if request.method == "POST":
        return frame, ComposeForm(request.POST, **given)
    form = ComposeForm(initial=_beginning(request, customer), **given)
    return frame, form


def _beginning(request: DeskRequest, customer: Customer) -> dict[str, Any]:
    """Return what stands in the form at first: the person and channel of the query, and the text asked for."""
    asked, channels = request.GET, dict(CHANNELS)
    channel = asked.get("channel", "") if asked.get("channel", "") in channels else "EMAIL"
    begun = {"channel": channel, "person": asked.get("person", "")}
    kind = asked.get("template", "")
    if kind not in TO_BEGIN_WITH:
        return begun
    try:
        text = text_for(
            customer=customer, kind=kind, channel=channel, language=offered(customer.language),
            as_of=request.seat.today,
        )  # fmt: skip
    except TemplateUnknown:
        return begun
    return begun | {"subject": text.subject, "body": text.body}


def _draw(
    request: DeskRequest,
    customer_id: int,
    asked: tuple[dict[str, Any], ComposeForm],
    *,
    flaws: tuple[Flaw, ...] = (),
    status: int = 200,
) -> HttpResponse:
    frame, form = asked
    customer: Customer = frame["customer"]
    channel = str(form["channel"].value() or "EMAIL")
    is_written = bool(str(form["body"].value() or "").strip())
    if is_written and not flaws:
        flaws = check_words(customer=customer, now=request.seat.now, **_words(form))
    waiting = Delivery.objects.filter(customer_id=customer_id, template=TEXT, state=Delivery.State.QUEUED)
    context = {
        **frame,
        "form": form,
        "text": str(form["body"].value() or ""),
        "flaws": [(line_name(flaw.line), _(flaw.text).format(**flaw.facts)) for flaw in flaws],
        "preview": _preview(request, customer, form) if is_written and not flaws else None,
        "guard": guard_answer(customer, form.to, channel=channel, now=request.seat.now),
        "begin_with": [(kind, kind_name(kind, channel)) for kind in TO_BEGIN_WITH],
        "channel": channel,
        "channels": CHANNELS,
        "person": form.to,
        "template": request.GET.get("template", ""),
        "placeholders": sorted(KINDS[TEXT].known - (EVERY_TABLE if channel == "SMS" else frozenset())),
        "waiting": waiting.select_related("person").order_by("-pk")[:WAITING_SHOWN],
    }
    return render(request, "desk/compose.html", context, status=status)


def _words(form: ComposeForm) -> dict[str, str]:
    """Return the words written so far, whether the form is complete or not."""
    channel = "SMS" if form["channel"].value() == "SMS" else "EMAIL"
    subject = "" if channel == "SMS" else str(form["subject"].value() or "")
    return {"channel": channel, "subject": subject, "body": str(form["body"].value() or "").replace("\x00", "")}


def _preview(request: DeskRequest, customer: Customer, form: ComposeForm) -> dict[str, Any]:
    """Return how the words read with the facts of now."""
    known = {code for code, _name in form.fields["currency"].choices}  # type: ignore[attr-defined]
    currency = str(form["currency"].value() or "")
    shown = preview_words(
        customer=customer, person=form.to, currency=currency if currency in known else min(known),
        now=request.seat.now, **_words(form),
    )  # fmt: skip
    return {
        "customer": customer.name,
        "subject": shown.subject,
        "blocks": drawn_blocks(shown),
        "sms_parts": shown.sms_parts,
        "why_not": why_not(shown.why_not),
        "lang": "zh-Hans" if customer.language.startswith("zh") else customer.language,
    }


@write
def send(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Put the words into the outbox: 303 done, 409 refused, 422 ill-filled or with flaws."""
    asked = _form(request, customer_id)
    _frame, form = asked
    if not form.is_valid():
        return _draw(request, customer_id, asked, status=ILL_FILLED)
    said = form.cleaned_data
    try:
        send_words(
            customer_id=customer_id, currency=said["currency"], person_id=said["person"], actor=request.user,
            not_before=request.seat.now + timedelta(minutes=UNDO_MINUTES), now=request.seat.now, **_words(form),
        )  # fmt: skip
    except TextHasFlaws as no:
        return _draw(request, customer_id, asked, flaws=no.flaws, status=ILL_FILLED)
    except Refusal as no:
        refused(form, no)
        return _draw(request, customer_id, asked, status=REFUSED)
    told = _("The message leaves in {minutes} minutes, if the contact guard agrees. Until then it can be withdrawn.")
    return done(request, reverse("desk:compose", args=[customer_id]), told.format(minutes=UNDO_MINUTES))
