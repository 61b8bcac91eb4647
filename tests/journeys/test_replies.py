"""A mail leaves through SMTP, and what comes back through IMAP finds it: a reply, a return, each taken once."""

import pytest
from django.urls import reverse

from huikuan.adapters.smtp.channel import SmtpChannel
from huikuan.adapters.smtp.conversation import Server
from huikuan.arrangements.models import Promise
from huikuan.cases.jobs import fetch_answers
from huikuan.cases.models import Task
from huikuan.outreach import ports
from huikuan.outreach.commands.queue import enqueue
from huikuan.outreach.fakes import FakeComposer, FakeGuard
from huikuan.outreach.models import Contact, Delivery, InboundMessage
from huikuan.outreach.worker import Worker
from huikuan.parties.models import ContactPerson
from tests.imap_server import PASSWORD, USER, imap_server
from tests.letters_in import a_bounce, a_reply
from tests.mail_sink import mail_sink
from tests.people import NOON, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailbox(settings):
    with imap_server() as running:
        settings.HUIKUAN_IMAP_HOST, settings.HUIKUAN_IMAP_PORT = "127.0.0.1", running.port
        settings.HUIKUAN_IMAP_USER, settings.HUIKUAN_IMAP_PASSWORD = USER, PASSWORD
        settings.HUIKUAN_IMAP_TLS = False
        yield running


@pytest.fixture
def letter(monkeypatch, huatai, tianhe):
    """A confirmation outside the ladder that really left; returns the delivery and the Message-ID on it."""
    ContactPerson.objects.create(
        customer=tianhe, name="王芳", role="PAYER", email="wang@tianhe.example", created_at=NOON
    )  # fmt: skip
    with mail_sink() as sink:
        server = Server(
            host=sink.host, port=sink.port, user="", password="", starttls=False, tls=False, timeout_seconds=5,
            answer_seconds_max=5,
        )  # fmt: skip
        monkeypatch.setattr(ports, "channel", lambda kind: SmtpChannel(server))
        monkeypatch.setattr(ports, "composer", FakeComposer)
        monkeypatch.setattr(ports, "guard", FakeGuard)
        delivery = enqueue(
            key="plan:1/plan_confirmation", customer_id=tianhe.pk, template="plan_confirmation", about="plan:1",
            currency="CNY", as_of=TODAY, not_before=NOON, now=NOON,
        )  # fmt: skip
        worker = Worker(clock=lambda: NOON)
        worker.drain()
        worker.close()
        (mail,) = sink.accepted
    return delivery, mail["Message-ID"]


def fetch():
    return {kind: count for kind, count in fetch_answers(clock=lambda: NOON).items() if count}


def test_a_reply_comes_back_and_its_promise_is_kept_on_record(letter, mailbox, tianhe, owner, client):
    delivery, message_id = letter
    tianhe.collector = owner
    tianhe.save()
    mailbox.put(a_reply("7月17日付5万元", answers=message_id), TODAY)
    assert fetch() == {"REPLY": 1}
    assert fetch() == {}
    delivery.refresh_from_db()
    assert delivery.state == "READ"
    contact = Contact.objects.get(direction="IN")
    client.force_login(owner)
    place = reverse("desk:inbound", args=[contact.inbound_message.pk])
    html = client.get(place).content.decode()
    assert 'name="due_on_1" value="2026-07-17"' in html
    assert 'name="amount_1" value="50000.00"' in html


def test_a_return_comes_back_and_leaves_one_repair_task(letter, mailbox, tianhe):
    delivery, message_id = letter
    mailbox.put(a_bounce(message_id), TODAY)
    assert fetch() == {"BOUNCE": 1, "repair-tasks": 1}
    delivery.refresh_from_db()
    assert (delivery.state, "5.1.1" in delivery.last_error) == ("BOUNCED", True)
    mailbox.uid_validity += 1  # the server numbers anew: the same message again
    assert fetch() == {"known": 1}
    task = Task.objects.get()
    assert (task.kind, task.customer) == ("REPAIR", tianhe)
    assert Delivery.objects.count() == InboundMessage.objects.count() == 1
    assert not Promise.objects.exists()
