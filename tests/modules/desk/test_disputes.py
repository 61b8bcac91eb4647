"""The tab of disputes, complaints and signals, the register, and offers: who does what, and who gets nothing."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from huikuan.arrangements.models import Complaint, Dispute, EnforcementRecord, Offer
from huikuan.policy.queries import running_holds
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.commands.terms import set_default_terms
from huikuan.receivables.rules.terms import Terms
from tests.people import NOON


@pytest.fixture
def item(tianhe, finance):
    """5,000.00 at 0.05 % a day, long overdue."""
    set_default_terms(entity=tianhe.entity, terms=Terms(kind="PER_DAY", rate_ppb=500_000), actor=finance, now=NOON)
    return book_item(customer_id=tianhe.pk, number="FP-1", amount_minor=500_000, issued_on=date(2026, 5, 10),
                     due_on=date(2026, 6, 10), actor=finance, now=NOON)  # fmt: skip


@pytest.fixture
def as_owner(client, owner):
    client.force_login(owner)
    return client


def dispute(client, tianhe, item, **more):
    said = {"item": item.pk, "amount": "1200.00", "kind": "QUALITY", "text": "三箱破损"} | more
    return client.post(f"/customers/{tianhe.pk}/disputes/new/", said)


def test_a_dispute_from_the_first_word_to_the_decision(as_owner, tianhe, item, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    assert dispute(as_owner, tianhe, item).status_code == 303
    found = Dispute.objects.get()
    assert found.amount_minor == 120_000
    photo = SimpleUploadedFile("破损.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "image/png")
    said = as_owner.post(f"/disputes/{found.pk}/messages/", {"text": "已回电", "is_answer": "on", "file": photo})
    assert said.status_code == 303
    page = as_owner.get(f"/customers/{tianhe.pk}/disputes/").content.decode()
    assert "三箱破损" in page
    assert "破损.png" in page
    file = found.messages.get().file
    assert as_owner.get(f"/disputes/evidence/{file.pk}/").status_code == 200
    decided = {"decision": "AGREED", "conceded": "700.00", "explanation": "两箱属实"}
    assert as_owner.post(f"/disputes/{found.pk}/decision/", decided).status_code == 303
    item.refresh_from_db()
    assert item.open_minor == 430_000


def test_too_much_is_refused_on_the_page(as_owner, tianhe, item):
    assert dispute(as_owner, tianhe, item, amount="9999.00").status_code == 409
    assert dispute(as_owner, tianhe, item, amount="many").status_code == 422
    assert not Dispute.objects.exists()


def test_a_complaint_about_conduct_pauses_contact_until_resolved(as_owner, tianhe):
    taken = as_owner.post(
        f"/customers/{tianhe.pk}/complaints/",
        {"kind": "CONDUCT", "via": "PHONE", "department": "SERVICE", "text": "晚上来电"},
    )
    assert taken.status_code == 303
    found = Complaint.objects.get()
    assert found.hold.kind == "COMPLAINT"
    resolution = {"resolution": "已致歉", "satisfaction": "4"}
    assert as_owner.post(f"/complaints/{found.pk}/resolution/", resolution).status_code == 409
    assert as_owner.post(f"/complaints/{found.pk}/answer/", {"response": "已回电"}).status_code == 303
    assert as_owner.post(f"/complaints/{found.pk}/resolution/", resolution).status_code == 303
    found.refresh_from_db()
    assert (found.satisfaction, found.hold.__class__.objects.get().released_on is not None) == (4, True)
    assert "晚上来电" in as_owner.get("/complaints/?all=1").content.decode()


def test_a_complaint_about_goods_pauses_nothing(as_owner, tianhe):
    said = {"kind": "GOODS", "via": "EMAIL", "department": "QUALITY", "text": "质量"}
    as_owner.post(f"/customers/{tianhe.pk}/complaints/", said)
    assert Complaint.objects.get().hold is None
    assert not running_holds(tianhe.pk, Complaint.objects.get().received_at.date()).exists()


def test_a_public_record_is_entered_and_struck_off(as_owner, tianhe):
    said = {
        "kind": "ENFORCEMENT",
        "number": "(2026)沪01执1号",
        "published_on": "2026-07-01",
        "source": "zxgk.court.gov.cn",
    }
    assert as_owner.post(f"/customers/{tianhe.pk}/records/", said).status_code == 303
    assert as_owner.post(f"/customers/{tianhe.pk}/records/", said).status_code == 409
    record = EnforcementRecord.objects.get()
    assert as_owner.post(f"/records/{record.pk}/end/").status_code == 303


def test_an_offer_beyond_the_limit_waits_for_the_manager(as_owner, client, tianhe, item, colleague):
    said = {"currency": "CNY", "percent": "80", "expires_on": "2099-01-01"}
    assert as_owner.post(f"/customers/{tianhe.pk}/offers/", said).status_code == 303
    offer = Offer.objects.get()
    assert offer.approved_at is None
    assert as_owner.post(f"/offers/{offer.pk}/approval/").status_code == 403
    client.force_login(colleague)
    assert client.post(f"/offers/{offer.pk}/approval/").status_code == 303
    offer.refresh_from_db()
    assert offer.approved_by == colleague


def test_the_outsider_gets_nothing_and_the_auditor_changes_nothing(client, tianhe, item, owner, outsider, auditor):
    client.force_login(owner)
    dispute(client, tianhe, item)
    found = Dispute.objects.get()
    client.force_login(outsider)
    assert client.get(f"/customers/{tianhe.pk}/disputes/").status_code == 404
    assert client.post(f"/disputes/{found.pk}/decision/", {}).status_code == 404
    assert dispute(client, tianhe, item).status_code == 404
    client.force_login(auditor)
    page = client.get(f"/customers/{tianhe.pk}/disputes/")
    assert page.status_code == 200
    assert "/decision/" not in page.content.decode()
    assert client.post(f"/disputes/{found.pk}/decision/", {}).status_code == 403
