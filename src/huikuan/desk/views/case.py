"""The case page."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from huikuan.cases.queries.case import case_head
from huikuan.desk.access import DeskRequest, Seat, page
from huikuan.desk.forms.steering import NextForm, OwnerForm
from huikuan.desk.queries.collectors import collectors_of
from huikuan.desk.tabs import TABS
from huikuan.desk.views.workplace import Form, workplace
from huikuan.parties.rules.rights import Action
from huikuan.policy.queries import policy_known
from huikuan.receivables.queries.account import account_of


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
    account = account_of(head.customer_id, as_of=seat.today)
    may_give = may_assign(seat, head.entity_id) and head.closed_on is None
    context = {
        "may_give": may_give,
        "owner_form": _owner_form(request, form, head.entity_id) if may_give else None,
        "account": account,
        "next_form": form if isinstance(form, NextForm) else NextForm(today=seat.today),
        "head": head,
        "letter": head.letter,
        "customer_id": head.customer_id,
        "case_id": head.case_id,
        "tabs": TABS,
        "tab_case_id": head.case_id,
        **workplace(
            request,
            seat,
            customer=head.customer,
            items=account.items,
            form=form,
            tasks=head.tasks,
            policy=policy_known(head.policy_hash),
        ),
    }
    return render(request, "desk/case.html", context, status=status)


def _owner_form(request: HttpRequest, form: Form | None, entity_id: int) -> OwnerForm | None:
    """Return the form that gives the case away: the refused one, or a new one when it is asked for."""
    if isinstance(form, OwnerForm):
        return form
    return OwnerForm(collectors=collectors_of(entity_id)) if "give" in request.GET else None


def may_assign(seat: Seat, entity_id: int) -> bool:
    """Tell whether the user may give cases away: managers do, and administrators, who make the people."""
    return seat.may(Action.ASSIGN, entity_id) or seat.may(Action.STAFF, entity_id)
