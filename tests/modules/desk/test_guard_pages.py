"""The pages of the contact guard: what it stopped, the rules in force, and the consents of a person."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from huikuan.journal.models import Entry
from huikuan.outreach.commands.contact import permit_contact
from huikuan.outreach.models import ContactRefusal
from huikuan.parties.models import Consent, ContactBlock, ContactPerson
from huikuan.policy.commands import install_default, upload_version
from huikuan.policy.reading.policy import pack_text
from huikuan.runs.gate import ContactGate
from tests.people import NOON, TODAY

pytestmark = pytest.mark.django_db
NIGHT = NOON + timedelta(hours=11)


@pytest.fixture
def wang(tianhe):
    return ContactPerson.objects.create(
        customer=tianhe, name="王芳", role="ACCOUNTANT", phone="+8613800000001", created_at=NOON
    )


@pytest.fixture
def stopped(tianhe, wang, owner):
    """A call at night, which waits, and a call after an opt-out, which never may be made."""
    install_default(entity_id=tianhe.entity_id, starts_on=date(2020, 1, 1), now=NOON)
    given = {"customer_id": tianhe.pk, "person_id": wang.pk, "channel": "PHONE", "actor": owner, "guard": ContactGate()}
    permit_contact(now=NIGHT, **given)
    ContactBlock.objects.create(customer=tianhe, person=wang, kind="OPT_OUT", phone=wang.phone, begun_at=NIGHT)
    permit_contact(now=NIGHT + timedelta(hours=14), **given)


def page(client, user, name, *args, **query):
    client.force_login(user)
    return client.get(reverse(f"desk:{name}", args=args), query)


def test_every_no_is_listed_with_its_rule_source_and_instant(client, owner, tianhe, stopped):
    text = page(client, owner, "guard-refusals").content.decode()
    assert "No contact between 22:00 and 08:00" in text
    assert "The person asked not to be contacted" in text
    assert "个人信息保护法 15, 44, 47" in text
    assert "2026-07-11 08:00" in text, "until when"
    assert text.count("data-row") == 2


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"rule": "opt_out"}, 1),
        ({"rule": "dials_per_day"}, 0),
        ({"first_on": "2026-07-11"}, 1),
        ({"last_on": "2026-07-10"}, 1),
        ({"first_on": "2026-07-10", "last_on": "2026-07-11"}, 2),
        ({"first_on": "nonsense", "customer": "x"}, 2),
    ],
)
def test_the_list_is_narrowed_by_rule_and_period(client, owner, stopped, query, count):
    assert page(client, owner, "guard-refusals", **query).content.decode().count("data-row") == count


def test_the_list_of_one_customer_and_of_nobody_elses(client, owner, auditor, outsider, tianhe, binhai, stopped):
    assert page(client, auditor, "guard-refusals", customer=tianhe.pk).content.decode().count("data-row") == 2
    assert page(client, auditor, "guard-refusals", customer=binhai.pk).content.decode().count("data-row") == 0
    assert page(client, outsider, "guard-refusals").content.decode().count("data-row") == 0
    assert page(client, outsider, "guard-refusals", customer=tianhe.pk).status_code == 404


def test_the_list_takes_few_queries(client, owner, stopped, django_assert_max_num_queries):
    client.force_login(owner)
    with django_assert_max_num_queries(9):
        client.get(reverse("desk:guard-refusals"))


def test_the_rules_in_force_with_status_source_and_what_was_tightened(client, owner, huatai):
    tight = pack_text().replace("  pack: guard_cn_default", "  pack: guard_cn_default\n  with: [guard_us]", 1)
    assert "tighten: {}" in tight
    tight = tight.replace("tighten: {}", "tighten: {dials_per_day: {limit: 4}}")
    upload_version(
        entity_id=huatai.pk, source=tight, starts_on=TODAY, last_run_on=None, actor=None, now=NOON
    )  # fmt: skip
    text = page(client, owner, "guard-rules").content.decode()
    assert "tightened by the policy: 6 → 4" in text
    assert "At most 4 dials per number and day" in text
    assert "No call for 7 days after a conversation" in text
    for name in ("guard_cn_default", "guard_us", "guard_cn_person", "guard_cn_property", "guard_eu", "guard_sg"):
        assert f'id="pack-{name}"' in text
    assert min(text.count("badge good"), text.count("badge warn")) >= 4
    assert text.index('id="pack-guard_us"') < text.index('id="pack-guard_cn_person"'), (
        "what the policy names comes first"
    )


def test_a_consent_is_given_withdrawn_and_the_withdrawal_undone(client, owner, wang):
    place = reverse("desk:consents", args=[wang.pk])
    given = {"kind": "OUTSIDE_HOURS", "source": "SPOKEN", "evidence": "通话 7 月 10 日"}
    client.force_login(owner)
    assert client.post(reverse("desk:consent-give", args=[wang.pk]), {**given, "evidence": ""}).status_code == 422
    assert client.post(reverse("desk:consent-give", args=[wang.pk]), given).headers["Location"] == place
    assert client.post(reverse("desk:consent-give", args=[wang.pk]), given).status_code == 409, "it stands already"
    consent = Consent.objects.get()
    assert "通话 7 月 10 日" in client.get(place).content.decode()
    assert client.post(reverse("desk:consent-withdraw", args=[consent.pk])).status_code == 303
    consent.refresh_from_db()
    assert consent.ended_by == owner
    assert "Undo" in client.get(place).content.decode()
    assert client.post(reverse("desk:consent-restore", args=[consent.pk])).status_code == 303
    consent.refresh_from_db()
    assert consent.ended_at is None
    said = Entry.objects.filter(event__startswith="parties.consent-").order_by("pk").values_list("event", flat=True)
    assert list(said) == ["parties.consent-given", "parties.consent-withdrawn", "parties.consent-restored"]


def test_a_withdrawal_is_not_undone_by_somebody_else(client, owner, colleague, wang):
    consent = Consent.objects.create(
        person=wang, customer=wang.customer, kind="VISIT", source="WRITTEN", evidence="letter", begun_at=NOON
    )
    client.force_login(owner)
    client.post(reverse("desk:consent-withdraw", args=[consent.pk]))
    client.force_login(colleague)
    assert client.post(reverse("desk:consent-restore", args=[consent.pk])).status_code == 409


def test_nothing_kept_of_what_was_stopped_is_changed(stopped):
    with pytest.raises(DatabaseError), transaction.atomic():
        ContactRefusal.objects.update(rule="none")
    with pytest.raises(DatabaseError), transaction.atomic():
        ContactRefusal.objects.all().delete()
