"""The page of payments: what came, what a person must look at, money asked back."""

import pytest

from huikuan.cash.models import MoneyRequest, PaymentEvent
from tests.payments import a_paid_payment

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(portfolio, now):
    return a_paid_payment(portfolio.customer, now=now)


def page(client, person) -> str:
    client.force_login(person)
    return client.get("/payments/").content.decode()


def test_finance_sees_the_payment_and_asks_to_send_it_back(client, portfolio, payment, finance):
    text = page(client, finance)
    assert portfolio.customer.name in text
    assert payment.provider_reference in text
    place = f"/payments/{payment.pk}/refund/"
    assert client.post(place, {"amount": "all", "reason": "twice"}).status_code == 422
    assert client.post(place, {"amount": "10.01", "reason": "twice"}).status_code == 409
    assert client.post(place, {"amount": "4.00", "reason": "twice"}).status_code == 303
    asked = MoneyRequest.objects.get()
    assert (asked.kind, asked.amount_minor, asked.receipt, asked.booked_at) == ("REFUND", 400, payment.receipt, None)


def test_news_that_booked_nothing_stands_on_top_for_whoever_sees_the_whole(
    client, portfolio, payment, now, owner, finance, outsider
):
    told = {"gateway": "sandbox", "source": "CALLBACK", "state": "PAID", "currency": "CNY", "heard_at": now}
    PaymentEvent.objects.create(
        **told, event_id="E1", payment=payment, number=payment.number, amount_minor=999, verdict="PAID_AGAIN"
    )
    PaymentEvent.objects.create(**told, event_id="E2", number="HK404", amount_minor=77_700, verdict="UNKNOWN")
    text = page(client, finance)
    assert "Paid a second time" in text
    assert "¥777.00" in text
    assert "Paid a second time" not in page(client, owner)
    assert payment.number not in page(client, outsider)


def test_a_plain_number_of_queries(client, portfolio, payment, finance, django_assert_max_num_queries):
    client.force_login(finance)
    with django_assert_max_num_queries(13):
        client.get("/payments/")
