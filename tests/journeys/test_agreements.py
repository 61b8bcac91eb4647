"""An agreement from word to consequence: what was promised, what came, and what the system did about it."""

from datetime import date, timedelta

import pytest

from huikuan.arrangements.commands.planning import accept_plan, draft_plan, propose_plan
from huikuan.arrangements.commands.promising import Share, make_promise
from huikuan.arrangements.queries.claim import claim_on
from huikuan.arrangements.rules.schedule import Shape
from huikuan.cases.models import Task
from huikuan.outreach.models import Delivery
from huikuan.policy.commands import install_default
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.commands.terms import set_default_terms
from huikuan.receivables.rules.terms import Terms
from huikuan.runs.commands.run import run_day
from tests.people import NOON, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def owing(tianhe):
    install_default(entity_id=tianhe.entity_id, now=NOON)
    set_default_terms(
        entity=tianhe.entity, terms=Terms(kind="PER_DAY", rate_ppb=500_000, source="第 8 条"), actor=None, now=NOON
    )  # fmt: skip
    due_on = TODAY - timedelta(days=2)
    book_item(
        customer_id=tianhe.pk, number="INV-1", amount_minor=1_000_000, issued_on=due_on - timedelta(days=30),
        due_on=due_on, actor=None, now=NOON,
    )  # fmt: skip
    return tianhe


def night(customer, day: date):
    return run_day(entity_id=customer.entity_id, as_of=day, now=NOON + (day - TODAY))


def steps(customer):
    return set(Delivery.objects.filter(customer=customer).exclude(step_code="").values_list("step_code", flat=True))


def test_a_broken_promise_ends_its_pause_and_reaches_the_manager(owing, owner, colleague):
    promise = make_promise(
        customer_id=owing.pk, shares=[Share(date(2026, 7, 17), 1_000_000)], currency="CNY", made_on=TODAY, actor=owner,
        now=NOON,
    )  # fmt: skip
    night(owing, TODAY)
    night(owing, date(2026, 7, 20))
    assert not steps(owing) - {"friendly"}, "nobody is pressed while the promise runs"
    night(owing, date(2026, 7, 21))
    promise.refresh_from_db()
    assert promise.state == "BROKEN"
    task = Task.objects.get(step_code="promise_broken")
    assert (task.kind, task.owner, task.overdue_minor, task.cancelled_at) == ("REVIEW", colleague, 1_000_000, None)
    run = night(owing, date(2026, 7, 22))
    assert Task.objects.filter(step_code="promise_broken").count() == 1
    assert run.counts["customers"] == 1
    assert Task.objects.filter(kind="CALL", cancelled_at=None).exists() or steps(owing), "the ladder goes on"


def test_a_broken_plan_is_dunned_again_with_its_penalty(owing, owner, colleague):
    plan = draft_plan(
        customer_id=owing.pk, currency="CNY", shape=Shape(3, date(2026, 7, 15), first_ppm=300_000), as_of=TODAY,
        actor=owner, now=NOON,
    )  # fmt: skip
    propose_plan(plan_id=plan.pk, as_of=TODAY, actor=owner, now=NOON)
    accept_plan(
        plan_id=plan.pk, how="SIGNATURE", evidence="signed.pdf", as_of=TODAY, actor=owner, now=NOON
    )  # fmt: skip
    night(owing, TODAY)
    night(owing, date(2026, 7, 20))
    assert not steps(owing)
    assert not Task.objects.filter(kind="CALL", cancelled_at=None).exists()
    night(owing, date(2026, 7, 21))
    plan.refresh_from_db()
    assert plan.state == "BROKEN"
    assert Task.objects.get(step_code="plan_broken").owner == colleague
    assert claim_on(owing, "CNY", as_of=date(2026, 7, 21)).penalty_minor == 13 * 500
    night(owing, date(2026, 7, 31))
    assert steps(owing) or Task.objects.filter(kind="CALL", cancelled_at=None).exists()
