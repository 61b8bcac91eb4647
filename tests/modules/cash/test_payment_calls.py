"""Calls of gateways as they come over the wire, two at once, and money that goes back."""

import threading
from datetime import timedelta

import pytest
from django.db import close_old_connections, connection
from django.utils import timezone

from huikuan.arrangements.commands.deciding import decide_approval
from huikuan.arrangements.models import Approval
from huikuan.cash.commands.payments import take_news
from huikuan.cash.commands.requests import request_payout
from huikuan.cash.commands.reverse import free_money
from huikuan.cash.gateways import take_callback
from huikuan.cash.jobs import settle_payments
from huikuan.cash.models import PaymentEvent, PaymentRefund
from huikuan.cash.ports import GatewayRefused, GatewayUnsure
from huikuan.receivables.models import Receipt
from tests.payments import make_payer, press
from tests.people import NOON, TODAY

MINUTE = timedelta(minutes=1)


@pytest.fixture
def today():
    return timezone.localdate(timezone.now(), timezone.get_fixed_timezone(480))


@pytest.mark.django_db
def test_a_call_over_the_wire(client, tianhe, finance, sandbox, today):
    now = timezone.now()
    payment = make_payer(tianhe, finance, now=now, today=today).begin(now=now)
    headers, body = sandbox.press(payment.number, "pay", now=now)[0]
    sent = {"content_type": "application/json", "headers": headers}
    forged = client.post("/hooks/payments/sandbox/", body.replace(b"CNY", b"USD"), **sent)
    assert (forged.status_code, Receipt.objects.count()) == (400, 0)
    assert client.post("/hooks/payments/sandbox/", body, **sent).status_code == 200
    assert client.post("/hooks/payments/sandbox/", body, **sent).status_code == 200
    assert (Receipt.objects.count(), PaymentEvent.objects.count()) == (1, 1)
    assert client.cookies == {}


@pytest.mark.django_db
def test_what_is_no_call_of_a_gateway_is_turned_away(client, sandbox):
    post = client.post
    assert client.get("/hooks/payments/sandbox/").status_code == 405
    assert post("/hooks/payments/wechatpay/", b"{}", content_type="application/json").status_code == 404
    assert post("/hooks/payments/sandbox/", b"x" * 70_000, content_type="text/plain").status_code == 413
    assert post("/hooks/payments/sandbox/", b"", content_type="text/plain").status_code == 400


@pytest.mark.django_db(transaction=True)
def test_four_calls_at_once_book_one_receipt(payer, sandbox):
    payment = payer.begin()
    headers, body = sandbox.press(payment.number, "pay", now=NOON)[0]
    other = sandbox.query(payment.number, "", now=NOON)
    gate, said, failed = threading.Barrier(4), [], []

    def call(number):
        try:
            gate.wait()
            if number % 2:
                said.append(take_callback(gateway="sandbox", headers=headers, body=body, now=NOON))
            else:
                said.append(take_news(gateway="sandbox", news=other, source="QUERY", now=NOON))
        except Exception as error:  # noqa: BLE001  shown below
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=call, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_old_connections()
    assert failed == []
    assert sorted(said) == ["BOOKED", "REPEATED", "REPEATED", "REPEATED"]
    assert Receipt.objects.count() == 1


@pytest.fixture
def approved(payer, sandbox, finance, colleague, administrator):
    """A payment of 250.00, taken off its item, whose refund of 100.00 somebody else has approved."""
    payment = payer.begin(payer.fresh)
    press(sandbox, payment, "pay")
    payment.refresh_from_db()
    free_money(allocation_id=payment.receipt.allocations.get().pk, reason="returned", actor=finance, now=NOON)
    request_payout(
        receipt_id=payment.receipt_id, kind="REFUND", amount_minor=10_000, reason="returned", actor=finance, now=NOON
    )
    people = {"MANAGER": colleague, "ADMINISTRATOR": administrator}
    for approval in Approval.objects.filter(decided_at=None).order_by("pk"):
        decide_approval(
            approval_id=approval.pk, is_granted=True, note="", as_of=TODAY, actor=people[approval.role], now=NOON
        )
    return payment


@pytest.mark.django_db
def test_an_approved_refund_is_sent_once(approved, sandbox):
    assert settle_payments(now=NOON)["refunds"] == 1
    refund = PaymentRefund.objects.get()
    assert (refund.state, refund.amount_minor, refund.request.booked_at) == ("SENT", 10_000, NOON)
    assert settle_payments(now=NOON + 500 * MINUTE)["refunds"] == 0
    approved.refresh_from_db()
    assert approved.state == "PAID"  # only a part went back
    assert approved.receipt.unapplied_minor == 15_000


@pytest.mark.django_db
def test_a_refund_without_an_answer_is_tried_again_under_the_same_number(approved, sandbox, monkeypatch):
    asked = []

    def silent(self, order):
        asked.append(order.refund_number)
        raise GatewayUnsure(gateway="sandbox")

    with monkeypatch.context() as patch:
        patch.setattr(type(sandbox), "refund", silent)
        settle_payments(now=NOON)
        settle_payments(now=NOON + MINUTE)
    refund = PaymentRefund.objects.get()
    assert (refund.state, refund.try_count, refund.next_try_at) == ("WAITING", 2, NOON + 6 * MINUTE)
    settle_payments(now=NOON + 6 * MINUTE)
    refund.refresh_from_db()
    assert (refund.state, set(asked)) == ("SENT", {refund.number})


@pytest.mark.django_db
def test_a_refused_refund_says_why(approved, sandbox, monkeypatch):
    def refuse(self, order):
        raise GatewayRefused(gateway="sandbox", said="BALANCE_NOT_ENOUGH")

    monkeypatch.setattr(type(sandbox), "refund", refuse)
    settle_payments(now=NOON)
    refund = PaymentRefund.objects.get()
    assert (refund.state, "BALANCE_NOT_ENOUGH" in refund.said) == ("FAILED", True)
