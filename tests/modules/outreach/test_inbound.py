"""What comes in, taken: whose it is, what it proves about the message it answers, and what nobody can forge."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from huikuan.adapters.smtp.letter import message_id_of
from huikuan.outreach.commands.inbound import assign_inbound, take_inbound, take_mail
from huikuan.outreach.models import Contact, Delivery, InboundMessage
from huikuan.outreach.ports import Accepted, Unknown
from huikuan.outreach.queries.inbound import of_sender
from huikuan.parties.models import ContactPerson, Customer
from huikuan.receivables.commands.items import book_item
from tests.letters_in import OUR_ADDRESS, a_bounce, a_bounce_in_words, a_reply
from tests.people import NOON, TODAY, a_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(worker, channel, tianhe, wang, queue_one):
    """A reminder that left, with the Message-ID that the mail server saw."""
    delivery = queue_one(tianhe)
    message_id = message_id_of(delivery.key, OUR_ADDRESS)
    channel.outcomes = [Accepted(f"{message_id} 2.0.0 queued")]
    worker.turn()
    delivery.refresh_from_db()
    assert delivery.state == "SENT"
    return delivery, message_id


def take(content, at=NOON + timedelta(hours=1)):
    return take_mail(content=content, now=at)[0]


def state_of(delivery):
    delivery.refresh_from_db()
    return delivery.state


def test_a_reply_joins_the_customer_whose_message_it_answers(sent, tianhe, wang):
    delivery, message_id = sent
    message = take(a_reply("下周五付5万", answers=message_id, sender="someone.else@tianhe.example"))
    assert (message.kind, message.customer, message.matched_by) == ("REPLY", tianhe, "REFERENCE")
    assert message.delivery == delivery
    contact = message.contact
    assert (contact.direction, contact.channel, contact.customer) == ("IN", "EMAIL", tianhe)
    assert "下周五付5万" in contact.summary
    assert state_of(delivery) == "READ"
    assert message.handled_at is None


def test_the_same_message_again_changes_nothing(sent):
    _, message_id = sent
    content = a_reply("ok", answers=message_id)
    first, is_new = take_mail(content=content, now=NOON)
    second, is_new_again = take_mail(content=content, now=NOON + timedelta(days=1))
    assert (is_new, is_new_again, first) == (True, False, second)
    assert Contact.objects.filter(direction="IN").count() == 1


def test_a_reply_is_found_by_its_sender(tianhe, wang):
    message = take(a_reply("hello"))
    assert (message.customer, message.person, message.matched_by) == (tianhe, wang, "SENDER")


def test_a_sender_of_two_customers_is_settled_by_the_number_he_names(tianhe, wang, huatai, finance):
    other = a_customer(huatai, "C-77", "Other")
    ContactPerson.objects.create(customer=other, name="王芳", email="wang@tianhe.example", created_at=NOON)
    message = take(a_reply("which one?"))
    assert message.customer is None
    assert set(message.facts["candidates"]) == {tianhe.pk, other.pk}
    book_item(
        customer_id=other.pk, number="INV-2026-0815", amount_minor=100, issued_on=TODAY, due_on=TODAY, actor=finance,
        now=NOON,
    )  # fmt: skip
    named = take(a_reply("关于 INV-2026-0815", message_id="<r2@tianhe.example>"))
    assert named.customer == other


def test_an_unknown_sender_waits_for_a_person(tianhe, owner):
    message = take(a_reply("hello", sender="nobody@nowhere.example"))
    assert (message.customer, message.contact) == (None, None)
    assign_inbound(message_id=message.pk, customer_id=tianhe.pk, actor=owner, now=NOON)
    message.refresh_from_db()
    assert (message.customer, message.matched_by) == (tianhe, "PERSON")
    assert message.contact.direction == "IN"


@pytest.mark.parametrize("content", [a_bounce, a_bounce_in_words])
def test_returned_mail_marks_the_message_it_gives_back(sent, content):
    delivery, message_id = sent
    message = take(content(message_id))
    assert (message.kind, message.delivery) == ("BOUNCE", delivery)
    assert message.facts["report"]["reason"] == "UNKNOWN_ADDRESS"
    assert state_of(delivery) == "BOUNCED"
    assert not Contact.objects.filter(direction="IN").exists()
    assert message.handled_at is not None


def test_mail_that_is_only_delayed_is_noted_and_no_more(sent):
    delivery, message_id = sent
    message = take(a_bounce(message_id, action="delayed", status="4.4.1"))
    assert (message.kind, state_of(delivery)) == ("DELAY", "SENT")


def test_an_automatic_answer_is_no_answer(sent):
    delivery, message_id = sent
    message = take(a_reply("我在休假", answers=message_id, subject="自动回复: reminder"))
    assert message.kind == "AUTO_REPLY"
    assert state_of(delivery) == "DELIVERED"
    assert not Contact.objects.filter(direction="IN").exists()


@pytest.mark.parametrize("forged", [
    "<" + "0" * 40 + "@huatai.example>",
    "<tianhe/friendly@huatai.example>",
    "",
])  # fmt: skip
def test_nobody_reports_a_message_as_returned_who_has_not_seen_it(sent, forged):
    delivery, _ = sent
    message = take(a_bounce(forged))
    assert (message.kind, message.delivery, state_of(delivery)) == ("BOUNCE", None, "SENT")
    assert message.handled_at is None


def test_the_message_id_cannot_be_computed_without_the_secret(settings):
    before = message_id_of("tianhe/friendly", OUR_ADDRESS)
    assert before == message_id_of("tianhe/friendly", OUR_ADDRESS)
    settings.SECRET_KEY = "another secret"
    assert message_id_of("tianhe/friendly", OUR_ADDRESS) != before


def test_an_answer_proves_that_an_unknown_message_left(worker, channel, tianhe, wang, queue_one):
    delivery = queue_one(tianhe)
    channel.outcomes = [Unknown("line broke")]
    worker.turn()
    assert state_of(delivery) == "UNKNOWN"
    take(a_reply("got it", answers=message_id_of(delivery.key, OUR_ADDRESS)))
    assert state_of(delivery) == "READ"
    assert Contact.objects.filter(delivery=delivery, direction="OUT").count() == 1


def test_a_text_message_joins_by_its_number(tianhe, wang):
    given = {"channel": "SMS", "key": "aliyun:1", "sender": "13800000001", "text": "TD", "now": NOON}
    message, is_new = take_inbound(**given)
    assert (message.customer, message.person, is_new) == (tianhe, wang, True)
    assert message.contact.channel == "SMS"
    assert take_inbound(**given) == (message, False)


def test_what_came_never_changes(tianhe, wang):
    message = take(a_reply("hello"))
    for change in ({"text": "I pay tomorrow"}, {"sender": "x@y.example"}, {"facts": {}}):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            InboundMessage.objects.filter(pk=message.pk).update(**change)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        InboundMessage.objects.filter(pk=message.pk).delete()


def test_hostile_mail_is_taken_and_harms_nothing(tianhe):
    nested = b"Content-Type: multipart/mixed; boundary=a\r\n\r\n"
    cases = [
        b"\x00\x01\x02", b"From: \xff\xfe\r\n\r\n\xc4\xe3\xba\xc3", nested + (b"--a\r\n" + nested) * 3000,
        b"Subject: =?x?y?z?=\r\n\r\nx", b"no header at all",
    ]  # fmt: skip
    for number, content in enumerate(cases):
        message, is_new = take_mail(content=content + str(number).encode(), now=NOON)
        assert is_new
        assert message.kind == "REPLY"
    assert Delivery.objects.count() == 0


@pytest.mark.parametrize(
    ("channel", "sender", "rows", "index"),
    [
        ("EMAIL", "Wang@Tianhe.example", ContactPerson.objects.all(), "contact_person_email"),
        ("EMAIL", "Wang@Tianhe.example", Customer.objects.all(), "customer_email"),
        ("SMS", "13800138000", ContactPerson.objects.all(), "contact_person_phone"),
        ("SMS", "13800138000", Customer.objects.all(), "customer_phone"),
    ],
)
def test_a_sender_is_looked_up_by_index_in_any_case_on_either_database(channel, sender, rows, index):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    assert index in of_sender(rows, channel, sender).explain()
