"""The comparison of ways to recover a claim, and the restructuring that is proposed on it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from huikuan.arrangements.commands.restructurings import propose_restructuring, withdraw_restructuring
from huikuan.arrangements.models import Restructuring
from huikuan.arrangements.queries.claim import claim_on, policy_for
from huikuan.arrangements.queries.comparison import Comparison, compare, defaults
from huikuan.desk.access import DeskRequest, Seat, page, visible_customer, write
from huikuan.desk.answers import ILL_FILLED, done, refusal_page, refused
from huikuan.desk.forms.agreements import ComparisonForm, RestructuringForm
from huikuan.desk.tabs import tab_context
from huikuan.desk.views.agreements import currency_of
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.refusal import Refusal
from huikuan.parties.models import Customer
from huikuan.parties.queries import may_see
from huikuan.parties.rules.rights import Action


@page
def show(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Compare the ways, by the policy's assumptions or those in the address."""
    return _draw(request, request.seat, customer_id)


@write
def propose(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Propose an extension or a partial waiver, with the comparison as it was shown: 303, 409, 422."""
    customer = visible_customer(request.seat, customer_id)
    request.seat.demand(Action.WORK, customer.entity_id)
    currency = currency_of(request, customer)
    form = RestructuringForm(request.POST, currency=currency)
    comparison, _form = _compared(request.seat, customer, currency, request.POST)
    if not form.is_valid() or comparison is None:
        return _draw(request, request.seat, customer_id, form=form, status=ILL_FILLED)
    said = form.cleaned_data
    try:
        propose_restructuring(
            customer_id=customer_id, currency=currency, kind=said["kind"], reason=said["reason"],
            comparison=comparison.as_dict(), as_of=request.seat.today, actor=request.user, now=request.seat.now,
            waived_minor=said["waived_minor"], extended_to=said["extended_to"],
        )  # fmt: skip
    except Refusal as no:
        return _draw(request, request.seat, customer_id, form=form, status=refused(form, no))
    place = reverse("desk:agreements", args=[customer_id])
    return done(request, place, _("Proposed; others have been asked to approve."))


@write
def withdraw(request: DeskRequest, restructuring_id: int) -> HttpResponse:
    """Call a proposal off: 303 done, 409 refused."""
    found = Restructuring.objects.filter(may_see(request.user), pk=restructuring_id).first()
    if found is None:
        raise Http404
    request.seat.demand(Action.WORK, found.entity_id)
    try:
        withdraw_restructuring(
            restructuring_id=restructuring_id, as_of=request.seat.today, actor=request.user, now=request.seat.now
        )
    except Refusal as no:
        return refusal_page(request, no)
    place = reverse("desk:agreements", args=[found.customer_id])
    return done(request, place, _("The proposal is called off."))


def _compared(
    seat: Seat,
    customer: Customer,
    currency: str,
    values: Any,  # noqa: ANN401  a QueryDict
) -> tuple[Comparison | None, ComparisonForm]:
    """Return the comparison of everything overdue and the form of its assumptions; None when there is none."""
    claim = claim_on(customer, currency, as_of=seat.today)
    policy = policy_for(customer.entity_id, seat.today)
    inputs = defaults(claim, recovery=policy.recovery, plan=policy.plan)
    given = values if "discount_percent" in values else ComparisonForm.shown(inputs, currency)
    form = ComparisonForm(given, currency=currency)
    if not claim.items or not form.is_valid():
        return None, form
    try:
        found = compare(
            claim, currency, form.inputs(), as_of=seat.today, calendar=WorkingCalendar(customer.entity.country)
        )
    except Refusal as no:
        refused(form, no)
        return None, form
    return found, form


def _draw(
    request: HttpRequest, seat: Seat, customer_id: int, *, form: RestructuringForm | None = None, status: int = 200
) -> HttpResponse:
    frame = tab_context(seat, customer_id)
    customer = frame["customer"]
    currency = currency_of(request, customer)
    comparison, assumptions = _compared(seat, customer, currency, request.POST or request.GET)
    may_work = seat.may(Action.WORK, frame["entity_id"])
    context = {
        **frame,
        "currency": currency,
        "comparison": comparison,
        "assumptions": assumptions,
        "form": (form or RestructuringForm(currency=currency)) if may_work else None,
        "may_work": may_work,
    }
    return render(request, "desk/restructuring.html", context, status=status)
