"""Stripe Checkout by its public contract: an interface on this machine, webhooks signed v1."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import pytest

from huikuan.adapters.stripe_checkout.gateway import StripeCheckout
from huikuan.cash.ports import CallbackForged, GatewayRefused, GatewayUnsure, PaymentOrder, RefundOrder
from huikuan.cash.rules.payment import NewsState
from tests.people import NOON
from tests.provider import as_json, serving

SECRET = "whsec_test"
SESSION = {
    "id": "cs_test_1", "object": "checkout.session", "client_reference_id": "20260710aabb", "status": "complete",
    "payment_status": "paid", "payment_intent": "pi_1", "amount_total": 125_000, "currency": "usd",
    "customer_details": {"name": "Tianhe Electronics"},
}  # fmt: skip


@pytest.fixture
def provider():
    with serving() as found:
        yield found


@pytest.fixture
def gateway(provider, settings):
    settings.HUIKUAN_STRIPE_ADDRESS = provider.address
    settings.HUIKUAN_STRIPE_KEY = "sk_test_1"
    settings.HUIKUAN_STRIPE_WEBHOOK_SECRET = SECRET
    return StripeCheckout()


def says(content, status=200):
    return lambda _asked: (status, {}, as_json(content))


def event(kind="checkout.session.completed", **changed) -> bytes:
    made = int(NOON.timestamp())
    return as_json({"id": "evt_1", "type": kind, "created": made, "data": {"object": SESSION | changed}})


def signed(body: bytes, *, secret=SECRET, at=NOON) -> dict[str, str]:
    seconds = int(at.timestamp())
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return {"stripe-signature": f"t={seconds},v1={'0' * 64},v1={digest},v0=ignored"}


def order() -> PaymentOrder:
    return PaymentOrder(
        number="20260710aabb", title="Huatai FP-1", currency="USD", amount_minor=125_000, begun_at=NOON,
        expires_at=NOON + timedelta(hours=1), notify_url="", return_url="https://pay.example/p/x/", is_phone=False,
        payer_ip="", language="zh-hans",
    )  # fmt: skip


def refund() -> RefundOrder:
    return RefundOrder(
        number="20260710aabb", refund_number="R1", handle="cs_test_1", provider_reference="pi_1", currency="USD",
        amount_minor=5_000, total_minor=125_000, reason="twice",
    )  # fmt: skip


def test_a_session(gateway, provider):
    provider.answer = says({"id": "cs_test_1", "url": "https://checkout.stripe.com/c/pay/cs_test_1"})
    checkout = gateway.create(order())
    assert (checkout.handle, checkout.address) == ("cs_test_1", "https://checkout.stripe.com/c/pay/cs_test_1")
    asked = provider.asked[0]
    assert asked.headers["authorization"] == "Bearer sk_test_1"
    assert asked.headers["idempotency-key"] == "20260710aabb"
    form = dict(parse_qsl(asked.body.decode()))
    assert form["line_items[0][price_data][unit_amount]"] == "125000"
    assert (form["client_reference_id"], form["expires_at"]) == ("20260710aabb", str(int(NOON.timestamp()) + 3600))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [({}, "PAID"), ({"status": "open", "payment_status": "unpaid", "payment_intent": None}, "PENDING"),
     ({"status": "complete", "payment_status": "unpaid"}, "PENDING"),
     ({"status": "expired", "payment_status": "unpaid"}, "CLOSED")],
)  # fmt: skip
def test_where_a_payment_stands(gateway, provider, changed, expected):
    provider.answer = says(SESSION | changed)
    news = gateway.query("20260710aabb", "cs_test_1", now=NOON)
    assert (news.state, news.currency, news.amount_minor) == (NewsState(expected), "USD", 125_000)
    assert provider.asked[0].path == "/v1/checkout/sessions/cs_test_1"


def test_without_a_session_there_is_nothing_to_ask(gateway, provider):
    assert gateway.query("20260710aabb", "", now=NOON).state is NewsState.PENDING
    gateway.close("20260710aabb", "")
    assert provider.asked == []


def test_closing_what_is_complete_is_no_error(gateway, provider):
    provider.answer = says({"error": {"type": "invalid_request_error"}}, 400)
    gateway.close("20260710aabb", "cs_test_1")


def test_refunds(gateway, provider):
    provider.answer = says({"id": "re_1", "status": "pending"})
    assert gateway.refund(refund()) == "re_1"
    assert provider.asked[0].headers["idempotency-key"] == "R1"
    provider.answer = says({"error": {"code": "charge_already_refunded"}}, 400)
    with pytest.raises(GatewayRefused, match="already_refunded"):
        gateway.refund(refund())


@pytest.mark.parametrize("how", ["dropped", "error", "too many", "no session"])
def test_without_a_clear_answer_nothing_is_certain(gateway, provider, how):
    provider.answer = {
        "dropped": lambda _asked: None,
        "error": says({}, 500),
        "too many": says({}, 429),
        "no session": says({"id": "cs_1"}),
    }[how]
    with pytest.raises(GatewayUnsure):
        gateway.create(order())


@pytest.mark.parametrize(
    ("kind", "changed", "expected"),
    [("checkout.session.completed", {}, "PAID"),
     ("checkout.session.completed", {"payment_status": "unpaid"}, "PENDING"),
     ("checkout.session.async_payment_succeeded", {}, "PAID"),
     ("checkout.session.async_payment_failed", {"payment_status": "unpaid"}, "FAILED"),
     ("checkout.session.expired", {"status": "expired", "payment_status": "unpaid"}, "CLOSED")],
)  # fmt: skip
def test_events(gateway, kind, changed, expected):
    body = event(kind, **changed)
    news = gateway.read(signed(body), body, now=NOON)
    assert (news.event_id, news.number, news.state) == ("evt_1", "20260710aabb", NewsState(expected))
    assert news.paid_at == (datetime(2026, 7, 10, 4, 0, tzinfo=UTC) if expected == "PAID" else None)


def test_an_event_about_something_else(gateway):
    body = event("customer.created")
    assert gateway.read(signed(body), body, now=NOON) is None


@pytest.mark.parametrize("how", ["secret", "changed", "old", "young", "unsigned", "nonsense"])
def test_a_forged_event(gateway, how):
    body = event()
    headers = {
        "secret": signed(body, secret="whsec_guess"),
        "changed": signed(event(amount_total=1)),
        "old": signed(body, at=NOON - timedelta(minutes=6)),
        "young": signed(body, at=NOON + timedelta(minutes=6)),
        "unsigned": {},
        "nonsense": {"stripe-signature": "t=²,v1=ä"},
    }[how]
    with pytest.raises(CallbackForged):
        gateway.read(headers, body, now=NOON)
