"""What the contact guard says before somebody dials or sets out: a fragment for htmx, a page for everybody else."""

from django.http import HttpResponse
from django.shortcuts import render

from huikuan.desk.access import DeskRequest, page, visible_customer
from huikuan.desk.forms.contact import CHANNELS, VISITORS_MAX
from huikuan.desk.forms.worklist import number
from huikuan.desk.queries.guard import guard_answer
from huikuan.parties.models import ContactPerson


@page
def show(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Answer for `channel`, `direction`, `person` and `visitor_count` of the query; 404 for what may not be seen."""
    customer = visible_customer(request.seat, customer_id)
    asked = request.GET
    channel = asked.get("channel", "PHONE")
    answer = guard_answer(
        customer,
        ContactPerson.objects.filter(customer=customer, pk=number(asked, "person") or 0).first(),
        channel=channel if channel in CHANNELS else "PHONE",
        direction="OUT" if asked.get("direction", "OUT") == "OUT" else "IN",
        visitor_count=min(number(asked, "visitor_count") or 0, VISITORS_MAX),
        now=request.seat.now,
    )
    template = "desk/guard_answer.html" if request.htmx else "desk/guard.html"
    return render(request, template, {"answer": answer, "customer": customer})
