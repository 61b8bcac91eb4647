"""WeChat Pay by its public contract: a platform on this machine with keys of its own."""

import base64
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from huikuan.adapters.wechatpay.gateway import WechatPay
from huikuan.cash.ports import CallbackForged, GatewayRefused, GatewayUnsure, PaymentOrder, RefundOrder
from huikuan.cash.rules.payment import NewsState
from tests.people import NOON
from tests.provider import Keys, as_json, serving

SECRET = "0123456789abcdef0123456789abcdef"
PAID = {
    "mchid": "1900000001", "appid": "wx1", "out_trade_no": "20260710aabb", "transaction_id": "4200001",
    "trade_state": "SUCCESS", "success_time": "2026-07-10T12:00:05+08:00",
    "amount": {"total": 125_000, "payer_total": 120_000, "currency": "CNY", "payer_currency": "CNY"},
}  # fmt: skip


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wechat")
    return Keys(folder, "ours"), Keys(folder, "platform"), Keys(folder, "thief")


@pytest.fixture
def provider():
    with serving() as found:
        yield found


@pytest.fixture
def gateway(provider, keys, settings):
    ours, platform, _thief = keys
    settings.HUIKUAN_WECHATPAY_ADDRESS = provider.address
    settings.HUIKUAN_WECHATPAY_APP = "wx1"
    settings.HUIKUAN_WECHATPAY_MERCHANT = "1900000001"
    settings.HUIKUAN_WECHATPAY_SERIAL = "5157F09EFDC096DE15EBE81A47057A72"
    settings.HUIKUAN_WECHATPAY_KEY_FILE = str(ours.private_file)
    settings.HUIKUAN_WECHATPAY_SECRET = SECRET
    settings.HUIKUAN_WECHATPAY_PLATFORM_ID = "PUB_KEY_ID_1"
    settings.HUIKUAN_WECHATPAY_PLATFORM_FILE = str(platform.public_file)
    return WechatPay()


def signed(body: bytes, key: Keys, *, at: datetime, serial: str = "PUB_KEY_ID_1") -> dict[str, str]:
    seconds = str(int(at.timestamp()))
    return {
        "wechatpay-timestamp": seconds,
        "wechatpay-nonce": "n0nce",
        "wechatpay-serial": serial,
        "wechatpay-signature": key.sign(f"{seconds}\nn0nce\n".encode() + body + b"\n"),
    }


def answers(keys, content, *, status=200, key=None):
    body = b"" if content is None else as_json(content)
    return lambda _asked: (status, signed(body, key or keys[1], at=datetime.now(UTC)), body)


def order(**changed) -> PaymentOrder:
    given = {
        "number": "20260710aabb", "title": "华泰建材 FP-1", "currency": "CNY", "amount_minor": 125_000,
        "begun_at": NOON, "expires_at": NOON + timedelta(hours=1), "notify_url": "https://pay.example/hooks/",
        "return_url": "https://pay.example/p/x/", "is_phone": False, "payer_ip": "203.0.113.7", "language": "zh-hans",
    }  # fmt: skip
    return PaymentOrder(**given | changed)


def refund() -> RefundOrder:
    return RefundOrder(
        number="20260710aabb", refund_number="R1", handle="", provider_reference="4200001", currency="CNY",
        amount_minor=5_000, total_minor=125_000, reason="多付",
    )  # fmt: skip


def notification(content, *, secret=SECRET, event="TRANSACTION.SUCCESS") -> bytes:
    nonce, about = "fdasflkja484", "transaction"
    sealed = AESGCM(secret.encode()).encrypt(nonce.encode(), as_json(content), about.encode())
    return as_json(
        {
            "id": "EV-2018022511223320873", "event_type": event, "resource_type": "encrypt-resource",
            "resource": {
                "algorithm": "AEAD_AES_256_GCM", "ciphertext": base64.b64encode(sealed).decode(),
                "associated_data": about, "nonce": nonce, "original_type": "transaction",
            },
        }
    )  # fmt: skip


def test_a_code_on_a_desk(gateway, provider, keys):
    provider.answer = answers(keys, {"code_url": "weixin://wxpay/bizpayurl?pr=x"})
    checkout = gateway.create(order())
    assert (checkout.address, checkout.is_code) == ("weixin://wxpay/bizpayurl?pr=x", True)
    asked = provider.asked[0]
    assert (asked.method, asked.path) == ("POST", "/v3/pay/transactions/native")
    assert json.loads(asked.body) == {
        "appid": "wx1", "mchid": "1900000001", "description": "华泰建材 FP-1", "out_trade_no": "20260710aabb",
        "time_expire": "2026-07-10T05:00:00+00:00", "notify_url": "https://pay.example/hooks/",
        "amount": {"total": 125_000, "currency": "CNY"},
    }  # fmt: skip


def test_every_request_is_signed_over_method_path_time_nonce_and_body(gateway, provider, keys):
    provider.answer = answers(keys, PAID)
    gateway.query("20260710aabb", "", now=NOON)
    asked = provider.asked[0]
    kind, _space, said = asked.headers["authorization"].partition(" ")
    parts = dict(re.findall(r'(\w+)="([^"]*)"', said))
    assert kind == "WECHATPAY2-SHA256-RSA2048"
    assert parts["serial_no"] == "5157F09EFDC096DE15EBE81A47057A72"
    message = f"GET\n{asked.path}\n{parts['timestamp']}\n{parts['nonce_str']}\n\n".encode()
    keys[0].verify(parts["signature"], message)


def test_a_page_on_a_phone(gateway, provider, keys):
    provider.answer = answers(keys, {"h5_url": "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx2"})
    checkout = gateway.create(order(is_phone=True))
    assert checkout.address.endswith("&redirect_url=https%3A%2F%2Fpay.example%2Fp%2Fx%2F")
    assert json.loads(provider.asked[0].body)["scene_info"]["payer_client_ip"] == "203.0.113.7"


@pytest.mark.parametrize(
    ("state", "expected"),
    [("SUCCESS", "PAID"), ("NOTPAY", "PENDING"), ("USERPAYING", "PENDING"), ("PAYERROR", "PENDING"),
     ("CLOSED", "CLOSED"), ("REVOKED", "CLOSED"), ("REFUND", "PAID")],
)  # fmt: skip
def test_where_a_payment_stands(gateway, provider, keys, state, expected):
    provider.answer = answers(keys, PAID | {"trade_state": state})
    news = gateway.query("20260710aabb", "", now=NOON)
    assert (news.state, news.amount_minor, news.currency) == (NewsState(expected), 125_000, "CNY")


def test_an_order_nobody_made_there_is_no_error(gateway, provider, keys):
    provider.answer = answers(keys, {"code": "ORDER_NOT_EXIST", "message": "订单不存在"}, status=404)
    assert gateway.query("20260710aabb", "", now=NOON).state is NewsState.PENDING
    gateway.close("20260710aabb", "")


def test_closing(gateway, provider, keys):
    provider.answer = answers(keys, None, status=204)
    gateway.close("20260710aabb", "")
    assert provider.asked[0].path == "/v3/pay/transactions/out-trade-no/20260710aabb/close"


def test_refunds(gateway, provider, keys):
    provider.answer = answers(keys, {"refund_id": "50000001", "status": "PROCESSING"})
    assert gateway.refund(refund()) == "50000001"
    assert json.loads(provider.asked[0].body)["amount"] == {"refund": 5_000, "total": 125_000, "currency": "CNY"}
    provider.answer = answers(keys, {"refund_id": "50000001", "status": "ABNORMAL"})
    with pytest.raises(GatewayRefused):
        gateway.refund(refund())


def test_a_refusal_says_why(gateway, provider, keys):
    provider.answer = answers(keys, {"code": "NO_AUTH", "message": "商户无权限"}, status=403)
    with pytest.raises(GatewayRefused, match="NO_AUTH"):
        gateway.create(order())


@pytest.mark.parametrize("how", ["dropped", "error", "signed by a thief"])
def test_without_a_clear_answer_nothing_is_certain(gateway, provider, keys, how):
    provider.answer = {
        "dropped": lambda _asked: None,
        "error": lambda _asked: (502, {}, b"bad gateway"),
        "signed by a thief": answers(keys, {"code_url": "weixin://thief"}, key=keys[2]),
    }[how]
    with pytest.raises(GatewayUnsure):
        gateway.create(order())


def test_a_notification(gateway, keys):
    body = notification(PAID)
    news = gateway.read(signed(body, keys[1], at=NOON), body, now=NOON)
    assert (news.event_id, news.number, news.state) == ("EV-2018022511223320873", "20260710aabb", NewsState.PAID)
    assert (news.provider_reference, news.amount_minor, news.currency) == ("4200001", 125_000, "CNY")
    assert news.paid_at == datetime(2026, 7, 10, 4, 0, 5, tzinfo=UTC)
    assert gateway.answer(is_taken=True)[0] == 200
    assert gateway.answer(is_taken=False)[0] == 401


def test_a_notification_about_something_else(gateway, keys):
    for body in (notification(PAID, event="REFUND.SUCCESS"), notification(PAID | {"mchid": "1900000009"})):
        assert gateway.read(signed(body, keys[1], at=NOON), body, now=NOON) is None


@pytest.mark.parametrize("how", ["thief", "serial", "old", "changed", "unsigned", "other secret"])
def test_a_forged_notification(gateway, keys, how):
    body, now = notification(PAID), NOON
    headers = signed(body, keys[1], at=NOON)
    if how == "thief":
        headers = signed(body, keys[2], at=NOON)
    elif how == "serial":
        headers = signed(body, keys[1], at=NOON, serial="PUB_KEY_ID_2")
    elif how == "old":
        now = NOON + timedelta(minutes=6)
    elif how == "changed":
        body = body.replace(b"EV-", b"EW-")
    elif how == "unsigned":
        headers = {}
    else:
        body = notification(PAID, secret="f" * 32)
        headers = signed(body, keys[1], at=NOON)
    with pytest.raises(CallbackForged):
        gateway.read(headers, body, now=now)
