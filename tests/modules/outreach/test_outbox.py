"""The outbox: every state a delivery can reach, and what each leaves behind."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from huikuan.journal.models import Entry
from huikuan.outreach import ports
from huikuan.outreach.commands import sending, settling
from huikuan.outreach.commands.queue import (
    DeliveryNotCancellable,
    DeliveryNotFailed,
    PersonOfAnotherCustomer,
    cancel_delivery,
    retry_failed,
)
from huikuan.outreach.commands.reconcile import DeliveryNotUnknown, reconcile_not_sent, reconcile_sent
from huikuan.outreach.models import Contact, Delivery, DeliveryEvent, Message
from huikuan.outreach.rules.retry import BACK_OFF_SECONDS
from huikuan.parties.models import ContactBlock, ContactPerson
from tests.people import NOON

pytestmark = pytest.mark.django_db


def fresh(delivery):
    return Delivery.objects.get(pk=delivery.pk)


def trail(delivery):
    return list(DeliveryEvent.objects.filter(delivery=delivery).order_by("pk").values_list("state", flat=True))


def events(delivery):
    return list(Entry.objects.filter(subject_id=delivery.pk, subject_type="outreach.delivery").order_by("pk"))


def test_a_due_delivery_leaves_and_leaves_its_proof(worker, queued, channel, wang):
    worker.drain()
    sent = fresh(queued)
    assert (sent.state, sent.address, sent.person, sent.attempt_count) == ("SENT", "wang@tianhe.example", wang, 1)
    assert sent.provider_reference == "fake-1"
    assert trail(queued) == ["QUEUED", "SENDING", "SENT"]
    (mail,) = channel.sent
    assert (mail.key, mail.address, mail.addressee, mail.sender_name) == (
        "tianhe/friendly", "wang@tianhe.example", "王芳", "华泰建材有限公司",
    )  # fmt: skip
    contact = Contact.objects.get(delivery=sent)
    assert (contact.channel, contact.direction, contact.outcome, contact.address) == (
        "EMAIL", "OUT", "SENT", "wang@tianhe.example",
    )  # fmt: skip
    assert [entry.event for entry in events(queued)] == ["outreach.delivery-queued", "outreach.delivery-sent"]
    assert events(queued)[1].facts["message_sha256"] == sent.message.sha256


def test_the_same_key_is_one_delivery(queued, queue_one, tianhe):
    again = queue_one(tianhe, step_code="another")
    assert again.pk == queued.pk
    assert Delivery.objects.get().step_code == "friendly"
    assert len(events(queued)) == 1


def test_nothing_leaves_before_its_time(worker, queue_one, tianhe, channel, clock):
    queue_one(tianhe, not_before=NOON + timedelta(hours=1))
    worker.drain()
    assert channel.sent == []
    clock.advance(hours=1)
    worker.drain()
    assert len(channel.sent) == 1


def test_what_became_pointless_is_cancelled_with_its_reason(worker, queued, channel, composer, guard):
    composer.answers = [ports.Pointless("NOTHING_OWED", {"open_minor": 0})]
    worker.drain()
    cancelled = fresh(queued)
    assert (cancelled.state, cancelled.last_error, cancelled.message) == ("CANCELLED", "NOTHING_OWED", None)
    assert (channel.sent, guard.asked) == ([], [])
    assert Contact.objects.count() == 0
    assert events(queued)[-1].facts["why"] == "NOTHING_OWED"


def test_a_refusal_of_the_guard_ends_it_and_is_in_the_journal(worker, queued, channel, guard):
    guard.answers = [ports.Refuse("opt-out", "asked not to be contacted")]
    worker.drain()
    assert (fresh(queued).state, channel.sent) == ("REFUSED", [])
    assert Message.objects.count() == 0
    entry = events(queued)[-1]
    assert (entry.event, entry.facts["rule"]) == ("outreach.contact-refused", "opt-out")


def test_a_delay_of_the_guard_queues_it_for_later_and_composes_anew(worker, queued, guard, composer, clock):
    later = NOON + timedelta(hours=20)
    guard.answers = [ports.DelayUntil(later, "quiet-hours", "22:00 to 08:00"), ports.Allow()]
    worker.drain()
    assert (fresh(queued).state, fresh(queued).not_before, fresh(queued).claimed_by) == ("QUEUED", later, "")
    clock.now = later
    worker.drain()
    assert fresh(queued).state == "SENT"
    assert len(composer.asked) == 2
    assert fresh(queued).attempt_count == 1, "a delay is no attempt"


def test_the_guard_is_asked_with_the_words_that_will_leave(worker, queued, guard):
    worker.drain()
    (intent,) = guard.asked
    assert (intent.channel, intent.address, intent.is_automatic) == ("EMAIL", "wang@tianhe.example", True)
    assert intent.words == fresh(queued).message.subject + "\n" + fresh(queued).message.text


def test_a_temporary_refusal_is_tried_again_with_growing_waits_and_then_given_up(worker, queued, channel, clock):
    channel.outcomes = [ports.TemporaryRefusal("450 busy")]
    for wait in BACK_OFF_SECONDS:
        worker.drain()
        assert fresh(queued).state == "QUEUED"
        assert fresh(queued).not_before == clock.now + timedelta(seconds=wait)
        worker.drain()
        clock.advance(seconds=wait)
    worker.drain()
    assert (fresh(queued).state, fresh(queued).attempt_count) == ("FAILED", len(BACK_OFF_SECONDS) + 1)
    assert len(channel.sent) == len(BACK_OFF_SECONDS) + 1
    assert len({mail.key for mail in channel.sent}) == 1
    assert Contact.objects.count() == 0


def test_a_server_that_asks_for_patience_gets_it(worker, queued, channel, clock):
    channel.outcomes = [ports.TemporaryRefusal("450 greylisted", retry_after_seconds=900), ports.Accepted("ok")]
    worker.drain()
    assert fresh(queued).not_before == NOON + timedelta(seconds=900)


def test_a_permanent_refusal_fails_at_once_and_a_person_may_try_again(worker, queued, channel, owner, clock):
    channel.outcomes = [ports.PermanentRefusal("550 no such user"), ports.Accepted("ok")]
    worker.drain()
    assert (fresh(queued).state, fresh(queued).last_error) == ("FAILED", "550 no such user")
    retry_failed(delivery_id=queued.pk, now=clock.now, actor=owner)
    worker.drain()
    assert fresh(queued).state == "SENT"
    with pytest.raises(DeliveryNotFailed):
        retry_failed(delivery_id=queued.pk, now=clock.now, actor=owner)


def test_an_unknown_outcome_is_never_repeated(worker, queued, channel, clock):
    channel.outcomes = [ports.Unknown("dropped"), ports.Accepted("must not be asked")]
    worker.drain()
    clock.advance(days=30)
    worker.drain()
    assert fresh(queued).state == "UNKNOWN"
    assert len(channel.sent) == 1
    assert Contact.objects.count() == 0


def test_a_person_reconciles_an_unknown_one_as_sent(worker, queued, channel, colleague, clock):
    channel.outcomes = [ports.Unknown("dropped")]
    worker.drain()
    clock.advance(hours=2)
    reconcile_sent(delivery_id=queued.pk, evidence="mail server log", actor=colleague, now=clock.now)
    contact = Contact.objects.get()
    assert (fresh(queued).state, contact.at, contact.logged_by) == ("SENT", NOON, colleague)
    assert events(queued)[-1].actor_id == colleague.pk
    with pytest.raises(DeliveryNotUnknown):
        reconcile_not_sent(delivery_id=queued.pk, evidence="", actor=colleague, now=clock.now)


def test_a_person_reconciles_an_unknown_one_as_not_sent_and_it_leaves_again(worker, queued, channel, colleague, clock):
    channel.outcomes = [ports.Unknown("dropped"), ports.Accepted("ok")]
    worker.drain()
    reconcile_not_sent(delivery_id=queued.pk, evidence="not in the server log", actor=colleague, now=clock.now)
    worker.drain()
    assert fresh(queued).state == "SENT"
    assert trail(queued) == ["QUEUED", "SENDING", "UNKNOWN", "QUEUED", "SENDING", "SENT"]


def test_a_waiting_delivery_can_be_withdrawn_a_sent_one_cannot(worker, queued, queue_one, tianhe, owner):
    cancel_delivery(delivery_id=queued.pk, reason="customer called", now=NOON, actor=owner)
    other = queue_one(tianhe, key="tianhe/other")
    worker.drain()
    assert [mail.key for mail in worker.channel.sent] == ["tianhe/other"]
    with pytest.raises(DeliveryNotCancellable):
        cancel_delivery(delivery_id=other.pk, reason="too late", now=NOON, actor=owner)


def test_a_customer_nobody_can_write_to_fails_with_the_reason(worker, queue_one, binhai, channel):
    delivery = queue_one(binhai)
    worker.drain()
    assert (fresh(delivery).state, fresh(delivery).last_error, channel.sent) == ("FAILED", "NO_ADDRESS", [])


def test_the_general_mailbox_serves_when_no_person_has_one(worker, queue_one, tianhe, channel):
    delivery = queue_one(tianhe)
    worker.drain()
    assert (fresh(delivery).person, channel.sent[0].address) == (None, "accounts@tianhe.example")


def test_a_person_who_opted_out_is_passed_over(worker, queued, channel, tianhe, wang):
    ContactPerson.objects.create(
        customer=tianhe, name="赵六", role="APPROVER", email="zhao@tianhe.example", created_at=NOON
    )
    ContactBlock.objects.create(customer=tianhe, person=wang, kind="OPT_OUT", begun_at=NOON)
    worker.drain()
    assert channel.sent[0].address == "zhao@tianhe.example"


def test_nobody_of_another_customer_is_ever_written_to(queue_one, binhai, wang):
    with pytest.raises(PersonOfAnotherCustomer):
        queue_one(binhai, person_id=wang.pk)
    assert Delivery.objects.count() == 0


def test_a_channel_that_is_down_costs_no_attempt_and_no_claim(worker, queued, channel, clock):
    channel.not_ready = ports.TemporaryRefusal("SMTP_NOT_READY")
    worker.drain()
    assert (fresh(queued).state, fresh(queued).attempt_count) == ("QUEUED", 0)
    assert trail(queued) == ["QUEUED"]
    channel.not_ready = None
    worker.drain()
    assert channel.sent == [], "left alone for a while"
    clock.advance(minutes=2)
    worker.drain()
    assert len(channel.sent) == 1


def test_an_expired_claim_that_was_not_handed_over_is_queued_again(worker, queued, channel, clock):
    assert sending.claim(worker="dead", now=NOON, limit=10) == [queued.pk]
    worker.drain()
    assert channel.sent == [], "the claim still stands"
    clock.advance(seconds=sending.LEASE_SECONDS + 1)
    worker.drain()
    assert fresh(queued).state == "SENT"
    assert len(channel.sent) == 1


def hand_over(worker, delivery, now):
    written, _left = sending.write(
        delivery_ids=[delivery.pk], worker=worker.name, now=now, composer=worker.composer, guard=worker.guard
    )
    return sending.hand_over(written=written[0], worker=worker.name, now=now) if written else None


def test_an_expired_claim_that_was_handed_over_is_unknown(worker, queued, channel, clock):
    sending.claim(worker=worker.name, now=NOON, limit=10)
    assert hand_over(worker, queued, NOON) is not None
    clock.advance(seconds=sending.LEASE_SECONDS + 1)
    worker.drain()
    assert (fresh(queued).state, channel.sent) == ("UNKNOWN", [])
    assert events(queued)[-1].event == "outreach.delivery-unknown"


def test_a_late_answer_is_the_truth_until_a_person_has_decided(worker, queued, clock, colleague):
    sending.claim(worker=worker.name, now=NOON, limit=10)
    handover = hand_over(worker, queued, NOON)
    clock.advance(seconds=sending.LEASE_SECONDS + 1)
    settling.recover_expired(now=clock.now)
    state = settling.settle(handover=handover, worker=worker.name, outcome=ports.Accepted("late"), now=clock.now)
    assert state == "SENT"

    reconciled = Delivery.objects.get(pk=queued.pk)
    state = settling.settle(handover=handover, worker=worker.name, outcome=ports.Unknown("again"), now=clock.now)
    assert (state, fresh(reconciled).state) == ("SENT", "SENT")
    assert Contact.objects.count() == 1


def test_a_claim_belongs_to_one_worker(worker, queued, clock):
    sending.claim(worker="first", now=NOON, limit=10)
    assert sending.claim(worker="second", now=NOON, limit=10) == []
    assert hand_over(worker, queued, NOON) is None
    assert fresh(queued).state == "SENDING"
    clock.advance(seconds=sending.LEASE_SECONDS + 1)
    worker.name = "first"
    assert hand_over(worker, queued, clock.now) is None, "an expired claim hands nothing over"


def test_released_claims_are_due_again(worker, queued):
    sending.claim(worker=worker.name, now=NOON, limit=10)
    assert sending.release(worker=worker.name, now=NOON, not_before=NOON, why="stopping") == 1
    assert (fresh(queued).state, fresh(queued).claimed_by) == ("QUEUED", "")


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "SENT"},
        {"state": "UNKNOWN"},
        {"state": "SENDING"},
        {"handed_over_at": NOON},
    ],
    ids=str,
)
def test_the_database_refuses_a_state_without_its_proof(queued, changes):
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.filter(pk=queued.pk).update(**changes)
