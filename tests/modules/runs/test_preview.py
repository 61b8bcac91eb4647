"""Looking at a day without writing: the next one, one that has passed, and why."""

from datetime import date, timedelta

import polars as pl
import pytest

from huikuan.outreach.models import Contact
from huikuan.policy.commands import place_hold
from huikuan.runs.models import Decision
from huikuan.runs.queries.preview import look_at_customer, preview
from huikuan.runs.queries.why import NameNotUnique, NobodyOfThatName, customer_named, why
from tests.modules.runs.conftest import morning
from tests.modules.runs.state import content
from tests.people import a_customer

pytestmark = pytest.mark.django_db

DUE = date(2026, 7, 6)


def days_after(count):
    return DUE + timedelta(days=count)


def look(entity, day, now=None):
    return preview(entity_id=entity.pk, as_of=day, now=now or morning(day))


def taken(frame):
    return frame.select("customer_code", "step_code", "action").rows()


def test_a_preview_shows_what_the_run_then_does_and_writes_nothing(run, bill, huatai, tianhe, binhai):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    bill(binhai, "INV-2", days_after(-2), 30_000)
    before = content()
    seen = look(huatai, days_after(1))
    assert content() == before
    done = run(days_after(1))
    assert not seen.is_replay
    assert sorted(taken(seen.decisions)) == sorted(
        Decision.objects.values_list("customer__code", "step_code", "action")
    )
    for name in ("customers", "items", "decisions", "tasks", "deliveries", "cases_opened"):
        assert seen.counts.get(name, 0) == done.counts.get(name, 0), name
    assert seen.warnings == done.warnings


def test_any_past_day_is_replayed_as_its_run_decided_it(run, bill, pay, huatai, tianhe, binhai, owner):
    item = bill(tianhe, "INV-1", DUE, 1_000_000)
    bill(binhai, "INV-2", days_after(-20), 30_000)
    days = [days_after(n) for n in (1, 3, 4, 8, 9, 12, 21, 24)]
    for day in days:
        if day == days_after(4):
            at = morning(day)
            Contact.objects.create(
                entity=huatai, customer=tianhe, channel="PHONE", direction="IN", at=at, outcome="REACHED", logged_at=at
            )
        if day == days_after(9):
            place_hold(
                customer_id=binhai.pk, kind="MANUAL", starts_on=day, ends_on=days_after(15), reason="对账", actor=owner,
                now=morning(day),
            )  # fmt: skip
        if day == days_after(24):
            pay(tianhe, days_after(23), 1_000_000, item)
        run(day)
    pay(binhai, days_after(24), 10_000)
    for day in days:
        replayed = look(huatai, day, now=morning(days_after(40)))
        assert replayed.is_replay
        written = Decision.objects.filter(decided_on=day).values_list("customer__code", "step_code", "action")
        assert sorted(taken(replayed.decisions)) == sorted(written), day
        for row in replayed.decisions.to_dicts():
            kept = Decision.objects.get(customer__code=row["customer_code"], decided_on=day, step_code=row["step_code"])
            facts = kept.facts
            assert (row["overdue_minor"], row["penalty_minor"], row["grade"]) == (
                facts["overdue_minor"], facts["penalty_minor"], facts["grade"],
            )  # fmt: skip


def test_a_day_between_two_runs_is_answered_from_the_state_of_the_run_before(run, bill, huatai, tianhe):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    run(days_after(1))
    run(days_after(12))
    between = look(huatai, days_after(5), now=morning(days_after(12)))
    assert taken(between.decisions) == [("TIANHE", "first_call", "TASK")]


def test_an_entity_without_any_policy_is_looked_at_under_the_shipped_one(bill, huatai, tianhe):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    seen = look(huatai, days_after(1))
    assert seen.policy_name == "cn-default"
    assert taken(seen.decisions) == [("TIANHE", "friendly", "NOTICE")]


def test_why_agrees_with_what_was_decided_step_by_step(run, bill, tianhe):
    bill(tianhe, "INV-1", DUE, 6_000_000)
    for day in range(1, 60, 2):
        run(days_after(day))
    for day in range(1, 60, 3):
        _, _, what = look_at_customer(tianhe, days_after(day), now=morning(days_after(90)))
        chosen = what.decisions.filter(pl.col("action") != "SKIPPED")["step_code"].to_list()
        answer = why(tianhe, as_of=days_after(day), now=morning(days_after(90)))
        (position,) = answer.positions
        assert [step.step_code for step in position.steps if step.is_taken] == chosen
        ready = [step for step in position.steps if step.answer == "OUTRANKED"]
        assert not ready or chosen or position.reason == "WAITING", (day, ready)


def test_why_says_in_words_what_happens_next(run, bill, tianhe, owner):
    item = bill(tianhe, "INV-1", DUE, 1_000_000)
    place_hold(
        customer_id=tianhe.pk, kind="DISPUTE", item_id=item.pk, amount_minor=300_000, starts_on=DUE,
        ends_on=days_after(20), reason="数量不符", actor=owner, now=morning(DUE),
    )  # fmt: skip
    run(days_after(1))
    answer = why(tianhe, as_of=days_after(1), now=morning(days_after(1)))
    (position,) = answer.positions
    assert (answer.case_number, answer.grade, answer.risk_marks) == ("CASE-MAIN-2026-000001", "N", ("OVERDUE",))
    assert (position.overdue, position.held, position.pursued) == ("10000.00", "3000.00", "7000.00")
    assert (position.reason, position.next_action, position.next_action_on) == ("DUE", "first_call", days_after(3))
    by_code = {step.step_code: step for step in position.steps}
    assert by_code["friendly"].answer == "TAKEN"
    assert (by_code["first_call"].answer, by_code["first_call"].answer_on) == ("NOT_YET", days_after(3))
    assert by_code["route"].answer == "NOT_YET"
    assert by_code["route"].answer_on is None
    assert "INV-1" in answer.holds[0].words
    assert answer.as_json()["positions"][0]["next_action_on"] == "2026-07-09"


def test_a_name_finds_a_case_a_code_or_a_customer_and_says_when_it_cannot(run, bill, huatai, jinxiu, tianhe):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    run(days_after(1))
    for name in ("case-main-2026-000001", "TIANHE", "tianhe", tianhe.name):
        assert customer_named(name) == tianhe
    with pytest.raises(NobodyOfThatName, match="nobody"):
        customer_named("nobody")
    twin = a_customer(jinxiu, "TIANHE", "天河分公司")
    with pytest.raises(NameNotUnique, match="PROP TIANHE"):
        customer_named("TIANHE")
    assert customer_named("TIANHE", entity_id=jinxiu.pk) == twin
