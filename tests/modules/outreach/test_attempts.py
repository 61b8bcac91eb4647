"""A dial counts at once: over the real gate and the default policy."""

from datetime import date, timedelta

import pytest

from huikuan.outreach import ports
from huikuan.outreach.commands.contact import (
    AttemptClosed,
    ContactForbidden,
    begin_contact,
    foresee_contact,
    log_contact,
)
from huikuan.outreach.models import Attempt, Contact, ContactRefusal
from huikuan.outreach.queries.outbox import contacts_made
from huikuan.policy.commands import install_default
from huikuan.runs.gate import ContactGate
from tests.people import NOON

pytestmark = pytest.mark.django_db

MORNING = NOON - timedelta(hours=2)


@pytest.fixture(autouse=True)
def _policy(huatai, monkeypatch):
    install_default(entity_id=huatai.pk, starts_on=date(2020, 1, 1), now=NOON)
    monkeypatch.setattr(ports, "guard", ContactGate)


def dial(customer, person, actor, at=MORNING):
    return begin_contact(customer_id=customer.pk, person_id=person.pk, channel="PHONE", now=at, actor=actor)


def _dial_on(customer, person, actor, *, times):
    for number in range(times):
        dial(customer, person, actor, MORNING + timedelta(minutes=number))


def made(customer, person):
    return contacts_made(
        customer_id=customer.pk, addresses={person.phone}, since=NOON - timedelta(days=1), until=NOON
    )  # fmt: skip


def log(customer, actor, attempt, **said):
    return log_contact(**{
        "customer_id": customer.pk, "channel": "PHONE", "direction": "OUT", "outcome": "REACHED", "at": NOON,
        "actor": actor, "now": NOON, "attempt_id": attempt.pk, **said,
    })  # fmt: skip


def test_a_dial_counts_before_and_once_after_it_is_logged(tianhe, wang, owner):
    attempt = dial(tianhe, wang, owner)
    assert [(each.channel, each.at, each.is_connected) for each in made(tianhe, wang)] == [("PHONE", MORNING, False)]
    log(tianhe, owner, attempt)
    assert [(each.channel, each.at, each.is_connected) for each in made(tianhe, wang)] == [("PHONE", MORNING, True)]


def test_dials_without_a_word_in_the_log_come_to_the_limit(tianhe, wang, owner):
    with pytest.raises(ContactForbidden):
        _dial_on(tianhe, wang, owner, times=10)
    count = Attempt.objects.count()
    assert 1 <= count < 10
    assert not Contact.objects.exists()
    assert ContactRefusal.objects.get().at == MORNING + timedelta(minutes=count)
    later = foresee_contact(customer=tianhe, person=wang, channel="PHONE", now=NOON)
    assert not isinstance(later, ports.Allow)


def test_what_was_allowed_can_be_told_at_night(tianhe, wang, owner):
    attempt = dial(tianhe, wang, owner)
    night = NOON + timedelta(hours=11)
    contact = log(tianhe, owner, attempt, at=night, now=night)
    assert contact.at == MORNING
    assert contact.logged_at == night


def test_an_attempt_ends_once_and_only_with_its_own_customer(tianhe, binhai, wang, owner):
    attempt = dial(tianhe, wang, owner)
    with pytest.raises(AttemptClosed):
        log(binhai, owner, attempt)
    with pytest.raises(AttemptClosed):
        log(tianhe, owner, attempt, channel="VISIT")
    log(tianhe, owner, attempt)
    with pytest.raises(AttemptClosed):
        log(tianhe, owner, attempt)
    assert Contact.objects.count() == 1
