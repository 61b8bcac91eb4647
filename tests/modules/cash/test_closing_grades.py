"""A case that closes refreshes the customer's grade, exactly as the run would, and takes back what was proposed."""

from datetime import date, timedelta

import pytest

from huikuan.arrangements.commands.planning import accept_plan, draft_plan, propose_plan
from huikuan.arrangements.rules.schedule import Shape
from huikuan.cases.models import Case, Task
from huikuan.cash.commands.closing import CLOSED
from huikuan.cash.commands.receive import receive_money
from huikuan.cash.commands.reverse import Why, reverse_money
from huikuan.credit.commands import override_grade
from huikuan.credit.models import Grade, RiskMark
from huikuan.credit.queries import grade_panel
from huikuan.desk.queries.grade import explained
from huikuan.journal.models import Entry
from huikuan.receivables.commands.allocations import BY_THE_ORDER
from huikuan.receivables.commands.receipts import book_receipt
from huikuan.receivables.models import Receipt
from tests.modules.runs.conftest import bill, morning, policy, run

__all__ = ["bill", "policy", "run"]

pytestmark = pytest.mark.django_db

DUE = date(2026, 3, 2)
LATE = DUE + timedelta(days=100)


@pytest.fixture
def overdue(run, bill, finance, tianhe, binhai):
    """Two customers with the same record, mostly good, and the same debt, 100 days late: C for that alone."""
    for customer in (tianhe, binhai):
        customer.size_class, customer.industry, customer.business_since = "MEDIUM", "TRADE", date(2015, 1, 1)
        customer.save()
        for each in range(10):
            bill(customer, f"{customer.code}-{each}", DUE, 100_000)
        book_receipt(
            customer_id=customer.pk, reference=f"{customer.code}-good", received_on=DUE, amount_minor=1_000_000,
            actor=finance, now=morning(DUE), currency="CNY", wish=BY_THE_ORDER,
        )  # fmt: skip
        bill(customer, f"{customer.code}-bad", DUE, 300_000)
    for days in (3, 100):
        run(DUE + timedelta(days=days))
    assert set(_letters()) == {(tianhe.pk, "C"), (binhai.pk, "C")}


def _letters() -> list[tuple[int, str]]:
    return list(Grade.objects.filter(ended_on=None).values_list("customer_id", "letter"))


def _paid(customer, finance, amount_minor=300_000) -> Receipt:
    return receive_money(
        entity_id=customer.entity_id, customer_id=customer.pk, reference=f"YH-{Receipt.objects.count()}",
        received_on=LATE, currency="CNY", amount_minor=amount_minor, actor=finance, now=morning(LATE),
    )  # fmt: skip


def test_closing_grades_as_the_run_does(overdue, run, finance, tianhe, binhai):
    _paid(tianhe, finance)
    refreshed = Grade.objects.get(customer=tianhe, ended_on=None)
    assert refreshed.begun_on == LATE
    assert refreshed.letter != "C"
    assert Entry.objects.get(event=CLOSED).facts["grade"] == refreshed.letter
    book_receipt(  # no closing: the run finds it
        customer_id=binhai.pk, reference="YH-R", received_on=LATE, amount_minor=300_000, actor=finance,
        now=morning(LATE), currency="CNY", wish=BY_THE_ORDER,
    )  # fmt: skip
    run(LATE)
    by_run = Grade.objects.get(customer=binhai, ended_on=None)
    said = ("letter", "score", "explanation", "begun_on")
    assert [getattr(refreshed, name) for name in said] == [getattr(by_run, name) for name in said]
    run(LATE + timedelta(days=1))
    assert Grade.objects.get(customer=tianhe, ended_on=None) == refreshed


def test_a_grade_by_hand_stays(overdue, finance, tianhe):
    override_grade(
        customer_id=tianhe.pk, letter="C", reason="court case", starts_on=LATE, ends_on=LATE + timedelta(days=30),
        actor=finance, now=morning(LATE),
    )  # fmt: skip
    _paid(tianhe, finance)
    assert Grade.objects.get(customer=tianhe, ended_on=None).letter == "C"
    assert Entry.objects.get(event=CLOSED).facts["grade"] == ""


def test_part_of_the_money_changes_no_grade(overdue, finance, tianhe):
    _paid(tianhe, finance, 100_000)
    assert Grade.objects.get(customer=tianhe, ended_on=None).letter == "C"


def test_money_that_goes_back_brings_the_grade_back(overdue, finance, tianhe):
    receipt = _paid(tianhe, finance)
    reverse_money(receipt_id=receipt.pk, why=Why.BOUNCED, reason="returned", actor=finance, now=morning(LATE))
    assert Grade.objects.get(customer=tianhe, ended_on=None).letter == "C"


def test_the_proposal_to_stop_deliveries_is_taken_back(overdue, finance, tianhe):
    RiskMark.objects.get_or_create(customer=tianhe, kind="STOP_ORDERS", ended_on=None, defaults={
        "begun_on": DUE, "facts": {},
    })  # fmt: skip
    case = Case.objects.get(customer=tianhe)
    task = Task.objects.create(  # as the step "high_risk" of the default policy makes it
        key="task/high-risk", entity=tianhe.entity, customer=tianhe, case=case, kind=Task.Kind.REVIEW,
        step_code="high_risk", currency="CNY", due_on=LATE, created_at=morning(LATE),
    )  # fmt: skip
    _paid(tianhe, finance)
    task.refresh_from_db()
    assert task.cancel_reason == "SETTLED"
    assert Entry.objects.get(event=CLOSED).facts["proposals"] == [task.pk]
    assert not RiskMark.objects.filter(customer=tianhe, ended_on=None).exists()


def _good_payer(customer, finance, bill):
    """Ten items paid on the day, and one that is three days late when the plan is agreed."""
    customer.size_class, customer.industry, customer.business_since = "MEDIUM", "TRADE", date(2015, 1, 1)
    customer.save()
    _pays_in_time(customer, finance, bill, DUE)
    bill(customer, f"{customer.code}-late", DUE, 300_000)


def _pays_in_time(customer, finance, bill, day):
    for each in range(10):
        bill(customer, f"{customer.code}-{day}-{each}", day, 100_000)
    book_receipt(
        customer_id=customer.pk, reference=f"{customer.code}-{day}", received_on=day, amount_minor=1_000_000,
        actor=finance, now=morning(day), currency="CNY", wish=BY_THE_ORDER,
    )  # fmt: skip


def _agrees(customer, finance, on):
    """Two parts, the first ten days later."""
    shape = Shape(2, on + timedelta(days=10), first_ppm=500_000)
    plan = draft_plan(
        customer_id=customer.pk, currency="CNY", shape=shape, as_of=on, actor=finance, now=morning(on)
    )  # fmt: skip
    propose_plan(plan_id=plan.pk, as_of=on, actor=finance, now=morning(on))
    accept_plan(plan_id=plan.pk, how="SIGNATURE", evidence="signed.pdf", as_of=on, actor=finance, now=morning(on))


def _grade(customer) -> tuple[str, str, str | None]:
    grade = Grade.objects.get(customer=customer, ended_on=None)
    return grade.letter, grade.explanation["knocked_out_by"], grade.explanation["facts"]["plan_broken_on"]


def test_a_broken_plan_costs_the_grade_for_a_year_whether_paid_or_not(run, bill, finance, tianhe, binhai):
    for customer in (tianhe, binhai):
        _good_payer(customer, finance, bill)
    agreed_on, broken_on = DUE + timedelta(days=3), DUE + timedelta(days=24)
    run(agreed_on)
    assert _grade(tianhe) == ("A", "", None)
    _agrees(tianhe, finance, agreed_on)
    run(broken_on)
    knocked = ("C", "broken_plan_months", broken_on.isoformat())
    assert _grade(tianhe) == knocked
    assert _grade(binhai)[0] != "C"  # the same debt, and no word broken
    said = explained(grade_panel(tianhe.pk, as_of=broken_on)).knocked_out
    assert said == f"an installment plan was broken on {broken_on}"
    _paid(tianhe, finance)  # the case closes, by the same rule: it stays
    assert Entry.objects.get(event=CLOSED, customer_id=tianhe.pk).facts["grade"] == ""
    assert _grade(tianhe) == knocked
    _pays_in_time(tianhe, finance, bill, broken_on + timedelta(days=300))
    for days, letter in ((364, "C"), (365, "B")):  # B: what it paid late
        day = broken_on + timedelta(days=days)
        bill(tianhe, f"LATER-{days}", day, 100_000, issued_on=day - timedelta(days=5))
        run(day)
        assert _grade(tianhe)[0] == letter


def test_money_in_time_that_is_booked_late_gives_the_grade_back(run, bill, finance, tianhe):
    _good_payer(tianhe, finance, bill)
    agreed_on, broken_on = DUE + timedelta(days=3), DUE + timedelta(days=24)
    run(agreed_on)
    _agrees(tianhe, finance, agreed_on)
    run(broken_on)
    assert _grade(tianhe)[0] == "C"
    receive_money(
        entity_id=tianhe.entity_id, customer_id=tianhe.pk, reference="late file", received_on=agreed_on,
        currency="CNY", amount_minor=160_000, actor=finance, now=morning(broken_on),
    )  # fmt: skip
    run(broken_on + timedelta(days=1))
    assert _grade(tianhe) == ("A", "", None)
