"""What pages and lists show of agreements: promises, plans, restructurings, and how well a customer keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from huikuan.arrangements.models import Approval, Plan, Promise, Restructuring
from huikuan.arrangements.models.promise import PromiseState
from huikuan.kernel.days import days_between
from huikuan.kernel.money import round_half_away
from huikuan.parties.models import User
from huikuan.parties.queries import may_see, visible_to

SHOWN: Final = 50
"""Rows of each kind that a page shows, the newest first."""


@dataclass(frozen=True, slots=True)
class Reliability:
    """How a customer keeps promises: counts of promises, and the days that the money of their parts was late.

    Attributes:
        rate_percent: Kept among the decided; null while none is.
        mean_days_late: Of the parts whose money came in full, on average, rounded; null when none did.
    """

    made: int
    kept: int
    partly: int
    broken: int
    running: int
    rate_percent: int | None
    mean_days_late: int | None


def reliability(customer_id: int, promises: Sequence[Promise]) -> Reliability:
    """Return the statistics of a customer. Withdrawn promises count for nothing.

    `promises` are the newest, with their parts (`promises_of`). No query as long as they are all; two beyond that.
    """
    if len(promises) == SHOWN:
        promises = list(Promise.objects.filter(customer_id=customer_id).prefetch_related("parts"))
    counted = [each for each in promises if each.state != PromiseState.WITHDRAWN]
    states = [each.state for each in counted]
    parts = [part for each in counted for part in each.parts.all()]
    late = [max(0, days_between(part.due_on, part.paid_on)) for part in parts if part.paid_on is not None]
    kept, decided = states.count(PromiseState.KEPT), len(states) - states.count(PromiseState.RUNNING)
    return Reliability(
        made=len(states),
        kept=kept,
        partly=states.count(PromiseState.PARTLY),
        broken=states.count(PromiseState.BROKEN),
        running=states.count(PromiseState.RUNNING),
        rate_percent=round_half_away(100 * kept, decided) if decided else None,
        mean_days_late=round_half_away(sum(late), len(late)) if late else None,
    )


def promises_of(customer_id: int) -> list[Promise]:
    """Return the promises of a customer with parts and items, the newest first."""
    found = Promise.objects.filter(customer_id=customer_id).select_related("person", "made_by")
    return list(found.order_by("-made_on", "-pk").prefetch_related("parts", "items", "changes")[:SHOWN])


def plans_of(customer_id: int) -> list[Plan]:
    """Return the plans of a customer, the newest first."""
    return list(Plan.objects.filter(customer_id=customer_id).order_by("-drafted_at", "-pk")[:SHOWN])


def restructurings_of(customer_id: int) -> list[Restructuring]:
    """Return the restructurings of a customer, the newest first."""
    found = Restructuring.objects.filter(customer_id=customer_id).select_related("proposed_by")
    return list(found.order_by("-proposed_at", "-pk")[:SHOWN])


def plan_visible_to(user: User, plan_id: int) -> Plan | None:
    """Return a plan with what its page shows; None when the user may not know of it."""
    found = Plan.objects.filter(may_see(user), pk=plan_id)
    return found.select_related("customer__entity", "entity", "replaces", "drafted_by", "accepted_person").first()


def waiting_approvals(user: User, *, entity_id: int) -> list[Approval]:
    """Return what is asked in an entity about customers that the user may see, the oldest first."""
    asked = Approval.objects.filter(
        entity_id=entity_id, decided_at=None, withdrawn_at=None, customer__in=visible_to(user, entity_id=entity_id)
    )
    return list(asked.select_related("customer", "asked_by").order_by("asked_at", "pk")[:SHOWN])
