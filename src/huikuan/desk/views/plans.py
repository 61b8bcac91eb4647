"""The plan calculator, and a plan's own page: propose, accept, print, send as a link, renegotiate, call off."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from huikuan.arrangements.commands.linking import issue_plan_link
from huikuan.arrangements.commands.planning import call_off_plan, draft_plan, propose_plan
from huikuan.arrangements.commands.signing import accept_signed_plan
from huikuan.arrangements.models import Approval, Plan
from huikuan.arrangements.models.plan import PlanState
from huikuan.arrangements.queries.agreement import agreement_pdf
from huikuan.arrangements.queries.agreements import plan_visible_to
from huikuan.arrangements.queries.claim import Claim, claim_on, policy_for
from huikuan.arrangements.queries.plan_link import link_of_plan
from huikuan.arrangements.rules.schedule import Line, outside, schedule
from huikuan.desk.access import DeskRequest, Seat, page, visible_customer, write
from huikuan.desk.answers import ILL_FILLED, done, refusal_page, refused
from huikuan.desk.forms.agreements import AcceptanceForm, PlanForm
from huikuan.desk.queries.claims import open_numbers
from huikuan.desk.queries.people import persons_of
from huikuan.desk.tabs import tab_context
from huikuan.desk.views.agreements import currency_of
from huikuan.journal.models import StoredFile
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.refusal import Refusal
from huikuan.parties.models import Customer
from huikuan.parties.rules.rights import Action

RENEWABLE = (PlanState.RUNNING, PlanState.BROKEN)
ENDABLE = (PlanState.DRAFTED, PlanState.PROPOSED, PlanState.APPROVED, PlanState.RUNNING)


@dataclass(frozen=True, slots=True)
class Preview:
    """What the calculator found."""

    claim: Claim
    waived_minor: int
    total_minor: int
    lines: tuple[Line, ...]
    outside: list[str]


@page
def calculator(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Show the calculator; with values in the address, what they come to. Nothing is written."""
    customer = visible_customer(request.seat, customer_id)
    form = _form(request, request.seat, customer, request.GET if "parts" in request.GET else None)
    return _draw(request, request.seat, customer_id, form, _preview(form, customer, request.seat))


@write
def draft(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Draft the plan: 303 to its page, 409 refused, 422 ill-filled."""
    customer = visible_customer(request.seat, customer_id)
    request.seat.demand(Action.WORK, customer.entity_id)
    form = _form(request, request.seat, customer, request.POST)
    if not form.is_valid():
        return _draw(request, request.seat, customer_id, form, None, status=ILL_FILLED)
    said = form.cleaned_data
    try:
        plan = draft_plan(
            customer_id=customer_id, currency=form.currency, shape=form.shape(), as_of=request.seat.today,
            actor=request.user, now=request.seat.now, item_ids=said["items"], waived_minor=said["waived_minor"],
            replaces_id=_replaces(request, customer), note=said["note"],
        )  # fmt: skip
    except Refusal as no:
        return _draw(request, request.seat, customer_id, form, None, status=refused(form, no))
    return done(request, reverse("desk:plan", args=[plan.pk]), _("Drafted. Check it, then propose it."))


@page
def show(request: DeskRequest, plan_id: int) -> HttpResponse:
    """Show a plan."""
    return _draw_plan(request, request.seat, _plan(request, plan_id))


@page
def agreement(request: DeskRequest, plan_id: int) -> HttpResponse:
    """Return the agreement as PDF, in the language asked for or the customer's."""
    plan = _plan(request, plan_id)
    language = request.GET.get("language") or plan.customer.language
    answer = HttpResponse(agreement_pdf(plan, language=language), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{plan.number}.pdf"'
    return answer


@write
def propose(request: DeskRequest, plan_id: int) -> HttpResponse:
    """Propose a drafted plan: 303 done, 409 refused."""
    plan = _plan(request, plan_id, Action.WORK)
    try:
        proposed = propose_plan(plan_id=plan_id, as_of=request.seat.today, actor=request.user, now=request.seat.now)
    except Refusal as no:
        return refusal_page(request, no)
    asks = proposed.state == PlanState.PROPOSED
    said = _("Proposed; others have been asked to approve.") if asks else _("Within the policy: approved at once.")
    return done(request, reverse("desk:plan", args=[plan.pk]), said)


@write
def accept(request: DeskRequest, plan_id: int) -> HttpResponse:
    """Take the signed agreement: 303 done, 409 refused, 422 ill-filled."""
    plan = _plan(request, plan_id, Action.WORK)
    form = AcceptanceForm(request.POST, request.FILES, persons=persons_of(plan.customer_id))
    if not form.is_valid():
        return _draw_plan(request, request.seat, plan, form=form, status=ILL_FILLED)
    upload = form.cleaned_data["file"]
    try:
        accept_signed_plan(
            plan_id=plan_id, content=upload.read(), name=upload.name, media_type=upload.content_type or "",
            as_of=request.seat.today, actor=request.user, now=request.seat.now, person_id=form.cleaned_data["person"],
        )  # fmt: skip
    except Refusal as no:
        return _draw_plan(request, request.seat, plan, form=form, status=refused(form, no))
    return done(request, reverse("desk:plan", args=[plan_id]), _("The plan runs; its items are no longer dunned."))


@write
def link(request: DeskRequest, plan_id: int) -> HttpResponse:
    """Make the link by which the customer accepts or declines: 303 done, 409 refused."""
    plan = _plan(request, plan_id, Action.WORK)
    try:
        issue_plan_link(plan_id=plan_id, now=request.seat.now)
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, reverse("desk:plan", args=[plan.pk]), _("The link is made: give it to the customer."))


@write
def call_off(request: DeskRequest, plan_id: int) -> HttpResponse:
    """Call a plan off: 303 done, 409 refused."""
    plan = _plan(request, plan_id, Action.WORK)
    try:
        call_off_plan(
            plan_id=plan_id, reason=request.POST.get("reason", ""), as_of=request.seat.today, actor=request.user,
            now=request.seat.now,
        )  # fmt: skip
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, reverse("desk:plan", args=[plan.pk]), _("The plan is called off."))


def _plan(request: DeskRequest, plan_id: int, action: Action | None = None) -> Plan:
    """Return a plan that the user may see and, where asked, change. Raises Http404, PermissionDenied."""
    plan = plan_visible_to(request.user, plan_id)
    if plan is None:
        raise Http404
    if action is not None:
        request.seat.demand(action, plan.entity_id)
    return plan


def _replaces(request: HttpRequest, customer: Customer) -> int | None:
    """Return the plan that is renegotiated; None when there is none, or it is another customer's."""
    text = request.POST.get("replaces") or request.GET.get("replaces") or ""
    found = Plan.objects.filter(pk=int(text), customer=customer) if text.isdigit() else Plan.objects.none()
    return found.values_list("pk", flat=True).first()


def _form(request: HttpRequest, seat: Seat, customer: Customer, values: Any) -> PlanForm:  # noqa: ANN401  a QueryDict
    return PlanForm(
        values,
        items=open_numbers(customer.pk, as_of=seat.today),
        limits=policy_for(customer.entity_id, seat.today).plan,
        today=seat.today,
        currency=currency_of(request, customer),
    )


def _preview(form: PlanForm, customer: Customer, seat: Seat) -> Preview | None:
    """Calculate; None when there is nothing to calculate, with the reason on the form."""
    if not form.is_valid():
        return None
    said = form.cleaned_data
    claim = claim_on(customer, form.currency, as_of=seat.today, item_ids=said["items"] or None)
    waived_minor = min(said["waived_minor"], claim.penalty_minor)
    total_minor = claim.principal_minor + claim.penalty_minor - waived_minor
    try:
        lines = schedule(total_minor, form.currency, form.shape(), WorkingCalendar(customer.entity.country))
    except Refusal as no:
        refused(form, no)
        return None
    exceeded = outside(
        lines, limits=policy_for(customer.entity_id, seat.today).plan, agreed_on=seat.today,
        kept_minor=claim.penalty_minor - waived_minor, waived_minor=waived_minor,
    )  # fmt: skip
    return Preview(claim, waived_minor, total_minor, lines, exceeded)


def _draw(
    request: HttpRequest, seat: Seat, customer_id: int, form: PlanForm, preview: Preview | None, *, status: int = 200
) -> HttpResponse:
    frame = tab_context(seat, customer_id)
    replaces = _replaces(request, frame["customer"])
    context = {
        **frame,
        "form": form,
        "preview": preview,
        "currency": form.currency,
        "replaces": None if replaces is None else Plan.objects.get(pk=replaces),
        "may_work": seat.may(Action.WORK, frame["entity_id"]),
    }
    return render(request, "desk/plan_calculator.html", context, status=status)


def _draw_plan(
    request: HttpRequest, seat: Seat, plan: Plan, *, form: AcceptanceForm | None = None, status: int = 200
) -> HttpResponse:
    may_work = seat.may(Action.WORK, plan.entity_id)
    persons = persons_of(plan.customer_id) if may_work and plan.state == PlanState.APPROVED else ()
    approvals = Approval.objects.filter(about=f"plan:{plan.pk}").select_related("asked_by", "decided_by")
    context = {
        **tab_context(seat, plan.customer_id),
        "plan": plan,
        "lines": plan.lines.select_related("item").order_by("item__due_on", "item_id"),
        "installments": plan.installments.order_by("number"),
        "changes": plan.changes.select_related("actor").order_by("pk"),
        "approvals": approvals.order_by("pk"),
        "replaced_by": plan.replaced_by.order_by("pk").last(),
        "link": link_of_plan(plan, now=seat.now) if may_work and plan.state == PlanState.APPROVED else None,
        "files": StoredFile.objects.filter(subject_type=Plan._meta.label_lower, subject_id=plan.pk).order_by("pk"),
        "form": (form or AcceptanceForm(persons=persons)) if persons or may_work else None,
        "may_work": may_work,
        "may_propose": may_work and plan.state == PlanState.DRAFTED,
        "may_accept": may_work and plan.state == PlanState.APPROVED,
        "may_renew": may_work and plan.state in RENEWABLE,
        "may_end": may_work and plan.state in ENDABLE,
    }
    return render(request, "desk/plan.html", context, status=status)
