"""The money of a customer: receipts, what they pay, and what takes them back."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from huikuan.cash.commands.receive import receive_money
from huikuan.cash.commands.requests import request_payout, request_write_off
from huikuan.cash.commands.reverse import Why, free_money, reverse_money
from huikuan.desk.access import DeskRequest, page, visible_customer, write
from huikuan.desk.answers import ILL_FILLED, done, refusal_page, refused
from huikuan.desk.forms.base import DeskForm
from huikuan.desk.forms.money import (
    REVERSALS,
    AssignmentForm,
    ChargeForm,
    PayoutForm,
    ReasonForm,
    ReceiptForm,
    ReversalForm,
    SetOffForm,
    WriteOffForm,
)
from huikuan.desk.queries.money import assignments_of, charges_of, receipts_of, requests_of, set_offs_of
from huikuan.desk.tabs import tab_context
from huikuan.kernel.money import format_money
from huikuan.kernel.refusal import Refusal
from huikuan.parties.models import Customer
from huikuan.parties.queries import may_see
from huikuan.parties.rules.rights import Action
from huikuan.receivables.commands.charges import charge_penalty, withdraw_charge
from huikuan.receivables.commands.third_party import PaidBy
from huikuan.receivables.models import Allocation, Charge, OpenItem, Receipt


@page
def show(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Show what came from a customer and what it paid. Raises Http404."""
    return drawn(request, customer_id)


def drawn(request: DeskRequest, customer_id: int, *, status: int = 200, **bound: object) -> HttpResponse:
    """Draw the tab; a form that was refused takes the place of its empty one, one of a row stands above all."""
    seat = request.seat
    frame = tab_context(seat, customer_id)
    customer = frame["customer"]
    may_book = seat.may(Action.BOOK, customer.entity_id)
    context: dict[str, Any] = {
        **frame,
        "may_book": may_book,
        "receipts": receipts_of(customer_id),
        "requests": requests_of(customer_id),
        "charges": charges_of(customer_id),
        "set_offs": set_offs_of(customer_id),
        "assignments": assignments_of(customer_id),
    }
    if may_book:
        currency, items = customer.entity.currency, open_items(customer_id)
        context |= {
            "receipt_form": ReceiptForm(currency=currency, today=seat.today),
            "write_off_form": WriteOffForm(items=items, currency=currency),
            "charge_form": ChargeForm(today=seat.today),
            "reversal_choices": REVERSALS,
            "set_off_form": SetOffForm(currency=currency, today=seat.today),
            "assignment_form": AssignmentForm(items=items),
            **bound,
        }
    return render(request, "desk/money.html", context, status=status)


def open_items(customer_id: int) -> list[tuple[int, str]]:
    """Return the items to choose from: id and name."""
    owed = OpenItem.objects.filter(customer_id=customer_id, settled_on=None).order_by("due_on", "pk")
    return [(item.pk, f"{item.number} · {format_money(item.open_minor, item.currency, 'en')}") for item in owed[:500]]


def booking(request: DeskRequest, customer_id: int) -> Customer:
    """Return the customer about whose money the user may book. Raises Http404, PermissionDenied."""
    customer = visible_customer(request.seat, customer_id)
    request.seat.demand(Action.BOOK, customer.entity_id)
    return customer


def again(request: DeskRequest, customer_id: int, form: DeskForm, *, title: str) -> HttpResponse:
    """Draw the tab with the ill-filled form of a row above it, its errors beside its fields: 422."""
    return drawn(
        request, customer_id, status=ILL_FILLED, row_form=form, row_title=title, row_action=request.get_full_path()
    )


def page_of(customer_id: int) -> str:
    """Return the address of the tab."""
    return reverse("desk:money", args=[customer_id])


@write
def receive(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Book money: 303 done, 409 refused, 422 ill-filled."""
    customer = booking(request, customer_id)
    currency = customer.entity.currency
    form = ReceiptForm(request.POST, currency=currency, today=request.seat.today)
    if not form.is_valid():
        return drawn(request, customer_id, status=ILL_FILLED, receipt_form=form)
    said = form.cleaned_data
    try:
        receive_money(
            entity_id=customer.entity_id, customer_id=customer_id, reference=said["reference"],
            received_on=said["received_on"], currency=currency, amount_minor=said["amount"],
            payer_name=said["payer_name"], designation=said["designation"], allocate=said["allocate"],
            paid_by=PaidBy(said["paid_by"], said["ground"]) if said["paid_by"] or said["ground"] else None,
            actor=request.user, now=request.seat.now,
        )  # fmt: skip
    except Refusal as no:
        return drawn(request, customer_id, status=refused(form, no), receipt_form=form)
    return done(request, page_of(customer_id), _("The money is booked."))


def receipt_for(request: DeskRequest, receipt_id: int) -> Receipt:
    """Return a receipt that the user may book about. Raises Http404, PermissionDenied."""
    receipt = Receipt.objects.filter(may_see(request.user), pk=receipt_id).first()
    if receipt is None:
        raise Http404
    request.seat.demand(Action.BOOK, receipt.entity_id)
    return receipt


@write
def reverse_receipt(request: DeskRequest, receipt_id: int) -> HttpResponse:
    """Take a receipt back: 303 done, 409 refused, 422 ill-filled."""
    receipt = receipt_for(request, receipt_id)
    customer_id = receipt.customer_id or 0
    form = ReversalForm(request.POST)
    if not form.is_valid():
        return again(request, customer_id, form, title=_("Reverse"))
    try:
        reverse_money(
            receipt_id=receipt_id, why=Why(form.cleaned_data["why"]), reason=form.cleaned_data["reason"],
            actor=request.user, now=request.seat.now,
        )  # fmt: skip
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, page_of(customer_id), _("The money is taken back; what it had paid is open again."))


@write
def payout(request: DeskRequest, receipt_id: int) -> HttpResponse:
    """Ask to pay money on account back or to keep it: 303 done, 409 refused, 422 ill-filled."""
    receipt = receipt_for(request, receipt_id)
    customer_id = receipt.customer_id or 0
    form = PayoutForm(request.POST, currency=receipt.currency)
    if not form.is_valid():
        return again(request, customer_id, form, title=_("Pay back"))
    said = form.cleaned_data
    try:
        request_payout(
            receipt_id=receipt_id, kind=said["kind"], amount_minor=said["amount"], reason=said["reason"],
            reference=said["reference"], actor=request.user, now=request.seat.now,
        )  # fmt: skip
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, page_of(customer_id), _("Asked: it is booked as soon as somebody else has approved it."))


@write
def free(request: DeskRequest, allocation_id: int) -> HttpResponse:
    """Take one allocation back: 303 done, 409 refused, 422 ill-filled."""
    allocation = (
        Allocation.objects.select_related("item")
        .filter(may_see(request.user, "item__customer"), pk=allocation_id)
        .first()
    )
    if allocation is None:
        raise Http404
    request.seat.demand(Action.BOOK, allocation.item.entity_id)
    customer_id = allocation.item.customer_id
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return again(request, customer_id, form, title=_("Take back"))
    try:
        free_money(
            allocation_id=allocation_id, reason=form.cleaned_data["reason"], actor=request.user, now=request.seat.now
        )
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, page_of(customer_id), _("The money is on account again."))


@write
def write_off(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Ask to write off an item: 303 done, 409 refused, 422 ill-filled."""
    customer = booking(request, customer_id)
    items = open_items(customer_id)
    form = WriteOffForm(request.POST, items=items, currency=customer.entity.currency)
    if not form.is_valid():
        return drawn(request, customer_id, status=ILL_FILLED, write_off_form=form)
    said = form.cleaned_data
    item = OpenItem.objects.get(pk=said["item"])
    try:
        request_write_off(
            item_id=item.pk, amount_minor=said["amount"] or item.open_minor, reason=said["reason"], actor=request.user,
            now=request.seat.now,
        )  # fmt: skip
    except Refusal as no:
        return drawn(request, customer_id, status=refused(form, no), write_off_form=form)
    return done(request, page_of(customer_id), _("Asked: it is booked as soon as somebody else has approved it."))


@write
def charge(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Charge the penalty that has run: 303 done, 409 refused, 422 ill-filled."""
    booking(request, customer_id)
    form = ChargeForm(request.POST, today=request.seat.today)
    if not form.is_valid():
        return drawn(request, customer_id, status=ILL_FILLED, charge_form=form)
    try:
        charge_penalty(
            customer_id=customer_id, through_on=form.cleaned_data["through_on"], reason=form.cleaned_data["reason"],
            actor=request.user, now=request.seat.now,
        )  # fmt: skip
    except Refusal as no:
        return drawn(request, customer_id, status=refused(form, no), charge_form=form)
    return done(request, page_of(customer_id), _("The penalty is charged: money can pay it now."))


@write
def withdraw(request: DeskRequest, charge_id: int) -> HttpResponse:
    """Withdraw a charge: 303 done, 409 refused, 422 ill-filled."""
    made = Charge.objects.select_related("item").filter(may_see(request.user, "item__customer"), pk=charge_id).first()
    if made is None:
        raise Http404
    request.seat.demand(Action.BOOK, made.item.entity_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return again(request, made.item.customer_id, form, title=_("Withdraw"))
    try:
        withdraw_charge(
            charge_id=charge_id, reason=form.cleaned_data["reason"], actor=request.user, now=request.seat.now
        )
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, page_of(made.item.customer_id), _("The charge is withdrawn; its penalty runs again."))
