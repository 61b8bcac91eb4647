"""Receipts by hand: cash, a check, a payment seen in the bank's own program."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from huikuan.cash.commands.receive import receive_money
from huikuan.desk.access import DeskRequest, Seat, read_or_write
from huikuan.desk.answers import ILL_FILLED, done, refused
from huikuan.desk.forms.bank import ReceiptForm
from huikuan.kernel.refusal import Refusal
from huikuan.parties.models import Customer
from huikuan.parties.queries import visible_to
from huikuan.parties.rules.rights import Action

OFFERED = 20
"""Customers that a search offers."""


@read_or_write
def new(request: DeskRequest) -> HttpResponse:
    """Book a receipt by hand: the form, 303 booked, 409 refused, 422 ill-filled or the customer is not clear."""
    seat = request.seat
    if not seat.may(Action.BOOK):
        raise PermissionDenied(_("Your role does not allow this. Ask a manager or an administrator."))
    given = request.POST if request.method == "POST" else None
    initial = {"customer": request.GET.get("customer", "")}
    form = ReceiptForm(given, today=seat.today, currency=seat.entity.currency, initial=initial)
    if request.method != "POST":
        return _draw(request, form, [], 200)
    found = _found(seat, request.POST.get("customer", ""), request.POST.get("customer_id", ""))
    if not form.is_valid() or len(found) != 1:
        if form.is_valid() and not found:
            form.add_error("customer", _("No customer of yours has this code or name."))
        return _draw(request, form, found, ILL_FILLED)
    said = form.cleaned_data
    try:
        receipt = receive_money(
            entity_id=seat.entity.pk, customer_id=found[0].pk, reference=said["reference"].strip(),
            received_on=said["received_on"], currency=said["currency"], amount_minor=said["amount_minor"],
            payer_name=said["payer_name"], designation=said["designation"].strip(), allocate=said["allocate"],
            actor=request.user, now=seat.now,
        )  # fmt: skip
    except Refusal as no:
        return _draw(request, form, found, refused(form, no))
    told = _("{reference} is booked.").format(reference=receipt.reference)
    return done(request, reverse("desk:customer", args=[found[0].pk]), told)


def _draw(request: DeskRequest, form: ReceiptForm, found: list[Customer], status: int) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "found": [(each.pk, f"{each.code} {each.name}") for each in found] if len(found) > 1 else [],
    }
    return render(request, "desk/receipt_new.html", context, status=status)


def _found(seat: Seat, text: str, picked: str) -> list[Customer]:
    """Return the customers that the words mean: the picked one, the one of this code or name, or those that fit."""
    mine = visible_to(seat.user, entity_id=seat.entity.pk)
    words = text.strip()
    if picked.isdecimal():
        return list(mine.filter(pk=int(picked)))
    if not words:
        return []
    exact = list(mine.filter(code__iexact=words)[:2]) or list(mine.filter(name=words)[:2])
    return exact or list(mine.filter(name__icontains=words).order_by("name")[:OFFERED])
