"""2 % within 10 days: a credit note of the exact cents in time, a kept refusal when late, undone with the money."""

from datetime import date

import pytest

from huikuan.arrangements.commands.discounts import DiscountOutOfRange, agree_discount, take_discounts
from huikuan.arrangements.models import Discount
from huikuan.cases.models import Task
from huikuan.cash.commands.closing import close_the_loop
from huikuan.cash.commands.receive import receive_money
from huikuan.receivables.commands.contracts import open_contract
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.commands.receipts import book_receipt
from huikuan.receivables.commands.returns import return_receipt
from huikuan.receivables.models import CreditNote, Receipt
from tests.people import NOON


@pytest.fixture
def item(tianhe, finance):
    """100.01, issued 2026-07-01, by a contract with 2 % within 10 days."""
    contract = open_contract(customer_id=tianhe.pk, number="HT-1", actor=finance, now=NOON)
    agree_discount(
        contract_id=contract.pk, share_ppm=20_000, days=10, starts_on=date(2026, 1, 1), actor=finance, now=NOON
    )
    return book_item(customer_id=tianhe.pk, number="FP-1", amount_minor=10_001, issued_on=date(2026, 7, 1),
                     due_on=date(2026, 7, 31), contract_id=contract.pk, actor=finance, now=NOON)  # fmt: skip


@pytest.fixture
def pay(item, tianhe, finance):
    """Let money of Tianhe arrive."""

    def paying(reference, day, minor):
        return receive_money(entity_id=tianhe.entity_id, customer_id=tianhe.pk, reference=reference,
                             received_on=date(2026, 7, day), currency="CNY", amount_minor=minor, actor=finance,
                             now=NOON)  # fmt: skip

    return paying


def test_in_time_the_exact_rest_is_credited_in_the_same_transaction(item, pay):
    pay("R-1", 10, 9_801)
    item.refresh_from_db()
    assert (item.open_minor, item.settled_on) == (0, date(2026, 7, 10))
    taken = Discount.objects.get()
    assert (taken.is_taken, taken.discount_minor, taken.credit_note.amount_minor) == (True, 200, 200)


def test_a_day_late_it_is_refused_and_stays_open(item, pay):
    pay("R-1", 12, 9_801)
    item.refresh_from_db()
    refused = Discount.objects.get()
    assert (item.open_minor, refused.is_taken, refused.last_on) == (200, False, date(2026, 7, 11))
    pay("R-2", 13, 200)
    refused.refresh_from_db()
    assert refused.undone_at is not None
    assert not CreditNote.objects.exists()


def test_a_late_one_is_a_review_for_the_collector_once_until_the_rest_is_paid(item, pay, tianhe, finance):
    book_item(customer_id=tianhe.pk, number="FP-2", amount_minor=500, issued_on=date(2026, 7, 1),
              due_on=date(2026, 8, 31), actor=finance, now=NOON)  # fmt: skip
    pay("R-1", 12, 9_801)
    task = Task.objects.get(step_code="discount_late")
    assert (task.kind, task.overdue_minor, task.owner_id, task.cancelled_at) == (
        "REVIEW", 200, tianhe.collector_id, None,
    )  # fmt: skip
    close_the_loop(customer_id=tianhe.pk, as_of=date(2026, 7, 12), now=NOON)
    task.refresh_from_db()
    assert (Task.objects.filter(step_code="discount_late").count(), task.cancelled_at) == (1, None)
    pay("R-2", 13, 200)
    task.refresh_from_db()
    assert task.cancelled_at is not None


def test_money_that_goes_back_takes_the_credit_note_with_it(item, pay, tianhe, finance):
    pay("R-1", 10, 9_801)
    return_receipt(receipt_id=Receipt.objects.get().pk, actor=finance, now=NOON, reason="退票")
    take_discounts(customer_id=tianhe.pk, as_of=date(2026, 7, 20), now=NOON)
    item.refresh_from_db()
    assert item.open_minor == 10_001
    assert Discount.objects.get().undone_at is not None


def test_a_discount_is_a_share_and_some_days(item, finance):
    with pytest.raises(DiscountOutOfRange):
        agree_discount(
            item_id=item.pk, share_ppm=1_000_000, days=10, starts_on=date(2026, 1, 1), actor=finance, now=NOON
        )
    agree_discount(item_id=item.pk, share_ppm=0, days=10, starts_on=date(2026, 1, 1), actor=finance, now=NOON)
    book_receipt(customer_id=item.customer_id, reference="R-9", received_on=date(2026, 7, 2), amount_minor=9_801,
                 actor=finance, now=NOON, item_number="FP-1")  # fmt: skip
    assert take_discounts(customer_id=item.customer_id, as_of=date(2026, 7, 2), now=NOON) == []
