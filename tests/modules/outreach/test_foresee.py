"""What the guard would say to several persons at once: the same as when each is asked, in few queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huikuan.outreach import ports
from huikuan.outreach.commands.contact import address_of
from huikuan.outreach.models import Contact
from huikuan.parties.models import Consent, ContactBlock, ContactPerson, Customer
from huikuan.policy.commands import install_default, place_hold
from huikuan.policy.queries import policy_in_force, running_holds
from huikuan.runs.gate import ContactGate, foresee_contacts
from tests.people import NOON, TODAY

pytestmark = pytest.mark.django_db
CHANNELS = ("PHONE", "VISIT", "EMAIL", "SMS", "LETTER")


@pytest.fixture
def persons(tianhe, wang):
    others = [
        ContactPerson(customer=tianhe, name=name, phone=phone, email=email, role="OTHER", created_at=NOON)
        for name, phone, email in (
            ("赵六", "+8613800000066", "zhao@tianhe.example"),
            ("钱七", wang.phone, ""),
            ("孙八", "+8613800000088", "sun@tianhe.example"),
        )
    ]
    ContactPerson.objects.bulk_create(others)
    return [wang, *others]


@pytest.fixture
def lived(tianhe, binhai, persons, owner):
    """A past: six dials of one number for somebody else, a call, a block, a consent."""
    install_default(entity_id=tianhe.entity_id, starts_on=TODAY - timedelta(days=9), now=NOON)
    wang, zhao, _qian, sun = persons
    log = {"channel": "PHONE", "direction": "OUT", "outcome": "NO_ANSWER", "logged_at": NOON, "entity": tianhe.entity}
    for minutes in range(1, 7):
        at = NOON - timedelta(minutes=minutes)
        Contact.objects.create(customer=binhai, address=zhao.phone, at=at, **log)
    ContactBlock.objects.create(customer=tianhe, person=wang, kind="OPT_OUT", phone=wang.phone, begun_at=NOON)
    Consent.objects.create(
        customer=tianhe, person=sun, kind="OUTSIDE_HOURS", source="WRITTEN", evidence="邮件", begun_at=NOON
    )


def one_by_one(customer, persons, now):
    answers = {}
    for person in persons:
        for channel in CHANNELS:
            intent = ports.Intent(
                entity_id=customer.entity_id, customer_id=customer.pk, channel=channel, is_automatic=False,
                address=address_of(person, channel), visitor_count=2,
            )  # fmt: skip
            answers[person.pk, channel] = ContactGate().ask(intent, person, now)
    return answers


@pytest.mark.parametrize("hours", [0, 11], ids=["noon", "night"])
def test_the_guard_answers_for_all_persons_as_for_each(tianhe, persons, lived, hours):
    now = NOON + timedelta(hours=hours)
    found = foresee_contacts(customer=tianhe, persons=persons, channels=CHANNELS, now=now)
    assert found == one_by_one(tianhe, persons, now)
    wang, zhao, qian, sun = persons
    assert found[wang.pk, "PHONE"].rule == "opt_out"
    assert found[qian.pk, "PHONE"].rule == "opt_out", "the same number under another name"
    assert found[zhao.pk, "PHONE"].rule == ("quiet_hours" if hours else "dials_per_day")
    assert isinstance(found[sun.pk, "PHONE"], ports.Allow), "agreed to be called at night"


def test_few_queries_for_everybody(tianhe, persons, lived, owner):
    place_hold(
        customer_id=tianhe.pk, kind="COMPLAINT", starts_on=TODAY, ends_on=TODAY + timedelta(days=4), reason="投诉",
        actor=owner, now=NOON,
    )  # fmt: skip
    customer = Customer.objects.select_related("entity").get(pk=tianhe.pk)
    given = {"customer": customer, "persons": persons, "channels": CHANNELS, "now": NOON, "language": "en"}
    with CaptureQueriesContext(
        connection,
    ) as alone:
        found = foresee_contacts(**given)
    assert len(alone) == 3
    known = {
        "policy": policy_in_force(tianhe.entity_id, TODAY).policy,
        "holds": list(running_holds(tianhe.pk, TODAY)),
        "blocks": list(ContactBlock.objects.filter(customer=tianhe, ended_at=None).select_related("person")),
    }
    with CaptureQueriesContext(connection) as handed:
        assert foresee_contacts(**given, **known) == found
    assert len(handed) == 2
    assert found[persons[3].pk, "PHONE"].text == "No contact while a dispute, complaint or other hold covers everything"
