"""The day again, the day missed, the day interrupted: twice is once, and nothing is lost."""

from datetime import date, timedelta

import pytest

from huikuan.cases.models import Case, Task
from huikuan.exchange.queries.aging import aging_report
from huikuan.runs import refusals
from huikuan.runs.commands.run import run_day
from huikuan.runs.models import Decision, Run
from huikuan.storage.transactions import only_one
from tests.modules.runs.conftest import morning
from tests.modules.runs.state import content

pytestmark = pytest.mark.django_db

DUE = date(2026, 7, 6)  # a Monday


def days_after(count):
    return DUE + timedelta(days=count)


def steps(**wanted):
    return list(Decision.objects.filter(**wanted).order_by("decided_on", "pk").values_list("step_code", "action"))


def test_twice_is_once(run, bill, tianhe, binhai):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    bill(tianhe, "INV-2", days_after(4), 500_000)
    bill(binhai, "INV-3", DUE, 70_000)
    run(days_after(1))
    before = content()
    again = run(days_after(1))
    assert content() == before
    assert again.counts == Run.objects.get().counts


def test_what_comes_in_after_the_run_is_taken_up_when_the_day_is_run_again(run, bill, tianhe, binhai):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    run(days_after(1))
    bill(binhai, "INV-2", DUE, 300_000)
    run(days_after(1))
    assert steps(customer=tianhe) == [("friendly", "NOTICE")]
    assert steps(customer=binhai) == [("friendly", "NOTICE")]
    assert Run.objects.get().counts["decisions"] == 2


def test_days_without_a_run_bring_the_latest_step_only(run, bill, tianhe):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    run(days_after(1))
    run(days_after(12))
    assert steps(decided_on=days_after(12)) == [
        ("first_call", "SKIPPED"),
        ("follow_up_call", "SKIPPED"),
        ("offer", "BOTH"),
    ]
    assert Task.objects.filter(created_at=morning(days_after(12))).count() == 1


def test_an_upcoming_moment_on_a_day_without_a_run_is_caught_up(run, bill, tianhe):
    bill(tianhe, "INV-1", days_after(4), 1_000_000, booked_at=morning(date(2026, 7, 1)))
    run(DUE)  # the moment, three days before, is tomorrow
    assert steps() == []
    run(days_after(3))
    assert steps() == [("reminder", "NOTICE")]
    assert Decision.objects.get().case is None
    assert Decision.objects.get().spell_on == days_after(3)


def test_what_is_refused(run, huatai, bill, tianhe):
    with pytest.raises(refusals.EngineUnknown, match="local"):
        run(DUE, engine="abacus")
    run(DUE)
    with pytest.raises(refusals.DayAlreadyPassed, match="2026-07-06"):
        run(days_after(-1))
    with pytest.raises(refusals.DayTooFarAhead):
        run_day(entity_id=huatai.pk, as_of=days_after(30), now=morning(DUE))
    assert Run.objects.count() == 1


def test_without_a_policy_nobody_is_contacted(huatai, bill, tianhe):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    with pytest.raises(refusals.NoPolicyInForce, match="MAIN"):
        run_day(entity_id=huatai.pk, as_of=days_after(1), now=morning(days_after(1)))
    assert not Run.objects.exists()


@pytest.mark.parametrize("chunk_items", [1, 2, 1000])
def test_the_size_of_the_chunks_does_not_matter(run, bill, huatai, owner, chunk_items):
    from tests.people import a_customer  # noqa: PLC0415

    for number in range(5):
        customer = a_customer(huatai, f"C{number}", f"客户{number}", email=f"c{number}@example.com", collector=owner)
        for item in range(number):
            bill(customer, f"INV-{number}-{item}", days_after(-item), 100_000 * (item + 1))
    done = run(days_after(3), chunk_items=chunk_items)
    assert done.counts["items"] == 10
    assert done.counts["cases_opened"] == 4
    assert list(Case.objects.order_by("customer").values_list("number", flat=True)) == [
        f"CASE-MAIN-2026-00000{n}" for n in range(1, 5)
    ]


@pytest.mark.django_db(transaction=True)
def test_a_second_run_at_the_same_time_is_refused(run, huatai, tianhe, bill):
    from threading import Thread  # noqa: PLC0415

    from django.db import connection  # noqa: PLC0415

    bill(tianhe, "INV-1", DUE, 1_000_000)
    answers = []

    def another():
        try:
            run(days_after(1))
        except refusals.RunInProgress as refusal:
            answers.append(refusal)
        finally:
            connection.close()

    with only_one(f"run/{huatai.pk}") as is_ours:
        assert is_ours
        thread = Thread(target=another)
        thread.start()
        thread.join()
    assert [type(answer) for answer in answers] == [refusals.RunInProgress]
    assert not Run.objects.exists()
    run(days_after(1))
    assert Run.objects.get().state == "DONE"


def test_a_run_that_fails_says_so_and_is_taken_up_again(run, bill, tianhe, monkeypatch):
    bill(tianhe, "INV-1", DUE, 1_000_000)

    def broken(*_args):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr("huikuan.runs.commands.chunk.write", broken)
        with pytest.raises(MemoryError):
            run(days_after(1))
    assert Run.objects.get().state == "FAILED"
    assert not Case.objects.exists()
    assert run(days_after(1)).state == "DONE"
    assert steps() == [("friendly", "NOTICE")]


def test_an_unfinished_day_is_finished_before_the_next_one_begins(run, bill, tianhe, monkeypatch):
    bill(tianhe, "INV-1", days_after(4), 1_000_000)

    def broken(*_args):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr("huikuan.runs.commands.chunk.write", broken)
        with pytest.raises(MemoryError):
            run(days_after(1))  # three days before the item is due: the reminder's moment
    run(days_after(2))
    assert list(Run.objects.order_by("as_of").values_list("as_of", "state")) == [
        (days_after(1), "DONE"), (days_after(2), "DONE"),
    ]  # fmt: skip
    assert steps(decided_on=days_after(1)) == [("reminder", "NOTICE")]
    assert steps(decided_on=days_after(2)) == []


@pytest.mark.parametrize("chunk_items", [1, 200_000])
def test_the_run_keeps_what_was_open_on_its_day(chunk_items, run, bill, pay, tianhe, binhai):
    late = bill(tianhe, "INV-1", DUE, 1_000_000)
    bill(binhai, "INV-2", days_after(40), 70_000)
    bill(binhai, "INV-3", days_after(60), 5_000, issued_on=days_after(50))
    pay(tianhe, days_after(10), 250_000, late)
    pay(binhai, days_after(10), 3_000)
    run(days_after(35), chunk_items=chunk_items)
    kept = Run.objects.get().aging
    assert kept["currencies"] == {
        "CNY": {
            "items": 2, "total": 820_000, "buckets": [70_000, 0, 750_000, 0, 0, 0, 0], "over_30": 750_000,
            "due_soon": 70_000, "on_account": 3_000,
        },
    }  # fmt: skip
    assert [row.total_minor for row in aging_report(as_of=days_after(35), by="currency").totals] == [820_000]
    pay(tianhe, days_after(35), 750_000, late)
    run(days_after(35), chunk_items=chunk_items)
    assert Run.objects.get().aging["currencies"]["CNY"]["total"] == 70_000, "the day again is the day anew"
