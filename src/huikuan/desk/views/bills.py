"""Bills of exchange: what matures when, one bill with its chain, receiving one and saying where it went."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from huikuan.cash.commands.bills import Paper, move_bill, receive_bill
from huikuan.desk.access import DeskRequest, page, visible_customer, write
from huikuan.desk.answers import ILL_FILLED, done, refused
from huikuan.desk.forms.reconciling import BillForm, BillMoveForm
from huikuan.desk.queries.reconciling import BILLS_SHOWN, TONES, bill_calendar, bill_rows, bill_visible_to, bills
from huikuan.desk.tabs import tab_context
from huikuan.kernel.refusal import Refusal
from huikuan.parties.models import Customer
from huikuan.parties.rules.rights import Action
from huikuan.receivables.commands.returns import SUFFIX
from huikuan.receivables.models import Bill
from huikuan.receivables.models.bill import BillState
from huikuan.receivables.rules.bill import NEXT, present_until


@page
def index(request: DeskRequest) -> HttpResponse:
    """Show the bills of the chosen entity in the order in which they mature, and what matures in which month."""
    state = request.GET.get("state", "")
    state = state if state in BillState.values else ""
    context = {
        "rows": bills(request.seat, state=state),
        "calendar": bill_calendar(request.seat),
        "states": BillState.choices,
        "state": state,
        "most": BILLS_SHOWN,
    }
    return render(request, "desk/bills.html", context)


@page
def of_customer(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Show a customer's bills, and the form to receive one."""
    return _draw_customer(request, customer_id)


def _draw_customer(
    request: DeskRequest, customer_id: int, form: BillForm | None = None, status: int = 200
) -> HttpResponse:
    frame = tab_context(request.seat, customer_id)
    found = Bill.objects.filter(customer_id=customer_id).order_by("-matures_on", "-pk")[:BILLS_SHOWN]
    context = frame | {
        "rows": bill_rows(list(found), request.seat.today),
        "form": form or _form(request, frame["customer"]),
        "may_book": request.seat.may(Action.BOOK, frame["entity_id"]),
    }
    return render(request, "desk/customer_bills.html", context, status=status)


def _form(request: DeskRequest, customer: Customer, data: Any = None) -> BillForm:  # noqa: ANN401  a QueryDict
    return BillForm(data, today=request.seat.today, currency=customer.currency)


@write
def receive(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Receive a bill: 303 to it, 409 refused, 422 ill-filled."""
    customer = visible_customer(request.seat, customer_id)
    request.seat.demand(Action.BOOK, customer.entity_id)
    form = _form(request, customer, request.POST)
    if not form.is_valid():
        return _draw_customer(request, customer_id, form, ILL_FILLED)
    said = dict(form.cleaned_data)
    received_on = said.pop("received_on")
    paper = Paper(amount_minor=said.pop("amount"), currency=customer.currency, **said)
    try:
        bill = receive_bill(
            customer_id=customer_id, paper=paper, received_on=received_on, actor=request.user, now=request.seat.now
        )
    except Refusal as no:
        return _draw_customer(request, customer_id, form, refused(form, no))
    return done(
        request, reverse("desk:bill", args=[bill.pk]), _("Received: its items are paid unless it is dishonored.")
    )


def _own(request: DeskRequest, bill_id: int, action: Action | None = None) -> Bill:
    """Return a bill that the user may see. Raises Http404, PermissionDenied."""
    found = bill_visible_to(request.user, bill_id)
    if found is None:
        raise Http404
    if action is not None:
        request.seat.demand(action, found.entity_id)
    return found


@page
def show(request: DeskRequest, bill_id: int) -> HttpResponse:
    """Show one bill: its paper, its chain, what it paid, what happened to it."""
    return _draw(request, _own(request, bill_id))


def _draw(request: DeskRequest, bill: Bill, form: BillMoveForm | None = None, status: int = 200) -> HttpResponse:
    may_move = request.seat.may(Action.BOOK, bill.entity_id) and bool(NEXT[bill.state])
    own = bill.receipt.allocations.exclude(item__number__endswith=SUFFIX)  # its own way out after dishonor
    paid = own.filter(reverses=None).select_related("item", "reversed_by").order_by("pk")
    context = {
        **tab_context(request.seat, bill.customer_id),
        "bill": bill,
        "tone": TONES[bill.state],
        "present_until": present_until(bill.matures_on),
        "endorsements": bill.endorsements.order_by("position"),
        "allocations": paid,
        "changes": bill.changes.select_related("actor").order_by("pk"),
        "form": (form or BillMoveForm(state=bill.state, today=request.seat.today)) if may_move else None,
    }
    return render(request, "desk/bill.html", context, status=status)


@write
def move(request: DeskRequest, bill_id: int) -> HttpResponse:
    """Write down where a bill went: 303 done, 409 refused, 422 ill-filled."""
    bill = _own(request, bill_id, Action.BOOK)
    form = BillMoveForm(request.POST, state=bill.state, today=request.seat.today)
    if not form.is_valid():
        return _draw(request, bill, form, ILL_FILLED)
    said = form.cleaned_data
    try:
        move_bill(
            bill_id=bill_id, state=said["state"], on=said["on"], as_of=request.seat.today, actor=request.user,
            now=request.seat.now, holder=said["holder"], is_with_recourse=form.is_with_recourse(), note=said["note"],
        )  # fmt: skip
    except Refusal as no:
        return _draw(request, bill, form, refused(form, no))
    return done(request, reverse("desk:bill", args=[bill_id]), _("Written down."))
