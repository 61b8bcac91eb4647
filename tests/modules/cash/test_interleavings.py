"""Whatever comes first: money, the daily run, a message that leaves, a promise or an installment falling due.

Every order of the five on one day, for two customers: one has promised, the other has a plan. After each step holds:

1. once an item is settled no message about what is overdue leaves, and none waits;
2. at most one thank-you per customer, and none before the case is closed by money;
3. a case is open exactly as long as something is overdue;
4. no hold stands on an item that is settled;
5. a promise is kept, and a plan fulfilled, by money only;

and at the end everything is closed, the promise kept and the plan fulfilled, whoever judged first: money counts from
its value date. Promise and plan are of different customers, so their order among themselves cannot matter.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from django.db.models import Q

from huikuan.arrangements.commands.planning import accept_plan, draft_plan, propose_plan
from huikuan.arrangements.commands.plans import judge_plans_due
from huikuan.arrangements.commands.promises import judge_promises_due
from huikuan.arrangements.commands.promising import Share, make_promise
from huikuan.arrangements.models.plan import PlanState
from huikuan.arrangements.models.promise import PromiseState
from huikuan.arrangements.rules.schedule import Kind, Shape
from huikuan.cases.models import Case, Task
from huikuan.cash.commands.receive import receive_money
from huikuan.outreach import ports
from huikuan.outreach.fakes import FakeChannel
from huikuan.outreach.models import Delivery
from huikuan.outreach.worker import Worker
from huikuan.policy.models import Hold
from huikuan.receivables.models import OpenItem, Receipt
from huikuan.receivables.queries.verify import verify
from huikuan.runs.commands.run import run_day
from tests.modules.runs.conftest import bill, morning, policy, run

__all__ = ["bill", "policy", "run"]

pytestmark = pytest.mark.django_db

DUE = date(2026, 7, 6)  # a Monday
SPOKEN, DAY = DUE + timedelta(days=1), DUE + timedelta(days=7)
TEN = datetime(DAY.year, DAY.month, DAY.day, 2, tzinfo=UTC)
"""Ten in the morning in Shanghai."""
AMOUNT = 1_000_000

Act = Callable[[datetime], None]


@dataclass
class Story:
    """Two customers on the day on which everything happens."""

    acts: dict[str, Act]
    promise: object
    plan: object


@pytest.fixture
def story(run, bill, tianhe, binhai, huatai, owner, finance, monkeypatch) -> Story:
    binhai.email = "pay@binhai.example"
    binhai.save(update_fields=["email"])
    for customer in (tianhe, binhai):
        bill(customer, f"INV-{customer.code}", DUE, AMOUNT)
    run(SPOKEN)
    said = {"currency": "CNY", "actor": owner, "now": morning(SPOKEN)}
    promise = make_promise(customer_id=tianhe.pk, shares=[Share(SPOKEN, AMOUNT)], made_on=SPOKEN, **said)
    halves = Shape(2, SPOKEN, kind=Kind.CUSTOM, amounts=(AMOUNT // 2, AMOUNT // 2))
    plan = draft_plan(customer_id=binhai.pk, shape=halves, as_of=SPOKEN, **said)
    propose_plan(plan_id=plan.pk, as_of=SPOKEN, actor=owner, now=morning(SPOKEN))
    accept_plan(plan_id=plan.pk, how="SIGNATURE", evidence="signed.pdf", as_of=SPOKEN, actor=owner, now=morning(SPOKEN))
    channel = FakeChannel()
    monkeypatch.setattr(ports, "channel", lambda kind: channel)

    def money(now):
        for customer in (tianhe, binhai):
            receive_money(
                entity_id=huatai.pk, customer_id=customer.pk, reference=f"YH-{customer.code}", received_on=SPOKEN,
                currency="CNY", amount_minor=AMOUNT, actor=finance, now=now,
            )  # fmt: skip

    def message(now):
        worker = Worker(clock=lambda: now)
        worker.drain()
        worker.close()

    acts: dict[str, Act] = {
        "money": money,
        "run": lambda now: run_day(entity_id=huatai.pk, as_of=DAY, now=now),
        "message": message,
        "promise": lambda now: judge_promises_due(entity_id=huatai.pk, as_of=DAY, now=now),
        "plan": lambda now: judge_plans_due(entity_id=huatai.pk, as_of=DAY, now=now),
    }
    return Story(acts, promise, plan)


def check(story: Story, done: list[str], left_before: set[int]) -> None:
    """Check what must hold after each step."""
    told = "after " + ", ".join(done)
    is_paid = "money" in done
    demands = Delivery.objects.filter(about="")
    assert set(demands.filter(state="SENT").values_list("pk", flat=True)) <= left_before or not is_paid, told
    settled = OpenItem.objects.filter(settled_on__isnull=False)
    assert not demands.filter(state="QUEUED", customer__in=settled.values("customer")).exists(), told
    thanks = Delivery.objects.filter(template="thank_you").exclude(state="CANCELLED")
    assert thanks.count() == (2 if is_paid else 0), told
    assert Case.objects.filter(closed_on=None).count() == (0 if is_paid else 2), told
    assert Case.objects.filter(closed_on__isnull=False).exclude(closing="PAID").count() == 0, told
    standing = Hold.objects.filter(Q(released_on=None) | Q(released_on__gt=DAY), ends_on__gte=DAY)
    assert not standing.filter(item__settled_on__isnull=False).exists(), told
    if is_paid:
        assert not standing.exists(), told
        assert not Task.objects.filter(done_at=None, cancelled_at=None).exists(), told
    story.promise.refresh_from_db()
    story.plan.refresh_from_db()
    assert (story.promise.state == PromiseState.KEPT) == is_paid, told
    assert (story.plan.state == PlanState.FULFILLED) == is_paid, told


def test_every_order_of_the_five_ends_consistent(story):
    orders: list[list[str]] = []

    def go_on(done: list[str], left_before: set[int]) -> None:
        """Try whatever may come next, each in a world of its own."""
        rest = [name for name in story.acts if name not in done]
        if not rest:
            assert verify().is_right
            assert not Receipt.objects.exclude(unapplied_minor=0).exists()
            orders.append(done)
        for name in rest:
            if name == "plan" and "promise" in rest:
                continue
            with transaction.atomic():
                if name == "money":
                    left = set(Delivery.objects.filter(about="", state="SENT").values_list("pk", flat=True))
                story.acts[name](TEN + timedelta(minutes=len(done)))
                known = left if name == "money" else left_before
                check(story, [*done, name], known)
                go_on([*done, name], known)
                transaction.set_rollback(True)

    go_on([], set())
    assert len(orders) == 60
