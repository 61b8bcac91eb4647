"""Offers by hand: made, approved, declined; shown on the tab of agreements."""

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from huikuan.arrangements.commands.offers import approve_offer, decline_offer, make_offer
from huikuan.arrangements.models import Offer
from huikuan.desk.access import DeskRequest, Seat, visible_customer, write
from huikuan.desk.answers import done, refusal_page
from huikuan.desk.forms.dispute import OfferForm
from huikuan.desk.queries.claims import OpenNumber, open_numbers
from huikuan.desk.queries.offers import discounts_decided, offers_of
from huikuan.kernel.refusal import Refusal
from huikuan.parties.models import Customer
from huikuan.parties.queries import may_see
from huikuan.parties.rules.rights import Action


def offers_context(seat: Seat, customer: Customer, items: tuple[OpenNumber, ...]) -> dict[str, Any]:
    """Return what `desk/offers.html` draws: include it on a tab of the customer. Three queries."""
    return {
        "offers": offers_of(customer.pk),
        "discounts": discounts_decided(customer.pk),
        "offer_form": _form(seat, items),
        "may_offer": seat.may(Action.WORK, customer.entity_id),
        "may_approve": seat.may(Action.APPROVE, customer.entity_id),
    }


def _form(seat: Seat, items: tuple[OpenNumber, ...], data: Any = None) -> OfferForm:  # noqa: ANN401  a QueryDict
    overdue = sorted({each.currency for each in items if each.due_on < seat.today})
    return OfferForm(data, currencies=overdue or [seat.entity.currency], today=seat.today)


@write
def make(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Make an offer: 303 done, 409 refused or ill-filled."""
    seat = request.seat
    customer = visible_customer(seat, customer_id)
    seat.demand(Action.WORK, customer.entity_id)
    form = _form(seat, open_numbers(customer_id, as_of=seat.today), request.POST)
    back = reverse("desk:agreements", args=[customer_id])
    if not form.is_valid():
        return done(request, back, " ".join(str(error) for errors in form.errors.values() for error in errors))
    try:
        offer = make_offer(
            customer_id=customer_id, currency=form.cleaned_data["currency"], waive_ppm=form.waive_ppm,
            expires_on=form.cleaned_data["expires_on"], as_of=seat.today, actor=request.user, now=seat.now,
        )  # fmt: skip
    except Refusal as no:
        return refusal_page(request, no)
    waits = _("The offer goes beyond the policy's limit: it waits for a manager.")
    return done(request, back, _("The offer runs until its day.") if offer.approved_at else waits)


@write
def approve(request: DeskRequest, offer_id: int) -> HttpResponse:
    """Approve or decline an offer that waits: 303 done, 409 refused."""
    offer = Offer.objects.filter(may_see(request.user), pk=offer_id).first()
    if offer is None:
        raise Http404
    request.seat.demand(Action.APPROVE, offer.entity_id)
    decide = decline_offer if "decline" in request.POST else approve_offer
    try:
        decide(offer_id=offer_id, as_of=request.seat.today, actor=request.user, now=request.seat.now)
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, reverse("desk:agreements", args=[offer.customer_id]), _("Decided."))
