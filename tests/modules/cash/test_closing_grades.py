"""A case that closes refreshes the customer's grade, exactly as the run would, and takes back what was proposed."""

from datetime import date, timedelta

import pytest

from huikuan.cases.models import Case, Task
from huikuan.cash.commands.closing import CLOSED
from huikuan.cash.commands.receive import receive_money
from huikuan.cash.commands.reverse import Why, reverse_money
from huikuan.credit.commands import override_grade
from huikuan.credit.models import Grade, RiskMark
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
