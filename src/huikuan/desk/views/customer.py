"""The list of customers and the page of one."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from huikuan.cases.queries.case import cases_of_customer
from huikuan.credit.commands import override_grade, release_grade
from huikuan.credit.models.grade import Letter
from huikuan.credit.queries import grade_panel
from huikuan.desk.access import DeskRequest, Seat, page, visible_customer, write
from huikuan.desk.answers import ILL_FILLED, done, refusal_page, refused
from huikuan.desk.charts import payment_record
from huikuan.desk.forms.override import OverrideForm
from huikuan.desk.forms.text import tidy
from huikuan.desk.queries.customer import money_of, warnings_of
from huikuan.desk.queries.customers import ORDERS, customers
from huikuan.desk.queries.grade import explained
from huikuan.desk.queries.holds import holds_of
from huikuan.desk.queries.paging import Place
from huikuan.desk.tabs import TABS
from huikuan.kernel.refusal import Refusal
from huikuan.parties.rules.rights import Action
from huikuan.receivables.queries.account import account_of

SEARCH_MAX = 80


@page
def index(request: DeskRequest) -> HttpResponse:
    """Show a page of the list."""
    asked = {name: tidy(request.GET, name, longest=SEARCH_MAX) for name in ("q", "grade", "sort")}
    grade = asked["grade"] if asked["grade"] in Letter.values else ""
    order = asked["sort"] if asked["sort"] in ORDERS else "name"
    listed, count = customers(
        request.seat, search=asked["q"], grade=grade, order=order, place=Place.read(request.GET.dict())
    )
    query = {"q": asked["q"], "grade": grade, "sort": order if order != "name" else ""}
    context = {
        "listed": listed,
        "count": count,
        "query": {name: value for name, value in query.items() if value},
        "sort": order,
        "grades": Letter.choices,
        "may_export": request.seat.may(Action.EXPORT),
    }
    return render(request, "desk/customers.html", context)


@page
def show(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Show a customer."""
    return draw(request, request.seat, customer_id)


def draw(
    request: HttpRequest,
    seat: Seat,
    customer_id: int,
    *,
    form: OverrideForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Draw a customer page, with the form that has just been refused, if any. Raises Http404."""
    customer = visible_customer(seat, customer_id)
    cases = cases_of_customer(seat.user, customer_id)
    open_case = next((case for case in cases if case.closed_on is None), None)
    money = money_of(customer_id, today=seat.today)
    context: dict[str, Any] = {
        "customer": customer,
        "customer_id": customer_id,
        "collector": str(customer.collector) if customer.collector else "",
        "cases": cases,
        "open_case": open_case,
        "tabs": TABS,
        "tab_case_id": (open_case or cases[0]).case_id if cases else None,
        "grade": explained(grade_panel(customer_id, as_of=seat.today)),
        "months": money.months,
        "chart": payment_record(money.months),
        "receipts": money.receipts,
        "warnings": warnings_of(customer_id),
        "override_form": form or OverrideForm(today=seat.today),
        "may_grade": may_grade(seat, customer.entity_id),
        "account": account_of(customer_id, as_of=seat.today, on_account=money.on_account),
        "holds": holds_of(customer_id, as_of=seat.today),
    }
    return render(request, "desk/customer.html", context, status=status)


def may_grade(seat: Seat, entity_id: int) -> bool:
    """Tell whether the user may set a grade by hand: who answers for the policy does."""
    return seat.may(Action.POLICY, entity_id)


@write
def override(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Set a grade by hand: 303 done, 409 refused, 422 ill-filled."""
    customer = visible_customer(request.seat, customer_id)
    request.seat.demand(Action.POLICY, customer.entity_id)
    form = OverrideForm(request.POST, today=request.seat.today)
    if not form.is_valid():
        return draw(request, request.seat, customer_id, form=form, status=ILL_FILLED)
    try:
        override_grade(
            customer_id=customer_id,
            starts_on=request.seat.today,
            actor=request.user,
            now=request.seat.now,
            **form.cleaned_data,
        )
    except Refusal as no:
        return draw(request, request.seat, customer_id, form=form, status=refused(form, no))
    said = _("The grade is set by hand. The next run uses it.")
    return done(request, reverse("desk:customer", args=[customer_id]), said)


@write
def release(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Take a grade by hand back: 303 done, 409 refused."""
    customer = visible_customer(request.seat, customer_id)
    request.seat.demand(Action.POLICY, customer.entity_id)
    try:
        release_grade(customer_id=customer_id, actor=request.user, now=request.seat.now)
    except Refusal as no:
        return refusal_page(request, no)
    said = _("The grade follows the scorecard again from the next run.")
    return done(request, reverse("desk:customer", args=[customer_id]), said)
