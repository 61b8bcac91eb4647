"""A ladder with `scope: item`: every item on its own step, one contact a day for all that take one."""

from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from huikuan.cases.models import CaseBalance, Task
from huikuan.cli.run import why as why_command
from huikuan.outreach.fakes import FakeChannel, FakeGuard
from huikuan.outreach.models import Delivery
from huikuan.outreach.worker import Worker
from huikuan.policy.commands import place_hold, release_hold, upload_version
from huikuan.runs.commands.run import run_day
from huikuan.runs.models import Decision, ItemStep
from huikuan.runs.queries.preview import preview
from huikuan.runs.queries.why import why
from tests.modules.runs.conftest import BEGAN_ON, morning
from tests.modules.runs.state import content

DUE = date(2026, 7, 6)
STEPS = """
      - {code: friendly, rank: 10, when: {days_overdue: 5}, notice: {template: friendly, channels: [EMAIL]}}
      - {code: follow_up, rank: 20, when: {days_overdue: 15}, notice: {template: follow_up, channels: [EMAIL]}}
      - {code: call, rank: 30, when: {days_overdue: 20}, task: {kind: CALL, owner: collector}}
      - code: demand
        rank: 40
        when: {days_overdue: 30}
        formal: true
        notice: {template: demand, channels: [EMAIL]}
      - {code: visit, rank: 50, when: {days_overdue: 40}, task: {kind: VISIT, owner: collector}}
"""
POLICY = """
format: 1
name: NAME
send: {at: ["09:00"], working_days_only: false}
segments: [{code: all, ladder: single}]
ladders:
  single:
    scope: SCOPE
    climb: CLIMB
    steps:"""


def policy_of(huatai, *, scope="item", climb="latest", starts_on=BEGAN_ON, last_run_on=None):
    text = POLICY.replace("SCOPE", scope).replace("CLIMB", climb).replace("NAME", f"{scope} from {starts_on}") + STEPS
    return upload_version(
        entity_id=huatai.pk, source=text, starts_on=starts_on, last_run_on=last_run_on, actor=None,
        now=morning(starts_on),
    )  # fmt: skip


@pytest.fixture
def by_item(huatai, tianhe):
    tianhe.email = "ap@tianhe.example"
    tianhe.save()
    return policy_of(huatai)


def after(days):
    return DUE + timedelta(days=days)


def run(huatai, *days):
    """Run these days; nothing leaves."""
    for day in days:
        run_day(entity_id=huatai.pk, as_of=after(day), now=morning(after(day)))


def send(day):
    """Let everything leave that may on the day; no guard, no mail server."""
    worker = Worker(clock=lambda: morning(after(day)) + timedelta(hours=6))
    worker.channel, worker.guard = FakeChannel(), FakeGuard()
    worker.drain()


def go(huatai, *days):
    """Run these days; the messages of a day have left before the next."""
    for day in days:
        run(huatai, day)
        send(day)


def mails():
    """Return day, step, and the items that each message that left lists, with their steps."""
    left = Delivery.objects.filter(state="SENT").select_related("message").order_by("pk")
    return [
        (
            (each.as_of - DUE).days,
            each.step_code,
            {line["number"]: line["step_code"] for line in each.message.facts["items"]},
        )
        for each in left
    ]


def contacts():
    """Return day, head, and the items with their steps."""
    numbers = dict(ItemStep.objects.values_list("item_id", "item__number"))
    found = Decision.objects.exclude(action="SKIPPED").order_by("decided_on", "currency")
    return [
        (
            (each.decided_on - DUE).days,
            each.step_code,
            {numbers[step["item_id"]]: step["step_code"] for step in each.facts.get("item_steps") or ()},
        )
        for each in found
    ]


def test_every_item_climbs_by_itself_and_one_contact_lists_those_of_the_day(huatai, by_item, bill, tianhe):
    bill(tianhe, "A", DUE, 100_000)
    bill(tianhe, "B", after(10), 50_000)
    go(huatai, 4, 5, 6, 14, 15, 20, 25, 29, 30, 31)
    assert contacts() == [
        (5, "friendly", {"A": "friendly"}),
        (15, "follow_up", {"A": "follow_up", "B": "friendly"}),
        (20, "call", {"A": "call"}),
        (25, "follow_up", {"B": "follow_up"}),
        (30, "demand", {"A": "demand", "B": "call"}),
    ]
    assert mails() == [contact for contact in contacts() if contact[1] != "call"]
    assert Task.objects.values_list("step_code", flat=True).get() == "call"
    balance = CaseBalance.objects.get()
    assert (balance.last_step_code, balance.last_step_rank) == ("demand", 40)


def test_twice_is_once_and_a_replay_says_the_same(huatai, by_item, bill, tianhe):
    bill(tianhe, "A", DUE, 100_000)
    bill(tianhe, "B", after(10), 50_000)
    go(huatai, 4, 5, 15)
    before = content()
    run_day(entity_id=huatai.pk, as_of=after(15), now=morning(after(15)))
    assert content() == before
    for day in (5, 15):
        looked = preview(entity_id=huatai.pk, as_of=after(day), now=morning(after(16)))
        assert looked.is_replay
        stored = Decision.objects.filter(decided_on=after(day)).values_list("step_code", "rule")
        assert looked.decisions.select("step_code", "rule").rows() == list(stored)


def test_days_without_a_run_skip_per_item_but_never_a_formal_step(huatai, by_item, bill, tianhe):
    bill(tianhe, "A", DUE, 100_000)
    bill(tianhe, "B", after(38), 50_000)
    go(huatai, 45, 46, 47)
    assert contacts() == [
        (45, "demand", {"A": "demand", "B": "friendly"}),
        (46, "visit", {"A": "visit"}),
    ]
    skipped = ItemStep.objects.filter(action="SKIPPED", item__number="A").values_list("step_code", flat=True)
    assert list(skipped.order_by("rank")) == ["friendly", "follow_up", "call"]


def test_a_formal_step_is_not_swallowed_by_a_higher_one(huatai, by_item, bill, tianhe):
    bill(tianhe, "A", DUE, 100_000)
    go(huatai, 30)
    bill(tianhe, "B", after(10), 50_000)
    go(huatai, 40, 41, 42)
    assert contacts() == [
        (30, "demand", {"A": "demand"}),
        (40, "demand", {"B": "demand"}),
        (41, "visit", {"A": "visit"}),
    ]


def test_what_has_not_left_joins_the_next_contact(huatai, by_item, bill, tianhe):
    bill(tianhe, "A", DUE, 100_000)
    bill(tianhe, "B", after(2), 50_000)
    run(huatai, 5, 7)
    assert contacts()[-1] == (7, "friendly", {"A": "friendly", "B": "friendly"})
    assert ItemStep.objects.filter(item__number="A").count() == 1
    send(7)
    assert mails() == [(7, "friendly", {"A": "friendly", "B": "friendly"})]
    assert Delivery.objects.get(state="CANCELLED").last_error.startswith("OVERTAKEN")


def test_one_level_per_sent_message_waits_for_its_own_message(huatai, bill, tianhe):
    tianhe.email = "ap@tianhe.example"
    tianhe.save()
    policy_of(huatai, climb="one_per_sent")
    bill(tianhe, "A", DUE, 100_000)
    go(huatai, 5)
    bill(tianhe, "B", after(10), 50_000)
    run(huatai, 15, 26)
    assert contacts()[1:] == [(15, "follow_up", {"A": "follow_up", "B": "friendly"})]
    send(27)
    go(huatai, 28)
    assert contacts()[2:] == [(28, "call", {"A": "call", "B": "follow_up"})]


def test_a_hold_pauses_its_item_only(huatai, by_item, bill, tianhe):
    item = bill(tianhe, "A", DUE, 100_000)
    bill(tianhe, "B", DUE, 50_000)
    hold = place_hold(
        customer_id=tianhe.pk, item_id=item.pk, kind="MANUAL", starts_on=after(0), ends_on=after(20), reason="why",
        actor=None, now=morning(after(0)),
    )  # fmt: skip
    go(huatai, 5, 12)
    release_hold(hold_id=hold.pk, released_on=after(13), actor=None, now=morning(after(13)))
    go(huatai, 13, 14)
    assert contacts() == [(5, "friendly", {"B": "friendly"}), (13, "friendly", {"A": "friendly"})]


def test_money_on_account_covers_the_oldest_first(huatai, by_item, bill, pay, tianhe):
    bill(tianhe, "A", DUE, 100_000)
    bill(tianhe, "B", after(1), 50_000)
    pay(tianhe, after(2), 120_000)
    go(huatai, 5, 6)
    assert contacts() == [(6, "friendly", {"B": "friendly"})]
    pay(tianhe, after(7), 30_000)
    go(huatai, 7)
    assert Task.objects.filter(step_code="allocate").count() == 1


def test_a_policy_that_begins_to_climb_item_by_item_goes_on_from_the_customers_step(huatai, bill, tianhe):
    tianhe.email = "ap@tianhe.example"
    tianhe.save()
    policy_of(huatai, scope="customer")
    bill(tianhe, "A", DUE, 100_000)
    bill(tianhe, "B", after(12), 50_000)
    go(huatai, 5, 15)
    policy_of(huatai, starts_on=after(16), last_run_on=after(15))
    go(huatai, 16, 20, 21)
    assert set(ItemStep.objects.filter(action="TOGETHER").values_list("item__number", "step_code")) == {
        ("A", "follow_up"), ("B", "follow_up")
    }  # fmt: skip
    assert contacts() == [(5, "friendly", {}), (15, "follow_up", {}), (20, "call", {"A": "call"})]
    go(huatai, 32)
    assert contacts()[3:] == [(32, "demand", {"A": "demand", "B": "call"})]
    policy_of(huatai, scope="customer", starts_on=after(33), last_run_on=after(32))
    go(huatai, 33, 39, 40)
    assert contacts()[4:] == [(40, "visit", {})]


def test_why_speaks_of_every_item(huatai, by_item, bill, tianhe):
    bill(tianhe, "A", DUE, 100_000)
    bill(tianhe, "B", after(10), 50_000)
    go(huatai, 5, 14)
    said = why(tianhe, as_of=after(15), now=morning(after(15))).positions[0]
    assert said.reason == "DUE"
    items = {item.number: item for item in said.items}
    assert (items["A"].last_step, items["A"].reason, items["B"].last_step) == ("friendly", "DUE", None)
    taken = {number: [step.step_code for step in item.steps if step.is_taken] for number, item in items.items()}
    assert taken == {"A": ["follow_up"], "B": ["friendly"]}
    spoken = CliRunner().invoke(why_command, ["TIANHE", "--as-of", str(after(14))])
    assert spoken.exit_code == 0, spoken.output
    assert "A: overdue 1000.00, 14 days. No step is due today.\nLast step: friendly on 2026-07-11\n" in spoken.output
    assert "B: overdue 500.00, 4 days. No step is due today.\n" in spoken.output
