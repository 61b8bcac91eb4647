"""Payments through gateways: the list, what a person must look at, and money to be sent back."""

from typing import Final

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huikuan.cash.commands.payment_reviews import deal_with_news, take_up_news
from huikuan.cash.commands.requests import request_payout
from huikuan.cash.models import MoneyRequest, Payment, PaymentEvent
from huikuan.cash.rules.payment import Verdict
from huikuan.desk.access import DeskRequest, page, write
from huikuan.desk.answers import ILL_FILLED, done, refusal_page
from huikuan.desk.forms.money import GatewayRefundForm
from huikuan.desk.queries.paging import Place
from huikuan.desk.queries.payments import news_count, news_dealt_with, news_of, news_to_look_at, payments, states
from huikuan.kernel.refusal import Refusal
from huikuan.parties.queries import may_see
from huikuan.parties.rules.rights import Action

WORDS: Final[dict[str, Promise]] = {
    Verdict.AMOUNT_DIFFERS: _("Another amount than was asked for"),
    Verdict.CURRENCY_DIFFERS: _("Another currency than was asked for"),
    Verdict.PAID_AGAIN: _("Paid a second time"),
    Verdict.UNKNOWN: _("About no payment of ours"),
}


@page
def index(request: DeskRequest) -> HttpResponse:
    """Show a page of payments, newest first."""
    return _draw(request)


def _draw(request: DeskRequest, form: GatewayRefundForm | None = None, status: int = 200) -> HttpResponse:
    seat = request.seat
    asked = request.GET.get("state", "")
    state = asked if asked in Payment.State.values else ""
    context = {
        "listed": payments(seat, state=state, place=Place.read(request.GET.dict())),
        "states": states(seat),
        "state": state,
        "query": {"state": state} if state else {},
        "troubles": [(event, WORDS[event.verdict]) for event in news_to_look_at(seat)],
        "trouble_count": news_count(seat),
        "dealt_with": [(review, WORDS[review.event.verdict]) for review in news_dealt_with(seat)],
        "gateways": list(settings.HUIKUAN_GATEWAY_PORTS),
        "may_book": seat.may(Action.BOOK),
        "form": form,
    }
    return render(request, "desk/payments.html", context, status=status)


@write
def refund(request: DeskRequest, payment_id: int) -> HttpResponse:
    """Ask to send money on account back the way it came: 303 done, 409 refused, 422 ill-filled."""
    payment = Payment.objects.filter(may_see(request.user), pk=payment_id, receipt__isnull=False).first()
    if payment is None or payment.receipt_id is None:
        raise Http404
    request.seat.demand(Action.BOOK, payment.entity_id)
    form = GatewayRefundForm(request.POST, currency=payment.currency)
    if not form.is_valid():
        return _draw(request, form, ILL_FILLED)
    try:
        request_payout(
            receipt_id=payment.receipt_id, kind=MoneyRequest.Kind.REFUND, amount_minor=form.cleaned_data["amount"],
            reason=form.cleaned_data["reason"], reference=payment.number, actor=request.user, now=request.seat.now,
        )  # fmt: skip
    except Refusal as no:
        return refusal_page(request, no)
    said = gettext("Asked: as soon as somebody else has approved it, {gateway} is told to send the money back.")
    return done(request, reverse("desk:payments"), said.format(gateway=payment.gateway))


@write
def look(request: DeskRequest, event_id: int) -> HttpResponse:
    """Tick news off as dealt with: 303 done, 409 refused."""
    event = _news(request, event_id)
    try:
        deal_with_news(
            event_id=event.pk, note=request.POST.get("note", ""), actor=request.user, now=request.seat.now
        )  # fmt: skip
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, reverse("desk:payments"), gettext("Dealt with. What was noted stays with it, below."))


@write
def look_again(request: DeskRequest, event_id: int) -> HttpResponse:
    """Put news back on the list: 303 done, 409 refused."""
    event = _news(request, event_id)
    try:
        take_up_news(event_id=event.pk, actor=request.user, now=request.seat.now)
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, reverse("desk:payments"), gettext("It is on the list again."))


def _news(request: DeskRequest, event_id: int) -> PaymentEvent:
    """Return news that the user may know of. Raises Http404, and PermissionDenied for who may not book."""
    event = news_of(request.seat, event_id)
    if event is None:
        raise Http404
    request.seat.demand(Action.BOOK)
    return event
