"""The contact gate over the real log, blocks, holds and policy. The rules themselves: tests/rules/policy."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from huikuan.journal.models import Entry
from huikuan.outreach import ports
from huikuan.outreach.commands import sending
from huikuan.outreach.commands.contact import (
    CallWithoutPerson,
    ContactForbidden,
    ContactInFuture,
    Promised,
    PromiseIncomplete,
    log_contact,
    permit_contact,
)
from huikuan.outreach.commands.queue import PersonOfAnotherCustomer
from huikuan.outreach.models import Contact, ContactRefusal
from huikuan.parties.models import ContactBlock, ContactPerson
from huikuan.policy.commands import install_default, place_hold
from huikuan.runs.gate import ContactGate
from tests.people import NOON, TODAY

pytestmark = pytest.mark.django_db

EMAIL = {"channel": "EMAIL", "address": "wang@tianhe.example", "is_automatic": True, "template": "friendly"}


@pytest.fixture
def policy(huatai):
    return install_default(entity_id=huatai.pk, starts_on=date(2020, 1, 1), now=NOON)


def ask(customer, person, now=NOON, **changes):
    intent = ports.Intent(
        **{"entity_id": customer.entity_id, "customer_id": customer.pk, "key": "asking", **EMAIL, **changes}
    )
    return ContactGate().ask(intent, person, now)


def test_a_reminder_at_noon_of_a_working_day_is_allowed(tianhe, wang, policy):
    assert ask(tianhe, wang) == ports.Allow()


def test_at_night_it_waits_for_the_morning_of_the_customers_clock(tianhe, wang, policy):
    night = datetime(2026, 7, 10, 15, 0, tzinfo=UTC)  # 23:00 in Shanghai, a Friday
    answer = ask(tianhe, wang, night)
    assert isinstance(answer, ports.DelayUntil)
    assert answer.at == datetime(2026, 7, 13, 1, 0, tzinfo=UTC), "Monday, 09:00 in Shanghai"
    tianhe.time_zone = "America/New_York"
    tianhe.save()
    assert ask(tianhe, wang, night) == ports.Allow(), "11:00 in New York"


@pytest.mark.parametrize("kind", ["OPT_OUT", "WRONG_PERSON"])
def test_whoever_asked_to_be_left_alone_is(tianhe, wang, policy, kind):
    block = ContactBlock.objects.create(customer=tianhe, person=wang, kind=kind, begun_at=NOON)
    answer = ask(tianhe, wang)
    assert isinstance(answer, ports.Refuse)
    assert answer.rule == kind.lower()
    other = ContactPerson.objects.create(customer=tianhe, name="赵六", email="z@tianhe.example", created_at=NOON)
    assert ask(tianhe, other, address=other.email) == ports.Allow()
    block.ended_at = NOON
    block.save()
    assert ask(tianhe, wang) == ports.Allow()


def test_a_block_of_the_whole_customer_blocks_everybody(tianhe, wang, policy):
    ContactBlock.objects.create(customer=tianhe, person=None, kind="OPT_OUT", begun_at=NOON)
    assert isinstance(ask(tianhe, wang), ports.Refuse)


def test_nobody_of_another_customer(binhai, wang, policy):
    assert ask(binhai, wang).rule == "acts_for_debtor"


def test_a_second_written_demand_waits_three_days_a_bill_does_not(tianhe, wang, policy, worker, queue_one, queued):
    worker.drain()
    answer = ask(tianhe, wang, NOON + timedelta(hours=1))
    assert (answer.rule, answer.at) == ("demand_gap", datetime(2026, 7, 13, 1, 0, tzinfo=UTC))
    assert ask(tianhe, wang, NOON + timedelta(hours=1), template="bill") == ports.Allow()
    assert ask(tianhe, wang, NOON + timedelta(days=3)) == ports.Allow()


def test_what_is_written_counts_before_the_mail_server_has_it(tianhe, wang, policy, worker, queued):
    sending.claim(worker=worker.name, now=NOON, limit=1)
    assert ask(tianhe, wang) == ports.Allow()
    (written,), _left = sending.write(
        delivery_ids=[queued.pk], worker=worker.name, now=NOON, composer=worker.composer, guard=worker.guard
    )
    assert ask(tianhe, wang).rule == "demand_gap"
    sending.hand_over(written=written, worker=worker.name, now=NOON)
    assert ask(tianhe, wang).rule == "demand_gap"


def test_a_hold_on_the_customer_delays_to_the_day_after_it(tianhe, wang, policy, owner):
    place_hold(
        customer_id=tianhe.pk, kind="COMPLAINT", starts_on=TODAY, ends_on=TODAY + timedelta(days=4), reason="投诉",
        actor=owner, now=NOON,
    )  # fmt: skip
    answer = ask(tianhe, wang)
    assert (answer.rule, answer.at) == ("hold", datetime(2026, 7, 15, 1, 0, tzinfo=UTC))


def test_words_that_threaten_are_refused_with_a_better_way_to_say_it(tianhe, wang, policy):
    answer = ask(tianhe, wang, words="再不付款，后果自负")
    assert answer.rule == "language"
    assert "后果自负" in answer.text


def test_a_property_manager_never_announces_a_stop_of_water(yunfeng, db):
    answer = ask(yunfeng, None, words="将停水")
    assert answer.rule == "utilities"


def call(customer, person, actor, at=NOON, **changes):
    return log_contact(**{
        "customer_id": customer.pk, "person_id": person.pk if person else None, "channel": "PHONE", "direction": "OUT",
        "outcome": "REACHED", "at": at, "actor": actor, "now": at, "guard": ContactGate(), **changes,
    })  # fmt: skip


def test_a_call_is_logged_with_what_was_said_and_agreed(tianhe, wang, policy, owner):
    contact = call(
        tianhe, wang, owner, outcome="PROMISED", summary="同意周五付款", next_step="核对到账", next_step_on=TODAY,
        promised=Promised(TODAY + timedelta(days=3), 6000000, "CNY"), is_identity_verified=True,
    )  # fmt: skip
    assert (contact.address, contact.is_connected, contact.promised_minor) == ("+8613800000001", True, 6000000)
    entry = Entry.objects.get(event="outreach.contact-logged")
    assert (entry.actor_id, entry.facts["outcome"]) == (owner.pk, "PROMISED")


def test_a_fourth_connected_call_and_a_seventh_dial_are_refused_and_the_refusals_kept(tianhe, wang, policy, owner):
    for minutes in range(3):
        call(tianhe, wang, owner, NOON + timedelta(minutes=minutes))
    with pytest.raises(ContactForbidden) as refused:
        call(tianhe, wang, owner, NOON + timedelta(minutes=10))
    assert refused.value.facts["rule"] == "connected_calls_per_day"
    assert Contact.objects.count() == 3
    entry = Entry.objects.get(event="outreach.contact-delayed")
    assert (entry.actor_id, entry.facts["rule"]) == (owner.pk, "connected_calls_per_day")
    kept = ContactRefusal.objects.get()
    assert (kept.entry, kept.rule, kept.answer, kept.person) == (entry, "connected_calls_per_day", "DELAY", wang)
    assert "GB/T 45251" in kept.source


def test_a_call_at_night_is_refused(tianhe, wang, policy, owner):
    with pytest.raises(ContactForbidden):
        call(tianhe, wang, owner, datetime(2026, 7, 10, 14, 0, tzinfo=UTC))
    answer = permit_contact(
        customer_id=tianhe.pk, person_id=wang.pk, channel="PHONE", now=datetime(2026, 7, 10, 14, 0, tzinfo=UTC),
        actor=owner, guard=ContactGate(),
    )  # fmt: skip
    assert isinstance(answer, ports.DelayUntil)
    assert Entry.objects.filter(event="outreach.contact-delayed").count() == 2
    assert Contact.objects.count() == 0


def test_a_call_that_came_in_at_night_is_logged(tianhe, wang, policy, owner):
    assert call(tianhe, wang, owner, datetime(2026, 7, 10, 14, 0, tzinfo=UTC), direction="IN").pk


def test_a_visit_needs_two(tianhe, wang, policy, owner):
    with pytest.raises(ContactForbidden, match="visit_persons"):
        call(tianhe, wang, owner, channel="VISIT", visitor_count=1)
    assert call(tianhe, wang, owner, channel="VISIT", visitor_count=2).pk


@pytest.mark.parametrize(
    ("outcome", "kind", "channel"), [("STOP", "OPT_OUT", ""), ("WRONG_NUMBER", "WRONG_PERSON", "PHONE")]
)
def test_stop_and_wrong_number_block_from_then_on(tianhe, wang, policy, owner, outcome, kind, channel):
    call(tianhe, wang, owner, outcome=outcome)
    block = ContactBlock.objects.get()
    assert (block.person, block.kind, block.channel, block.begun_by) == (wang, kind, channel, owner)
    with pytest.raises(ContactForbidden):
        call(tianhe, wang, owner, NOON + timedelta(hours=1))


def test_nobody_of_another_customer_is_called(binhai, wang, policy, owner):
    with pytest.raises(PersonOfAnotherCustomer):
        call(binhai, wang, owner)
    assert Contact.objects.count() == 0


@pytest.mark.parametrize(
    ("refusal", "changes"),
    [
        (ContactInFuture, {"at": NOON + timedelta(minutes=1), "now": NOON}),
        (PromiseIncomplete, {"outcome": "PROMISED"}),
        (PromiseIncomplete, {"promised": Promised(TODAY, 100, "CNY")}),
        (PromiseIncomplete, {"outcome": "PROMISED", "promised": Promised(TODAY, 0, "CNY")}),
        (CallWithoutPerson, {"person_id": None}),
    ],
)
def test_what_cannot_have_been_meant_is_refused(tianhe, wang, policy, owner, refusal, changes):
    with pytest.raises(refusal):
        call(tianhe, wang, owner, **changes)
    assert Contact.objects.count() == 0


def test_the_log_is_never_changed_nor_shortened(tianhe, wang, policy, owner):
    contact = call(tianhe, wang, owner)
    with pytest.raises(DatabaseError), transaction.atomic():
        Contact.objects.filter(pk=contact.pk).update(outcome="PROMISED", promised_on=TODAY)
    with pytest.raises(DatabaseError), transaction.atomic():
        Contact.objects.filter(pk=contact.pk).delete()
    assert Contact.objects.get().outcome == "REACHED"


def test_a_note_needs_nobodys_leave(tianhe, policy, owner):
    note = call(tianhe, None, owner, channel="NOTE", direction="NONE", outcome="NOTED", summary="老板出差")
    assert (note.person, note.is_connected) == (None, False)
