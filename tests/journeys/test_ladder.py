"""The default ladder as a customer lives through it, day by day, by the real command and under the shipped policy."""

import json
from datetime import date, timedelta

import pytest

from huikuan.cases.commands.case import postpone_next_action, resume_next_action
from huikuan.cases.models import Case, Task
from huikuan.outreach.models import Delivery
from huikuan.parties.commands import add_user, grant_role, save_customer
from huikuan.parties.models import Entity, Role
from huikuan.policy.commands import place_hold
from huikuan.receivables.commands.allocations import Wish
from huikuan.receivables.commands.contracts import open_contract
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.commands.receipts import book_receipt
from huikuan.receivables.rules.terms import Terms
from huikuan.runs.models import Decision
from tests.journeys.stage import stage

__all__ = ["stage"]

DUE = date(2026, 7, 8)
HALF_PER_MILLE_A_DAY = Terms(kind="PER_DAY", rate_ppb=500_000)


class Play:
    """One customer of MAIN with a contract at 0.05 % a day, and what is done with it."""

    def __init__(self, stage):
        self.stage = stage
        stage.at("2026-06-08")
        stage.huikuan("entity", "list")
        self.entity = Entity.objects.get(code="MAIN")
        self.clerk = add_user(username="clerk", actor=None, now=stage.now)
        grant_role(user=self.clerk, entity=self.entity, role=Role.FINANCE, actor=None, now=stage.now)
        self.customer = save_customer(
            entity_id=self.entity.pk, code="TIANHE", name="天河电子有限公司", email="pay@tianhe.example",
            business_since=date(2020, 1, 1), actor=None, now=stage.now,
        )  # fmt: skip
        self.contract = open_contract(
            customer_id=self.customer.pk, number="HT-1", terms=HALF_PER_MILLE_A_DAY, actor=None, now=stage.now
        )

    def owe(self, number, minor, due=DUE):
        return book_item(
            customer_id=self.customer.pk, number=number, amount_minor=minor, issued_on=due - timedelta(days=30),
            due_on=due, contract_id=self.contract.pk, actor=self.clerk, now=self.stage.now,
        )  # fmt: skip

    def pay(self, reference, minor, day, *, item=None):
        return book_receipt(
            customer_id=self.customer.pk, reference=reference, received_on=day, amount_minor=minor,
            item_number=item.number if item else "", wish=None if item else Wish(), actor=self.clerk,
            now=self.stage.now,
        )  # fmt: skip

    def run(self, day):
        self.stage.run(day.isoformat())
        return self.taken_on(day)

    def taken_on(self, day):
        return [
            decision.step_code
            for decision in Decision.objects.filter(decided_on=day).exclude(action="SKIPPED").order_by("pk")
        ]

    def why(self, day):
        (position,) = self.stage.huikuan("why", "TIANHE", "--as-of", day.isoformat())["positions"]
        return position


@pytest.fixture
def play(stage):
    return Play(stage)


def late(days):
    return DUE + timedelta(days=days)


def test_sixty_days_of_the_default_ladder(play):
    """The dates of domain.md §5 for a customer who neither pays nor answers; every other day brings nothing."""
    play.owe("INV-1", 60_000_00)
    taken = {(late(day) - DUE).days: steps for day in range(-4, 61) if (steps := play.run(late(day)))}
    assert taken == {
        -3: ["reminder"],
        1: ["friendly"],
        3: ["first_call"],
        7: ["follow_up_call"],
        10: ["offer"],
        20: ["demand"],
        30: ["high_risk"],
        33: ["visit"],
        38: ["weekly"],
        45: ["weekly"],
        52: ["weekly"],
        59: ["weekly"],
    }


def test_late_three_ten_twenty_days_then_pays_half(play):
    """What is asked for follows the money: the half that is left goes on bearing, and the ladder never goes back."""
    item = play.owe("INV-1", 60_000_00)
    for day in (1, 3, 10, 20):
        play.run(late(day))
    assert [play.taken_on(late(day)) for day in (1, 3, 10, 20)] == [["friendly"], ["first_call"], ["offer"], ["demand"]]
    assert play.why(late(20))["overdue"] == "60000.00"
    (asked,) = Decision.objects.filter(decided_on=late(20), step_code="demand")
    assert json.loads(json.dumps(asked.facts))["penalty_minor"] == 600_00

    play.pay("BANK-1", 30_000_00, late(20), item=item)
    assert play.run(late(21)) == []
    balance = Case.objects.get(closed_on=None).balances.get()
    assert (balance.overdue_minor, balance.last_step_code) == (30_000_00, "demand")
    assert play.run(late(30)) == ["high_risk"]
    (asked,) = Decision.objects.filter(decided_on=late(30), step_code="high_risk")
    assert asked.facts["penalty_minor"] == 600_00 + 150_00

    play.pay("BANK-2", 30_000_00, late(31), item=item)
    assert play.run(late(32)) == []
    assert Case.objects.get().closing == "PAID"
    assert not Task.objects.filter(done_at=None, cancelled_at=None).exists()


def test_a_customer_disputes_one_of_three_invoices(play):
    """Only the disputed part rests; the rest is asked for, and after the hold only the latest step comes."""
    play.owe("INV-1", 10_000_00)
    disputed = play.owe("INV-2", 20_000_00)
    play.owe("INV-3", 30_000_00)
    assert play.run(late(1)) == ["friendly"]
    place_hold(
        customer_id=play.customer.pk, item_id=disputed.pk, amount_minor=15_000_00, kind="DISPUTE", starts_on=late(2),
        ends_on=late(12), reason="数量不符", actor=play.clerk, now=play.stage.now,
    )  # fmt: skip
    assert play.run(late(3)) == ["first_call"]
    (asked,) = Decision.objects.filter(step_code="first_call")
    assert (asked.facts["overdue_minor"], asked.facts["net_overdue_minor"]) == (60_000_00, 45_000_00)
    balance = Case.objects.get().balances.get()
    assert (balance.overdue_minor, balance.held_minor) == (60_000_00, 15_000_00)
    play.run(late(13))
    (offer,) = Delivery.objects.filter(step_code="offer")
    assert offer.state == "QUEUED"
    (mail,) = play.stage.deliver(late(13).isoformat())
    assert "60,000.00" in mail.get_body(("plain",)).get_content()


def test_everything_on_hold_is_left_alone_and_resumes_without_a_burst(play):
    play.owe("INV-1", 60_000_00)
    assert play.run(late(1)) == ["friendly"]
    place_hold(
        customer_id=play.customer.pk, kind="COMPLAINT", starts_on=late(2), ends_on=late(14), reason="投诉处理中",
        actor=play.clerk, now=play.stage.now,
    )  # fmt: skip
    assert [play.run(late(day)) for day in range(2, 15)] == [[]] * 13
    assert Case.objects.get().next_action_on == late(15)
    assert [play.run(late(day)) for day in range(15, 20)] == [["offer"], [], [], [], []]
    skipped = Decision.objects.filter(action="SKIPPED", decided_on=late(15)).values_list("step_code", flat=True)
    assert sorted(skipped) == ["first_call", "follow_up_call"]


def test_a_next_action_set_by_hand_is_kept_by_the_run(play):
    """ODO-03: nothing before the day that a person set; taken back, the ladder goes on at once."""
    play.owe("INV-1", 60_000_00)
    assert play.run(late(1)) == ["friendly"]
    case = Case.objects.get()
    said = {"case_id": case.pk, "today": late(2), "actor": play.clerk, "now": play.stage.now}
    postpone_next_action(on=late(9), reason="下周付款日", **said)
    assert [play.run(late(day)) for day in range(2, 9)] == [[]] * 7
    case.refresh_from_db()
    assert case.next_action_on == late(9)
    assert play.run(late(9)) != []


def test_a_postponement_taken_back_lets_the_ladder_go_on(play):
    play.owe("INV-1", 60_000_00)
    assert play.run(late(1)) == ["friendly"]
    said = {"case_id": Case.objects.get().pk, "today": late(2), "actor": play.clerk, "now": play.stage.now}
    postpone_next_action(on=late(9), reason="下周付款日", **said)
    resume_next_action(**said)
    assert play.run(late(3)) == ["first_call"]


def test_a_missed_week_is_caught_up_without_a_burst_and_the_formal_demand_is_not_skipped(play):
    """No run from day 17 to day 33: on day 34 the demand goes first, although the steps above it are due as well."""
    play.owe("INV-1", 60_000_00)
    for day in (1, 3, 7, 10, 16):
        play.run(late(day))
    taken = {day: steps for day in range(34, 46) if (steps := play.run(late(day)))}
    assert taken == {34: ["demand"], 37: ["visit"], 42: ["weekly"]}
    assert Delivery.objects.filter(step_code="demand").count() == 1


def test_money_that_arrives_before_the_mail_leaves_takes_the_mail_back(play):
    item = play.owe("INV-1", 60_000_00)
    assert play.run(late(1)) == ["friendly"]
    play.pay("BANK-1", 60_000_00, late(1), item=item)
    assert play.stage.deliver(late(1).isoformat()) == []
    assert Delivery.objects.get().state == "CANCELLED"


def test_a_receipt_booked_later_does_not_change_an_earlier_days_aging(play):
    """Two dates of money: from when it counts, and when we knew. Only the first moves the past."""
    first = play.owe("INV-1", 60_000_00)
    second = play.owe("INV-2", 40_000_00)
    day = late(10).isoformat()

    def aging(as_of):
        (row,) = play.stage.huikuan("aging", "--as-of", as_of, "--by", "customer")["rows"]
        return row["total"], row["1-30"], row["on_account"], row["penalty"]

    before = aging(day)
    assert before == ("100000.00", "100000.00", "0.00", "500.00")
    play.stage.at(late(15).isoformat())
    play.pay("BANK-1", 60_000_00, late(15), item=first)
    assert aging(day) == before
    assert aging(late(15).isoformat()) == ("40000.00", "40000.00", "0.00", "300.00")
    play.pay("BANK-2", 10_000_00, late(4), item=second)
    assert aging(day) == ("90000.00", "90000.00", "0.00", "470.00")
