"""Import receipts: money on its day, on the item that the payer named, else on account."""

from datetime import UTC, date, datetime

import pytest

from huikuan.exchange.queries.aging import aging_report
from huikuan.parties.models import Customer
from huikuan.receivables.models import Allocation, OpenItem, Receipt
from tests.modules.exchange.conftest import codes, counts, remarks

HEAD = "reference,customer_code,received_on,amount,currency,item_number,payer_name\n"
ITEMS = (
    "number,customer_code,issued_on,due_on,amount\n"
    "X,TIANHE,2026-01-10,2026-02-09,100\nY,TIANHE,2026-01-10,2026-03-09,50\n"
)
LATER = datetime(2026, 7, 11, 4, 0, tzinfo=UTC)


@pytest.fixture
def items(importing, tianhe):
    importing("items", ITEMS)


def held():
    return {item.number: item.open_minor for item in OpenItem.objects.all()}


def test_money_pays_the_item_that_was_named(importing, items):
    outcome = importing("receipts", HEAD + "R1,TIANHE,2026-02-01,40,,X,天河电子\n")
    assert (counts(outcome), outcome.allocated) == ((1, 0, 0, 0), 1)
    assert held() == {"X": 60_00, "Y": 50_00}
    made = Allocation.objects.get()
    assert (made.basis, made.effective_on, made.amount_minor) == ("DESIGNATED", date(2026, 2, 1), 40_00)
    receipt = Receipt.objects.get()
    assert (receipt.payer_name, receipt.unapplied_minor, receipt.designation) == ("天河电子", 0, "X")


def test_the_same_file_twice_changes_nothing(importing, items):
    text = HEAD + "R1,TIANHE,2026-02-01,40,,X,\nR2,TIANHE,2026-02-02,5,,,\n"
    importing("receipts", text, allocate=True)
    before = held()
    again = importing("receipts", text, allocate=True, now=LATER)
    assert (counts(again), again.allocated, held()) == ((0, 0, 2, 0), 0, before)
    assert Allocation.objects.count() == 2


def test_money_without_a_name_stays_on_account_unless_asked(importing, items):
    importing("receipts", HEAD + "R1,TIANHE,2026-02-01,120,,,\n")
    assert held() == {"X": 100_00, "Y": 50_00}
    assert Receipt.objects.get().unapplied_minor == 120_00


def test_when_asked_it_pays_by_the_order_oldest_due_first(importing, items):
    outcome = importing("receipts", HEAD + "R1,TIANHE,2026-02-01,120,,,\n", allocate=True)
    assert held() == {"X": 0, "Y": 30_00}
    assert outcome.allocated == 2


def test_more_than_the_item_needs_stays_on_account_and_is_told(importing, items):
    outcome = importing("receipts", HEAD + "R1,TIANHE,2026-02-01,70,,X,\nR2,TIANHE,2026-02-02,70,,X,\n")
    assert held()["X"] == 0
    assert list(Receipt.objects.order_by("reference").values_list("unapplied_minor", flat=True)) == [0, 40_00]
    assert remarks(outcome) == [(3, "item_number", "more-than-open")]


def test_money_before_the_invoice_counts_for_it_from_its_issue_on(importing, items):
    importing("receipts", HEAD + "R1,TIANHE,2026-01-05,40,,X,\n")
    assert Allocation.objects.get().effective_on == date(2026, 1, 10)
    row = aging_report(as_of=date(2026, 1, 7)).rows[0]
    assert (row.total_minor, row.on_account_minor) == (0, -40_00)


TRAPS = [
    ("R1,NOBODY,2026-02-01,40,,,", "customer_code", "customer-unknown"),
    ("R1,TIANHE,2026-02-01,40,,Z,", "item_number", "item-unknown"),
    ("R1,BINHAI,2026-02-01,40,,X,", "item_number", "item-of-other"),
    ("R1,TIANHE,2026-02-01,40,USD,X,", "item_number", "item-in-other-currency"),
    ("R1,TIANHE,2026-02-01,-40,,,", "amount", "amount-not-positive"),
    ("R1,TIANHE,,40,,,", "received_on", "value-missing"),
    (",TIANHE,2026-02-01,40,,,", "reference", "value-missing"),
    ("R1,,2026-02-01,40,,,", "customer_code", "value-missing"),
]


@pytest.mark.parametrize(("row", "field", "code"), TRAPS)
def test_bad_rows(importing, items, binhai, row, field, code):
    outcome = importing("receipts", HEAD + row + "\nGOOD,TIANHE,2026-02-01,1,,,\n")
    assert (codes(outcome), counts(outcome)) == ([(2, field, code)], (1, 0, 0, 1))


def test_a_booked_receipt_is_never_overwritten(importing, items):
    importing("receipts", HEAD + "R1,TIANHE,2026-02-01,40,,,\n")
    outcome = importing("receipts", HEAD + "R1,TIANHE,2026-02-01,41,,,\n")
    assert codes(outcome) == [(2, "amount", "booked-otherwise")]
    assert Receipt.objects.get().amount_minor == 40_00


def test_money_of_an_unknown_payer_is_booked_and_told(importing, items):
    outcome = importing("receipts", HEAD + "R1,?,2026-02-01,40,,,某某公司\n")
    assert remarks(outcome) == [(2, "customer_code", "payer-unknown")]
    assert Receipt.objects.get().customer is None
    Receipt.objects.update(customer=Customer.objects.get())
    assert counts(importing("receipts", HEAD + "R1,?,2026-02-01,40,,,某某公司\n")) == (0, 0, 1, 0)
