"""The worker around one letter: one that cannot be written does not stop the others, and stopping gives claims back."""

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError

from huikuan.outreach import ports, templates
from huikuan.outreach.models import Contact, Delivery
from tests.people import NOON

pytestmark = pytest.mark.django_db


class BrokenComposer(ports.Composer):
    """Cannot write the first letter it is asked for, however often."""

    def __init__(self, error):
        self.error, self.asked = error, []

    def compose(self, delivery, now):
        self.asked.append(delivery.key)
        if delivery.key == self.asked[0]:
            raise self.error
        return ports.Draft("en", "subject", "text", "", {})


@pytest.mark.parametrize("error", [templates.TemplateUnknown(template="x", known="y"), KeyError("amount")], ids=repr)
def test_a_letter_that_cannot_be_written_fails_loudly_and_the_next_one_leaves(worker, queue_one, tianhe, caplog, error):
    for number in range(3):
        queue_one(tianhe, key=f"letter-{number}")
    worker.composer = BrokenComposer(error)
    worker.drain()
    states = dict(Delivery.objects.values_list("key", "state"))
    assert states == {"letter-0": "FAILED", "letter-1": "SENT", "letter-2": "SENT"}
    assert "CANNOT_BE_WRITTEN" in Delivery.objects.get(key="letter-0").last_error
    assert "cannot be written" in caplog.text


def test_a_database_that_is_away_is_waited_for_not_blamed_on_the_letter(worker, queued):
    worker.composer = BrokenComposer(OperationalError("server closed the connection"))
    with pytest.raises(OperationalError):
        worker.drain()
    assert Delivery.objects.get(pk=queued.pk).state == "SENDING", "the claim stands until it expires"


def test_a_subject_too_long_for_the_table_does_not_stop_the_queue(worker, queue_one, tianhe):
    queue_one(tianhe, key="long")
    queue_one(tianhe, key="next")
    worker.composer.answers = [ports.Draft("en", "s" * 500, "text", "", {}), ports.Draft("en", "s", "text", "", {})]
    worker.drain()
    states = dict(Delivery.objects.values_list("key", "state"))
    assert states["next"] == "SENT"
    assert Delivery.objects.get(key="long").state in {"SENT", "FAILED"}


def test_told_to_stop_it_gives_its_claims_back(worker, queue_one, tianhe, channel):
    for number in range(4):
        queue_one(tianhe, key=f"letter-{number}")
    stop = threading.Event()
    worker.on_stage = lambda stage: stop.set() if stage == "settled" else None
    worker.turn(stop)
    assert len(channel.sent) == 1
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["QUEUED", "QUEUED", "QUEUED", "SENT"]
    assert Contact.objects.count() == 1


def test_a_channel_that_falls_away_in_the_middle_gives_the_rest_back(worker, queue_one, tianhe, channel, clock):
    for number in range(3):
        queue_one(tianhe, key=f"letter-{number}")

    def fall_away(stage):
        if stage == "settled":
            channel.not_ready = ports.TemporaryRefusal("SMTP_NOT_READY: gone")

    worker.on_stage = fall_away
    worker.drain()
    waiting = Delivery.objects.filter(state="QUEUED")
    assert (len(channel.sent), waiting.count()) == (1, 2)
    assert {row.attempt_count for row in waiting} == {0}
    assert {row.last_error for row in waiting} == {"SMTP_NOT_READY: gone"}
    channel.not_ready, worker.on_stage = None, lambda stage: None
    clock.advance(minutes=5)
    worker.drain()
    assert len(channel.sent) == 3


def test_every_worker_has_a_name_of_its_own(worker):
    from huikuan.outreach.worker import Worker  # noqa: PLC0415  the fixture wires the ports first

    assert Worker().name != worker.name


def test_the_most_urgent_leaves_first(worker, queue_one, tianhe, channel):
    queue_one(tianhe, key="low", priority=1)
    queue_one(tianhe, key="high", priority=9)
    queue_one(tianhe, key="earlier", not_before=NOON - timedelta(hours=1))
    worker.drain()
    assert [mail.key for mail in channel.sent] == ["earlier", "high", "low"]
