"""The inbox: what a reply seems to say is marked, followed with one click, once, and taken back."""

from datetime import timedelta

import pytest
from django.urls import reverse

from huikuan.arrangements.models import Dispute, Promise
from huikuan.cases.models import Task
from huikuan.outreach.commands.inbound import take_inbound
from huikuan.outreach.models import AppliedIntent, Delivery, InboundMessage
from huikuan.parties.models import ContactBlock
from tests.modules.desk.received import make_inbound

pytestmark = pytest.mark.django_db


@pytest.fixture
def came(portfolio, owner, now, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make_inbound(portfolio, owner, now=now)


@pytest.fixture
def desk(client, owner):
    client.force_login(owner)
    return client


def place(name, *args):
    return reverse(f"desk:{name}", args=args)


def follow(desk, message_id, intent, **more):
    return desk.post(place("inbound-follow", message_id), {"intent": intent, "place": "0", **more})


def test_the_page_marks_the_words_and_offers_what_they_mean(desk, came):
    html = desk.get(place("inbound", came["reply"])).content.decode()
    assert "<mark>质量有问题</mark>" in html
    assert "<mark>下周五付5万，月底前付清</mark>" in html
    assert 'name="amount_1" value="50000.00"' in html
    assert "Open a dispute" in html


def test_a_promise_is_kept_on_record_once_and_taken_back(desk, came, portfolio, now):
    day = (now + timedelta(days=9)).date().isoformat()
    for _ in range(2):
        answer = follow(desk, came["reply"], "PROMISE", due_on_1=day, amount_1="50,000", currency="CNY")
        assert answer.status_code == 303
    promise = Promise.objects.get(contact__inbound_message=came["reply"])
    assert (promise.amount_minor, promise.state) == (5_000_000, "RUNNING")
    applied = AppliedIntent.objects.get(intent="PROMISE")
    assert "followed" in desk.get(place("inbound", came["reply"])).content.decode()
    assert desk.post(place("intent-undo", applied.pk)).status_code == 303
    promise.refresh_from_db()
    assert promise.state == "WITHDRAWN"
    assert desk.post(place("intent-undo", applied.pk)).status_code == 409
    follow(desk, came["reply"], "PROMISE", due_on_1=day, amount_1="50,000", currency="CNY")
    assert AppliedIntent.objects.filter(intent="PROMISE").count() == 2
    assert Promise.objects.filter(customer=promise.customer, amount_minor=5_000_000, state="RUNNING").count() == 1


def test_an_ill_filled_promise_makes_nothing(desk, came):
    answer = follow(desk, came["reply"], "PROMISE", due_on_1="", amount_1="a lot", currency="CNY")
    assert answer.status_code == 422
    assert not AppliedIntent.objects.filter(intent="PROMISE").exists()


def test_a_dispute_is_opened_with_the_customers_words(desk, came, portfolio):
    item = portfolio.customer.items.filter(settled_on=None, disputes=None).exclude(pk=portfolio.item.pk).first()
    form = {"item": item.pk, "amount": "1", "kind": "QUALITY", "text": "x"}
    assert follow(desk, came["reply"], "DISPUTE", **form).status_code == 303
    dispute = Dispute.objects.get(item=item)
    assert "质量有问题" in dispute.text
    applied = AppliedIntent.objects.get(intent="DISPUTE")
    assert desk.post(place("intent-undo", applied.pk)).status_code == 409


def test_who_says_he_paid_has_the_money_looked_for(came, portfolio):
    task = Task.objects.get(step_code="find_money")
    assert (task.customer, task.kind) == (portfolio.customer, "REVIEW")


def test_stop_blocks_the_person_and_stays(desk, came):
    assert follow(desk, came["reply"], "STOP").status_code == 303
    message = InboundMessage.objects.get(pk=came["reply"])
    block = ContactBlock.objects.get(person=message.person, kind="OPT_OUT", ended_at=None)
    assert block.channel == ""
    applied = AppliedIntent.objects.get(intent="STOP")
    assert desk.post(place("intent-undo", applied.pk)).status_code == 409
    block.refresh_from_db()
    assert block.ended_at is None


def test_a_wrong_person_is_marked_and_the_right_one_looked_for(desk, came):
    follow(desk, came["reply"], "WRONG_PERSON")
    task = Task.objects.get(step_code="find_person")
    applied = AppliedIntent.objects.get(intent="WRONG_PERSON")
    desk.post(place("intent-undo", applied.pk))
    task.refresh_from_db()
    assert task.cancelled_at is not None
    person = InboundMessage.objects.get(pk=came["reply"]).person
    assert not ContactBlock.objects.filter(person=person, kind="WRONG_PERSON", ended_at=None).exists()


def test_a_manager_assigns_what_is_nobodys(client, colleague, owner, came, portfolio):
    client.force_login(colleague)
    assert b"hello" in client.get(place("inbox") + "?show=unassigned").content
    assert client.post(place("inbound-assign", came["nobodys"]), {"customer": "no such"}).status_code == 422
    assert (
        client.post(place("inbound-assign", came["nobodys"]), {"customer": portfolio.customer.code}).status_code == 303
    )
    message = InboundMessage.objects.get(pk=came["nobodys"])
    assert (message.customer, message.contact.direction) == (portfolio.customer, "IN")
    assert (
        client.post(place("inbound-assign", came["nobodys"]), {"customer": portfolio.customer.code}).status_code == 409
    )


def test_done_with_leaves_the_inbox_and_comes_back(desk, came):
    assert b"sms" not in desk.get(place("inbox")).content
    address = place("inbound", came["reply"]).encode()
    assert address in desk.get(place("inbox")).content
    desk.post(place("inbound-handle", came["reply"]))
    assert address not in desk.get(place("inbox")).content
    assert address in desk.get(place("inbox") + "?show=all").content
    desk.post(place("inbound-reopen", came["reply"]))
    assert address in desk.get(place("inbox")).content


def test_the_timeline_leads_to_the_message(desk, came, portfolio):
    assert place("inbound", came["reply"]) in desk.get(place("case", portfolio.case.pk)).content.decode()


def test_a_hostile_text_is_only_text(desk, came, portfolio, now):
    person = portfolio.customer.contact_persons.get(name="周出纳")
    message, _ = take_inbound(
        channel="SMS", key="sms:x", sender=person.phone, text="<script>alert(1)</script> 下周五付5万", now=now
    )
    html = desk.get(place("inbound", message.pk)).content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html


def test_few_queries_however_many_messages(desk, came, django_assert_max_num_queries):
    for address in (place("inbox"), place("inbound", came["reply"])):
        with django_assert_max_num_queries(15):
            desk.get(address)


def test_the_monitor_names_what_is_stuck_and_tries_again_what_failed(desk, portfolio, now):
    failed, waiting = portfolio.deliveries["FAILED"], portfolio.deliveries["QUEUED"]
    Delivery.objects.filter(pk=failed.pk).update(last_error="SMTP_NOT_READY: 421 busy", created_at=now)
    Delivery.objects.filter(pk=waiting.pk).update(not_before=now - timedelta(hours=2))
    html = desk.get(place("deliveries")).content.decode()
    assert "SMTP_NOT_READY: 421 busy" in html
    assert "Does a worker run" in html
    assert desk.post(place("deliveries-retry"), {"reason": "NO_ADDRESS"}).status_code == 303
    failed.refresh_from_db()
    assert failed.state == "FAILED"
    desk.post(place("deliveries-retry"), {"reason": "SMTP_NOT_READY: 421 busy"})
    failed.refresh_from_db()
    assert (failed.state, failed.attempt_count) == ("QUEUED", 0)
