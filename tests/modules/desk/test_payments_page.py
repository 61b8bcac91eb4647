"""The page of payments: what came, what a person must look at, money asked back."""

import pytest

from huikuan.cash.commands.payment_reviews import NewsNotOpen, deal_with_news
from huikuan.cash.models import MoneyRequest, PaymentReview
from huikuan.journal.models import Entry
from tests.payments import a_paid_payment, a_trouble

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
    a_trouble(payment, now=now)
    a_trouble(payment, now=now, event_id="E2", is_ours=False, number="HK404", amount_minor=77_700, verdict="UNKNOWN")
    text = page(client, finance)
    assert "Paid a second time" in text
    assert "¥777.00" in text
    assert "Paid a second time" not in page(client, owner)
    assert payment.number not in page(client, outsider)


def test_news_is_ticked_off_with_a_note_and_put_back(client, portfolio, payment, now, finance, auditor):
    place = f"/payments/news/{a_trouble(payment, now=now).pk}"
    client.force_login(finance)
    assert "1 piece of news of a gateway needs a look" in client.get("/dashboard/").content.decode()
    assert client.post(f"{place}/look/", {"note": "  "}).status_code == 409
    assert client.post(f"{place}/look/", {"note": "paid back there"}).status_code == 303
    assert client.post(f"{place}/look/", {"note": "again"}).status_code == 409, "somebody was faster"
    review = PaymentReview.objects.get()
    assert (review.note, review.made_by, review.undone_at) == ("paid back there", finance, None)
    assert "of a gateway needs" not in client.get("/dashboard/").content.decode()
    text = client.get("/payments/").content.decode()
    assert "Look at these" not in text
    assert "paid back there" in text
    assert "/look-again/" not in page(client, auditor)
    client.force_login(finance)
    assert client.post(f"{place}/look-again/").status_code == 303
    assert client.post(f"{place}/look-again/").status_code == 409
    assert "Look at these" in page(client, finance)
    review.refresh_from_db()
    assert review.undone_by == finance
    written = Entry.objects.filter(event__startswith="cash.payment-news-").order_by("pk")
    assert [entry.event.removeprefix("cash.payment-news-") for entry in written] == ["dealt-with", "taken-up"]


def test_what_was_booked_needs_no_look(client, portfolio, payment, now, finance):
    booked = a_trouble(payment, now=now, amount_minor=1_000, verdict="BOOKED")
    client.force_login(finance)
    assert client.post(f"/payments/news/{booked.pk}/look/", {"note": "x"}).status_code == 404
    with pytest.raises(NewsNotOpen):
        deal_with_news(event_id=booked.pk, note="x", actor=finance, now=now)
    assert not PaymentReview.objects.exists()


def test_a_plain_number_of_queries(client, portfolio, payment, finance, django_assert_max_num_queries):
    client.force_login(finance)
    with django_assert_max_num_queries(15):
        client.get("/payments/")
