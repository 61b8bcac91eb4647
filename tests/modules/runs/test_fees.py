"""Fees of a step: booked when the notice has left, once per item and step, and nobody is dunned for them."""

from datetime import date, timedelta

import pytest

from huikuan.kernel.days import DAY_LAST
from huikuan.outreach.fakes import FakeChannel, FakeGuard
from huikuan.outreach.models import Delivery
from huikuan.outreach.worker import Worker
from huikuan.policy.commands import upload_version
from huikuan.receivables.models import OpenItem
from huikuan.runs.commands.fees import charge_fees
from huikuan.runs.commands.run import run_day
from tests.modules.runs.conftest import BEGAN_ON, morning

DUE = date(2026, 7, 6)
POLICY = """
format: 1
name: with fees
send: {at: ["09:00"], working_days_only: false}
segments: [{code: all, ladder: fees}]
ladders:
  fees:
    climb: one_per_sent
    steps:
      - code: first
        rank: 1
        when: {days_overdue: 1}
        notice: {template: friendly, channels: [EMAIL]}
        fee: {fixed: {CNY: 10, USD: "1.50"}}
      - code: second
        rank: 2
        when: {days_overdue: 3}
        notice: {template: friendly, channels: [EMAIL]}
        fee: {percent_of_item: 12.5%}
"""


@pytest.fixture
def with_fees(huatai):
    return upload_version(
        entity_id=huatai.pk, source=POLICY, starts_on=BEGAN_ON, last_run_on=None, actor=None, now=morning(BEGAN_ON)
    )


def live_through(huatai, day, *, sends=True):
    """Run the day, and send what it queued at half past nine."""
    run_day(entity_id=huatai.pk, as_of=day, now=morning(day))
    if sends:
        worker = Worker(clock=lambda: morning(day) + timedelta(hours=1, minutes=30))
        worker.channel, worker.guard = FakeChannel(), FakeGuard()
        worker.drain()


def fees():
    items = OpenItem.objects.filter(number__contains="-FEE-").order_by("number")
    return {item.number: item.amount_minor for item in items}


def test_a_fee_follows_the_notice_that_left(huatai, with_fees, bill, tianhe):
    bill(tianhe, "INV-1", DUE, 1_000_00)
    bill(tianhe, "INV-2", DUE, 33_33)
    live_through(huatai, DUE + timedelta(days=1))
    assert fees() == {}
    live_through(huatai, DUE + timedelta(days=2))
    assert fees() == {"INV-1-FEE-first": 10_00, "INV-2-FEE-first": 10_00}
    live_through(huatai, DUE + timedelta(days=3))
    live_through(huatai, DUE + timedelta(days=4))
    assert fees() == {
        "INV-1-FEE-first": 10_00, "INV-1-FEE-second": 125_00,
        "INV-2-FEE-first": 10_00, "INV-2-FEE-second": 4_17,
    }  # fmt: skip


def test_twice_is_once(huatai, with_fees, bill, tianhe):
    bill(tianhe, "INV-1", DUE, 1_000_00)
    live_through(huatai, DUE + timedelta(days=1))
    now = morning(DUE + timedelta(days=2))
    assert len(charge_fees(entity_id=huatai.pk, now=now)) == 1
    assert charge_fees(entity_id=huatai.pk, now=now) == []
    assert fees() == {"INV-1-FEE-first": 10_00}


def test_what_has_not_left_costs_nothing(huatai, with_fees, bill, tianhe):
    bill(tianhe, "INV-1", DUE, 1_000_00)
    live_through(huatai, DUE + timedelta(days=1), sends=False)
    live_through(huatai, DUE + timedelta(days=2), sends=False)
    assert Delivery.objects.get().state == "QUEUED"
    assert fees() == {}


def test_nobody_is_dunned_for_a_fee_and_it_bears_nothing(huatai, with_fees, bill, pay, tianhe):
    item = bill(tianhe, "INV-1", DUE, 1_000_00)
    live_through(huatai, DUE + timedelta(days=1))
    live_through(huatai, DUE + timedelta(days=2))
    assert OpenItem.objects.get(number="INV-1-FEE-first").due_on == DAY_LAST
    pay(tianhe, DUE + timedelta(days=3), 1_000_00, item)
    for days in (4, 100):
        live_through(huatai, DUE + timedelta(days=days))
    assert Delivery.objects.count() == 1
    assert fees() == {"INV-1-FEE-first": 10_00}


def test_a_currency_that_the_policy_does_not_name_has_no_fee(huatai, with_fees, bill, tianhe):
    bill(tianhe, "INV-1", DUE, 1_000_00, currency="EUR")
    bill(tianhe, "INV-2", DUE, 1_000_00, currency="USD")
    live_through(huatai, DUE + timedelta(days=1))
    live_through(huatai, DUE + timedelta(days=2))
    assert fees() == {"INV-2-FEE-first": 1_50}


def test_a_notice_of_the_due_day_itself_leaves(huatai, bill, tianhe):
    """A ladder with `days_overdue: 0` asks on the day on which payment is still on time: what it says must be sent."""
    source = POLICY.replace("days_overdue: 1", "days_overdue: 0")
    upload_version(
        entity_id=huatai.pk, source=source, starts_on=BEGAN_ON, last_run_on=None, actor=None, now=morning(BEGAN_ON)
    )
    bill(tianhe, "INV-1", DUE, 1_000_00)
    live_through(huatai, DUE)
    delivery = Delivery.objects.get()
    assert delivery.state == "SENT"
    assert [line["number"] for line in delivery.message.facts["items"]] == ["INV-1"]


def test_item_by_item_each_bears_the_fee_of_its_own_step(huatai, bill, tianhe):
    tianhe.email = "ap@tianhe.example"
    tianhe.save()
    upload_version(
        entity_id=huatai.pk, source=POLICY.replace("climb:", "scope: item\n    climb:"), starts_on=BEGAN_ON,
        last_run_on=None, actor=None, now=morning(BEGAN_ON),
    )  # fmt: skip
    bill(tianhe, "A", DUE, 10_000)
    bill(tianhe, "B", DUE + timedelta(days=2), 20_000)
    for days in (1, 3, 4):
        live_through(huatai, DUE + timedelta(days=days))
    assert fees() == {"A-FEE-first": 1_000, "A-FEE-second": 1_250, "B-FEE-first": 1_000}
