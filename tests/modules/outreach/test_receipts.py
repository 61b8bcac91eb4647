"""Receipts: repeated, early, late, out of order, unknown, forged. The end is the same, and nothing leaves twice."""

import itertools
import json
from urllib.parse import urlencode

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError, IntegrityError

from huikuan.adapters.sms_twilio import callbacks as twilio
from huikuan.outreach import ports
from huikuan.outreach.callbacks import Told
from huikuan.outreach.commands.receipts import note_receipt
from huikuan.outreach.commands.reconcile import reconcile_not_sent
from huikuan.outreach.jobs import settle_doubts
from huikuan.outreach.models import Contact, Delivery, DeliveryEvent, InboundMessage, ProviderReceipt
from huikuan.outreach.rules.receipts import RANK, TOLD, state_after
from huikuan.outreach.worker import Worker
from tests.people import NOON

pytestmark = pytest.mark.django_db

KEY = "sms/1"


@pytest.fixture
def queued(tianhe, wang, queue_one):
    return queue_one(tianhe, key=KEY, channel="SMS")


@pytest.fixture
def worker(db, wired, clock, settings):
    settings.HUIKUAN_PORTS = {**settings.HUIKUAN_PORTS, "outreach.sms": "x"}
    return Worker("SMS", clock=clock)


@pytest.fixture
def sent(worker, queued, channel):
    channel.outcomes = [ports.Accepted("aliyun:B1")]
    worker.drain()
    return Delivery.objects.get(pk=queued.pk)


def told(state="DELIVERED", reference="B1", key="", detail=""):
    return Told(reference, key, state, NOON, detail, {"raw": state})


def note(state="DELIVERED", reference="B1", key="", provider="aliyun"):
    return note_receipt(provider=provider, told=told(state, reference, key), now=NOON)


def state_of(delivery):
    return Delivery.objects.get(pk=delivery.pk).state


def test_a_receipt_moves_its_delivery_once(sent):
    assert note() == "TAKEN"
    assert note() == "REPEATED"
    assert state_of(sent) == "DELIVERED"
    assert ProviderReceipt.objects.count() == 1
    assert list(DeliveryEvent.objects.filter(delivery=sent).values_list("state", flat=True))[-2:] == [
        "SENT", "DELIVERED",
    ]  # fmt: skip
    assert Contact.objects.count() == 1


@pytest.mark.parametrize("order", list(itertools.permutations(sorted(TOLD), 3)), ids=str)
def test_whatever_the_order_the_end_is_the_same(sent, order):
    for state in order:
        note(state)
    assert state_of(sent) == max(order, key=RANK.__getitem__)
    assert ProviderReceipt.objects.filter(delivery=sent).exclude(taken_at=None).count() == 3


def test_the_rule_is_a_maximum():
    for first, second in itertools.product(RANK, repeat=2):
        assert state_after(first, second) == state_after(second, first)
        assert state_after(first, first) == first


@pytest.mark.parametrize("key", ["", KEY], ids=["by number", "by our key"])
def test_a_receipt_before_our_call_is_answered_counts_when_the_send_settles(worker, queued, channel, key):
    class Early(type(channel)):
        def send(self, mail, now):
            assert note(key=key) == "WAITING"
            return ports.Accepted("aliyun:B1")

    worker.channel = Early()
    worker.drain()
    assert state_of(queued) == "DELIVERED"
    assert ProviderReceipt.objects.get().delivery_id == queued.pk
    assert Contact.objects.count() == 1


@pytest.mark.parametrize(
    "outcome", [ports.Unknown("NO_ANSWER"), ports.TemporaryRefusal("429"), ports.PermanentRefusal("x")], ids=repr
)
def test_a_receipt_proves_that_it_left_whatever_we_believed(worker, queued, channel, outcome, clock):
    channel.outcomes = [outcome]
    worker.drain()
    assert note(key=KEY) == "TAKEN"
    assert state_of(queued) == "DELIVERED"
    assert Contact.objects.get().delivery_id == queued.pk
    assert Delivery.objects.get(pk=queued.pk).provider_reference == "aliyun:B1"
    clock.advance(days=2)
    worker.drain()
    assert len(channel.sent) == 1, "it is not sent again"


def test_a_person_said_it_did_not_leave_and_the_receipt_says_it_did(worker, queued, channel, finance, clock):
    channel.outcomes = [ports.Unknown("NO_ANSWER"), ports.Accepted("aliyun:B2")]
    worker.drain()
    reconcile_not_sent(delivery_id=queued.pk, evidence="the log", actor=finance, now=NOON)
    note(key=KEY)
    worker.drain()
    assert (state_of(queued), len(channel.sent)) == ("DELIVERED", 1)


def test_a_receipt_that_comes_while_nobody_knows_is_found_when_the_worker_is_given_up(worker, queued, channel, clock):
    class Dying(type(channel)):
        def send(self, mail, now):
            note(key=KEY)
            raise KeyboardInterrupt

    worker.channel = Dying()
    with pytest.raises(KeyboardInterrupt):
        worker.drain()
    assert state_of(queued) == "SENDING"
    worker.channel = channel
    clock.advance(hours=1)
    worker.turn()
    assert (state_of(queued), channel.sent) == ("DELIVERED", [])


def test_what_nobody_knows_is_kept_and_changes_nothing(sent):
    assert note(reference="other") == "WAITING"
    assert note(reference="B1", provider="twilio") == "WAITING", "two providers may number alike"
    assert note(key="no such key") == "WAITING"
    assert state_of(sent) == "SENT"
    assert ProviderReceipt.objects.filter(delivery=None).count() == 3


def test_what_was_said_never_changes(sent):
    note()
    for change in ({"state": "FAILED"}, {"raw": {}}, {"reference": "x"}):
        with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
            ProviderReceipt.objects.update(**change)
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        ProviderReceipt.objects.all().delete()
    assert connection.vendor in {"sqlite", "postgresql"}


class TracingChannel:
    """Answers when asked back."""

    def __init__(self, found):
        self.found, self.asked = found, []

    def ready(self):
        return None

    def send(self, mail, now):
        return ports.Unknown("NO_ANSWER")

    def find(self, mail, *, handed_over_at, now):
        self.asked.append(mail.key)
        return self.found

    def close(self):
        """Nothing is open."""


@pytest.mark.parametrize(("found", "state", "count"), [("aliyun:B9", "SENT", 1), ("", "UNKNOWN", 0)])
def test_doubts_are_settled_by_asking_back_and_only_by_a_yes(
    worker, queued, monkeypatch, found, state, count, settings
):
    tracing = TracingChannel(found)
    worker.channel = tracing
    worker.drain()
    assert state_of(queued) == "UNKNOWN"
    monkeypatch.setattr(ports, "channel", lambda kind: tracing)
    assert settle_doubts(now=NOON) == count
    assert state_of(queued) == state
    assert Contact.objects.count() == count
    assert tracing.asked == [KEY]


# --- the addresses that providers call ------------------------------------------------------------------------


@pytest.fixture
def called(client, settings):
    settings.HUIKUAN_HOOKS_TOKEN = "long-secret"
    settings.HUIKUAN_SMS_KEY_SECRET = "twilio-secret"
    settings.HUIKUAN_CALLBACKS = {
        name: f"huikuan.adapters.sms_{name}.callbacks.read" for name in ("aliyun", "tencent", "twilio")
    }

    def call(path, body, **headers):
        return client.post(
            f"/hooks/messages/{path}", body, content_type=headers.pop("type", "application/json"), **headers
        )

    return call


def aliyun_report(**changes):
    return json.dumps([{
        "phone_number": "13800000001", "send_time": "2026-07-10 12:00:00", "report_time": "2026-07-10 12:00:05",
        "success": True, "err_code": "DELIVERED", "err_msg": "用户接收成功", "sms_size": "1", "biz_id": "B1",
        "out_id": KEY, **changes,
    }])  # fmt: skip


def tencent_report(**changes):
    return json.dumps([{
        "user_receive_time": "2026-07-10 12:00:05", "nationcode": "86", "mobile": "13800000001",
        "report_status": "SUCCESS", "errmsg": "DELIVRD", "description": "用户短信送达成功", "sid": "S1", **changes,
    }])  # fmt: skip


def test_aliyun_tells(called, sent):
    for _time in range(2):
        answer = called("aliyun/long-secret/", aliyun_report())
        assert (answer.status_code, answer.json()["code"]) == (200, 0)
    assert state_of(sent) == "DELIVERED"
    receipt = ProviderReceipt.objects.get()
    assert (receipt.at.isoformat(), receipt.raw["err_msg"]) == ("2026-07-10T04:00:05+00:00", "用户接收成功")


def test_aliyun_tells_of_a_number_that_is_gone(called, sent):
    called("aliyun/long-secret/", aliyun_report(success=False, err_code="MOBILE_NOT_ON_SERVICE", err_msg="空号"))
    assert state_of(sent) == "BOUNCED"
    assert "空号" in Delivery.objects.get(pk=sent.pk).last_error


def test_tencent_tells(called, worker, queued, channel):
    channel.outcomes = [ports.Accepted("tencent:S1")]
    worker.drain()
    answer = called("tencent/long-secret/", tencent_report(report_status="FAIL", errmsg="MK:0001"))
    assert answer.json() == {"result": 0, "errmsg": "OK"}
    assert state_of(queued) == "FAILED"
    called("tencent/long-secret/", tencent_report())
    assert state_of(queued) == "DELIVERED"


def twilio_call(called, fields, *, token="twilio-secret"):
    path, body = f"twilio/?{urlencode({'key': KEY})}", urlencode(fields)
    url = f"http://127.0.0.1:8000/hooks/messages/{path}"
    signed = twilio.signature(url, list(fields.items()), token)
    return called(path, body, media_type="application/x-www-form-urlencoded", headers={"X-Twilio-Signature": signed})


def test_twilio_tells_before_we_know_its_number(called, worker, queued, channel):
    channel.outcomes = [ports.Unknown("NO_ANSWER")]
    worker.drain()
    assert twilio_call(called, {"MessageSid": "SM1", "MessageStatus": "sent"}).status_code == 200
    assert state_of(queued) == "UNKNOWN", "sent by Twilio is not more than we will ask back"
    twilio_call(called, {"MessageSid": "SM1", "MessageStatus": "delivered"})
    assert state_of(queued) == "DELIVERED"


def test_the_published_example_of_twilios_signature():
    """twilio.com/docs/usage/security: its address, its fields, its token."""
    fields = [("CallSid", "CA1234567890ABCDE"), ("Caller", "+12349013030"), ("Digits", "1234"),
              ("From", "+12349013030"), ("To", "+18005551212")]  # fmt: skip
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert twilio.signature(url, fields, "12345") == "0/KCTR6DLpKmkAf8muzZqo1nDgQ="


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("aliyun/wrong/", aliyun_report()),
        ("aliyun/", aliyun_report()),
        ("tencent/wrong/", tencent_report()),
        ("twilio/", "MessageSid=SM1&MessageStatus=delivered"),
    ],
)
def test_forged_calls_change_nothing(called, sent, path, body):
    assert called(path, body).status_code == 403
    assert state_of(sent) == "SENT"
    assert ProviderReceipt.objects.count() == 0


def test_a_call_signed_with_another_token_is_forged(called, sent):
    answer = twilio_call(called, {"MessageSid": "SM1", "MessageStatus": "delivered"}, token="guess")
    assert (answer.status_code, ProviderReceipt.objects.count()) == (403, 0)


def test_without_a_secret_nobody_is_believed(called, sent, settings):
    settings.HUIKUAN_HOOKS_TOKEN = settings.HUIKUAN_SMS_KEY_SECRET = ""
    assert called("aliyun/", aliyun_report()).status_code == 403
    assert twilio_call(called, {"MessageSid": "SM1", "MessageStatus": "delivered"}, token="").status_code == 403


@pytest.mark.parametrize("body", ["", "{", "[1]", "[{}]", "null", '[{"biz_id": "B1", "success": true}]', "[" * 100_000])
def test_what_cannot_be_read_is_said_so(called, sent, body):
    assert called("aliyun/long-secret/", body).status_code == 400
    assert ProviderReceipt.objects.count() == 0


def test_who_is_not_in_use_has_no_address_and_nobody_reads_pages_there(called, settings, client):
    settings.HUIKUAN_CALLBACKS = {}
    assert called("aliyun/long-secret/", aliyun_report()).status_code == 404
    assert client.get("/hooks/messages/aliyun/long-secret/").status_code == 405
    settings.HUIKUAN_CALLBACKS = {"aliyun": "huikuan.adapters.sms_aliyun.callbacks.read"}
    assert called("aliyun/long-secret/", "[" + " " * 1_000_001 + "]").status_code == 413


REPLIES = [
    (
        "aliyun/long-secret/",
        json.dumps([{
            "phone_number": "13800000001", "send_time": "2026-07-10 12:00:00", "content": "下周五付5万",
            "sequence_id": 7,
        }]),
    ),
    (
        "tencent/long-secret/",
        json.dumps({
            "extend": "", "mobile": "13800000001", "nationcode": "86", "sign": "华泰", "text": "下周五付5万",
            "time": 1783656000,
        }),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body"), REPLIES, ids=["aliyun", "tencent"])
def test_an_answer_by_text_message_comes_in_once_and_is_known_by_its_number(called, sent, path, body):
    for _time in range(2):
        assert called(path, body).status_code == 200
    reply = InboundMessage.objects.get()
    assert (reply.channel, reply.sender, reply.text) == ("SMS", "+8613800000001", "下周五付5万")
    assert called(path.replace("long-secret", "guess"), body.replace("5万", "6万")).status_code == 403
    assert InboundMessage.objects.count() == 1


def test_an_answer_by_twilio(called, sent):
    answer = twilio_call(called, {"MessageSid": "SM9", "From": "+8613800000001", "Body": "STOP", "To": "+1555"})
    assert (answer.content, answer["Content-Type"]) == (b"<Response/>", "text/xml")
    assert InboundMessage.objects.get().text == "STOP"
