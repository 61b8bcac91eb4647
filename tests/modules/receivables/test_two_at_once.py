"""Two clerks, one account: nobody spends the same money twice, and nobody waits for ever."""

import threading
from datetime import date

import pytest
from django.db import connection

from huikuan.kernel.refusal import Refusal
from huikuan.receivables.commands.allocations import Wish, allocate, reverse_allocation
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.commands.receipts import book_receipt
from huikuan.receivables.models import Allocation, OpenItem, PaymentMonth, Receipt
from huikuan.receivables.queries.verify import verify
from tests.people import NOON

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts):
    """Run the acts in threads that start together; return what each answered: a value or a refusal."""
    answers, barrier = [], threading.Barrier(len(acts))

    def acting(act):
        barrier.wait(timeout=30)
        try:
            answers.append(act())
        except Refusal as refusal:
            answers.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=acting, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive()
    return answers


@pytest.fixture
def doing(finance):
    return {"actor": finance, "now": NOON}


@pytest.fixture
def invoices(tianhe, doing):
    return [
        book_item(customer_id=tianhe.pk, number=f"FP-{n}", amount_minor=1000, issued_on=date(2026, 1, 1), **doing)
        for n in range(2)
    ]


def test_one_receipt_is_spent_once(invoices, tianhe, doing):
    receipt = book_receipt(
        customer_id=tianhe.pk, reference="YH-1", amount_minor=1000, received_on=date(2026, 1, 20), **doing
    )
    answers = at_once(
        *(
            lambda each=each: allocate(receipt_id=receipt.pk, wish=Wish(amounts={each.pk: 1000}), **doing)
            for each in invoices
        )
    )
    assert len([answer for answer in answers if isinstance(answer, Refusal)]) == 1
    assert (Allocation.objects.count(), Receipt.objects.get().unapplied_minor) == (1, 0)
    assert verify().is_right


def test_many_receipts_settle_each_item_once(invoices, tianhe, doing):
    def paying(n):
        return lambda: book_receipt(customer_id=tianhe.pk, reference=f"YH-{n}", amount_minor=400,
                                    received_on=date(2026, 1, 20), wish=Wish(), **doing)  # fmt: skip

    answers = at_once(*(paying(n) for n in range(6)))
    assert len([answer for answer in answers if isinstance(answer, Receipt)]) == 6
    assert sum(OpenItem.objects.values_list("open_minor", flat=True)) == 0
    assert sum(Receipt.objects.values_list("unapplied_minor", flat=True)) == 400
    assert PaymentMonth.objects.get().settled_count == 2
    assert verify().is_right


def test_one_allocation_is_taken_back_once(invoices, tianhe, doing):
    book_receipt(
        customer_id=tianhe.pk, reference="YH-1", amount_minor=1000, received_on=date(2026, 1, 20), wish=Wish(), **doing
    )
    paid = Allocation.objects.order_by("pk")[0]
    answers = at_once(*[lambda: reverse_allocation(allocation_id=paid.pk, reason="returned", **doing)] * 3)
    assert len([answer for answer in answers if isinstance(answer, Refusal)]) == 2
    assert Allocation.objects.filter(amount_minor__lt=0).count() == 1
    assert verify().is_right
