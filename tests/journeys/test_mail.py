"""A claim is booked, a reminder is due, and a real mail with the right amounts arrives, by the real gate and words."""

from datetime import date

import pytest

from huikuan.adapters.smtp.channel import SmtpChannel
from huikuan.adapters.smtp.conversation import Server
from huikuan.kernel.rates import parse_rate
from huikuan.outreach import ports
from huikuan.outreach.commands.queue import enqueue
from huikuan.outreach.models import Contact, Delivery
from huikuan.outreach.worker import Worker
from huikuan.parties.models import ContactPerson
from huikuan.policy.commands import install_default
from huikuan.receivables.commands.contracts import open_contract
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.commands.receipts import book_receipt
from huikuan.receivables.rules.terms import Terms
from tests.mail_sink import mail_sink
from tests.people import NOON, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def sink():
    with mail_sink() as running:
        yield running


@pytest.fixture
def worker(monkeypatch, sink):
    server = Server(
        host=sink.host, port=sink.port, user="", password="", starttls=False, tls=False, timeout_seconds=5,
        answer_seconds_max=5,
    )  # fmt: skip
    monkeypatch.setattr(ports, "channel", lambda kind: SmtpChannel(server))
    made = Worker(clock=lambda: NOON)
    yield made
    made.close()


@pytest.fixture
def overdue(huatai, tianhe, finance):
    """Two items, five days overdue, at 0.05 % a day: 146 000.00 and 365.00."""
    huatai.email_from = "ar@huatai.example"
    huatai.save()
    install_default(entity_id=huatai.pk, starts_on=date(2020, 1, 1), now=NOON)
    contract = open_contract(
        customer_id=tianhe.pk, actor=finance, now=NOON, number="HT-1", clause="第7条",
        terms=Terms(kind="PER_DAY", rate_ppb=parse_rate("0.05%")),
    )  # fmt: skip
    for number, amount_minor in (("INV-1", 6000000), ("INV-2", 8600000)):
        book_item(
            customer_id=tianhe.pk, number=number, amount_minor=amount_minor, issued_on=date(2026, 6, 5),
            due_on=date(2026, 7, 5), contract_id=contract.pk, actor=finance, now=NOON,
        )  # fmt: skip
    ContactPerson.objects.create(
        customer=tianhe, name="王芳", role="PAYER", email="wang@tianhe.example", created_at=NOON
    )


def remind(customer, key="reminder"):
    return enqueue(
        key=key, customer_id=customer.pk, template="friendly", step_code="friendly", currency="CNY", as_of=TODAY,
        not_before=NOON, now=NOON,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("language", "subject", "penalty"),
    [
        ("zh-hans", "华泰建材有限公司付款提醒：2笔款项已到期，合计¥146,000.00", "逾期违约金为 ¥365.00"),
        ("en", "Payment reminder from Huatai Materials: 2 item(s) due, ¥146,000.00 in all", "amounts to ¥365.00"),
    ],
)
def test_the_reminder_arrives_with_the_right_amounts(worker, sink, overdue, tianhe, language, subject, penalty):
    tianhe.language = language
    tianhe.save()
    delivery = remind(tianhe)
    worker.drain()
    (message,) = sink.accepted
    assert message["Subject"] == subject
    assert message["X-Envelope-To"] == "wang@tianhe.example"
    text = message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    for sentence in [penalty, "王芳", "INV-1", "¥60,000.00", "INV-2", "¥86,000.00", "¥150.00", "¥215.00"]:
        assert sentence in text, sentence
        assert sentence in html, sentence
    sent = Delivery.objects.get(pk=delivery.pk)
    assert (sent.state, sent.message.facts["penalty_minor"]) == ("SENT", 36500)
    assert Contact.objects.get(delivery=sent).address == "wang@tianhe.example"


def test_money_that_arrives_in_time_stops_the_letter(worker, sink, overdue, tianhe, finance):
    delivery = remind(tianhe)
    book_receipt(
        customer_id=tianhe.pk, reference="R1", received_on=TODAY, amount_minor=14600000, actor=finance, now=NOON
    )
    worker.drain()
    assert sink.accepted == []
    assert (Delivery.objects.get(pk=delivery.pk).state, Contact.objects.count()) == ("CANCELLED", 0)


def test_two_reminders_on_one_day_are_one_letter_and_a_wait(worker, sink, overdue, tianhe):
    remind(tianhe)
    second = remind(tianhe, key="again")
    worker.drain()
    assert len(sink.accepted) == 1
    waiting = Delivery.objects.get(pk=second.pk)
    assert (waiting.state, waiting.last_error.split(":")[0]) == ("QUEUED", "demand_gap")
