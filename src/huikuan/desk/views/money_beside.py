"""What stands beside a customer's money: debts set off, claims and debts that passed to others."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from huikuan.cash.commands.set_off import Declaration, set_off
from huikuan.desk.access import DeskRequest, write
from huikuan.desk.answers import ILL_FILLED, done, refused
from huikuan.desk.forms.money import AssignmentForm, SetOffForm
from huikuan.desk.views.money import booking, drawn, open_items, page_of
from huikuan.kernel.refusal import Refusal
from huikuan.receivables.commands.assignments import record_assignment

FILE_MAX = 32 * 1024 * 1024
"""Bytes of a declaration read into memory at most; `keep_file` has its own limits by kind."""


@write
def set_off_debt(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Set our debt off against the customer's: 303 done, 409 refused, 422 ill-filled."""
    customer = booking(request, customer_id)
    currency = customer.entity.currency
    form = SetOffForm(request.POST, request.FILES, currency=currency, today=request.seat.today)
    if not form.is_valid():
        return drawn(request, customer_id, status=ILL_FILLED, set_off_form=form)
    said = form.cleaned_data
    file = said["file"]
    try:
        set_off(
            customer_id=customer_id, number=said["number"], against=said["against"], declared_on=said["declared_on"],
            amount_minor=said["amount"], currency=currency,
            document=Declaration(file.name, file.content_type or "", file.read(FILE_MAX)), actor=request.user,
            now=request.seat.now,
        )  # fmt: skip
    except Refusal as no:
        return drawn(request, customer_id, status=refused(form, no), set_off_form=form)
    return done(request, page_of(customer_id), _("The debts are set off."))


@write
def assign(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Record that items passed to somebody else: 303 done, 409 refused, 422 ill-filled."""
    booking(request, customer_id)
    form = AssignmentForm(request.POST, items=open_items(customer_id))
    if not form.is_valid():
        return drawn(request, customer_id, status=ILL_FILLED, assignment_form=form)
    said = form.cleaned_data
    try:
        record_assignment(
            customer_id=customer_id, kind=said["kind"], party=said["party"], item_ids=said["items"],
            agreed_on=said["agreed_on"], notified_on=said["notified_on"], note=said["note"], actor=request.user,
            now=request.seat.now,
        )  # fmt: skip
    except Refusal as no:
        return drawn(request, customer_id, status=refused(form, no), assignment_form=form)
    return done(request, page_of(customer_id), _("The assignment is recorded."))
