"""Judging plans when money arrives, when it goes back, and every night."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from huikuan.arrangements.commands.plan_effects import begin, end, hold_items
from huikuan.arrangements.models import Installment, Plan, PlanChange
from huikuan.arrangements.models.plan import PlanState
from huikuan.arrangements.queries.claim import claim_items, claim_on
from huikuan.arrangements.queries.money import arrived
from huikuan.arrangements.rules.plan import PlanVerdict, judge
from huikuan.arrangements.rules.schedule import Line
from huikuan.journal.commands import record
from huikuan.parties.models import Customer
from huikuan.policy.models import Hold
from huikuan.receivables.commands.waivers import unwaive, waive

JUDGED = (PlanState.RUNNING, PlanState.FULFILLED, PlanState.BROKEN)
"""A bounced payment takes a fulfilled plan up again; money dated in time but booked late mends a broken one."""


@transaction.atomic
def judge_plans(*, customer_id: int, as_of: date, now: datetime) -> list[Plan]:
    """Judge the plans of a customer by the money that has arrived by now; inside the caller's transaction.

    Returns: the plans whose state changed.
    """
    plans = list(
        Plan.objects.filter(customer_id=customer_id, state__in=JUDGED)
        .exclude(replaced_by__state__in=JUDGED)
        .order_by("agreed_on", "pk")
    )
    if not plans:
        return []
    Customer.objects.select_for_update(of=("self",)).get(pk=customer_id)
    return [plan for plan in plans if _judged(plan, as_of=as_of, now=now)]


def judge_plans_due(*, entity_id: int, as_of: date, now: datetime) -> list[Plan]:
    """Judge the running plans whose next part is out of its grace, and renew the holds that end before their plan.

    Returns: the plans whose state changed. Asked again on the same day it finds nothing.
    """
    running = Plan.objects.filter(entity_id=entity_id, state=PlanState.RUNNING)
    changed = []
    due = running.filter(next_on__lt=as_of).order_by("customer_id")
    for customer_id in list(due.values_list("customer_id", flat=True).distinct()):
        changed += judge_plans(customer_id=customer_id, as_of=as_of, now=now)
    held = Hold.objects.filter(plan_lines__plan__state=PlanState.RUNNING, released_on=None, ends_on__gte=as_of)
    for plan in running.filter(ends_on__gte=as_of).exclude(pk__in=held.values("plan_lines__plan")).order_by("pk"):
        with transaction.atomic():
            hold_items(plan, starts_on=as_of, actor=None, now=now)
    return changed


def _judged(plan: Plan, *, as_of: date, now: datetime) -> bool:
    """Judge one plan; tell whether its state changed."""
    assert plan.agreed_on is not None  # noqa: S101  a constraint says so
    parts = list(plan.installments.order_by("number"))
    item_ids = set(plan.lines.values_list("item_id", flat=True))
    money = arrived([plan.customer_id], from_on=plan.agreed_on)[plan.customer_id, plan.currency]
    verdict = judge(
        [Line(part.number, part.due_on, part.last_on, part.amount_minor) for part in parts],
        [each.for_items(item_ids) for each in money],
        agreed_on=plan.agreed_on,
        as_of=as_of,
    )
    _write_parts(parts, verdict)
    plan.paid_minor = verdict.paid_minor
    if verdict.state == plan.state or (verdict.state == PlanState.RUNNING and _is_succeeded(plan)):
        plan.next_on = verdict.next_on if plan.state == PlanState.RUNNING else None
        plan.save(update_fields=["paid_minor", "next_on"])
        return False
    if verdict.state == PlanState.RUNNING:
        _take_up_again(plan, verdict, as_of=as_of, now=now)
    else:
        end(plan, PlanState(verdict.state), as_of=as_of, actor=None, now=now)
    extra = _forgiven(plan, as_of=as_of, now=now) if verdict.state == PlanState.FULFILLED else 0
    _told(plan, verdict, as_of=as_of, now=now, forgiven_minor=extra)
    return True


def _is_succeeded(plan: Plan) -> bool:
    """Tell whether another plan runs by now: then this one is history, whatever money says of it."""
    others = Plan.objects.filter(customer_id=plan.customer_id, currency=plan.currency, state=PlanState.RUNNING)
    return plan.state != PlanState.RUNNING and others.exists()


def _write_parts(parts: list[Installment], verdict: PlanVerdict) -> None:
    changed = []
    for part, paid in zip(parts, verdict.installments, strict=True):
        if (part.paid_minor, part.paid_on) != (paid.paid_minor, paid.paid_on):
            part.paid_minor, part.paid_on = paid.paid_minor, paid.paid_on
            changed.append(part)
    Installment.objects.bulk_update(changed, ["paid_minor", "paid_on"])


def _take_up_again(plan: Plan, verdict: PlanVerdict, *, as_of: date, now: datetime) -> None:
    """Let a plan run again: fulfilled by money that bounced, or broken before money dated in time was booked."""
    unwaive(about=f"plan:{plan.pk}", effective_on=as_of, actor=None, now=now)
    plan.state, plan.next_on, plan.ended_on = PlanState.RUNNING, verdict.next_on, None
    plan.save(update_fields=["state", "next_on", "ended_on", "paid_minor"])
    begin(plan, as_of=as_of, actor=None, now=now)


def _forgiven(plan: Plan, *, as_of: date, now: datetime) -> int:
    """Waive what the items bore beyond the agreed penalty while the plan was kept; return how much it was."""
    items = claim_items(plan.customer, as_of=as_of, with_settled=True)
    bears = {item.item_id: item.penalty_minor for item in items}
    extra = {
        item_id: bears.get(item_id, 0) - kept_minor
        for item_id, kept_minor in plan.lines.values_list("item_id", "penalty_minor")
        if bears.get(item_id, 0) > kept_minor
    }
    waive(extra, about=f"plan:{plan.pk}", effective_on=as_of, actor=None, now=now)
    return sum(extra.values())


def _told(plan: Plan, verdict: PlanVerdict, *, as_of: date, now: datetime, forgiven_minor: int) -> None:
    """Keep the change of state, and write the journal: what broke, what is due at once, what is claimed again."""
    facts: dict[str, Any] = {"paid_minor": plan.paid_minor, "forgiven_minor": forgiven_minor}
    if verdict.state == PlanState.BROKEN:
        claim = claim_on(
            plan.customer, plan.currency, as_of=as_of, item_ids=set(plan.lines.values_list("item_id", flat=True))
        )
        facts |= {
            "missed": verdict.missed,
            "rest_minor": plan.total_minor - plan.paid_minor,
            "principal_minor": claim.principal_minor,
            "penalty_minor": claim.penalty_minor,
            "revived_minor": plan.waived_minor,
        }
    PlanChange.objects.create(plan=plan, state=plan.state, paid_minor=plan.paid_minor, as_of=as_of, at=now)
    record(
        f"arrangements.plan-{'running-again' if plan.state == PlanState.RUNNING else plan.state.lower()}",
        now=now, entity_id=plan.entity_id, customer_id=plan.customer_id, subject=plan, as_of=as_of,
        number=plan.number, currency=plan.currency, total_minor=plan.total_minor, **facts,
    )  # fmt: skip
