"""The tab of a customer's contracts, and the early-payment discount agreed on one."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from huikuan.arrangements.commands.discounts import agree_discount
from huikuan.desk.access import DeskRequest, page, visible_customer, write
from huikuan.desk.answers import ILL_FILLED, done, refused
from huikuan.desk.forms.contracts import DiscountForm
from huikuan.desk.queries.contracts import contract_numbers, contracts_of
from huikuan.desk.tabs import tab_context
from huikuan.desk.views.item_discounts import item_discounts_context
from huikuan.kernel.refusal import Refusal
from huikuan.parties.rules.rights import Action


@page
def show(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Show what was agreed with a customer. Raises Http404."""
    return _draw(request, customer_id)


def _draw(request: DeskRequest, customer_id: int, form: DiscountForm | None = None, status: int = 200) -> HttpResponse:
    seat, asked = request.seat, request.GET
    frame = tab_context(seat, customer_id)
    may_agree = seat.may(Action.APPROVE, frame["entity_id"])
    contracts = contracts_of(customer_id, as_of=seat.today)
    if form is None and may_agree and contracts:
        form = DiscountForm(contracts=[(each.pk, each.number) for each in contracts], today=seat.today)
    context = {
        **frame, "contracts": contracts, "form": form,
        **item_discounts_context(seat, customer_id, frame["entity_id"], asked),
    }  # fmt: skip
    return render(request, "desk/contracts.html", context, status=status)


@write
def agree(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Agree a discount for early payment on a contract, or end it with 0: 303 done, 409 refused, 422 ill-filled."""
    seat = request.seat
    customer = visible_customer(seat, customer_id)
    seat.demand(Action.APPROVE, customer.entity_id)
    form = DiscountForm(request.POST, contracts=contract_numbers(customer_id), today=seat.today)
    if not form.is_valid():
        return _draw(request, customer_id, form, ILL_FILLED)
    said = form.cleaned_data
    try:
        terms = agree_discount(
            contract_id=said["contract"], share_ppm=form.share_ppm, days=said["days"], starts_on=said["starts_on"],
            actor=request.user, now=seat.now,
        )  # fmt: skip
    except Refusal as no:
        return _draw(request, customer_id, form, refused(form, no))
    ended = _("There is no discount for early payment on this contract any more.")
    agreed = _("The discount is agreed: bills state it, and money in time takes it.")
    return done(request, reverse("desk:contracts", args=[customer_id]), agreed if terms.share_ppm else ended)
