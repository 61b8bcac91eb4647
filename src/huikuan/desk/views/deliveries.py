"""The monitor of messages: what waits, what left, what a person must decide."""

from collections.abc import Callable

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huikuan.desk.access import DeskRequest, page, write
from huikuan.desk.answers import done, refusal_page
from huikuan.desk.forms.text import tidy
from huikuan.desk.queries.deliveries import deliveries, delivery_of, states
from huikuan.desk.queries.monitor import REASON_LENGTH, RETRIED_AT_ONCE, failed, monitor
from huikuan.desk.queries.paging import Place
from huikuan.kernel.refusal import Refusal
from huikuan.outreach.commands.queue import cancel_delivery, retry_failed
from huikuan.outreach.commands.reconcile import reconcile_not_sent, reconcile_sent
from huikuan.outreach.commands.retrying import retry_all_failed
from huikuan.outreach.models import Delivery
from huikuan.parties.queries import may_see
from huikuan.parties.rules.rights import Action

REASON_MAX = 300


@page
def index(request: DeskRequest) -> HttpResponse:
    """Show a page of messages, newest first."""
    asked = request.GET.get("state", "")
    state = asked if asked in Delivery.State.values else ""
    context = {
        "listed": deliveries(request.seat, state=state, place=Place.read(request.GET.dict())),
        "states": states(request.seat),
        "state": state,
        "query": {"state": state} if state else {},
        "may_work": request.seat.may(Action.WORK),
        "may_export": request.seat.may(Action.EXPORT),
        "monitor": monitor(request.seat),
    }
    return render(request, "desk/deliveries.html", context)


@write
def retry_many(request: DeskRequest) -> HttpResponse:
    """Queue again every message that failed for one reason: 303 done."""
    request.seat.demand(Action.WORK)
    reason = request.POST.get("reason", "")[:REASON_LENGTH]
    ids = list(failed(request.seat, reason=reason).order_by("pk").values_list("pk", flat=True)[:RETRIED_AT_ONCE])
    count = retry_all_failed(delivery_ids=ids, actor=request.user, now=request.seat.now)
    said = ngettext("{count} message waits to be sent again.", "{count} messages wait to be sent again.", count)
    return done(request, reverse("desk:deliveries"), said.format(count=count))


@page
def show(request: DeskRequest, delivery_id: int) -> HttpResponse:
    """Show one message as it left, and its trail."""
    detail = delivery_of(request.seat, delivery_id)
    if detail is None:
        raise Http404
    return render(request, "desk/delivery.html", {"detail": detail, "may_work": request.seat.may(Action.WORK)})


def _own(request: DeskRequest, delivery_id: int) -> None:
    """Go on only for a message that the user may see and handle. Raises Http404, PermissionDenied."""
    found = Delivery.objects.filter(may_see(request.user), pk=delivery_id).first()
    if found is None:
        raise Http404
    request.seat.demand(Action.WORK, found.entity_id)


def _decide(request: DeskRequest, delivery_id: int, command: Callable[[], object], said: str) -> HttpResponse:
    """Do one thing with a message: 303 done, 409 refused."""
    _own(request, delivery_id)
    try:
        command()
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, reverse("desk:delivery", args=[delivery_id]), said)


@write
def cancel(request: DeskRequest, delivery_id: int) -> HttpResponse:
    """Withdraw a message that has not left."""
    reason = tidy(request.POST, "reason", longest=REASON_MAX)
    return _decide(
        request,
        delivery_id,
        lambda: cancel_delivery(delivery_id=delivery_id, reason=reason, actor=request.user, now=request.seat.now),
        _("The message is withdrawn."),
    )


@write
def retry(request: DeskRequest, delivery_id: int) -> HttpResponse:
    """Queue a failed message again."""
    return _decide(
        request,
        delivery_id,
        lambda: retry_failed(delivery_id=delivery_id, actor=request.user, now=request.seat.now),
        _("The message waits to be sent again."),
    )


@write
def reconcile(request: DeskRequest, delivery_id: int) -> HttpResponse:
    """Settle a message of which nobody knows whether it left."""
    was_sent = request.POST.get("was_sent") == "yes"
    command = reconcile_sent if was_sent else reconcile_not_sent
    evidence = tidy(request.POST, "evidence", longest=REASON_MAX)
    said = _("Settled: it was sent.") if was_sent else _("Settled: it was not sent, and waits to be sent again.")
    return _decide(
        request,
        delivery_id,
        lambda: command(delivery_id=delivery_id, evidence=evidence, actor=request.user, now=request.seat.now),
        said,
    )
