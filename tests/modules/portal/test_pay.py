"""Paying behind a link: from the bill to the booked receipt, and nothing for anybody else."""

import re
from ipaddress import ip_network

import pytest

from huikuan.adapters.sandbox_pay.gateway import SandboxGateway
from huikuan.cash.models import Payment
from huikuan.parties.commands.links import revoke_link
from huikuan.parties.models import SignedLink
from tests.modules.portal.conftest import another_link, path_of
from tests.payments import make_payer

pytestmark = pytest.mark.django_db

PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 16) Mobile"}


def begin(client, debtor, *items, **more):
    data = {"way": "sandbox", "item": [item.pk for item in items], **more}
    return client.post(f"{path_of(debtor.link)}pay/?lang=en", data, headers=PHONE)


def text_of(answer) -> str:
    return answer.content.decode()


def test_from_the_bill_to_the_receipt(client, debtor):
    bill = text_of(client.get(f"{path_of(debtor.link)}?lang=en"))
    assert f'href="{path_of(debtor.link)}pay/?lang=en"' in bill
    page = text_of(client.get(f"{path_of(debtor.link)}pay/?lang=en"))
    assert "FP-1" in page
    assert "Also pay the penalty" in page
    begun = begin(client, debtor, debtor.late, debtor.fresh, penalty="on")
    payment = Payment.objects.get()
    assert (begun.status_code, payment.amount_minor, payment.penalty_minor) == (303, 125_500, 500)
    waiting = text_of(client.get(begun["Location"]))
    assert "¥1,255.00" in waiting
    assert payment.address in waiting
    pay_page = f"/p/sandbox/{payment.number}/"
    assert "nobody pays anything" in text_of(client.get(f"{pay_page}?lang=en"))
    pressed = client.post(pay_page, {"button": "twice"})
    assert pressed.status_code == 303
    assert "Your payment has arrived" in text_of(client.get(begun["Location"]))
    payment.refresh_from_db()
    assert (payment.state, payment.receipt.amount_minor, payment.receipt.unapplied_minor) == ("PAID", 125_500, 0)
    assert client.cookies == {}


@pytest.mark.parametrize(("proxies", "told"), [(["127.0.0.1/32"], "203.0.113.7"), ([], "127.0.0.1")])
def test_the_gateway_is_told_the_payers_own_address(client, debtor, settings, monkeypatch, proxies, told):
    settings.HUIKUAN_TRUSTED_PROXIES = [ip_network(each) for each in proxies]
    asked = []
    create = SandboxGateway.create
    monkeypatch.setattr(SandboxGateway, "create", lambda self, order: asked.append(order) or create(self, order))
    place = f"{path_of(debtor.link)}pay/"
    client.post(
        place, {"way": "sandbox", "item": debtor.late.pk}, headers=PHONE | {"X-Forwarded-For": "1.1.1.1, 203.0.113.7"}
    )
    assert [order.payer_ip for order in asked] == [told]


def test_a_failed_payment_says_so(client, debtor):
    begun = begin(client, debtor, debtor.late)
    client.post(f"/p/sandbox/{Payment.objects.get().number}/", {"button": "fail"})
    assert "The payment failed" in text_of(client.get(begun["Location"]))


def test_looking_again_asks_the_gateway(client, debtor, sandbox, now):
    begun = begin(client, debtor, debtor.late)
    payment = Payment.objects.get()
    sandbox.press(payment.number, "pay", now=now)  # its callback never comes
    answer = client.post(re.sub(r"\?.*", "check/", begun["Location"]))
    assert answer.status_code == 303
    assert "Your payment has arrived" in text_of(client.get(begun["Location"]))


def test_nothing_chosen_is_answered_with_a_reason(client, debtor):
    answer = begin(client, debtor)
    assert answer.status_code == 409
    assert "Choose at least one open item" in text_of(answer)
    assert begin(client, debtor, debtor.late, way="nobody").status_code == 409


def test_the_pages_speak_chinese(client, debtor):
    begun = begin(client, debtor, debtor.late)
    for place in (f"{path_of(debtor.link)}pay/", begun["Location"].replace("lang=en", "")):
        assert 'lang="zh-hans"' in text_of(client.get(f"{place}?lang=zh-hans"))


def test_without_a_gateway_there_is_no_button(client, debtor, settings):
    settings.HUIKUAN_GATEWAY_PORTS = {}
    assert "/pay/" not in text_of(client.get(path_of(debtor.link)))
    assert "Please transfer the money" in text_of(client.get(f"{path_of(debtor.link)}pay/?lang=en"))
    assert client.get("/p/sandbox/20260101/").status_code == 404


@pytest.fixture
def places(client, debtor):
    begin(client, debtor, debtor.late)
    number = Payment.objects.get().number
    return [("get", "pay/"), ("post", "pay/"), ("get", f"pay/{number}/"), ("post", f"pay/{number}/check/")]


def statuses(client, base, places):
    return {getattr(client, method)(f"{base}{place}").status_code for method, place in places}


def test_another_customers_link_gives_nothing(client, places, debtor, binhai, finance, now, today):
    other = make_payer(binhai, finance, now=now, today=today, prefix="BH")
    assert statuses(client, path_of(other.link), places[2:]) == {404}
    answer = client.post(f"{path_of(other.link)}pay/", {"way": "sandbox", "item": [debtor.late.pk]})
    assert answer.status_code == 409
    assert Payment.objects.count() == 1


def test_a_link_of_another_purpose_gives_nothing(client, places, debtor, now):
    link = another_link(debtor.customer, SignedLink.Purpose.STATEMENT, now=now)
    assert statuses(client, path_of(link), places) == {404}


def test_a_link_that_is_over_gives_nothing(client, places, debtor, now):
    revoke_link(link_id=debtor.link.pk, actor=None, now=now)
    assert statuses(client, path_of(debtor.link), places) == {410}


def test_a_forged_link_gives_nothing(client, places, debtor):
    forged = path_of(debtor.link).replace(f"/{debtor.link.pk}.", f"/{debtor.link.pk + 1}.")
    assert statuses(client, forged, places) == {404}


def test_gets_write_nothing(client, places, debtor):
    base = path_of(debtor.link)
    assert client.get(f"{base}{places[3][1]}").status_code == 405
    assert client.post(f"{base}{places[2][1]}").status_code == 405
