"""The day's run, told as stories on the database."""

from datetime import date, time, timedelta

import pytest

from huikuan.cases.commands.task import complete_task
from huikuan.cases.models import Case, CaseBalance, Task
from huikuan.credit.models import Grade, RiskMark
from huikuan.journal.models import Entry
from huikuan.outreach.models import Contact, Delivery, DeliveryEvent
from huikuan.policy.commands import place_hold
from huikuan.runs.models import Decision, Run
from tests.modules.runs.conftest import morning

pytestmark = pytest.mark.django_db

DUE = date(2026, 7, 6)  # a Monday


def days_after(count):
    return DUE + timedelta(days=count)


def steps(**wanted):
    return list(Decision.objects.filter(**wanted).order_by("decided_on", "pk").values_list("step_code", "action"))


def test_the_first_day_late_opens_a_case_and_queues_a_friendly_message(run, bill, tianhe, owner):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    done = run(days_after(1))
    assert done.state == "DONE"
    case = Case.objects.get()
    assert (case.customer, case.opened_on, case.owner, case.stage) == (tianhe, date(2026, 7, 7), owner, "REMINDER")
    assert case.number == "CASE-MAIN-2026-000001"
    assert (case.next_action, case.next_action_on) == ("first_call", date(2026, 7, 9))
    balance = CaseBalance.objects.get()
    assert (balance.overdue_minor, balance.last_step_code, balance.last_step_on) == (
        1_000_000,
        "friendly",
        days_after(1),
    )
    decision = Decision.objects.get()
    assert (decision.step_code, decision.action, decision.spell_on) == ("friendly", "NOTICE", days_after(1))
    assert decision.rule == "manufacturing/friendly@+1"
    assert decision.facts["days_overdue"] == 1
    delivery = Delivery.objects.get()
    assert (delivery.channel, delivery.state, delivery.step_code) == ("EMAIL", "QUEUED", "friendly")
    assert delivery.not_before.isoformat() == "2026-07-07T01:00:00+00:00"  # nine in Shanghai
    assert RiskMark.objects.get().kind == "OVERDUE"
    assert Grade.objects.get().letter == "N"
    assert set(Entry.objects.values_list("event", flat=True)) >= {
        "runs.run-begun",
        "runs.chunk-decided",
        "runs.run-finished",
    }


def test_the_day_before_nothing_is_late(run, bill, tianhe):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    run(DUE)
    assert not Case.objects.exists()
    assert steps() == []


def test_a_message_decided_on_a_weekend_waits_for_monday_morning(run, bill, tianhe):
    bill(tianhe, "INV-1", date(2026, 7, 10), 1_000_000)
    run(date(2026, 7, 11))
    assert Delivery.objects.get().not_before.isoformat() == "2026-07-13T01:00:00+00:00"


def test_a_message_leaves_in_the_preferred_hours_of_whom_it_reaches(run, bill, tianhe):
    person = tianhe.contact_persons.create(
        name="张会计", role="ACCOUNTANT", email="zhang@tianhe.example", created_at=morning(DUE),
        preferred_from=time(10, 30), preferred_until=time(11, 30),
    )  # fmt: skip
    bill(tianhe, "INV-1", DUE, 1_000_000)
    run(days_after(1))
    assert Delivery.objects.get().not_before.isoformat() == "2026-07-07T02:30:00+00:00"
    person.preferred_from, person.preferred_until = time(19), time(20)  # the machine may not write then
    person.save()
    bill(tianhe, "INV-2", DUE, 1_000_000, currency="USD")
    run(days_after(2))
    late = Delivery.objects.get(currency="USD")
    assert late.not_before.isoformat() == "2026-07-08T01:00:00+00:00"


def test_the_whole_ladder_is_climbed_day_by_day(run, bill, tianhe):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    for day in range(1, 22):
        run(days_after(day))
    assert steps() == [
        ("friendly", "NOTICE"), ("first_call", "TASK"), ("follow_up_call", "TASK"), ("offer", "BOTH"),
        ("demand", "BOTH"),
    ]  # fmt: skip
    assert Case.objects.get().stage == "FORMAL"
    assert CaseBalance.objects.get().last_step_code == "demand"


def test_a_formal_step_is_never_passed_over(run, bill, tianhe):
    bill(tianhe, "INV-1", DUE, 10_000_000)
    run(days_after(1))
    run(days_after(60))
    assert steps(decided_on=days_after(60))[-1] == ("demand", "BOTH")
    run(days_after(61))
    assert steps(decided_on=days_after(61)) == []  # the steps above wait for the gap after the demand
    run(days_after(63))
    assert ("demand", "SKIPPED") not in steps()
    assert steps(decided_on=days_after(63))[-1][1] != "SKIPPED"


def test_several_items_are_one_contact_headed_by_the_highest_step(run, bill, tianhe):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    bill(tianhe, "INV-2", days_after(2), 500_000)
    bill(tianhe, "INV-3", days_after(6), 200_000)
    run(days_after(3))
    taken = [step for step, action in steps() if action != "SKIPPED"]
    assert taken == ["first_call"]
    task = Task.objects.get()
    assert (task.overdue_minor, task.oldest_due_on) == (1_500_000, DUE)


def test_two_currencies_are_two_contacts_in_one_case(run, bill, tianhe):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    bill(tianhe, "INV-2", days_after(2), 500_000, currency="USD")
    run(days_after(3))
    assert sorted(Decision.objects.exclude(action="SKIPPED").values_list("currency", "step_code")) == [
        ("CNY", "first_call"), ("USD", "friendly"),
    ]  # fmt: skip
    assert Case.objects.get().balances.count() == 2


def test_money_on_account_that_covers_everything_asks_to_allocate_and_contacts_nobody(run, bill, pay, tianhe, owner):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    pay(tianhe, DUE, 1_000_000)
    run(days_after(1))
    assert steps() == []
    assert not Delivery.objects.exists()
    task = Task.objects.get()
    assert (task.kind, task.step_code, task.owner) == ("REVIEW", "allocate", owner)
    run(days_after(2))
    assert Task.objects.count() == 1


def test_money_on_account_is_netted_before_asking(run, bill, pay, tianhe):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    pay(tianhe, DUE, 400_000)
    run(days_after(1))
    facts = Decision.objects.get().facts
    assert (facts["overdue_minor"], facts["on_account_minor"], facts["net_overdue_minor"]) == (
        1_000_000,
        400_000,
        600_000,
    )


def test_money_that_arrives_closes_the_case_and_calls_off_what_is_pointless(run, bill, pay, tianhe):
    item = bill(tianhe, "INV-1", DUE, 1_000_000)
    run(days_after(1))
    run(days_after(3))
    assert (Task.objects.count(), Delivery.objects.count()) == (1, 1)
    pay(tianhe, days_after(3), 1_000_000, item)
    done = run(days_after(4))
    case, task, delivery = Case.objects.get(), Task.objects.get(), Delivery.objects.get()
    assert (case.closed_on, case.closing) == (days_after(4), "PAID")
    assert task.cancel_reason == "SETTLED"
    assert (delivery.state, delivery.last_error) == ("CANCELLED", "SETTLED")
    assert DeliveryEvent.objects.get().state == "CANCELLED"
    assert RiskMark.objects.get().ended_on == days_after(4)
    assert (done.counts["cases_closed"], done.counts["tasks_cancelled"], done.counts["deliveries_cancelled"]) == (
        1,
        1,
        1,
    )


def test_a_task_that_is_done_stays_done_when_money_arrives(run, bill, pay, tianhe, owner):
    item = bill(tianhe, "INV-1", DUE, 1_000_000)
    run(days_after(3))
    complete_task(task_id=Task.objects.get().pk, outcome="REACHED", actor=owner, now=morning(days_after(3)))
    pay(tianhe, days_after(3), 1_000_000, item)
    run(days_after(4))
    assert Task.objects.get().cancelled_at is None


def test_the_next_spell_is_a_new_case_and_begins_at_the_first_step(run, bill, pay, tianhe):
    item = bill(tianhe, "INV-1", DUE, 1_000_000)
    run(days_after(20))
    pay(tianhe, days_after(20), 1_000_000, item)
    run(days_after(21))
    bill(tianhe, "INV-2", days_after(21), 900_000)
    run(days_after(22))
    assert list(Case.objects.order_by("pk").values_list("number", flat=True)) == [
        "CASE-MAIN-2026-000001", "CASE-MAIN-2026-000002",
    ]  # fmt: skip
    assert steps(decided_on=days_after(22)) == [("friendly", "NOTICE")]


def test_a_case_closed_and_overdue_again_on_one_day_is_the_same_case(run, bill, pay, tianhe):
    item = bill(tianhe, "INV-1", DUE, 1_000_000)
    run(days_after(1))
    pay(tianhe, days_after(1), 1_000_000, item)
    run(days_after(1))
    assert Case.objects.get().closed_on == days_after(1)
    bill(tianhe, "INV-2", DUE, 300_000)
    run(days_after(1))
    assert Case.objects.get().closed_on is None


def test_a_hold_pauses_and_the_ladder_goes_on_with_one_step(run, bill, tianhe, owner):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    run(days_after(1))
    place_hold(
        customer_id=tianhe.pk, kind="PROMISE", starts_on=days_after(2), ends_on=days_after(11), reason="付款日 17 日",
        actor=owner, now=morning(days_after(2)),
    )  # fmt: skip
    for day in range(2, 12):
        run(days_after(day))
    assert steps() == [("friendly", "NOTICE")]
    assert Delivery.objects.get().last_error == "HELD"
    assert (Case.objects.get().next_action, Case.objects.get().next_action_on) == ("hold_ends", days_after(12))
    run(days_after(12))
    assert [step for step in steps(decided_on=days_after(12)) if step[1] != "SKIPPED"] == [("offer", "BOTH")]


def test_a_disputed_part_is_left_out(run, bill, tianhe, owner):
    item = bill(tianhe, "INV-1", DUE, 1_000_000)
    place_hold(
        customer_id=tianhe.pk, kind="DISPUTE", item_id=item.pk, amount_minor=300_000, starts_on=DUE,
        ends_on=days_after(20), reason="数量不符", actor=owner, now=morning(DUE),
    )  # fmt: skip
    run(days_after(1))
    facts = Decision.objects.get().facts
    assert (facts["held_minor"], facts["net_overdue_minor"]) == (300_000, 700_000)
    assert CaseBalance.objects.get().held_minor == 300_000


def test_an_answer_makes_the_call_for_silence_needless(run, bill, huatai, tianhe):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    run(days_after(1))
    at = morning(days_after(2))
    Contact.objects.create(
        entity=huatai, customer=tianhe, channel="EMAIL", direction="IN", at=at, outcome="SAYS_PAID", logged_at=at
    )
    run(days_after(3))
    assert steps() == [("friendly", "NOTICE")]


def test_a_call_agreed_for_friday_is_not_made_on_thursday(run, bill, huatai, tianhe):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    run(days_after(1))
    at = morning(days_after(1))
    Contact.objects.create(
        entity=huatai, customer=tianhe, channel="PHONE", direction="OUT", at=at, outcome="CALL_BACK", logged_at=at,
        next_step_on=days_after(4),
    )  # fmt: skip
    run(days_after(3))
    assert steps(decided_on=days_after(3)) == []
    run(days_after(4))
    assert steps(decided_on=days_after(4)) == [("first_call", "TASK")]


def test_without_any_address_somebody_has_to_find_one(run, bill, binhai):
    bill(binhai, "INV-1", DUE, 1_000_000)
    done = run(days_after(1))
    assert not Delivery.objects.exists()
    assert Task.objects.get().kind == "REPAIR"
    assert {"code": "CUSTOMER_UNREACHABLE", "facts": {"count": 1}} in done.warnings
    run(days_after(3))
    assert Task.objects.filter(kind="REPAIR").count() == 1


def test_unmatched_bank_money_and_odd_items_are_warned_of(run, bill, pay, tianhe):
    bill(tianhe, "INV-1", DUE, 1_000_000, issued_on=DUE)
    odd = bill(tianhe, "INV-2", DUE, 1_000_000)
    type(odd).objects.filter(pk=odd.pk).update(issued_on=days_after(1))
    for _ in range(3):
        pay(None, DUE, 12_345)
    pay(None, days_after(30), 99_999)  # not there yet
    warnings = {each["code"]: each["facts"] for each in run(days_after(1)).warnings}
    assert warnings == {
        "BANK_LINES_NOT_MATCHED": {"count": 3, "amount": "370.35", "currency": "CNY"},
        "DUE_BEFORE_ISSUE": {"count": 1},
    }


def test_who_does_what_is_for_the_manager_goes_to_the_collectors_manager(run, bill, tianhe, owner, colleague):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    for day in (1, 3, 7, 10, 20, 30):
        run(days_after(day))
    owners = dict(Task.objects.values_list("step_code", "owner"))
    assert owners["first_call"] == owner.pk
    assert owners["high_risk"] == colleague.pk
    assert owners["follow_up_call"] == colleague.pk


def test_other_entities_are_left_alone(run, bill, tianhe, yunfeng):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    bill(yunfeng, "FEE-1", DUE, 500_000)
    run(days_after(1))
    assert set(Decision.objects.values_list("customer", flat=True)) == {tianhe.pk}
    assert Run.objects.count() == 1
