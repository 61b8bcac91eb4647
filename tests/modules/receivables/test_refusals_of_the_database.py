"""What can never be true is refused by the database itself, whatever path it comes by."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from huikuan.receivables.commands.credit_notes import book_credit_note
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.commands.receipts import book_receipt, book_unidentified_receipt
from huikuan.receivables.models import Allocation, OpenItem, Receipt
from huikuan.storage import triggers
from tests.people import NOON

JANUARY = date(2026, 1, 20)


@pytest.fixture
def doing(finance):
    return {"actor": finance, "now": NOON}


@pytest.fixture
def invoice(tianhe, doing):
    return book_item(customer_id=tianhe.pk, number="FP-1", amount_minor=1000, issued_on=date(2026, 1, 1), **doing)


@pytest.fixture
def money(tianhe, doing):
    return book_receipt(customer_id=tianhe.pk, reference="YH-1", amount_minor=5000, received_on=JANUARY, **doing)


def direct(item, source, minor, **fields):
    """Insert an allocation with nothing but the ORM."""
    side = {"receipt": source} if isinstance(source, Receipt) else {"credit_note": source}
    with transaction.atomic():
        return Allocation.objects.create(
            **({"item": item, "currency": item.currency, "amount_minor": minor, "effective_on": JANUARY,
                "basis": "MANUAL", "booked_at": NOON} | side | fields)
        )  # fmt: skip


def refused(match=None):
    return pytest.raises(IntegrityError, match=match)


def test_more_than_the_item(invoice, money):
    with refused("item_open_between_zero_and_amount"):
        direct(invoice, money, 1001)
    direct(invoice, money, 1000)
    with refused("item_open_between_zero_and_amount"):
        direct(invoice, money, 1)


def test_more_than_the_money(money, tianhe, doing):
    large = book_item(customer_id=tianhe.pk, number="FP-2", amount_minor=9000, issued_on=date(2026, 1, 1), **doing)
    with refused("receipt_unapplied_between_zero_and_amount"):
        direct(large, money, 5001)


def test_more_than_the_credit_note(tianhe, doing):
    large = book_item(customer_id=tianhe.pk, number="FP-2", amount_minor=9000, issued_on=date(2026, 1, 1), **doing)
    note = book_credit_note(customer_id=tianhe.pk, number="GZ-1", amount_minor=100, issued_on=JANUARY, **doing)
    with refused("credit_note_unapplied_between_zero_and_amount"):
        direct(large, note, 101)


def test_another_currency(invoice, money, tianhe, doing):
    dollars = book_receipt(customer_id=tianhe.pk, reference="YH-2", amount_minor=5000, received_on=JANUARY,
                           currency="USD", **doing)  # fmt: skip
    for source, currency in ((dollars, "CNY"), (dollars, "USD"), (money, "USD")):
        with refused("allocation_one_currency_and_customer"):
            direct(invoice, source, 1, currency=currency)


def test_another_customer(invoice, binhai, huatai, doing):
    foreign = book_receipt(customer_id=binhai.pk, reference="YH-2", amount_minor=5000, received_on=JANUARY, **doing)
    nobodys = book_unidentified_receipt(
        entity_id=huatai.pk, reference="YH-3", amount_minor=5000, received_on=JANUARY, **doing
    )
    for source in (foreign, nobodys):
        with refused("allocation_one_currency_and_customer"):
            direct(invoice, source, 1)


def test_two_sources_or_none(invoice, money, tianhe, doing):
    note = book_credit_note(customer_id=tianhe.pk, number="GZ-1", amount_minor=100, issued_on=JANUARY, **doing)
    with refused():
        direct(invoice, money, 1, credit_note=note)
    with refused():
        direct(invoice, money, 1, receipt=None)


def test_an_amount_below_zero_that_reverses_nothing(invoice, money):
    for wrong in (-1, 0):
        with refused("allocation_sign_fits_reversal"):
            direct(invoice, money, wrong)


def test_a_reversal_that_is_no_mirror(invoice, money, tianhe, doing):
    paid = direct(invoice, money, 600)
    other = book_receipt(customer_id=tianhe.pk, reference="YH-2", amount_minor=5000, received_on=JANUARY, **doing)
    with refused("allocation_reversal_mirrors_original"):
        direct(invoice, money, -599, reverses=paid)
    with refused("allocation_reversal_mirrors_original"):
        direct(invoice, other, -600, reverses=paid)
    with refused("allocation_sign_fits_reversal|allocation_reversal_mirrors_original"):
        direct(invoice, money, 600, reverses=paid)
    direct(invoice, money, -600, reverses=paid)
    with refused():
        direct(invoice, money, -600, reverses=paid)
    invoice.refresh_from_db()
    assert invoice.open_minor == 1000


def test_an_allocation_is_never_changed_nor_removed(invoice, money):
    paid = direct(invoice, money, 600)
    with refused("append-only"), transaction.atomic():
        Allocation.objects.filter(pk=paid.pk).update(amount_minor=1)
    with refused("append-only"), transaction.atomic():
        Allocation.objects.filter(pk=paid.pk)._raw_delete("default")
    assert Allocation.objects.get().amount_minor == 600


def test_a_balance_below_zero_or_above_the_amount(invoice, money):
    for wrong in (-1, 1001):
        with refused("item_open_between_zero_and_amount"), transaction.atomic():
            OpenItem.objects.filter(pk=invoice.pk).update(open_minor=wrong)
        with refused("receipt_unapplied_between_zero_and_amount"), transaction.atomic():
            Receipt.objects.filter(pk=money.pk).update(unapplied_minor=wrong * 6)
    with refused("item_settled_exactly_when_nothing_open"), transaction.atomic():
        OpenItem.objects.filter(pk=invoice.pk).update(settled_on=JANUARY)


def test_money_of_nobody_cannot_be_spent(huatai, doing):
    nobodys = book_unidentified_receipt(
        entity_id=huatai.pk, reference="YH-3", amount_minor=50, received_on=JANUARY, **doing
    )
    with refused("receipt_unknown_payer_not_applied"), transaction.atomic():
        Receipt.objects.filter(pk=nobodys.pk).update(unapplied_minor=49)


def test_an_amount_of_nothing(invoice, money):
    for model, pk in ((OpenItem, invoice.pk), (Receipt, money.pk)):
        with refused("amount_positive"), transaction.atomic():
            model.objects.filter(pk=pk).update(amount_minor=0)


def test_many_rows_in_one_statement_are_judged_together(invoice, money):
    """PostgreSQL looks at a whole statement, SQLite at each row: neither lets two halves pass a whole."""
    halves = [
        Allocation(item=invoice, receipt=money, currency="CNY", amount_minor=501, effective_on=JANUARY, basis="MANUAL",
                   booked_at=NOON) for _ in range(2)
    ]  # fmt: skip
    with refused("item_open_between_zero_and_amount"), transaction.atomic():
        Allocation.objects.bulk_create(halves)
    invoice.refresh_from_db()
    assert (invoice.open_minor, Allocation.objects.count()) == (1000, 0)


def test_the_day_of_settlement_is_that_of_the_last_allocation(invoice, money):
    direct(invoice, money, 400, effective_on=date(2026, 2, 1))
    direct(invoice, money, 600, effective_on=date(2026, 1, 15))
    invoice.refresh_from_db()
    assert (invoice.open_minor, invoice.settled_on) == (0, date(2026, 2, 1))


def test_triggers_come_back_after_a_bulk_load(invoice, money):
    with transaction.atomic(), triggers.suspended(connection):
        OpenItem.objects.filter(pk=invoice.pk).update(open_minor=999)
    with refused("item_open_between_zero_and_amount"):
        direct(invoice, money, 1000)


@pytest.mark.django_db(transaction=True)
def test_lifting_triggers_needs_a_transaction():
    with pytest.raises(RuntimeError, match="transaction"), triggers.suspended(connection):
        pass
