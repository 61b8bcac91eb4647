"""The tab of a customer's agreements: promises with their statistics, plans, restructurings."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from huikuan.arrangements.commands.promising import make_promise, withdraw_promise
from huikuan.arrangements.models import Promise
from huikuan.arrangements.queries.agreements import plans_of, promises_of, reliability, restructurings_of
from huikuan.desk.access import DeskRequest, Seat, page, visible_customer, write
from huikuan.desk.answers import ILL_FILLED, done, refusal_page, refused
from huikuan.desk.forms.agreements import PromiseForm
from huikuan.desk.queries.claims import OpenNumber, open_numbers
from huikuan.desk.queries.people import persons_of
from huikuan.desk.tabs import tab_context
from huikuan.desk.views.offers import offers_context
from huikuan.kernel.refusal import Refusal
from huikuan.parties.models import Customer
from huikuan.parties.queries import may_see
from huikuan.parties.rules.rights import Action


@page
def show(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Show what was agreed with a customer."""
    return _draw(request, request.seat, customer_id)


@write
def promise(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Write down a promise: 303 done, 409 refused, 422 ill-filled."""
    customer = visible_customer(request.seat, customer_id)
    request.seat.demand(Action.WORK, customer.entity_id)
    form = _form(request, customer, open_numbers(customer_id, as_of=request.seat.today))
    if not form.is_valid():
        return _draw(request, request.seat, customer_id, form=form, status=ILL_FILLED)
    said = form.cleaned_data
    try:
        make_promise(
            customer_id=customer_id, shares=said["shares"], currency=form.currency, made_on=request.seat.today,
            actor=request.user, now=request.seat.now, person_id=said["person"],
            item_ids=[said["item"]] if said["item"] else [], note=said["note"],
        )  # fmt: skip
    except Refusal as no:
        return _draw(request, request.seat, customer_id, form=form, status=refused(form, no))
    return done(request, _place(customer_id), _("The promise is kept on record; dunning waits for its day."))


@write
def withdraw(request: DeskRequest, promise_id: int) -> HttpResponse:
    """Take a promise back: 303 done, 409 refused."""
    found = Promise.objects.filter(may_see(request.user), pk=promise_id).first()
    if found is None:
        raise Http404
    request.seat.demand(Action.WORK, found.entity_id)
    try:
        withdraw_promise(
            promise_id=promise_id, reason=request.POST.get("reason", ""), as_of=request.seat.today,
            actor=request.user, now=request.seat.now,
        )  # fmt: skip
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, _place(found.customer_id), _("The promise is withdrawn."))


def _place(customer_id: int) -> str:
    return reverse("desk:agreements", args=[customer_id])


def currency_of(request: HttpRequest, customer: Customer) -> str:
    """Return the currency that the page is about: the one asked for, else the creditor's."""
    asked = request.POST.get("currency") or request.GET.get("currency") or ""
    return asked if len(asked) == len("CNY") and asked.isalpha() else customer.entity.currency


def _form(request: HttpRequest, customer: Customer, items: tuple[OpenNumber, ...]) -> PromiseForm:
    return PromiseForm(
        request.POST or None,
        persons=persons_of(customer.pk),
        items=items,
        currency=currency_of(request, customer),
    )


def _draw(
    request: HttpRequest, seat: Seat, customer_id: int, *, form: PromiseForm | None = None, status: int = 200
) -> HttpResponse:
    frame = tab_context(seat, customer_id)
    customer = frame["customer"]
    may_work = seat.may(Action.WORK, customer.entity_id)
    items, promises = open_numbers(customer_id, as_of=seat.today), promises_of(customer_id)
    context = {
        **frame,
        "may_work": may_work,
        "form": (form or _form(request, customer, items)) if may_work else None,
        "reliability": reliability(customer_id, promises),
        "promises": promises,
        "plans": plans_of(customer_id),
        "restructurings": restructurings_of(customer_id),
        **offers_context(seat, customer, items),
    }
    return render(request, "desk/agreements.html", context, status=status)
