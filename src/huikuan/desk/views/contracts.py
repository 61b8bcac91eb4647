"""The tab of a customer's contracts."""

from django.http import HttpResponse
from django.shortcuts import render

from huikuan.desk.access import DeskRequest, page
from huikuan.desk.queries.contracts import contracts_of
from huikuan.desk.tabs import tab_context


@page
def show(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Show what was agreed with a customer. Raises Http404."""
    frame = tab_context(request.seat, customer_id)
    context = {**frame, "contracts": contracts_of(customer_id, as_of=request.seat.today)}
    return render(request, "desk/contracts.html", context)
