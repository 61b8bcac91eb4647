"""Money that goes back and credit notes that are withdrawn."""

from datetime import date, timedelta

import pytest

from huikuan.exchange.queries.aging import aging_report
from huikuan.journal.models import Entry
from huikuan.receivables.commands.allocations import NothingToAllocate, Wish, allocate
from huikuan.receivables.commands.credit_notes import book_credit_note
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.commands.receipts import book_receipt, book_unidentified_receipt
from huikuan.receivables.commands.returns import (
    AlreadyReturned,
    PayerUnknown,
    ReturnTooEarly,
    return_receipt,
    withdraw_credit_note,
)
from huikuan.receivables.models import OpenItem
from tests.people import NOON, TODAY

DUE = TODAY - timedelta(days=10)
PAID = TODAY - timedelta(days=4)


@pytest.fixture
def invoice(tianhe, finance):
    return book_item(
        customer_id=tianhe.pk, number="INV-1", amount_minor=100_00, issued_on=DUE, due_on=DUE, actor=finance, now=NOON
    )


@pytest.fixture
def payment(tianhe, finance, invoice):
    return book_receipt(
        customer_id=tianhe.pk, reference="BANK-1", received_on=PAID, amount_minor=60_00, item_number="INV-1",
        actor=finance, now=NOON,
    )  # fmt: skip


def stood_on(customer, day):
    rows = aging_report(as_of=day, by="customer", entity_ids=[customer.entity_id]).rows
    return sum(row.total_minor for row in rows), sum(row.on_account_minor for row in rows)


def test_a_returned_payment_leaves_the_debt_and_nothing_on_account(tianhe, finance, payment):
    way_out = return_receipt(receipt_id=payment.pk, actor=finance, now=NOON, reason="退票", returned_on=TODAY)
    assert (way_out.number, way_out.kind, way_out.open_minor) == ("BANK-1-RETURN", "DEBIT_NOTE", 0)
    assert stood_on(tianhe, TODAY) == (100_00, 0)
    payment.refresh_from_db()
    assert payment.unapplied_minor == 0
    with pytest.raises(NothingToAllocate):
        allocate(receipt_id=payment.pk, actor=finance, now=NOON)


def test_the_past_stays_as_it_was(tianhe, finance, payment):
    return_receipt(receipt_id=payment.pk, actor=finance, now=NOON, reason="退票", returned_on=TODAY)
    assert stood_on(tianhe, TODAY - timedelta(days=1)) == (40_00, 0)
    assert stood_on(tianhe, PAID - timedelta(days=1)) == (100_00, 0)


def test_money_on_account_goes_back_as_well(tianhe, finance, invoice):
    receipt = book_receipt(
        customer_id=tianhe.pk, reference="BANK-2", received_on=PAID, amount_minor=130_00,
        wish=Wish(designated=[invoice.pk], only_designated=True), actor=finance, now=NOON,
    )  # fmt: skip
    assert stood_on(tianhe, TODAY) == (0, -30_00)
    return_receipt(receipt_id=receipt.pk, actor=finance, now=NOON, reason="误付", returned_on=TODAY)
    assert stood_on(tianhe, TODAY) == (100_00, 0)


def test_a_withdrawn_credit_note_reduces_nothing_any_more(tianhe, finance, invoice):
    note = book_credit_note(
        customer_id=tianhe.pk, number="CN-1", issued_on=PAID, amount_minor=100_00, wish=Wish(designated=[invoice.pk]),
        actor=finance, now=NOON,
    )  # fmt: skip
    assert stood_on(tianhe, TODAY) == (0, 0)
    withdraw_credit_note(credit_note_id=note.pk, actor=finance, now=NOON, reason="开错", withdrawn_on=TODAY)
    assert stood_on(tianhe, TODAY) == (100_00, 0)
    assert Entry.objects.filter(event="receivables.credit-note-withdrawn").count() == 1


def test_it_goes_back_once(tianhe, finance, payment):
    return_receipt(receipt_id=payment.pk, actor=finance, now=NOON, reason="退票")
    with pytest.raises(AlreadyReturned, match="BANK-1"):
        return_receipt(receipt_id=payment.pk, actor=finance, now=NOON, reason="退票")
    assert OpenItem.objects.filter(number__endswith="-RETURN").count() == 1
    assert stood_on(tianhe, TODAY) == (100_00, 0)


def test_it_does_not_go_back_before_it_came(finance, payment):
    with pytest.raises(ReturnTooEarly):
        return_receipt(
            receipt_id=payment.pk, actor=finance, now=NOON, reason="退票", returned_on=PAID - timedelta(days=1)
        )
    payment.refresh_from_db()
    assert payment.unapplied_minor == 0
    assert not OpenItem.objects.filter(number__endswith="-RETURN").exists()


def test_a_payment_of_tomorrow_goes_back_on_its_day(tianhe, finance, invoice):
    coming = book_receipt(
        customer_id=tianhe.pk, reference="BANK-3", received_on=TODAY + timedelta(days=5), amount_minor=100_00,
        item_number="INV-1", actor=finance, now=NOON,
    )  # fmt: skip
    way_out = return_receipt(receipt_id=coming.pk, actor=finance, now=NOON, reason="取消")
    assert way_out.issued_on == TODAY + timedelta(days=5)
    assert stood_on(tianhe, date(2026, 12, 31)) == (100_00, 0)


def test_money_of_nobody_cannot_go_back_to_anybody(huatai, finance):
    unknown = book_unidentified_receipt(
        entity_id=huatai.pk, reference="BANK-9", received_on=PAID, amount_minor=5_00, actor=finance, now=NOON
    )
    with pytest.raises(PayerUnknown):
        return_receipt(receipt_id=unknown.pk, actor=finance, now=NOON, reason="退回")
