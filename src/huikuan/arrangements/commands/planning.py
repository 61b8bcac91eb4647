"""What people do with an installment plan: draft, propose, accept, call off. What money does with it is `plans`."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Final

from django.db import transaction

from huikuan.arrangements.commands.approvals import ask, open_about, stop_asking
from huikuan.arrangements.commands.plan_effects import begin, end
from huikuan.arrangements.models import Approval, Installment, Plan, PlanChange, PlanItem
from huikuan.arrangements.models.plan import PlanState
from huikuan.arrangements.queries.claim import Claim, claim_on, policy_for
from huikuan.arrangements.rules.schedule import Line, Shape, outside, schedule, spread
from huikuan.journal.commands import record
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.numbers import NumberKind
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.outreach.commands.queue import check_acts_for, enqueue
from huikuan.parties.commands.entities import take_numbers
from huikuan.parties.models import ContactPerson, Customer, User
from huikuan.receivables.commands.limitation import note_interruption
from huikuan.receivables.models import LimitationEvent, OpenItem

CONFIRMATION: Final = "plan_confirmation"
NOT_YET_AGREED: Final = (PlanState.DRAFTED, PlanState.PROPOSED, PlanState.APPROVED)


class PlanWithoutItems(Refusal):
    """There is nothing to pay in parts."""

    code = "plan.without-items"
    text = gettext_noop("A plan needs open items of {customer} in {currency}. Choose at least one.")


class PlanWaivesTooMuch(Refusal):
    """More than there is."""

    code = "plan.waives-too-much"
    text = gettext_noop("The penalty on these items is less than what the plan would waive. Correct the waiver.")


class PlanNotInState(Refusal):
    """The step does not fit where the plan stands."""

    code = "plan.not-in-state"
    text = gettext_noop(
        "Plan {number} is “{state}”: this step is no longer, or not yet, possible. Load the page again."
    )


class PlanOutOfDate(Refusal):
    """What was drafted is not what is owed any more."""

    code = "plan.out-of-date"
    text = gettext_noop(
        "What is owed has changed since plan {number} was drafted. Call it off and draft another over today's amounts."
    )


class PlanStartPassed(Refusal):
    """Its first part would be late from the beginning."""

    code = "plan.start-passed"
    text = gettext_noop("The first part of plan {number} was due before today. Call it off and draft another.")


class PlanAlreadyRunning(Refusal):
    """One plan per currency."""

    code = "plan.already-running"
    text = gettext_noop("Plan {number} is running. Renegotiate that one instead of adding another.")


class PlanEvidenceMissing(Refusal):
    """An acceptance that nothing proves is none."""

    code = "plan.evidence-missing"
    text = gettext_noop("Say what proves the acceptance, and attach the signed agreement.")


class PlanReasonMissing(Refusal):
    """Nobody could later say why."""

    code = "plan.reason-missing"
    text = gettext_noop("Say why the plan is called off: the reason stays with it.")


@transaction.atomic
def draft_plan(
    *,
    customer_id: int,
    currency: str,
    shape: Shape,
    as_of: date,
    actor: User | None,
    now: datetime,
    item_ids: Collection[int] | None = None,
    waived_minor: int = 0,
    replaces_id: int | None = None,
    note: str = "",
) -> Plan:
    """Draft a plan over items as they stand today: principal, and the penalty calculated up to today less the waiver.

    Args:
        customer_id: Whose.
        currency: Of the items.
        shape: How it is cut.
        as_of: The day; months count from it.
        actor: Who drafts.
        now: The instant.
        item_ids: Which; None: everything overdue.
        waived_minor: Penalty that the plan waives as long as it is kept; laid on the items in proportion.
        replaces_id: The running or broken plan that this one shall replace.
        note: In words.

    Raises: PlanWithoutItems, PlanWaivesTooMuch, PlanNotInState, and the refusals of `schedule`.
    """
    customer = Customer.objects.select_for_update(of=("self",)).select_related("entity").get(pk=customer_id)
    claim = claim_on(customer, currency, as_of=as_of, item_ids=item_ids)
    if not claim.items:
        raise PlanWithoutItems(customer=customer.name, currency=currency)
    if not 0 <= waived_minor <= claim.penalty_minor:
        raise PlanWaivesTooMuch
    if replaces_id is not None:
        _in_state(replaces_id, (PlanState.RUNNING, PlanState.BROKEN))
    kept_minor = claim.penalty_minor - waived_minor
    lines = schedule(claim.principal_minor + kept_minor, currency, shape, WorkingCalendar(customer.entity.country))
    limits = policy_for(customer.entity_id, as_of).plan
    plan = Plan.objects.create(
        entity=customer.entity, customer=customer, currency=currency, replaces_id=replaces_id,
        number=take_numbers(entity=customer.entity, kind=NumberKind.PLAN, year=as_of.year)[0],
        principal_minor=claim.principal_minor, penalty_minor=kept_minor, waived_minor=waived_minor,
        total_minor=claim.principal_minor + kept_minor, kind=shape.kind, cycle=shape.cycle,
        is_on_working_days=shape.is_on_working_days, penalty_on=as_of, ends_on=lines[-1].last_on,
        outside=outside(lines, limits=limits, agreed_on=as_of, kept_minor=kept_minor, waived_minor=waived_minor),
        drafted_at=now, drafted_by=actor, note=note,
    )  # fmt: skip
    _write_lines(plan, claim, lines)
    _moved(plan, "arrangements.plan-drafted", as_of=as_of, actor=actor, now=now)
    return plan


def _write_lines(plan: Plan, claim: Claim, lines: Sequence[Line]) -> None:
    """Write the items of a plan, its waiver laid on them in proportion to their penalty, and the installments."""
    penalties = [item.penalty_minor for item in claim.items]
    waived = spread(plan.waived_minor, penalties) if plan.waived_minor else [0] * len(penalties)
    PlanItem.objects.bulk_create(
        PlanItem(
            plan=plan, item_id=item.item_id, principal_minor=item.open_minor,
            penalty_minor=item.penalty_minor - given_up, waived_minor=given_up,
        )
        for item, given_up in zip(claim.items, waived, strict=True)
    )  # fmt: skip
    Installment.objects.bulk_create(
        Installment(
            plan=plan, number=line.number, due_on=line.due_on, last_on=line.last_on, amount_minor=line.amount_minor
        )
        for line in lines
    )


@transaction.atomic
def propose_plan(*, plan_id: int, as_of: date, actor: User, now: datetime) -> Plan:
    """Propose a drafted plan: within the policy's limits it is approved at once, else others are asked.

    Raises: PlanNotInState.
    """
    plan = _in_state(plan_id, (PlanState.DRAFTED,))
    plan.state = PlanState.PROPOSED if plan.outside else PlanState.APPROVED
    plan.save(update_fields=["state"])
    if plan.outside:
        limits = policy_for(plan.entity_id, as_of).plan
        amount_minor = plan.total_minor + plan.waived_minor
        ask(
            customer=plan.customer, about=about(plan), roles=limits.roles_for(amount_minor, plan.currency),
            currency=plan.currency, amount_minor=amount_minor, reasons=plan.outside, actor=actor, now=now,
        )  # fmt: skip
    _moved(plan, "arrangements.plan-proposed", as_of=as_of, actor=actor, now=now)
    return plan


def plan_approval_decided(approval: Approval, plan_id: int, /, *, as_of: date, actor: User, now: datetime) -> None:
    """Let a plan follow a decision: a no sends it back to its draft, the last yes approves it."""
    plan = _in_state(plan_id, (PlanState.PROPOSED,))
    if not approval.is_granted:
        stop_asking(about(plan), now=now)
        plan.state = PlanState.DRAFTED
    elif open_about(about(plan)).exists():
        return
    else:
        plan.state = PlanState.APPROVED
    plan.save(update_fields=["state"])
    PlanChange.objects.create(
        plan=plan, state=plan.state, paid_minor=0, as_of=as_of, at=now, actor=actor, reason=approval.note
    )


@transaction.atomic
def accept_plan(
    *,
    plan_id: int,
    how: str,
    evidence: str,
    as_of: date,
    actor: User | None,
    now: datetime,
    person_id: int | None = None,
) -> Plan:
    """Write down that the customer accepted an approved plan: from now on it runs.

    Its items are no longer dunned while it is kept, its waiver counts, and the plan it replaces is over. It is an
    acknowledgment of the debt: the limitation period begins anew (民法典 195), which the journal says with evidence.

    Args:
        plan_id: Which.
        how: Plan.Acceptance.
        evidence: What proves it: the file with the signature, the signed link.
        as_of: Day of the acceptance.
        actor: Who wrote it down; None: the customer himself, by link.
        now: The instant.
        person_id: Who accepted.

    Raises: PlanNotInState, PlanEvidenceMissing, PlanOutOfDate, PlanStartPassed, PlanAlreadyRunning,
        PersonOfAnotherCustomer.
    """
    plan = _in_state(plan_id, (PlanState.APPROVED,))
    if not evidence.strip():
        raise PlanEvidenceMissing
    if person_id is not None:
        check_acts_for(ContactPerson.objects.get(pk=person_id), plan.customer)
    _refuse_out_of_date(plan, as_of)
    if plan.replaces is not None:
        _replace(plan.replaces, by=plan, as_of=as_of, actor=actor, now=now)
    running = Plan.objects.filter(customer_id=plan.customer_id, currency=plan.currency, state=PlanState.RUNNING)
    if (other := running.first()) is not None:
        raise PlanAlreadyRunning(number=other.number)
    plan.accepted_how, plan.evidence, plan.accepted_person_id = how, evidence.strip()[:300], person_id
    plan.agreed_on, plan.state = as_of, PlanState.RUNNING
    plan.next_on = plan.installments.order_by("number").values_list("last_on", flat=True)[0]
    plan.save(update_fields=["accepted_how", "evidence", "accepted_person", "agreed_on", "state", "next_on"])
    begin(plan, as_of=as_of, actor=actor, now=now)
    _moved(plan, "arrangements.plan-accepted", as_of=as_of, actor=actor, now=now, reason=plan.evidence)
    note_interruption(
        customer_id=plan.customer_id, kind=LimitationEvent.Kind.PLAN_ACCEPTED, happened_on=as_of,
        evidence=about(plan), proof=plan.evidence, item_ids=list(plan.lines.values_list("item_id", flat=True)),
        who="" if plan.accepted_person is None else plan.accepted_person.name, actor=actor, now=now,
    )  # fmt: skip
    enqueue(
        key=f"{CONFIRMATION}/{plan.pk}", customer_id=plan.customer_id, template=CONFIRMATION, about=about(plan),
        currency=plan.currency, as_of=as_of, not_before=now, now=now, actor=actor,
    )  # fmt: skip
    return plan


def _refuse_out_of_date(plan: Plan, as_of: date) -> None:
    """Refuse when money or credit has moved the items (PlanOutOfDate), or the first part is past (PlanStartPassed)."""
    if plan.installments.filter(number=1, due_on__lt=as_of).exists():
        raise PlanStartPassed(number=plan.number)
    open_minor = dict(OpenItem.objects.filter(plan_lines__plan=plan).values_list("pk", "open_minor"))
    if any(open_minor[line.item_id] != line.principal_minor for line in plan.lines.all()):
        raise PlanOutOfDate(number=plan.number)


def _replace(old: Plan, *, by: Plan, as_of: date, actor: User | None, now: datetime) -> None:
    """End the plan that another replaces; what it waived is claimed again, and the new one waives what it says."""
    old = _in_state(old.pk, (PlanState.RUNNING, PlanState.BROKEN))
    end(old, PlanState.RENEGOTIATED, as_of=as_of, actor=actor, now=now)
    _moved(old, "arrangements.plan-renegotiated", as_of=as_of, actor=actor, now=now, reason=by.number)


@transaction.atomic
def call_off_plan(*, plan_id: int, reason: str, as_of: date, actor: User | None, now: datetime) -> Plan:
    """Call off a plan, agreed or not: dunning goes on, and what it waived is claimed again.

    Without an actor it was the customer himself, by his link.

    Raises: PlanReasonMissing, PlanNotInState.
    """
    if not reason.strip():
        raise PlanReasonMissing
    plan = _in_state(plan_id, (*NOT_YET_AGREED, PlanState.RUNNING))
    stop_asking(about(plan), now=now)
    end(plan, PlanState.WITHDRAWN, as_of=as_of, actor=actor, now=now)
    _moved(plan, "arrangements.plan-called-off", as_of=as_of, actor=actor, now=now, reason=reason.strip()[:300])
    return plan


def about(plan: Plan) -> str:
    """Return how messages, approvals and waivers name a plan: “plan:12”."""
    return f"plan:{plan.pk}"


def _in_state(plan_id: int, states: Collection[PlanState]) -> Plan:
    """Lock the customer and the plan. Raises PlanNotInState."""
    customer_id = Plan.objects.values_list("customer_id", flat=True).get(pk=plan_id)
    Customer.objects.select_for_update(of=("self",)).get(pk=customer_id)
    plan = Plan.objects.select_for_update(of=("self",)).select_related("customer__entity", "replaces").get(pk=plan_id)
    if plan.state not in states:
        raise PlanNotInState(number=plan.number, state=plan.get_state_display())
    return plan


def _moved(plan: Plan, event: str, *, as_of: date, actor: User | None, now: datetime, reason: str = "") -> None:
    """Keep the change of state, and write the journal."""
    PlanChange.objects.create(
        plan=plan, state=plan.state, paid_minor=plan.paid_minor, as_of=as_of, at=now, actor=actor, reason=reason
    )
    record(
        event, now=now, actor=actor, entity_id=plan.entity_id, customer_id=plan.customer_id, subject=plan,
        number=plan.number, currency=plan.currency, total_minor=plan.total_minor, waived_minor=plan.waived_minor,
        outside=plan.outside, reason=reason,
    )  # fmt: skip
