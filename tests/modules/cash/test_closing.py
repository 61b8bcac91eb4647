"""Money that comes ends what it makes pointless, in the transaction in which it comes."""

from datetime import date, timedelta

import pytest
from django.db import transaction

from huikuan.cases.models import Case, CaseBalance, Task
from huikuan.cash.commands import closing
from huikuan.cash.commands.closing import CLOSED, close_the_loop
from huikuan.cash.commands.receive import receive_money, recognize_money
from huikuan.credit.models import RiskMark
from huikuan.journal.models import Entry
from huikuan.outreach.models import Delivery
from huikuan.policy.commands import place_hold
from huikuan.policy.models import Hold
from huikuan.receivables.models import OpenItem, Receipt
from tests.modules.runs.conftest import bill, morning, policy, run

__all__ = ["bill", "policy", "run"]

pytestmark = pytest.mark.django_db

DUE = date(2026, 7, 6)  # a Monday
LATE = DUE + timedelta(days=4)


@pytest.fixture
def receive(huatai, tianhe, finance):
    """Receive money of Tianhe: receive(10_000, LATE, …)."""

    def come(amount_minor, day, **said):
        said = {"customer_id": tianhe.pk, "reference": f"YH-{Receipt.objects.count() + 1}"} | said
        return receive_money(
            entity_id=huatai.pk, received_on=day, currency="CNY", amount_minor=amount_minor, actor=finance,
            now=morning(day), **said,
        )  # fmt: skip

    return come


def test_full_payment_ends_everything_at_once(run, bill, receive, tianhe):
    item = bill(tianhe, "INV-1", DUE, 1_000_000)
    hold = place_hold(
        customer_id=tianhe.pk, kind=Hold.Kind.DISPUTE, item_id=item.pk, amount_minor=100, starts_on=DUE,
        ends_on=DUE + timedelta(days=20), reason="scratched", actor=None, now=morning(DUE),
    )  # fmt: skip
    for late in (1, 3):
        run(DUE + timedelta(days=late))
    assert Task.objects.filter(done_at=None, cancelled_at=None).exists()
    assert Delivery.objects.filter(state="QUEUED").exists()
    receive(1_000_000, LATE)
    case = Case.objects.get()
    assert (case.closed_on, case.closing) == (LATE, "PAID")
    assert set(Task.objects.values_list("cancel_reason", flat=True)) == {"SETTLED"}
    assert set(Delivery.objects.filter(about="").values_list("state", "last_error")) == {("CANCELLED", "SETTLED")}
    hold.refresh_from_db()
    assert hold.released_on == LATE
    assert not RiskMark.objects.filter(ended_on=None).exists()
    balance = CaseBalance.objects.get()
    assert (balance.overdue_minor, balance.open_minor, balance.item_count) == (0, 0, 0)
    thanks = Delivery.objects.get(template="thank_you")
    assert (thanks.about, thanks.state) == (f"receipt:{Receipt.objects.get().pk}", "QUEUED")
    entry = Entry.objects.get(event=CLOSED)
    assert (entry.facts["settled_item_ids"], entry.facts["case_id"]) == ([item.pk], case.pk)
    assert entry.facts["holds"] == [hold.pk]


def test_part_payment_leaves_the_case_and_says_what_is_left(run, bill, receive, tianhe):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    run(DUE + timedelta(days=3))
    receive(400_000, LATE)
    assert Case.objects.get().closed_on is None
    assert CaseBalance.objects.get().overdue_minor == 600_000
    assert Task.objects.filter(cancelled_at=None).exists()
    assert not Delivery.objects.filter(template="thank_you").exists()
    assert not Entry.objects.filter(event=CLOSED).exists()


def test_paying_what_is_overdue_closes_the_case_and_leaves_the_bill_of_what_is_not_due(run, bill, receive, tianhe):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    bill(tianhe, "INV-2", DUE + timedelta(days=40), 500_000, issued_on=DUE)
    run(DUE + timedelta(days=3))
    receive(1_000_000, LATE)
    assert Case.objects.get().closed_on == LATE
    assert OpenItem.objects.get(number="INV-2").open_minor == 500_000


def test_the_run_of_the_same_day_finds_nothing_left_to_close(run, bill, receive, tianhe):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    run(DUE + timedelta(days=3))
    receive(1_000_000, LATE)
    before = list(Delivery.objects.order_by("pk").values_list("pk", "state"))
    done = run(LATE)
    assert "cases_closed" not in done.counts
    assert list(Delivery.objects.order_by("pk").values_list("pk", "state")) == before
    assert Delivery.objects.filter(template="thank_you", state="QUEUED").count() == 1


def test_whatever_fails_at_the_very_end_leaves_nothing_behind(run, bill, receive, tianhe, monkeypatch):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    run(DUE + timedelta(days=3))
    entries = Entry.objects.count()

    def fails(*_args, **_facts):
        raise ZeroDivisionError

    monkeypatch.setattr(closing, "record", fails)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        receive(1_000_000, LATE)
    assert not Receipt.objects.exists()
    assert Case.objects.get().closed_on is None
    assert OpenItem.objects.get().open_minor == 1_000_000
    assert not Task.objects.exclude(cancelled_at=None).exists()
    assert not Delivery.objects.filter(template="thank_you").exists()
    assert Entry.objects.count() == entries


def test_a_second_closing_ends_nothing(run, bill, receive, tianhe):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    run(DUE + timedelta(days=3))
    receipt = receive(1_000_000, LATE)
    again = close_the_loop(customer_id=tianhe.pk, as_of=LATE, now=morning(LATE), receipt_id=receipt.pk)
    assert again.is_empty
    assert Entry.objects.filter(event=CLOSED).count() == 1


def test_money_of_nobody_ends_nothing_until_it_is_recognized(run, bill, receive, tianhe, finance):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    run(DUE + timedelta(days=3))
    receipt = receive(1_000_000, LATE, customer_id=None)
    assert Case.objects.get().closed_on is None
    recognize_money(receipt_id=receipt.pk, customer_id=tianhe.pk, actor=finance, now=morning(LATE))
    assert Case.objects.get().closed_on == LATE


@pytest.mark.parametrize(
    ("way", "left", "bases"),
    [("ORDER", [900_000, 0, 0], {"DESIGNATED", "STATUTORY"}), ("NONE", [1_000_000, 0, 100_000], {"DESIGNATED"})],
)
def test_what_the_payer_names_is_paid_first(bill, receive, tianhe, way, left, bases):
    first, second = bill(tianhe, "INV-1", DUE, 1_000_000), bill(tianhe, "INV-2", LATE, 1_000_000)
    receipt = receive(1_100_000, LATE, designation="INV-2", allocate=way)
    for row in (first, second, receipt):
        row.refresh_from_db()
    assert [first.open_minor, second.open_minor, receipt.unapplied_minor] == left
    assert set(receipt.allocations.values_list("basis", flat=True)) == bases


def test_amounts_by_hand_are_paid_exactly(bill, receive, tianhe):
    first, second = bill(tianhe, "INV-1", DUE, 1_000_000), bill(tianhe, "INV-2", LATE, 1_000_000)
    receipt = receive(1_000_000, LATE, allocate=[(first.pk, 300_000), (second.pk, 200_000)])
    assert dict(receipt.allocations.values_list("item_id", "amount_minor")) == {first.pk: 300_000, second.pk: 200_000}
    receipt.refresh_from_db()
    assert receipt.unapplied_minor == 500_000


def test_a_postponement_ends_with_its_case_and_a_complaint_does_not(run, bill, receive, tianhe):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    run(DUE + timedelta(days=3))
    for kind in (Hold.Kind.MANUAL, Hold.Kind.COMPLAINT):
        place_hold(
            customer_id=tianhe.pk, kind=kind, starts_on=LATE, ends_on=LATE + timedelta(days=5), reason="asked",
            actor=None, now=morning(LATE),
        )  # fmt: skip
    receive(1_000_000, LATE)
    assert set(Hold.objects.values_list("kind", "released_on")) == {("MANUAL", LATE), ("COMPLAINT", None)}
