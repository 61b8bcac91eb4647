"""The answers of the demo: joined to customers by what they answer, with proposals, one followed, one nobody's."""

from datetime import timedelta

import pytest

from huikuan.adapters.smtp.letter import message_id_of
from huikuan.cases.commands.intents import FIND_MONEY
from huikuan.cases.models import Task
from huikuan.demo.replies import PAID_AT, replies
from huikuan.outreach.models import Contact, Delivery, InboundMessage, Message
from huikuan.outreach.rules.intent import propose
from huikuan.outreach.rules.quoting import own_words
from tests.modules.desk.portfolio import make_portfolio
from tests.people import NOON, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(huatai, owner, colleague, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    huatai.email_from = "main@example.com"
    huatai.save()
    portfolio = make_portfolio(huatai, owner, colleague, today=TODAY, now=NOON, size=8)
    Delivery.objects.update(finished_at=NOON - timedelta(days=30))
    said = Message.objects.create(
        language="zh-hans", subject="货款提醒", text="您好\n请付款", facts={}, sha256="0" * 64, composed_at=NOON
    )
    for customer in portfolio.customers:
        person = customer.contact_persons.order_by("pk").first()
        Delivery.objects.create(
            key=f"email/{customer.pk}", entity=huatai, customer=customer, person=person, address=person.email,
            channel="EMAIL", template="friendly", currency="CNY", as_of=TODAY, not_before=NOON, created_at=NOON,
            state="SENT", finished_at=NOON, message=said,
            provider_reference=f"{message_id_of(f'email/{customer.pk}', huatai.email_from)} taken",
        )  # fmt: skip
    return portfolio


def test_most_answers_wait_with_a_proposal(sent):
    taken = replies(now=NOON + timedelta(hours=6))
    assert len(taken) == 7
    assert [each.matched_by for each in taken] == ["REFERENCE"] * 6 + [""]
    waiting = InboundMessage.objects.filter(handled_at=None)
    kinds = {
        each.pk: {found.kind for found in propose(own_words(each.text), written_on=TODAY, currency="CNY")}
        for each in waiting
    }
    assert {"PROMISE", "DISPUTE", "HARDSHIP", "WRONG_PERSON"} <= set().union(*kinds.values())
    assert Contact.objects.filter(direction="IN").count() == 5, "an automatic answer is no contact"
    assert Delivery.objects.filter(state="READ").count() == 5
    assert InboundMessage.objects.get(customer=None).entity == sent.customer.entity
    assert Task.objects.get(step_code=FIND_MONEY).customer == taken[PAID_AT].customer


def test_without_messages_that_left_there_are_no_answers(huatai):
    assert replies(now=NOON) == []
