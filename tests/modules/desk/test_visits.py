"""Field visits: two of us, one a day, by the guard's leave; the position by consent only; what was found stays."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from huikuan.journal.models import Entry, StoredFile
from huikuan.outreach import ports
from huikuan.outreach.commands.visit import Party, VisitByOneAlone, VisitInPast, VisitOfSameDay
from huikuan.outreach.models import Attempt, Contact, ContactRefusal, Visit, VisitArrival, VisitReport
from tests.modules.desk.fieldwork import JPEG, plan

NO = ports.Refuse("visit_persons", "至少两人")


class Guard:
    """Answers as told, and remembers what it was asked."""

    answer: ports.Answer = ports.Allow()

    def __init__(self):
        self.asked = []

    def ask(self, intent, person, now):
        self.asked.append((intent.channel, intent.visitor_count, now))
        return self.answer


@pytest.fixture
def guard(monkeypatch):
    made = Guard()
    monkeypatch.setattr(ports, "guard", lambda: made)
    return made


@pytest.fixture
def desk(client, owner, guard, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client.force_login(owner)
    return client


@pytest.fixture
def visit(portfolio, owner, colleague, guard, now):
    """Planned for now: a minute ago it was still ahead."""
    return plan(portfolio, owner, colleague, at=now, now=now - timedelta(minutes=1), guard=guard)


@pytest.fixture
def arrived(desk, visit):
    assert post(desk, "visit-arrive", visit).status_code == 303
    visit.refresh_from_db()
    return visit


def post(desk, name, visit, **data):
    return desk.post(reverse(f"desk:{name}", args=[visit.pk]), data)


def report(desk, visit, **said):
    given = {
        "channel": "VISIT", "direction": "OUT", "outcome": "HARDSHIP", "summary": "仓库里只剩少量库存，两人值班。",
        "premises": "QUIET", "stock": "SOME", "ability": "PARTLY", "willingness": "WILLING", **said,
    }  # fmt: skip
    return post(desk, "visit-report", visit, **given)


def test_the_guard_is_asked_for_the_appointment_with_everybody_who_goes(visit, guard, now):
    assert guard.asked == [("VISIT", 4, now)]
    assert (visit.visitor_count, visit.companions) == (4, "王律师, 小李")


def test_a_refused_plan_leaves_nothing_but_its_refusal(desk, portfolio, owner, colleague, guard, now):
    guard.answer = NO
    before = Entry.objects.count()
    person = portfolio.customer.contact_persons.get(name="刘会计")
    answer = desk.post(
        reverse("desk:visit-plan", args=[portfolio.customer.pk]),
        {
            "planned_at": f"{now + timedelta(days=3):%Y-%m-%dT10:00}", "person": person.pk, "place": "仓库",
            "purpose": "TALK", "speaker": owner.pk, "note_taker": colleague.pk, "documents": ["CONTRACT"],
        },
    )  # fmt: skip
    assert answer.status_code == 409
    assert "至少两人" in answer.content.decode()
    assert not Visit.objects.exists()
    refusal = ContactRefusal.objects.get()
    assert refusal.at - now < timedelta(minutes=5), "kept when it was asked, not for the appointment"
    assert Entry.objects.count() == before + 1


def test_two_go_and_once_a_day(portfolio, owner, colleague, visit, now):
    with pytest.raises(VisitByOneAlone):
        plan(portfolio, owner, colleague, at=now + timedelta(days=1), now=now, party=Party(owner.pk, owner.pk, "小李"))
    with pytest.raises(VisitInPast):
        plan(portfolio, owner, colleague, at=now, now=now)
    with pytest.raises(VisitOfSameDay):
        plan(portfolio, owner, colleague, at=visit.planned_at, now=now - timedelta(hours=1))


def test_the_papers_say_what_is_missing(desk, visit):
    page = desk.get(reverse("desk:visits")).content.decode()
    assert "2 documents missing" in page
    post(desk, "visit-documents", visit, packed=["CONTRACT", "nonsense"])
    assert visit.documents.get(document="CONTRACT").packed_at is not None
    assert "1 document missing" in desk.get(reverse("desk:visit", args=[visit.pk])).content.decode()
    post(desk, "visit-documents", visit)
    assert not visit.documents.filter(packed_at__isnull=False).exists()


def test_the_check_in_asks_again_and_counts_at_once(arrived, guard):
    assert arrived.state == "UNDER_WAY"
    assert [asked[:2] for asked in guard.asked] == [("VISIT", 4), ("VISIT", 4)]
    attempt = Attempt.objects.get()
    assert (attempt.channel, attempt.visitor_count, attempt.arrival.visit) == ("VISIT", 4, arrived)


def test_a_refused_check_in_leaves_nothing_but_its_refusal(desk, visit, guard):
    guard.answer = NO
    before = Entry.objects.count()
    assert post(desk, "visit-arrive", visit).status_code == 409
    visit.refresh_from_db()
    assert visit.state == "PLANNED"
    assert not Attempt.objects.exists()
    assert not VisitArrival.objects.exists()
    assert Entry.objects.count() == before + 1


def test_a_visit_of_another_day_is_not_begun_today(desk, portfolio, owner, colleague, guard, now):
    later = plan(portfolio, owner, colleague, at=now + timedelta(days=2), now=now, guard=guard)
    assert post(desk, "visit-arrive", later).status_code == 409
    assert not Attempt.objects.exists()


HERE = {"latitude": "23.129110", "longitude": "-113.264385", "accuracy": "12"}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (HERE | {"consent": "on"}, "23.129110, -113.264385"),
        (HERE, ""),
        ({"consent": "on"}, ""),
        (HERE | {"consent": "on", "latitude": "99"}, ""),
    ],
    ids=["agreed", "not-asked", "phone-silent", "nonsense"],
)
def test_the_position_is_kept_by_consent_only(desk, visit, said, kept):
    post(desk, "visit-arrive", visit, **said)
    arrival = VisitArrival.objects.get()
    assert (arrival.position_consent_at is not None) is bool(kept)
    assert (arrival.accuracy_m is not None) is bool(kept)
    page = desk.get(reverse("desk:visit", args=[visit.pk])).content.decode()
    assert (kept or "No position was kept.") in page


def test_only_the_page_of_a_visit_may_ask_for_the_position(desk, visit):
    here = desk.get(reverse("desk:visit", args=[visit.pk]))["Permissions-Policy"]
    assert "geolocation=(self)" in here
    assert "camera=()" in here
    for other in ("visits", "worklist"):
        assert "geolocation=()" in desk.get(reverse(f"desk:{other}"))["Permissions-Policy"]


def test_the_report_ends_the_visit_with_an_entry_of_the_log(desk, arrived, guard, owner):
    guard.answer = NO  # the visit was allowed at the door: what came of it can always be told
    assert report(desk, arrived).status_code == 303
    kept = VisitReport.objects.get()
    contact = kept.contact
    assert (kept.ability, kept.premises, kept.reported_by) == ("PARTLY", "QUIET", owner)
    assert (contact.channel, contact.outcome, contact.at) == ("VISIT", "HARDSHIP", arrived.arrival.attempt.at)
    assert contact.person == arrived.person
    arrived.refresh_from_db()
    assert arrived.state == "DONE"
    assert report(desk, arrived).status_code == 409
    assert "Can pay in installments" in desk.get(reverse("desk:visit", args=[arrived.pk])).content.decode()


def test_a_report_without_findings_or_before_the_door_is_none(desk, arrived, portfolio, owner, colleague, guard, now):
    assert report(desk, arrived, summary=" ").status_code == 422
    assert report(desk, arrived, summary="老板是骗子").status_code == 422
    later = plan(portfolio, owner, colleague, at=now + timedelta(days=2), now=now, guard=guard)
    assert report(desk, later).status_code == 409
    assert not Contact.objects.filter(channel="VISIT").exists()


def a_photo(content=JPEG):
    return SimpleUploadedFile("door.jpg", content, content_type="image/jpeg")


def test_a_photo_is_kept_by_hash_and_saved_never_shown(desk, arrived):
    assert post(desk, "visit-photo", arrived, photo=a_photo(), title="大门").status_code == 303
    stored = StoredFile.objects.get()
    page = desk.get(reverse("desk:visit", args=[arrived.pk])).content.decode()
    assert "大门" in page
    assert stored.sha256[:12] in page
    answer = desk.get(reverse("desk:visit-photo-file", args=[arrived.pk, stored.pk]))
    assert answer.content == JPEG
    assert answer["Content-Disposition"].startswith("attachment")


BOMB = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR" + (60_000).to_bytes(4) * 2


@pytest.mark.parametrize(
    "content", [b"<svg onload=alert(1)>", b"%PDF-1.7", BOMB], ids=["svg", "pdf", "decompression-bomb"]
)
def test_what_is_no_photo_is_refused(desk, arrived, content):
    assert post(desk, "visit-photo", arrived, photo=a_photo(content)).status_code == 409
    assert not StoredFile.objects.exists()


def test_a_photo_before_the_door_proves_nothing(desk, visit):
    assert post(desk, "visit-photo", visit, photo=a_photo()).status_code == 409


def test_a_visit_called_off_makes_room_for_another(desk, visit, portfolio, owner, colleague, now):
    assert post(desk, "visit-cancel", visit, reason=" ").status_code == 409
    assert post(desk, "visit-cancel", visit, reason="台风").status_code == 303
    assert post(desk, "visit-arrive", visit).status_code == 409
    again = plan(portfolio, owner, colleague, at=visit.planned_at, now=now - timedelta(hours=1))
    assert again.state == "PLANNED"


@pytest.mark.parametrize(
    ("table", "change"),
    [
        (Visit, {"place": "elsewhere"}),
        (VisitArrival, {"accuracy_m": 1}),
        (VisitReport, {"findings": "nothing"}),
        (Attempt, {"address": "+861"}),
    ],
)
def test_the_database_keeps_what_was_seen(desk, arrived, table, change):
    report(desk, arrived)
    with pytest.raises(IntegrityError), transaction.atomic():
        table.objects.update(**change)


def test_the_pages_cost_few_queries(desk, arrived, portfolio, django_assert_max_num_queries):
    for place, most in (
        (reverse("desk:visits"), 6),
        (reverse("desk:visit", args=[arrived.pk]), 12),
        (reverse("desk:customer-visits", args=[portfolio.customer.pk]), 12),
    ):
        with django_assert_max_num_queries(most):
            assert desk.get(place).status_code == 200
