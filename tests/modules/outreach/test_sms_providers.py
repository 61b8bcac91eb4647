"""Each provider's contract against a local server that verifies our signatures, and every way in which it may fail."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from huikuan.adapters.sms_aliyun import signing as aliyun_signing
from huikuan.adapters.sms_aliyun.channel import HOLE as ALIYUN_HOLE
from huikuan.adapters.sms_aliyun.channel import AliyunSms
from huikuan.adapters.sms_approved import Key
from huikuan.adapters.sms_templates import NotApprovedError, TemplatesUnreadableError, read_approved
from huikuan.adapters.sms_tencent import signing as tencent_signing
from huikuan.adapters.sms_tencent.channel import HOLE as TENCENT_HOLE
from huikuan.adapters.sms_tencent.channel import TencentSms
from huikuan.adapters.sms_twilio.channel import TwilioSms
from huikuan.outreach.ports import Accepted, Mail, PermanentRefusal, TemporaryRefusal, Unknown
from tests.people import NOON
from tests.sms_servers import KEY_ID, SECRET, sms_server

WORDS = "【华泰建材有限公司】天和贸易：INV-1等2笔款项¥146,000.00已过约定付款日5天，烦请安排。咨询0571-8888。"
APPROVED = {
    "aliyun": "${who}：${items}款项${amount}已过约定付款日${days}天，烦请安排。咨询${phone}。",
    "tencent": "{1}：{2}款项{3}已过约定付款日{4}天，烦请安排。咨询{5}。",
}
VALUES = ["天和贸易", "INV-1等2笔", "¥146,000.00", "5", "0571-8888"]
PROVIDERS = ["aliyun", "tencent", "twilio"]


def mail(**changes):
    return Mail(**{
        "key": "sms/12/CNY/friendly/2026-07-05/0", "sender_address": "", "sender_name": "", "address": "+8613800000001",
        "addressee": "王芳", "language": "zh-hans", "subject": "", "text": WORDS, "html": "", **changes,
    })  # fmt: skip


def approved_file(tmp_path, name, text=None):
    path = tmp_path / f"{name}.yaml"
    template = f"{{code: '1110', text: '{text or APPROVED[name]}'}}"
    path.write_text(f"signatures: {{华泰建材有限公司: 华泰建材}}\ntemplates: [{template}]\n", encoding="utf-8")
    return read_approved(path, {"aliyun": ALIYUN_HOLE, "tencent": TENCENT_HOLE}[name])


def channel_of(name, url, tmp_path):
    if name == "twilio":
        return TwilioSms(url, account=(KEY_ID, SECRET), sender="+15550001111")
    if name == "aliyun":
        return AliyunSms(url, key=Key(KEY_ID, SECRET), texts=approved_file(tmp_path, name))
    return TencentSms(url, key=Key(KEY_ID, SECRET), texts=approved_file(tmp_path, name))


@pytest.fixture(params=PROVIDERS)
def provider(request):
    with sms_server(request.param) as running:
        yield running


@pytest.fixture
def channel(provider, tmp_path, settings):
    settings.HUIKUAN_SMS_TIMEOUT_SECONDS = 1
    settings.HUIKUAN_SMS_APP_ID = "1400006666"
    made = channel_of(provider.name, provider.url, tmp_path)
    yield made
    made.close()


def test_a_message_is_taken_as_the_contract_says(provider, channel):
    outcome = channel.send(mail(), NOON)
    (taken,) = provider.accepted
    assert outcome == Accepted(f"{provider.name}:{taken['reference']}")
    assert taken["key"] == mail().key
    if provider.name == "twilio":
        assert (taken["number"], taken["text"], taken["sender"]) == ("+8613800000001", WORDS, "+15550001111")
        assert taken["callback"].startswith("http://127.0.0.1:8000/hooks/messages/twilio/?key=sms%2F12")
    else:
        assert (taken["code"], taken["signature"]) == ("1110", "华泰建材")
        values = taken["values"].values() if provider.name == "aliyun" else taken["values"]
        assert list(values) == VALUES
        assert taken["number"] == ("13800000001" if provider.name == "aliyun" else "+8613800000001")


@pytest.mark.parametrize(
    ("fault", "outcome", "taken"),
    [
        ("silent", Unknown, 1),
        ("reset-after", Unknown, 1),
        ("reset-before", Unknown, 0),
        ("malformed", Unknown, 1),
        ("empty", Unknown, 1),
        ((500, {}), Unknown, 0),
        ((502, "<html>bad gateway</html>"), Unknown, 0),
        ((429, "slow down"), TemporaryRefusal, 0),
        ((403, "<html>proxy says no</html>"), TemporaryRefusal, 0),
    ],
    ids=str,
)
def test_what_is_certain_after_a_fault(provider, channel, fault, outcome, taken):
    provider.fault, provider.retry_after = fault, "90" if fault[0] == 429 else ""
    got = channel.send(mail(), NOON)
    assert isinstance(got, outcome), got
    assert len(provider.accepted) == taken
    if fault[0] == 429:
        assert got.retry_after_seconds == 90


def test_nobody_listens_nothing_left(provider, tmp_path, settings):
    settings.HUIKUAN_SMS_TIMEOUT_SECONDS = 1
    away = channel_of(provider.name, "http://127.0.0.1:9", tmp_path)
    assert isinstance(away.send(mail(), NOON), TemporaryRefusal)


ANSWERS = [
    ("aliyun", 200, {"Code": "isv.MOBILE_NUMBER_ILLEGAL", "Message": "x"}, PermanentRefusal),
    ("aliyun", 200, {"Code": "isv.SMS_TEMPLATE_ILLEGAL", "Message": "x"}, PermanentRefusal),
    ("aliyun", 200, {"Code": "isv.BUSINESS_LIMIT_CONTROL", "Message": "x"}, TemporaryRefusal),
    ("aliyun", 400, {"Code": "Throttling.User", "Message": "x"}, TemporaryRefusal),
    ("aliyun", 400, {"Code": "SignatureDoesNotMatch", "Message": "x"}, TemporaryRefusal),
    ("aliyun", 200, {"Code": "isp.SYSTEM_ERROR", "Message": "x"}, Unknown),
    ("aliyun", 200, {"Code": "OK", "Message": "OK"}, Unknown),
    ("tencent", 200, {"Response": {"SendStatusSet": [{"Code": "InvalidParameterValue.IncorrectPhoneNumber"}]}},
     PermanentRefusal),
    ("tencent", 200, {"Response": {"SendStatusSet": [{"Code": "LimitExceeded.PhoneNumberDailyLimit"}]}},
     TemporaryRefusal),
    ("tencent", 200, {"Response": {"Error": {"Code": "AuthFailure.SecretIdNotFound"}}}, TemporaryRefusal),
    ("tencent", 200, {"Response": {"Error": {"Code": "InternalError.Timeout"}}}, Unknown),
    ("tencent", 200, {"Response": {"SendStatusSet": "x"}}, Unknown),
    ("twilio", 400, {"code": 21211, "message": "Invalid 'To' Phone Number"}, PermanentRefusal),
    ("twilio", 400, {"code": 21610, "message": "unsubscribed recipient"}, PermanentRefusal),
    ("twilio", 429, {"code": 20429, "message": "Too Many Requests"}, TemporaryRefusal),
    ("twilio", 401, {"code": 20003, "message": "Authenticate"}, TemporaryRefusal),
    ("twilio", 503, {"code": 20500, "message": "Internal Server Error"}, Unknown),
]  # fmt: skip


@pytest.mark.parametrize(("name", "status", "content", "outcome"), ANSWERS, ids=lambda value: str(value)[:40])
def test_what_an_answer_means(name, status, content, outcome, tmp_path, settings):
    with sms_server(name) as provider:
        provider.fault = (status, content)
        assert isinstance(channel_of(name, provider.url, tmp_path).send(mail(), NOON), outcome)


def test_what_is_in_doubt_is_found_again_by_asking_back(tmp_path, settings):
    settings.HUIKUAN_SMS_TIMEOUT_SECONDS = 1
    settings.HUIKUAN_SMS_APP_ID = "1400006666"
    for name in PROVIDERS:
        with sms_server(name) as provider:
            channel = channel_of(name, provider.url, tmp_path)
            assert channel.find(mail(), handed_over_at=NOON, now=NOON) == ""
            provider.fault = "reset-after"
            assert isinstance(channel.send(mail(), NOON), Unknown)
            provider.fault = ""
            assert channel.find(mail(), handed_over_at=NOON, now=NOON).startswith(f"{name}:")
            other = mail(key="another", text="other words")
            assert channel.find(other, handed_over_at=NOON, now=NOON) == ""
            later = NOON + timedelta(days=3)
            assert channel.find(mail(), handed_over_at=NOON, now=later).startswith(f"{name}:")
            for fault in ("malformed", "empty", (200, {"Response": {"Error": {"Code": "InternalError"}}})):
                provider.fault = fault
                assert channel.find(mail(), handed_over_at=NOON, now=NOON) == ""


@pytest.mark.parametrize("name", ["aliyun", "tencent"])
def test_without_its_file_of_approved_texts_a_channel_waits(name, tmp_path, settings):
    settings.HUIKUAN_SMS_TEMPLATES = tmp_path / "missing.yaml"
    with sms_server(name) as provider:
        channel = channel_of(name, provider.url, tmp_path)
        channel.texts = None
        for refusal in (channel.ready(), channel.send(mail(), NOON)):
            assert isinstance(refusal, TemporaryRefusal)
            assert refusal.detail.startswith("SMS_TEMPLATES_UNREADABLE")
        assert provider.requests == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (WORDS.replace("烦请安排", "请立即付清"), "SMS_TEXT_NOT_APPROVED"),
        (WORDS.replace("华泰建材有限公司", "华泰集团"), "SMS_SIGNATURE_NOT_APPROVED"),
        ("天和贸易：请付款", "SMS_UNSIGNED"),
    ],
)
def test_what_is_not_approved_is_refused_before_it_leaves(text, words, tmp_path):
    with sms_server("aliyun") as provider:
        outcome = channel_of("aliyun", provider.url, tmp_path).send(mail(text=text), NOON)
        assert isinstance(outcome, PermanentRefusal)
        assert words in outcome.detail
        assert provider.requests == []


@pytest.mark.parametrize("address", ["13800000001", "", "wang@tianhe.example", "+86 138"])
def test_a_number_that_is_none_is_refused_before_it_leaves(provider, channel, address):
    assert isinstance(channel.send(mail(address=address), NOON), PermanentRefusal)
    assert provider.requests == []


def test_the_filled_text_says_exactly_the_words(tmp_path):
    texts = approved_file(tmp_path, "aliyun")
    filled = texts.filled(WORDS)
    said = re.sub(r"\$\{(\w+)\}", lambda hole: filled.values[hole[1]], APPROVED["aliyun"])
    assert f"【华泰建材有限公司】{said}" == WORDS


def test_one_hole_twice_stands_for_the_same(tmp_path):
    texts = approved_file(tmp_path, "aliyun", "${a}欠款${b}，${a}请付。")
    assert texts.filled("【华泰建材有限公司】天和欠款5元，天和请付。").values == {"a": "天和", "b": "5元"}
    with pytest.raises(NotApprovedError):
        texts.filled("【华泰建材有限公司】天和欠款5元，地和请付。")


@pytest.mark.parametrize("text", ["${a}${b}", ""])
def test_a_file_that_cannot_work_is_refused_with_its_place(tmp_path, text):
    path = tmp_path / "broken.yaml"
    path.write_text(f"templates: [{{code: x, text: '{text}'}}]" if text else "[", encoding="utf-8")
    with pytest.raises(TemplatesUnreadableError, match=r"broken\.yaml"):
        read_approved(path, ALIYUN_HOLE)


def test_the_published_examples_of_both_signatures():
    """The fixed examples of the two documents: their keys, their instants, their signatures."""
    headers = aliyun_signing.signed_headers(
        Key("YourAccessKeyId", "YourAccessKeySecret"),
        host="ecs.cn-shanghai.aliyuncs.com", action="RunInstances", version="2014-05-26",
        parameters={"ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd", "RegionId": "cn-shanghai"},
        nonce="3156853299f313e23d1673dc12e1703d", now=datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC),
    )  # fmt: skip
    assert headers["authorization"].endswith("06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")
    body = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    signed = tencent_signing.authorization(
        Key("AKID" + "*" * 32, "*" * 32), service="cvm", host="cvm.tencentcloudapi.com",
        action="DescribeInstances", body=body, now=datetime.fromtimestamp(1551113065, UTC),
    )  # fmt: skip
    assert signed.endswith("10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f")
