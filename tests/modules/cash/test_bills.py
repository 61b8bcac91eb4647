"""Bills of exchange: paid by one is paid until it is dishonored; then everything is as if it had never come."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from huikuan.cases.models import Case, Task
from huikuan.cash.commands.bills import (
    BillDaysWrong,
    BillHolderMissing,
    BillKindContradicts,
    BillNotInState,
    BillTaken,
    Paper,
    move_bill,
    receive_bill,
    remind_of_bills,
)
from huikuan.cash.commands.collecting import LineIsNotTheBill, collect_bill
from huikuan.cash.commands.matching import match_lines
from huikuan.cash.commands.setting_aside import LineNotOpen, take_up
from huikuan.cash.commands.statements import StatementMatched, withdraw_statement
from huikuan.cash.models import SetAside, StatementLine
from huikuan.journal.models import Entry
from huikuan.receivables.models import Bill, BillChange, BillEndorsement, OpenItem, Receipt
from huikuan.receivables.queries.account import account_of
from tests.bank import a_line
from tests.modules.runs.conftest import bill, morning, policy, run

__all__ = ["bill", "policy", "run"]

pytestmark = pytest.mark.django_db

DUE = date(2026, 7, 6)
GOT = DUE + timedelta(days=4)
PAPER = Paper(
    number="1" + "0" * 28 + "7", kind="BANK", drawer="天河电子有限公司", acceptor="建设银行广州分行",
    payee="华泰建材有限公司", amount_minor=1_000_000, issued_on=date(2026, 6, 20), matures_on=date(2026, 10, 20),
    endorsements=[("天河电子有限公司", "华泰建材有限公司")],
)  # fmt: skip


@pytest.fixture
def held(run, bill, tianhe, finance) -> Bill:
    """A bill over the whole of an overdue item, whose case it closed."""
    bill(tianhe, "INV-1", DUE, 1_000_000)
    for late in (1, 3):
        run(DUE + timedelta(days=late))
    return receive_bill(customer_id=tianhe.pk, paper=PAPER, received_on=GOT, actor=finance, now=morning(GOT))


def go(held: Bill, state: str, on: date, **said) -> Bill:
    return move_bill(bill_id=held.pk, state=state, on=on, as_of=on, actor=None, now=morning(on), **said)


def test_a_bill_pays_and_closes_the_case(held):
    item = OpenItem.objects.get(number="INV-1")
    assert (item.open_minor, item.settled_on) == (0, GOT)
    assert Case.objects.get().closed_on == GOT
    assert BillEndorsement.objects.get().endorsee == "华泰建材有限公司"
    assert Entry.objects.get(event="cash.bill-received").facts["number"] == PAPER.number


def test_dishonored_it_is_as_if_it_had_never_come(held, tianhe):
    go(held, "PRESENTED", date(2026, 10, 20))
    refused_on = date(2026, 10, 23)
    found = go(held, "DISHONORED", refused_on, note="insufficient funds")
    item = OpenItem.objects.get(number="INV-1")
    assert (item.open_minor, item.settled_on) == (1_000_000, None)
    assert Case.objects.get().closed_on is None
    assert found.recourse_ends_on == date(2027, 4, 23)
    account = account_of(tianhe.pk, as_of=refused_on)
    assert {each.number: each.days for each in account.items}["INV-1"] == (refused_on - DUE).days
    assert account.balances[0].on_account_minor == 0
    assert [each.state for each in BillChange.objects.order_by("pk")] == ["HELD", "PRESENTED", "DISHONORED"]
    with pytest.raises(BillNotInState):
        go(held, "PAID", refused_on)


def test_paid_is_the_end_and_moves_no_money_twice(held):
    go(held, "PAID", date(2026, 10, 21))
    assert OpenItem.objects.get(number="INV-1").open_minor == 0
    with pytest.raises(BillNotInState):
        go(held, "DISHONORED", date(2026, 10, 22), note="late")


def test_passed_on_it_says_to_whom_and_can_come_back(held):
    with pytest.raises(BillHolderMissing):
        go(held, "ENDORSED", date(2026, 8, 1), holder="钢厂")
    found = go(held, "ENDORSED", date(2026, 8, 1), holder="钢厂", is_with_recourse=True)
    assert BillEndorsement.objects.order_by("position").last().endorsee == "钢厂"
    assert go(found, "DISHONORED", date(2026, 10, 23), note="recourse").state == "DISHONORED"


def test_tasks_are_made_once_and_outlive_the_paid_account(held, run, huatai):
    day = PAPER.matures_on - timedelta(days=7)
    assert remind_of_bills(entity_id=huatai.pk, as_of=day, now=morning(day)) == 1
    assert remind_of_bills(entity_id=huatai.pk, as_of=day, now=morning(day)) == 0
    run(day)
    assert Task.objects.get(step_code="bill_present").cancelled_at is None


@pytest.mark.parametrize(
    ("change", "no"),
    [
        ({"kind": "COMMERCIAL"}, BillKindContradicts),
        ({"matures_on": date(2027, 6, 21)}, BillDaysWrong),
        ({"issued_on": GOT + timedelta(days=1)}, BillDaysWrong),
    ],
)
def test_a_paper_that_cannot_be_is_refused(tianhe, finance, change, no):
    paper = replace(PAPER, **change)
    with pytest.raises(no):
        receive_bill(customer_id=tianhe.pk, paper=paper, received_on=GOT, actor=finance, now=morning(GOT))
    assert not Bill.objects.exists()


def test_a_line_with_the_number_collects_the_bill_and_books_no_money(held, huatai, finance):
    line = a_line(huatai, 1_000_000, f"到期托收 {PAPER.number}", "网上票据清算", on=PAPER.matures_on)
    other = a_line(huatai, 1_000_000, f"到期托收 {PAPER.number}", "网上票据清算", on=PAPER.matures_on)
    now = morning(PAPER.matures_on + timedelta(days=1))
    remind_of_bills(entity_id=huatai.pk, as_of=PAPER.matures_on, now=now)
    task = Task.objects.get(step_code="bill_present")
    dry = match_lines(entity_id=huatai.pk, now=now, dry_run=True)
    assert (dry.lines, dry.collected, SetAside.objects.count()) == (2, 1, 0)
    done = match_lines(entity_id=huatai.pk, now=now)
    held.refresh_from_db()
    task.refresh_from_db()
    assert (done.lines, done.collected, done.automatic) == (2, 1, 0), "the second line is no money of this bill"
    assert (held.state, held.moved_on, task.cancel_reason) == ("PAID", PAPER.matures_on, "SETTLED")
    aside = SetAside.objects.get()
    assert (aside.line, aside.why, aside.bill, aside.reason) == (line, "BILL", held, PAPER.number)
    assert Receipt.objects.get() == held.receipt
    with pytest.raises(StatementMatched):
        withdraw_statement(file_id=line.file_id, actor=finance, now=now)
    take_up(line_id=line.pk, actor=finance, now=now)
    held.refresh_from_db()
    task.refresh_from_db()
    assert (held.state, held.moved_on, task.cancelled_at) == ("HELD", GOT, None)
    again = match_lines(entity_id=huatai.pk, now=now)
    held.refresh_from_db()
    assert (again.collected, held.state) == (1, "PAID"), "by the other line; the first is a person's to decide now"
    assert SetAside.objects.get(ended_at=None).line == other


def test_the_acceptor_alone_is_asked_and_never_booked_as_new_money(held, huatai, tianhe, finance):
    now = morning(PAPER.matures_on + timedelta(days=1))
    a_line(huatai, 1_000_000, "货款", "天河电子有限公司", on=PAPER.matures_on)
    assert match_lines(entity_id=huatai.pk, now=now, dry_run=True).automatic == 1, "nothing speaks of a bill"
    StatementLine.objects.all().delete()
    line = a_line(huatai, 1_000_000, "银承到期", "天河电子有限公司", on=PAPER.matures_on)
    done = match_lines(entity_id=huatai.pk, now=now)
    held.refresh_from_db()
    assert (done.collected, done.automatic, held.state) == (0, 0, "HELD")
    collect_bill(line_id=line.pk, bill_id=held.pk, actor=finance, now=now)
    held.refresh_from_db()
    assert held.state == "PAID"
    with pytest.raises(LineNotOpen):
        collect_bill(line_id=line.pk, bill_id=held.pk, actor=finance, now=now)


def test_a_line_of_another_amount_is_not_the_bill(held, huatai, finance):
    line = a_line(huatai, 999_900, PAPER.number, on=PAPER.matures_on)
    with pytest.raises(LineIsNotTheBill):
        collect_bill(line_id=line.pk, bill_id=held.pk, actor=finance, now=morning(PAPER.matures_on))
    assert not SetAside.objects.exists()


def test_one_bill_is_received_once_and_its_paper_never_changes(held, tianhe, finance):
    with pytest.raises(BillTaken):
        receive_bill(customer_id=tianhe.pk, paper=PAPER, received_on=GOT, actor=finance, now=morning(GOT))
    with pytest.raises(IntegrityError), transaction.atomic():
        Bill.objects.update(amount_minor=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        BillChange.objects.all().delete()
