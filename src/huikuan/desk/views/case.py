"""The case page."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from huikuan.cases.queries.case import case_head
from huikuan.credit.queries import current_letter
from huikuan.desk.access import DeskRequest, Seat, page
from huikuan.desk.views.workplace import Form, workplace


@page
def show(request: DeskRequest, case_id: int) -> HttpResponse:
    """Show a case."""
    return draw(request, request.seat, case_id)


def draw(
    request: HttpRequest, seat: Seat, case_id: int, *, form: Form | None = None, status: int = 200
) -> HttpResponse:
    """Draw a case page, with the form that has just been refused, if any. Raises Http404."""
    head = case_head(seat.user, case_id, as_of=seat.today)
    if head is None:
        raise Http404
    context = {
        "head": head,
        "letter": current_letter(head.customer_id),
        "customer_id": head.customer_id,
        "case_id": head.case_id,
        **workplace(request, seat, customer_id=head.customer_id, entity_id=head.entity_id, form=form),
    }
    return render(request, "desk/case.html", context, status=status)
