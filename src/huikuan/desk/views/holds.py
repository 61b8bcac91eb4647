"""Placing and releasing holds."""

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from huikuan.desk.access import DeskRequest, visible_customer, write
from huikuan.desk.answers import ILL_FILLED, done, refusal_page, refused
from huikuan.desk.queries.claims import open_numbers
from huikuan.desk.views.contacts import page_of, redraw
from huikuan.desk.views.workplace import hold_form
from huikuan.kernel.refusal import Refusal
from huikuan.parties.queries import may_see
from huikuan.parties.rules.rights import Action
from huikuan.policy.commands import place_hold, release_hold
from huikuan.policy.models import Hold


@write
def place(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Place a hold from today: 303 done, 409 refused, 422 ill-filled."""
    customer = visible_customer(request.seat, customer_id)
    request.seat.demand(Action.WORK, customer.entity_id)
    form = hold_form(request.seat, open_numbers(customer_id, as_of=request.seat.today), request.POST)
    if not form.is_valid():
        return redraw(request, customer_id, form, ILL_FILLED)
    said = form.cleaned_data
    try:
        place_hold(
            customer_id=customer_id,
            kind=said["kind"],
            item_id=said["item"],
            starts_on=request.seat.today,
            ends_on=said["ends_on"],
            reason=said["reason"],
            actor=request.user,
            now=request.seat.now,
        )
    except Refusal as no:
        return redraw(request, customer_id, form, refused(form, no))
    day = said["ends_on"].isoformat()
    return done(request, page_of(request, customer_id), _("On hold until {day}.").format(day=day))


@write
def release(request: DeskRequest, hold_id: int) -> HttpResponse:
    """Release a hold today: 303 done, 409 refused."""
    hold = Hold.objects.select_related("customer").filter(may_see(request.user), pk=hold_id).first()
    if hold is None:
        raise Http404
    request.seat.demand(Action.WORK, hold.customer.entity_id)
    try:
        release_hold(hold_id=hold_id, released_on=request.seat.today, actor=request.user, now=request.seat.now)
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, page_of(request, hold.customer_id), _("The hold is released."))
