"""What the outbox tests stand on: a customer with a person who pays, and ports that record."""

from datetime import timedelta

import pytest

from huikuan.outreach import ports
from huikuan.outreach.commands.queue import enqueue
from huikuan.outreach.fakes import FakeChannel, FakeComposer, FakeGuard
from huikuan.outreach.worker import Worker
from huikuan.parties.models import ContactPerson
from tests.people import NOON, TODAY


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now=NOON):
        self.now = now

    def __call__(self):
        return self.now

    def advance(self, **spans):
        self.now += timedelta(**spans)
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def composer():
    return FakeComposer()


@pytest.fixture
def guard():
    return FakeGuard()


@pytest.fixture
def channel():
    return FakeChannel()


@pytest.fixture
def wired(monkeypatch, composer, guard, channel):
    """Put the fakes in place of the real ports."""
    monkeypatch.setattr(ports, "composer", lambda: composer)
    monkeypatch.setattr(ports, "guard", lambda: guard)
    monkeypatch.setattr(ports, "channel", lambda kind: channel)


@pytest.fixture
def worker(db, wired, clock):
    return Worker(clock=clock)


@pytest.fixture
def wang(tianhe):
    return ContactPerson.objects.create(
        customer=tianhe, name="王芳", role="PAYER", email="wang@tianhe.example", phone="+8613800000001", created_at=NOON
    )


@pytest.fixture
def queue_one(db):
    """Put one friendly reminder into the outbox."""

    def queue(customer, key="tianhe/friendly", **changes):
        return enqueue(**{
            "key": key, "customer_id": customer.pk, "template": "friendly", "step_code": "friendly", "currency": "CNY",
            "as_of": TODAY, "not_before": NOON, "now": NOON, **changes,
        })  # fmt: skip

    return queue


@pytest.fixture
def queued(tianhe, wang, queue_one):
    return queue_one(tianhe)
