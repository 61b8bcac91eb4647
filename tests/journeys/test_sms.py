"""The real worker, the real adapter, a provider that verifies and fails, and its calls back: nothing leaves twice."""

from datetime import timedelta

import pytest

from huikuan.adapters.sms_twilio import callbacks
from huikuan.adapters.sms_twilio.channel import TwilioSms
from huikuan.outreach import ports
from huikuan.outreach.commands.queue import enqueue
from huikuan.outreach.fakes import FakeComposer, FakeGuard
from huikuan.outreach.jobs import settle_doubts
from huikuan.outreach.models import Contact, Delivery
from huikuan.outreach.worker import Worker
from huikuan.parties.models import ContactPerson
from tests.people import NOON, TODAY
from tests.sms_servers import KEY_ID, SECRET, sms_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider():
    with sms_server("twilio") as running:
        yield running


@pytest.fixture
def worker(monkeypatch, settings, provider, tianhe):
    settings.HUIKUAN_SMS_TIMEOUT_SECONDS = 1
    settings.HUIKUAN_SMS_KEY_SECRET = SECRET
    settings.HUIKUAN_PORTS = {**settings.HUIKUAN_PORTS, "outreach.sms": "wired below"}
    settings.HUIKUAN_CALLBACKS = {"twilio": "huikuan.adapters.sms_twilio.callbacks.read"}
    monkeypatch.setattr(
        ports, "channel", lambda kind: TwilioSms(provider.url, account=(KEY_ID, SECRET), sender="+15550001111")
    )
    monkeypatch.setattr(ports, "composer", FakeComposer)
    monkeypatch.setattr(ports, "guard", FakeGuard)
    ContactPerson.objects.create(customer=tianhe, name="王芳", role="PAYER", phone="+8613800000001", created_at=NOON)
    enqueue(
        key="sms/1", customer_id=tianhe.pk, template="friendly", step_code="friendly", currency="CNY", as_of=TODAY,
        not_before=NOON, now=NOON, channel="SMS",
    )  # fmt: skip
    clock = {"now": NOON}
    made = Worker("SMS", clock=lambda: clock["now"])
    made.later = lambda **spans: clock.update(now=clock["now"] + timedelta(**spans))
    return made


@pytest.fixture
def tell(client, provider):
    """Let the provider call back about a message that it took, at the address that we gave it."""

    def call(taken, state):
        fields = {"MessageSid": taken["reference"], "MessageStatus": state}
        signed = callbacks.signature(taken["callback"], list(fields.items()), SECRET)
        path = taken["callback"].removeprefix("http://127.0.0.1:8000")
        body = "&".join(f"{name}={value}" for name, value in fields.items())
        return client.post(
            path, body, content_type="application/x-www-form-urlencoded", headers={"X-Twilio-Signature": signed}
        ).status_code

    return call


def state():
    return Delivery.objects.get().state


def test_taken_and_never_answered_is_found_by_asking_back_and_then_delivered(worker, provider, tell):
    provider.fault = "reset-after"
    worker.drain()
    assert state() == "UNKNOWN"
    provider.fault = ""
    for _day in range(3):
        worker.later(days=1)
        worker.drain()
    assert settle_doubts(now=NOON) == 1
    assert state() == "SENT"
    assert [tell(provider.accepted[0], "delivered") for _time in range(2)] == [200, 200]
    assert state() == "DELIVERED"
    assert (len(provider.accepted), Contact.objects.count()) == (1, 1)


def test_too_many_at_once_waits_as_long_as_told_and_leaves_once(worker, provider):
    provider.fault, provider.retry_after = (429, {"code": 20429}), "900"
    worker.drain()
    assert (state(), Delivery.objects.get().not_before) == ("QUEUED", NOON + timedelta(seconds=900))
    provider.fault = ""
    worker.later(minutes=16)
    worker.drain()
    assert (state(), len(provider.accepted)) == ("SENT", 1)


def test_an_error_of_the_server_after_which_the_receipt_comes(worker, provider, tell):
    provider.fault = "malformed"
    worker.drain()
    assert state() == "UNKNOWN"
    tell(provider.accepted[0], "delivered")
    tell(provider.accepted[0], "failed")
    worker.later(days=1)
    worker.drain()
    assert (state(), len(provider.accepted), Contact.objects.count()) == ("DELIVERED", 1, 1)
    assert Delivery.objects.get().receipts.get(state="FAILED").raw["MessageStatus"] == "failed"
