"""What the bank said stays said, on both databases."""

import pytest
from django.db import IntegrityError, connection, transaction

from huikuan.cash.models import BankAccount, StatementFile, StatementLine
from huikuan.receivables.models import Receipt
from huikuan.storage import triggers
from tests.people import NOON, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(huatai) -> StatementLine:
    account = BankAccount.objects.create(entity=huatai, number="6222001", currency="CNY", opened_at=NOON)
    file = StatementFile.objects.create(
        entity=huatai, account=account, sha256="0" * 64, name="a.csv", format="test", line_count=1, booked_count=1,
        repeated_count=0, credit_minor=100, debit_minor=0, imported_at=NOON,
    )  # fmt: skip
    return StatementLine.objects.create(
        file=file, account=account, row=1, booked_on=TODAY, currency="CNY", amount_minor=100, key="1" * 64
    )


def test_what_the_bank_said_is_never_changed(line):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        StatementLine.objects.filter(pk=line.pk).update(amount_minor=200)
    line.refresh_from_db()
    assert line.amount_minor == 100


def test_a_line_without_receipt_can_be_withdrawn_and_one_with_a_receipt_cannot(line, huatai):
    receipt = Receipt.objects.create(
        entity=huatai, reference="B1", received_on=TODAY, currency="CNY", amount_minor=100, unapplied_minor=100,
        booked_at=NOON,
    )  # fmt: skip
    line.receipt = receipt
    line.save(update_fields=["receipt"])
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        line.delete()
    StatementLine.objects.filter(pk=line.pk).update(receipt=None)
    StatementLine.objects.filter(pk=line.pk).delete()
    assert not StatementLine.objects.exists()


def test_every_trigger_stands():
    assert triggers.missing(connection) == []
