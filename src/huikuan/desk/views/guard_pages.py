"""The contact guard: what it stopped, and the rules by which it decides."""

from django.http import HttpResponse
from django.shortcuts import render

from huikuan.desk.access import DeskRequest, page, visible_customer
from huikuan.desk.forms.guard import RefusalFilterForm
from huikuan.desk.queries.guard_list import counts_by_rule, packs_of, refusals
from huikuan.desk.queries.paging import Place
from huikuan.parties.rules.rights import Action


@page
def index(request: DeskRequest) -> HttpResponse:
    """Show what the guard refused or delayed, newest first; `rule`, `customer`, `first_on` and `last_on` narrow it."""
    form = RefusalFilterForm(request.GET)
    wanted = form.wanted()
    customer = None if wanted.customer_id is None else visible_customer(request.seat, wanted.customer_id)
    context = {
        "listed": refusals(request.seat, wanted, Place.read(request.GET.dict())),
        "rules": counts_by_rule(request.seat, wanted),
        "rule": wanted.rule,
        "form": form,
        "query": form.query(),
        "customer": customer,
    }
    return render(request, "desk/guard_refusals.html", context)


@page
def rules(request: DeskRequest) -> HttpResponse:
    """Show the rules in force for the entity, pack by pack."""
    context = {"packs": packs_of(request.seat), "may_edit": request.seat.may(Action.POLICY)}
    return render(request, "desk/guard_rules.html", context)
