"""What a plan does to its items while it runs, and what ends with it. Parts of commands: not journaled."""

from datetime import date, datetime

from huikuan.arrangements.models import Plan
from huikuan.arrangements.models.plan import PlanState
from huikuan.arrangements.queries.claim import policy_for
from huikuan.kernel.days import add_days
from huikuan.outreach.commands.queue import cancel_delivery
from huikuan.outreach.models import Delivery
from huikuan.parties.models import User
from huikuan.policy.commands import place_hold, release_hold
from huikuan.policy.models import Hold
from huikuan.receivables.commands.waivers import unwaive, waive


def begin(plan: Plan, *, as_of: date, actor: User | None, now: datetime) -> None:
    """Silence the dunning of the items, and let the waiver count."""
    hold_items(plan, starts_on=as_of, actor=actor, now=now)
    waived = dict(plan.lines.filter(waived_minor__gt=0).values_list("item_id", "waived_minor"))
    waive(waived, about=f"plan:{plan.pk}", effective_on=as_of, actor=actor, now=now)


def hold_items(plan: Plan, *, starts_on: date, actor: User | None, now: datetime) -> None:
    """Hold every item to the last day of grace, or as long as the policy lets a hold last; then it is renewed."""
    longest = policy_for(plan.entity_id, starts_on).holds[Hold.Kind.PLAN].max_days
    ends_on = max(starts_on, min(plan.ends_on, add_days(starts_on, longest - 1)))
    for line in plan.lines.select_related("item"):
        if line.item.settled_on is None:
            line.holds.add(
                place_hold(
                    customer_id=plan.customer_id, kind=Hold.Kind.PLAN, starts_on=starts_on, ends_on=ends_on,
                    reason=plan.number, actor=actor, now=now, item_id=line.item_id,
                )
            )  # fmt: skip


def release_items(plan: Plan, *, as_of: date, actor: User | None, now: datetime) -> None:
    """Let the items be dunned again."""
    running = Hold.objects.filter(plan_lines__plan=plan, released_on=None, ends_on__gte=as_of)
    for hold_id in running.values_list("pk", flat=True):
        release_hold(hold_id=hold_id, released_on=as_of, actor=actor, now=now)


def end(plan: Plan, state: PlanState, *, as_of: date, actor: User | None, now: datetime) -> None:
    """End a plan: nothing of it is due or holds any more; unless it is fulfilled, what it waived is claimed again."""
    plan.state, plan.next_on, plan.ended_on = state, None, as_of
    plan.save(update_fields=["state", "next_on", "ended_on", "paid_minor"])
    release_items(plan, as_of=as_of, actor=actor, now=now)
    if state != PlanState.FULFILLED:
        unwaive(about=f"plan:{plan.pk}", effective_on=as_of, actor=actor, now=now)
    waiting = Delivery.objects.filter(about=f"plan:{plan.pk}", state=Delivery.State.QUEUED)
    for delivery_id in waiting.values_list("pk", flat=True):
        cancel_delivery(delivery_id=delivery_id, reason=f"PLAN_{state}", now=now, actor=actor)
