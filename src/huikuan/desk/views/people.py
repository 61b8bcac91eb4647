"""The tab of a customer's contacts: whom to talk to, what was said, what holds dunning up."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from huikuan.desk.access import DeskRequest, Seat, page
from huikuan.desk.queries.claims import open_numbers
from huikuan.desk.tabs import tab_context
from huikuan.desk.views.workplace import Form, workplace
from huikuan.policy.queries import in_force_beside, policy_known


@page
def show(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Show the contacts of a customer."""
    return draw(request, request.seat, customer_id)


def draw(
    request: HttpRequest, seat: Seat, customer_id: int, *, form: Form | None = None, status: int = 200
) -> HttpResponse:
    """Draw the tab, with the form that has just been refused, if any. Raises Http404."""
    frame = tab_context(seat, customer_id, policy_hash=in_force_beside(seat.today))
    customer = frame["customer"]
    items = open_numbers(customer_id, as_of=seat.today)
    context = {
        **frame,
        **workplace(
            request, seat, customer=customer, items=items, form=form, policy=policy_known(customer.policy_hash)
        ),
    }
    return render(request, "desk/contacts.html", context, status=status)
