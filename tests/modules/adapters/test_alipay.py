"""Alipay by its public contract: a gateway on this machine with keys of its own."""

import base64
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest

from huikuan.adapters.alipay.gateway import Alipay
from huikuan.cash.ports import CallbackForged, GatewayRefused, GatewayUnsure, PaymentOrder, RefundOrder
from huikuan.cash.rules.payment import NewsState
from tests.people import NOON
from tests.provider import Keys, as_json, serving

NOTICE = {
    "app_id": "2026000001", "auth_app_id": "2026000001", "buyer_id": "2088102116773037", "charset": "utf-8",
    "gmt_create": "2026-07-10 11:59:00", "gmt_payment": "2026-07-10 12:00:05", "notify_id": "4a91b7a78a5036",
    "notify_time": "2026-07-10 12:00:06", "notify_type": "trade_status_sync", "out_trade_no": "20260710aabb",
    "subject": "华泰建材 FP-1 & 2", "total_amount": "1250.00", "trade_no": "2026071021001003030200089909",
    "trade_status": "TRADE_SUCCESS", "version": "1.0", "body": "",
}  # fmt: skip


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alipay")
    return Keys(folder, "ours"), Keys(folder, "alipay"), Keys(folder, "thief")


@pytest.fixture
def provider():
    with serving() as found:
        yield found


@pytest.fixture
def gateway(provider, keys, settings):
    ours, theirs, _thief = keys
    settings.HUIKUAN_ALIPAY_ADDRESS = f"{provider.address}/gateway.do"
    settings.HUIKUAN_ALIPAY_APP = "2026000001"
    settings.HUIKUAN_ALIPAY_KEY_FILE = str(ours.private_file)
    settings.HUIKUAN_ALIPAY_PUBLIC_FILE = str(theirs.public_file)
    return Alipay()


def order(**changed) -> PaymentOrder:
    given = {
        "number": "20260710aabb", "title": "华泰建材 FP-1", "currency": "CNY", "amount_minor": 125_000,
        "begun_at": NOON, "expires_at": NOON + timedelta(hours=1), "notify_url": "https://pay.example/hooks/",
        "return_url": "https://pay.example/p/x/", "is_phone": False, "payer_ip": "", "language": "zh-hans",
    }  # fmt: skip
    return PaymentOrder(**given | changed)


def joined(fields) -> bytes:
    return "&".join(f"{name}={value}" for name, value in sorted(fields.items()) if value != "").encode()


def answers(keys, content, *, key=None, method="alipay.trade.query"):
    """An answer as Alipay writes it: the signature is over the text of the object, spaces and all."""
    text = json.dumps(content, ensure_ascii=False)  # with spaces, unlike what a parser would write again
    name = method.replace(".", "_") + "_response"
    said = f'{{"{name}":{text},"sign":"{(key or keys[1]).sign(text.encode())}"}}'.encode()
    return lambda _asked: (200, {"Content-Type": "application/json;charset=utf-8"}, said)


def notice(key: Keys, **changed) -> bytes:
    fields = NOTICE | changed
    return urlencode(fields | {"sign": key.sign(joined(fields)), "sign_type": "RSA2"}).encode()


@pytest.mark.parametrize(
    ("is_phone", "method", "product"),
    [(False, "alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"), (True, "alipay.trade.wap.pay", "QUICK_WAP_WAY")],
)
def test_the_address_of_the_pay_page_is_signed(gateway, keys, provider, is_phone, method, product):
    checkout = gateway.create(order(is_phone=is_phone))
    fields = dict(parse_qsl(urlsplit(checkout.address).query))
    signature = fields.pop("sign")
    keys[0].verify(signature, joined(fields))
    assert (fields["method"], fields["timestamp"]) == (method, "2026-07-10 12:00:00")
    assert json.loads(fields["biz_content"]) == {
        "out_trade_no": "20260710aabb", "total_amount": "1250.00", "subject": "华泰建材 FP-1", "product_code": product,
        "time_expire": "2026-07-10 13:00:00",
    }  # fmt: skip
    assert provider.asked == []


@pytest.mark.parametrize(
    ("state", "expected"),
    [("TRADE_SUCCESS", "PAID"), ("TRADE_FINISHED", "PAID"), ("WAIT_BUYER_PAY", "PENDING"), ("TRADE_CLOSED", "CLOSED")],
)
def test_where_a_payment_stands(gateway, provider, keys, state, expected):
    said = {
        "code": "10000", "msg": "Success", "out_trade_no": "20260710aabb", "trade_no": "2026", "trade_status": state,
        "total_amount": "1250.00", "send_pay_date": "2026-07-10 12:00:05", "buyer_logon_id": '包"{',
    }  # fmt: skip
    provider.answer = answers(keys, said)
    news = gateway.query("20260710aabb", "", now=NOON)
    assert (news.state, news.amount_minor) == (NewsState(expected), 125_000)
    fields = {name: values[0] for name, values in parse_qs(provider.asked[0].body.decode()).items()}
    keys[0].verify(fields.pop("sign"), joined(fields))


def test_a_trade_nobody_opened_is_no_error(gateway, provider, keys):
    said = {"code": "40004", "msg": "Business Failed", "sub_code": "ACQ.TRADE_NOT_EXIST", "sub_msg": "交易不存在"}
    provider.answer = answers(keys, said)
    assert gateway.query("20260710aabb", "", now=NOON).state is NewsState.PENDING
    provider.answer = answers(keys, said, method="alipay.trade.close")
    gateway.close("20260710aabb", "")


def test_refunds(gateway, provider, keys):
    asked = RefundOrder(
        number="20260710aabb", refund_number="R1", handle="", provider_reference="2026", currency="CNY",
        amount_minor=5_000, total_minor=125_000, reason="多付",
    )  # fmt: skip
    yes = {"code": "10000", "trade_no": "2026", "out_trade_no": "20260710aabb", "fund_change": "Y"}
    provider.answer = answers(keys, yes, method="alipay.trade.refund")
    assert gateway.refund(asked) == "2026:R1"
    no = {"code": "40004", "sub_code": "ACQ.SELLER_BALANCE_NOT_ENOUGH"}
    provider.answer = answers(keys, no, method="alipay.trade.refund")
    with pytest.raises(GatewayRefused, match="BALANCE"):
        gateway.refund(asked)


@pytest.mark.parametrize("how", ["dropped", "error", "signed by a thief", "busy", "no object"])
def test_without_a_clear_answer_nothing_is_certain(gateway, provider, keys, how):
    paid = {"code": "10000", "out_trade_no": "20260710aabb", "trade_status": "TRADE_SUCCESS", "total_amount": "1.00"}
    provider.answer = {
        "dropped": lambda _asked: None,
        "error": lambda _asked: (503, {}, b""),
        "signed by a thief": answers(keys, paid, key=keys[2]),
        "busy": answers(keys, {"code": "20000", "sub_code": "isp.unknow-error"}),
        "no object": lambda _asked: (200, {}, as_json([])),
    }[how]
    with pytest.raises(GatewayUnsure):
        gateway.query("20260710aabb", "", now=NOON)


def test_a_notification(gateway, keys):
    news = gateway.read({}, notice(keys[1]), now=NOON)
    assert (news.event_id, news.number, news.state) == ("4a91b7a78a5036", "20260710aabb", NewsState.PAID)
    assert (news.provider_reference, news.amount_minor) == ("2026071021001003030200089909", 125_000)
    assert news.paid_at.astimezone(UTC) == datetime(2026, 7, 10, 4, 0, 5, tzinfo=UTC)
    assert gateway.answer(is_taken=True)[2] == "success"
    assert gateway.answer(is_taken=False)[2] == "failure"


def test_a_notification_to_another_application(gateway, keys):
    assert gateway.read({}, notice(keys[1], app_id="2026000009"), now=NOON) is None


def test_an_amount_that_is_none_is_never_the_right_one(gateway, keys):
    assert gateway.read({}, notice(keys[1], total_amount="1250.001"), now=NOON).amount_minor is None


@pytest.mark.parametrize("how", ["thief", "changed", "unsigned", "twice the same field", "nonsense"])
def test_a_forged_notification(gateway, keys, how):
    body = notice(keys[1])
    body = {
        "thief": notice(keys[2]),
        "changed": body.replace(b"1250.00", b"9250.00"),
        "unsigned": urlencode(NOTICE | {"sign": base64.b64encode(b"x").decode(), "sign_type": "RSA2"}).encode(),
        "twice the same field": b"total_amount=1.00&" + body,
        "nonsense": b"\xff\xfe",
    }[how]
    with pytest.raises(CallbackForged):
        gateway.read({}, body, now=NOON)


def test_keys_as_the_tool_of_alipay_writes_them(gateway, keys, settings, tmp_path):
    bare = "".join(keys[0].private_file.read_text().splitlines()[1:-1])
    (tmp_path / "bare.txt").write_text(bare)
    settings.HUIKUAN_ALIPAY_KEY_FILE = str(tmp_path / "bare.txt")
    again = Alipay()
    assert again.create(order()).address == gateway.create(order()).address
