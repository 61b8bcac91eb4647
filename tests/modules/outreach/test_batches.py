"""Messages written together: the same words and answers as one by one, and void once anything new is known."""

import random
from datetime import date, timedelta

import pytest

from huikuan.journal.commands import record
from huikuan.outreach import ports
from huikuan.outreach.commands import sending
from huikuan.outreach.commands.contact import log_contact
from huikuan.outreach.models import Contact, Delivery, DeliveryEvent, Message
from huikuan.outreach.queries.outbox import addressee, addressees
from huikuan.outreach.worker import BATCH_MAX, Batch
from huikuan.parties.commands.contacts import block_contact
from huikuan.parties.models import Consent, ContactBlock, ContactPerson, Customer
from huikuan.policy.commands import install_default, place_hold
from huikuan.receivables.commands.items import book_item
from huikuan.runs.compose import NoticeComposer
from huikuan.runs.gate import ContactGate
from huikuan.storage.rows import insert_row
from tests.people import NOON, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def several(huatai, finance):
    """Eight customers in many situations: who owes what, who is blocked, held, written to, of which kind."""
    install_default(entity_id=huatai.pk, starts_on=date(2020, 1, 1), now=NOON)
    dice = random.Random(20260710)
    made = []
    for number in range(8):
        customer = Customer.objects.create(
            entity=huatai, code=f"K{number}", name=f"客户{number}", email=f"k{number}@k.example", created_at=NOON,
            language="en" if number % 3 == 0 else "zh-hans", business_since=date(2019, 1, 1) if number % 2 else None,
            country="DE" if number == 5 else "CN", size_class="PERSON" if number == 6 else "",
        )  # fmt: skip
        if number % 2:
            ContactPerson.objects.create(
                customer=customer, name=f"人{number}", role="PAYER", email=f"p{number}@k.example",
                phone=f"+86138000000{number:02}", lawful_basis="CONTRACT", created_at=NOON,
            )  # fmt: skip
        for item in range(dice.randint(0, 3)):
            due_on = TODAY - timedelta(days=dice.randint(-3, 60))
            book_item(
                customer_id=customer.pk, number=f"N{number}-{item}", amount_minor=dice.randint(1, 9) * 100_000,
                issued_on=due_on - timedelta(days=30), due_on=due_on, actor=finance, now=NOON,
                currency="USD" if item == 2 else "CNY",
            )  # fmt: skip
        made.append(customer)
    person = ContactPerson.objects.get(customer=made[1])
    ContactBlock.objects.create(customer=made[1], person=person, kind="OPT_OUT", begun_at=NOON, email=person.email)
    Consent.objects.create(
        customer=made[3], person=ContactPerson.objects.get(customer=made[3]), kind="OUTSIDE_HOURS", channel="",
        begun_at=NOON - timedelta(days=3), source="PAPER", evidence="?",
    )  # fmt: skip
    place_hold(
        customer_id=made[4].pk, kind="MANUAL", reason="?", starts_on=TODAY, ends_on=TODAY + timedelta(days=5),
        actor=finance, now=NOON,
    )  # fmt: skip
    Contact.objects.create(
        entity=huatai, customer=made[7], channel="EMAIL", direction="OUT", address="p7@k.example", outcome="SENT",
        at=NOON - timedelta(hours=30), logged_at=NOON,
    )  # fmt: skip
    return made


def deliveries_of(customers, queue_one):
    for number, customer in enumerate(customers):
        queue_one(customer, key=f"{customer.code}/x", template=["friendly", "demand", "bill", "upcoming"][number % 4])
    found = list(Delivery.objects.select_related("customer__entity", "entity", "customer__collector").order_by("pk"))
    for each, (person, address) in zip(found, addressees(found), strict=True):
        each.person, each.address = person, address
    return found


def test_composed_together_they_say_what_each_says_alone(several, queue_one):
    deliveries = deliveries_of(several, queue_one)
    together = NoticeComposer().having_read(deliveries, NOON)
    said = [type(together.compose(each, NOON)) for each in deliveries]
    assert ports.Draft in said
    assert ports.Pointless in said
    for each in deliveries:
        one, alone = together.compose(each, NOON), NoticeComposer().compose(each, NOON)
        if isinstance(one, ports.Draft):
            one, alone = (one.subject, one.text, one.html, one.facts), (
                alone.subject, alone.text, alone.html, alone.facts,
            )  # fmt: skip
        assert one == alone, each.key


@pytest.mark.parametrize("hours", [0, 9, 20])
def test_asked_together_the_guard_answers_as_alone(several, queue_one, hours):
    now = NOON + timedelta(hours=hours)
    deliveries = deliveries_of(several, queue_one)
    together = ContactGate().having_read(deliveries, now)
    answers = []
    for each in deliveries:
        intent = ports.Intent(
            entity_id=each.entity_id, customer_id=each.customer_id, channel="EMAIL", address=each.address,
            is_automatic=True, template=each.template, step_code=each.step_code, words="请付款",
        )  # fmt: skip
        answers.append(together.ask(intent, each.person, now))
        assert answers[-1] == ContactGate().ask(intent, each.person, now), each.key
    assert len({type(answer) for answer in answers}) > (hours == 0)
    assert len({getattr(answer, "at", answer) for answer in answers}) > 1


def test_the_addressees_of_several_are_those_of_each(several, queue_one):
    deliveries = deliveries_of(several, queue_one)
    assert addressees(deliveries) == [addressee(each) for each in deliveries]


def write(worker, *deliveries, now=NOON):
    sending.claim(worker=worker.name, now=now, limit=50)
    return sending.write(
        delivery_ids=[each.pk for each in deliveries], worker=worker.name, now=now, composer=worker.composer,
        guard=worker.guard,
    )  # fmt: skip


def test_no_two_of_a_batch_go_to_one_customer_or_one_address(worker, queue_one, tianhe, binhai, wang):
    binhai.email = wang.email.upper()
    binhai.save()
    first, second = queue_one(tianhe, key="one"), queue_one(tianhe, key="two")
    third = queue_one(binhai, key="three")
    written, left = write(worker, first, second, third)
    assert [each.delivery.key for each in written] == ["one"]
    assert left == [second.pk, third.pk]


@pytest.mark.parametrize("what", ["a block", "a note", "nothing", "another customer"])
def test_words_are_void_once_the_journal_has_anything_new_about_the_customer(
    worker, queued, tianhe, binhai, wang, owner, what
):
    (written,), _left = write(worker, queued)
    if what == "a block":
        block_contact(
            customer_id=tianhe.pk, person_id=wang.pk, kind="OPT_OUT", channel="", reason="?", actor=owner, now=NOON
        )
    elif what == "a note":
        log_contact(
            customer_id=tianhe.pk, channel="NOTE", direction="NONE", outcome="NOTED", at=NOON, now=NOON, actor=owner
        )
    elif what == "another customer":
        record("test.something", now=NOON, customer_id=binhai.pk)
    handover = sending.hand_over(written=written, worker=worker.name, now=NOON)
    assert (handover is not None) == (what in {"nothing", "another customer"})
    assert (Delivery.objects.get(pk=queued.pk).handed_over_at is None) == (handover is None)


def test_words_that_are_seconds_old_are_written_anew(worker, queued, channel, clock):
    (written,), _left = write(worker, queued)
    late = clock.advance(seconds=sending.FRESH_SECONDS + 1)
    assert sending.hand_over(written=written, worker=worker.name, now=late) is None
    sending.release(worker=worker.name, now=late, not_before=late, why="")
    fresh = Delivery.objects.get(pk=queued.pk)
    assert (fresh.state, fresh.written_at, fresh.attempt_count) == ("QUEUED", None, 0)
    worker.drain()
    assert [mail.key for mail in channel.sent] == [queued.key]
    assert Message.objects.count() == 2, "what was not sent is kept as what was not sent"


def test_a_claim_that_was_written_but_not_handed_over_goes_back_to_the_queue(worker, queued, channel, clock):
    write(worker, queued)
    clock.advance(seconds=sending.LEASE_SECONDS + 1)
    worker.drain()
    trail = list(DeliveryEvent.objects.filter(delivery=queued).order_by("pk").values_list("state", flat=True))
    assert trail == ["QUEUED", "QUEUED", "SENDING", "SENT"]
    assert len(channel.sent) == 1


def test_a_message_that_binds_us_is_not_void_by_its_own_entry(worker, queued, channel, tianhe, composer):
    composer.answers = [
        ports.Draft("en", "s", "t", "", {}, lambda each, now: record("test.bound", now=now, customer_id=tianhe.pk))
    ]
    worker.drain()
    assert len(channel.sent) == 1


def test_a_batch_grows_while_the_channel_is_quick_and_shrinks_when_it_is_slow():
    batch = Batch()
    sizes = []
    for seconds in (0.1, 0.1, 0.1, 0.1, 0.6, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0):
        batch.took(seconds, count=batch.size)
        sizes.append(batch.size)
    assert sizes == [16, 32, 64, BATCH_MAX, 64, 32, 16, 8, 4, 2, 1, 1]
    batch.took(0.01, count=0)
    assert batch.size == 1, "nothing was sent: nothing is known"


def test_a_row_inserted_by_statement_is_the_row_that_save_makes(tianhe):
    by_statement = Contact(
        entity_id=tianhe.entity_id, customer=tianhe, channel="PHONE", direction="OUT", at=NOON, outcome="REACHED",
        logged_at=NOON, is_connected=True, promised_on=TODAY, promised_minor=5,
    )  # fmt: skip
    insert_row(by_statement)
    by_save = Contact.objects.create(
        entity_id=tianhe.entity_id, customer=tianhe, channel="PHONE", direction="OUT", at=NOON, outcome="REACHED",
        logged_at=NOON, is_connected=True, promised_on=TODAY, promised_minor=5,
    )  # fmt: skip
    first, second = Contact.objects.filter(pk__in=[by_statement.pk, by_save.pk]).order_by("pk").values()
    assert {**first, "id": None} == {**second, "id": None}
    with pytest.raises(TypeError, match="makes its value"):
        insert_row(_Stamped())


class _Stamped:
    """Stands for a model with a field that makes its value when saved."""

    class _meta:  # noqa: N801  Django's name
        class field:  # noqa: N801
            primary_key, auto_now = False, True

        concrete_fields = (field,)
