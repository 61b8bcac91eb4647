"""A mail service behind the same port: exact ends, receipts by its hook; and the robots of the staff's groups."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from huikuan.adapters.bots.robot import Bot, BotRefusedError
from huikuan.adapters.mail_service.callbacks import read
from huikuan.adapters.mail_service.channel import ServiceChannel
from huikuan.outreach.callbacks import Call, ForgedError, UnreadableError
from huikuan.outreach.ports import Accepted, Mail, PermanentRefusal, TemporaryRefusal, Unknown
from huikuan.policy.commands import install_default
from huikuan.runs.models import Run
from huikuan.runs.staff import tell_staff
from tests.people import NOON, TODAY
from tests.sms_servers import SECRET, sms_server

MAIL = Mail(
    key="email/1/CNY/friendly/2026-07-05/0", sender_address="ar@huatai.example", sender_name="华泰建材",
    address="wang@tianhe.example", addressee="王芳", language="zh-hans", subject="付款提醒", text="欠款 ¥86,000.00",
    html="<p>欠款</p>",
)  # fmt: skip


@pytest.fixture
def service(settings):
    settings.HUIKUAN_MAIL_SERVICE, settings.HUIKUAN_MAIL_SERVICE_KEY = "brevo", SECRET
    settings.HUIKUAN_MAIL_SERVICE_HOOK = "hook:secret"
    settings.EMAIL_TIMEOUT = 1
    with sms_server("brevo") as running:
        yield running


def send(service):
    return ServiceChannel(api_url=service.url).send(MAIL, NOON)


def test_a_mail_is_taken_with_our_key(service):
    assert send(service) == Accepted("brevo:brevo-1")
    (taken,) = service.accepted
    assert (taken["number"], taken["text"]) == ("wang@tianhe.example", "欠款 ¥86,000.00")
    assert MAIL.key in taken["headers"]["X-Mailin-custom"]


@pytest.mark.parametrize(
    ("fault", "outcome", "taken"),
    [
        ("silent", Unknown, 1),
        ("reset-after", Unknown, 1),
        ("malformed", Unknown, 1),
        ((500, {}), Unknown, 0),
        ((429, {"code": "too_many_requests"}), TemporaryRefusal, 0),
        ((401, {"code": "unauthorized"}), TemporaryRefusal, 0),
        ((400, {"code": "invalid_parameter"}), PermanentRefusal, 0),
    ],
    ids=str,
)
def test_what_is_certain_after_a_fault(service, fault, outcome, taken):
    service.fault, service.retry_after = fault, "60" if fault[0] == 429 else ""
    got = send(service)
    assert isinstance(got, outcome), got
    assert len(service.accepted) == taken
    if fault[0] == 429:
        assert got.retry_after_seconds == 60


def test_nobody_listens_nothing_left(service):
    assert isinstance(ServiceChannel(api_url="http://127.0.0.1:9/").send(MAIL, NOON), TemporaryRefusal)


def hook(event, *, secret="hook:secret"):
    said = {"event": event, "email": "wang@tianhe.example", "message-id": "<1@brevo>", "ts_epoch": 1783656000000,
            "X-Mailin-custom": json.dumps({"key": MAIL.key})}  # fmt: skip
    authorization = base64.b64encode(secret.encode()).decode()
    headers = {"Content-Type": "application/json", "Authorization": f"Basic {authorization}"}
    return Call("https://x/hooks/messages/brevo/", "", headers, json.dumps(said).encode())


@pytest.mark.parametrize(("event", "state"), [("delivered", "DELIVERED"), ("hard_bounce", "BOUNCED")])
def test_its_receipts_are_read(service, event, state):
    (told,) = read(hook(event), NOON).told
    assert (told.state, told.key, told.reference) == (state, MAIL.key, "<1@brevo>")


def test_what_the_service_saw_opened_is_not_ours_to_note(service):
    assert read(hook("opened"), NOON).told == ()


def test_forged_and_unreadable_calls(service, settings):
    with pytest.raises(ForgedError):
        read(hook("delivered", secret="hook:guess"), NOON)
    good = hook("delivered")
    with pytest.raises(UnreadableError):
        read(Call(good.url, "", good.headers, b"{"), NOON)
    settings.HUIKUAN_MAIL_SERVICE_HOOK = ""
    with pytest.raises(ForgedError):
        read(good, NOON)


# --- robots ---------------------------------------------------------------------------------------------------


@pytest.fixture
def group():
    """A group that keeps what is written into it; `answer` is what the robot says."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            self.server.heard.append((self.path, json.loads(body)))
            said = json.dumps(self.server.answer).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_words):
            """Keep quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.heard, server.answer = [], {"errcode": 0}
    server.url = f"http://127.0.0.1:{server.server_address[1]}/robot?access_token=x"
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


AT = datetime(2026, 7, 10, 4, tzinfo=UTC)


def test_wecom(group):
    Bot("wecom", group.url).tell("今日作业完成", now=AT)
    assert group.heard[0][1] == {"msgtype": "text", "text": {"content": "今日作业完成"}}


def test_dingtalk_signs_in_the_address(group):
    Bot("dingtalk", group.url, "SECabc").tell("完成", now=AT)
    query = parse_qs(urlsplit(group.heard[0][0]).query)
    stamp = query["timestamp"][0]
    expected = hmac.new(b"SECabc", f"{stamp}\nSECabc".encode(), hashlib.sha256).digest()
    assert (stamp, base64.b64decode(query["sign"][0])) == ("1783656000000", expected)


def test_feishu_signs_in_the_body(group):
    group.answer = {"code": 0}
    Bot("feishu", group.url, "abc").tell("完成", now=AT)
    body = group.heard[0][1]
    expected = hmac.new(b"1783656000\nabc", b"", hashlib.sha256).digest()
    assert (body["timestamp"], base64.b64decode(body["sign"])) == ("1783656000", expected)


@pytest.mark.parametrize("answer", [{"errcode": 310000, "errmsg": "sign not match"}, {"code": 19021}, {}])
def test_a_robot_that_refuses_is_said_so(group, answer):
    group.answer = answer
    with pytest.raises(BotRefusedError):
        Bot("dingtalk", group.url, "x").tell("完成", now=AT)


@pytest.mark.django_db
def test_after_a_run_the_group_hears_counts_and_no_names(group, settings, huatai, tianhe):
    policy = install_default(entity_id=huatai.pk, starts_on=date(2020, 1, 1), now=NOON)
    run = Run.objects.create(
        entity=huatai, as_of=TODAY, policy_version=policy, state=Run.State.DONE, started_at=NOON, ended_at=NOON
    )
    assert not tell_staff(run, now=NOON), "no group is set up"
    settings.HUIKUAN_BOTS = {huatai.code: {"kind": "wecom", "url": group.url, "secret": ""}}
    assert tell_staff(run, now=NOON)
    text = group.heard[0][1]["text"]["content"]
    assert "New: 0 tasks, 0 messages." in text
    assert tianhe.name not in text
    group.answer = {"errcode": 45009}
    assert not tell_staff(run, now=NOON)
