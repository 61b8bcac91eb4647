"""What a kept plan says about the order of payment (decision 0063); implements `receivables.ports.Agreements`."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from django.db.models import F, Q, QuerySet

from huikuan.arrangements.models import Plan
from huikuan.arrangements.models.plan import PlanState
from huikuan.arrangements.queries.money import arrived
from huikuan.receivables.models import Receipt
from huikuan.receivables.rules.allocation import Agreed

EARLY: Final = timedelta(days=7)
"""An installment that falls due so soon counts as due: people pay some days ahead. The agreement says so."""


class PlansFirst:
    """Unnamed money of a customer with a kept plan pays its due installments first."""

    def of(self, receipt: Receipt) -> Agreed | None:
        """Return what is due by the plan that was kept on the day of the money. Four queries, one without a plan."""
        if receipt.customer_id is None:
            return None
        plans = _kept([receipt.customer_id]).filter(currency=receipt.currency, agreed_on__lte=receipt.received_on)
        plans = plans.filter(Q(ended_on=None) | Q(ended_on__gt=receipt.received_on))
        plan = plans.order_by("-agreed_on", "-pk").first()
        if plan is None or plan.agreed_on is None:
            return None
        item_ids = frozenset(plan.lines.values_list("item_id", flat=True))
        money = arrived([plan.customer_id], from_on=plan.agreed_on)[plan.customer_id, plan.currency]
        by_then = [each.for_items(item_ids).minor for each in money if each.received_on <= receipt.received_on]
        counted = sum(by_then) - receipt.unapplied_minor
        parts = list(plan.installments.order_by("number").values_list("due_on", "amount_minor"))
        soon = receipt.received_on + EARLY
        due = sum(minor for due_on, minor in parts if due_on <= soon)
        later = [due_on for due_on, _minor in parts if due_on > soon]
        return Agreed(debts=item_ids, due_minor=max(due - counted, 0), rest_due_on=later[0] if later else plan.ends_on)

    def customers(self, customer_ids: Collection[int]) -> set[int]:
        """Return those with a plan that is kept, or was until it broke. One query."""
        return set(_kept(customer_ids).values_list("customer_id", flat=True))


def _kept(customer_ids: Collection[int]) -> QuerySet[Plan]:
    """Return plans that run; and broken ones, for money that came in time and is booked late mends them."""
    agreed = Plan.objects.filter(customer_id__in=customer_ids, agreed_on__isnull=False)
    broken = Q(state=PlanState.BROKEN, ended_on__gt=F("agreed_on"))
    return agreed.filter(Q(state=PlanState.RUNNING) | broken).exclude(replaced_by__agreed_on__isnull=False)
