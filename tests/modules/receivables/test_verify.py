"""The ledger added up again finds what was changed behind its back, and puts it right."""

from datetime import date

import pytest
from django.db import connection

from huikuan.journal.models import Entry
from huikuan.receivables.commands.allocations import Wish
from huikuan.receivables.commands.credit_notes import book_credit_note
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.commands.receipts import book_receipt
from huikuan.receivables.commands.repair import repair_ledger
from huikuan.receivables.models import CreditNote, CustomerHistory, OpenItem, PaymentMonth, Receipt
from huikuan.receivables.queries.verify import verify
from huikuan.storage import triggers
from tests.people import NOON


@pytest.fixture(autouse=True)
def _books(tianhe, binhai, finance):
    doing = {"actor": finance, "now": NOON}
    for customer, number in ((tianhe, "FP-1"), (tianhe, "FP-2"), (binhai, "FP-3")):
        book_item(customer_id=customer.pk, number=number, issued_on=date(2026, 1, 1), due_on=date(2026, 1, 31),
                  amount_minor=5000, **doing)  # fmt: skip
    book_receipt(
        customer_id=tianhe.pk, reference="YH-1", received_on=date(2026, 3, 1), amount_minor=6000, wish=Wish(), **doing
    )
    book_credit_note(
        customer_id=tianhe.pk, number="GZ-1", issued_on=date(2026, 3, 2), amount_minor=300, wish=Wish(), **doing
    )


def test_books_that_were_kept_by_the_commands_add_up():
    report = verify()
    assert (report.is_right, report.item_count, report.allocation_count) == (True, 3, 3 + 1)


TAMPERINGS = {
    "receivables_openitem": lambda: OpenItem.objects.filter(number="FP-3").update(open_minor=4999),
    "receivables_receipt": lambda: Receipt.objects.update(unapplied_minor=1),
    "receivables_creditnote": lambda: CreditNote.objects.update(unapplied_minor=1),
    "receivables_paymentmonth": lambda: PaymentMonth.objects.update(settled_count=7),
    "receivables_customerhistory": lambda: CustomerHistory.objects.filter(customer__code="BINHAI").delete(),
    "settled_penalty_minor": lambda: OpenItem.objects.filter(number="FP-1").update(settled_penalty_minor=1),
}


@pytest.mark.parametrize("kind", TAMPERINGS)
def test_what_was_changed_by_hand_is_found_and_put_right(kind, administrator):
    # One of the two items was paid in full by proportion; settle the books so that every kind has something to lose.
    settle_everything(administrator)
    TAMPERINGS[kind]()
    report = verify()
    assert list(report.differences) == [kind]
    assert report.differences[kind] >= 1
    assert repair_ledger(actor=administrator, now=NOON).is_right
    assert Entry.objects.get(event="receivables.ledger-repaired").facts["differences"] == report.differences
    assert verify().is_right


def settle_everything(actor):
    customer = OpenItem.objects.filter(number="FP-1").get().customer
    book_receipt(customer_id=customer.pk, reference="YH-2", received_on=date(2026, 4, 1), amount_minor=9000,
                 wish=Wish(), actor=actor, now=NOON)  # fmt: skip
    assert OpenItem.objects.filter(number="FP-1", open_minor=0).exists()


def test_a_second_repair_finds_nothing(administrator):
    repair_ledger(actor=administrator, now=NOON)
    assert not Entry.objects.filter(event="receivables.ledger-repaired").exists()


def test_a_settlement_day_that_does_not_fit_is_found(administrator):
    settle_everything(administrator)
    OpenItem.objects.filter(number="FP-1").update(settled_on=date(2026, 1, 1))
    assert "receivables_openitem" in verify().differences
    assert repair_ledger(actor=administrator, now=NOON).is_right


@pytest.mark.django_db(transaction=True)
def test_an_impossible_past_is_found_and_left_to_a_person(administrator):
    """A reversal that counts before what it reverses makes the item owe more than its amount for a while."""
    triggers.remove(connection)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO receivables_allocation
                   (item_id, receipt_id, currency, amount_minor, effective_on, basis, reverses_id, reason, booked_at)
                   SELECT item_id, receipt_id, currency, -amount_minor, '2026-02-01', basis, id, '', booked_at
                   FROM receivables_allocation WHERE receipt_id IS NOT NULL"""
            )
    finally:
        triggers.install(connection)
    report = repair_ledger(actor=administrator, now=NOON)
    assert set(report.differences) == {"balance_of_the_past"}
    assert report.examples["balance_of_the_past"] == ["FP-1", "FP-2"]
