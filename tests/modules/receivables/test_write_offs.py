"""What is written off is not open from its day on, and is open again when that is taken back or money comes."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from huikuan.receivables.commands.allocations import AllocationExceedsItem, AllocationTooEarly
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.commands.receipts import book_receipt
from huikuan.receivables.commands.write_offs import (
    WriteOffReasonMissing,
    WriteOffTakenBack,
    recover,
    take_back_write_off,
    write_off,
)
from huikuan.receivables.models import Allocation, WriteOff
from huikuan.receivables.queries.frames import Scope, item_frame
from huikuan.receivables.queries.verify import verify
from tests.people import NOON, TODAY

JUNE, JULY = date(2026, 6, 10), date(2026, 7, 1)


@pytest.fixture
def doing(finance):
    return {"actor": finance, "now": NOON}


@pytest.fixture
def invoice(tianhe, doing):
    return book_item(customer_id=tianhe.pk, number="FP-1", amount_minor=1000, issued_on=date(2026, 1, 1), **doing)


def open_on(item, *days):
    frames = [item_frame(Scope(as_of=day, customer_ids=[item.customer_id])) for day in days]
    return [int(frame["open_minor"].sum()) for frame in frames]


def test_a_write_off_lowers_the_balance_from_its_day_on(invoice, doing):
    made = write_off(item_id=invoice.pk, amount_minor=600, written_off_on=JUNE, reason="insolvent", **doing)
    assert open_on(invoice, date(2026, 6, 9), JUNE, TODAY) == [1000, 400, 400]
    take_back_write_off(write_off_id=made.pk, reason="assets found", effective_on=JULY, **doing)
    assert open_on(invoice, date(2026, 6, 9), JUNE, JULY, TODAY) == [1000, 400, 1000, 1000]
    with pytest.raises(WriteOffTakenBack):
        take_back_write_off(write_off_id=made.pk, reason="again", **doing)
    assert verify().is_right


def test_what_may_not_be_written_off(invoice, doing):
    with pytest.raises(AllocationExceedsItem):
        write_off(item_id=invoice.pk, amount_minor=1001, reason="insolvent", **doing)
    with pytest.raises(AllocationTooEarly):
        write_off(item_id=invoice.pk, amount_minor=1, written_off_on=date(2025, 12, 31), reason="insolvent", **doing)
    with pytest.raises(WriteOffReasonMissing):
        write_off(item_id=invoice.pk, amount_minor=1, reason=" ", **doing)


def test_money_after_the_write_off_pays_its_part_and_the_rest_stays_written_off(invoice, tianhe, doing):
    made = write_off(item_id=invoice.pk, amount_minor=1000, written_off_on=JUNE, reason="insolvent", **doing)
    money = book_receipt(customer_id=tianhe.pk, reference="YH-1", received_on=JULY, amount_minor=300, **doing)
    recover(write_off_id=made.pk, receipt_id=money.pk, amount_minor=300, **doing)
    assert open_on(invoice, date(2026, 6, 9), JUNE, JULY, TODAY) == [1000, 0, 0, 0]
    money.refresh_from_db()
    assert money.unapplied_minor == 0
    assert list(WriteOff.objects.order_by("pk").values_list("amount_minor", "rest_of_id")) == [
        (1000, None), (700, made.pk),
    ]  # fmt: skip
    assert verify().is_right


def test_the_database_itself_keeps_a_write_off_exact(invoice, doing):
    made = write_off(item_id=invoice.pk, amount_minor=400, written_off_on=JUNE, reason="insolvent", **doing)
    fields = {"item": invoice, "write_off": made, "currency": "CNY", "effective_on": JULY, "basis": "MANUAL",
              "booked_at": NOON}  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Allocation.objects.create(amount_minor=400, **fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        WriteOff.objects.filter(pk=made.pk).update(amount_minor=1)
    less = WriteOff.objects.create(
        entity=invoice.entity, customer=invoice.customer, item=invoice, currency="CNY", amount_minor=100,
        written_off_on=JUNE, kind="BAD_DEBT", reason="insolvent", booked_at=NOON,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="writes_off_what_was_decided"), transaction.atomic():
        Allocation.objects.create(amount_minor=99, **(fields | {"write_off": less}))
