"""The call screen: the guard before the number, one dial one line of the log, the recording as evidence."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from huikuan.arrangements.models import Promise
from huikuan.journal.models import Entry, StoredFile
from huikuan.outreach import ports
from huikuan.outreach.models import Attempt, Contact, ContactRefusal

WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(range(256)) * 4
NO = ports.Refuse("opt_out", "对方已要求停止联系")


class Guard:
    """Answers as told, on every way by which the pages ask."""

    answer: ports.Answer = ports.Allow()

    def ask(self, intent, person, now):
        return self.answer

    def foresee(self, *, customer, persons, channels, now, **known):
        return {(person.pk, channel): self.answer for person in persons for channel in channels}


@pytest.fixture
def guard(monkeypatch):
    made = Guard()
    monkeypatch.setattr(ports, "guard", lambda: made)
    monkeypatch.setattr("huikuan.desk.queries.guard.foresee_contacts", made.foresee)
    return made


@pytest.fixture
def desk(client, owner, portfolio, guard, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client.force_login(owner)
    return client


@pytest.fixture
def person(portfolio):
    return portfolio.customer.contact_persons.get(name="刘会计")


@pytest.fixture
def dialed(desk, portfolio, person):
    desk.post(reverse("desk:dial", args=[portfolio.customer.pk]), {"person": person.pk})
    return Attempt.objects.get()


def screen(desk, portfolio, **query):
    return desk.get(reverse("desk:call", args=[portfolio.customer.pk]), query)


def finish(desk, portfolio, **said):
    given = {"channel": "PHONE", "direction": "OUT", "outcome": "REACHED", "summary": "will ask the boss", **said}
    return desk.post(reverse("desk:call-end", args=[portfolio.customer.pk]), given)


def a_file(content=WAV, name="call.wav", media_type="audio/wav"):
    return SimpleUploadedFile(name, content, content_type=media_type)


def test_the_number_is_a_link_only_after_the_guard_agreed_to_the_dial(desk, portfolio, person):
    page = screen(desk, portfolio, task=portfolio.task.pk).content.decode()
    assert "tel:" not in page
    answer = desk.post(
        reverse("desk:dial", args=[portfolio.customer.pk]), {"person": person.pk, "task": portfolio.task.pk}
    )
    assert answer.status_code == 303
    page = desk.get(answer["Location"]).content.decode()
    assert f'href="tel:{person.phone}"' in page
    assert f'name="task" value="{portfolio.task.pk}"' in page
    attempt = Attempt.objects.get()
    assert (attempt.person, attempt.address, attempt.channel) == (person, person.phone, "PHONE")


def test_a_refused_dial_leaves_nothing_but_its_refusal(desk, portfolio, person, guard):
    guard.answer = NO
    before = Entry.objects.count()
    answer = desk.post(reverse("desk:dial", args=[portfolio.customer.pk]), {"person": person.pk})
    assert answer.status_code == 409
    assert NO.text in answer.content.decode()
    assert not Attempt.objects.exists()
    assert Contact.objects.filter(customer=portfolio.customer).count() == 4
    assert ContactRefusal.objects.get().rule == "opt_out"
    assert Entry.objects.count() == before + 1


def test_a_person_of_nobody_is_not_dialed(desk, portfolio):
    stranger = portfolio.customers[1].contact_persons.get()
    answer = desk.post(reverse("desk:dial", args=[portfolio.customer.pk]), {"person": stranger.pk})
    assert answer.status_code == 404
    assert not Attempt.objects.exists()


def test_the_log_takes_the_place_of_the_dial(desk, portfolio, person, dialed, guard):
    guard.answer = NO  # asked once, at the dial: the call that was allowed can always be logged
    answer = finish(desk, portfolio, attempt=dialed.pk, duration="3:25", task=portfolio.task.pk)
    assert answer.status_code == 303
    assert "/worklist/next/" in answer["Location"]
    contact = Contact.objects.get(attempt=dialed)
    assert (contact.at, contact.person, contact.duration_seconds) == (dialed.at, person, 205)
    portfolio.task.refresh_from_db()
    assert portfolio.task.outcome == "REACHED"
    again = finish(desk, portfolio, attempt=dialed.pk)
    assert again.status_code == 409
    assert "in the log already" in again.content.decode()


def test_a_promise_on_the_telephone_is_a_promise(desk, portfolio, dialed, now):
    day = now.date().replace(year=now.year + 1).isoformat()
    finish(desk, portfolio, attempt=dialed.pk, outcome="PROMISED", promised_on=day, promised_amount="1200.50")
    promise = Promise.objects.get()
    assert (promise.amount_minor, promise.contact.attempt) == (120050, dialed)


@pytest.mark.parametrize("duration", ["3", "3:60", "-1:00", "1:2:3", "3:25x"])
def test_a_duration_is_minutes_and_seconds(desk, portfolio, dialed, duration):
    assert finish(desk, portfolio, attempt=dialed.pk, duration=duration).status_code == 422
    assert not Contact.objects.filter(attempt=dialed).exists()


def test_a_recording_is_kept_by_hash_and_played_from_the_timeline(desk, portfolio, dialed):
    finish(desk, portfolio, attempt=dialed.pk, recording=a_file())
    contact = Contact.objects.get(attempt=dialed)
    stored = StoredFile.objects.get(subject_id=contact.pk, subject_type="outreach.contact")
    place = reverse("desk:recording", args=[contact.pk])
    timeline = desk.get(reverse("desk:people", args=[portfolio.customer.pk])).content.decode()
    assert f'src="{place}"' in timeline
    assert stored.sha256[:12] in timeline
    answer = desk.get(place)
    assert answer.content == WAV
    assert answer["Content-Disposition"] == 'attachment; filename="call.wav"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    part = desk.get(place, headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.content, part["Content-Range"]) == (206, WAV[4:8], f"bytes 4-7/{len(WAV)}")
    assert desk.get(place, headers={"Range": "bytes=999999-"}).status_code == 416


def test_an_outsider_cannot_fetch_a_recording(desk, portfolio, dialed, outsider, auditor):
    finish(desk, portfolio, attempt=dialed.pk, recording=a_file())
    place = reverse("desk:recording", args=[Contact.objects.get(attempt=dialed).pk])
    for who, status in ((outsider, 404), (auditor, 200)):
        desk.force_login(who)
        assert desk.get(place).status_code == status
    desk.logout()
    assert desk.get(place).status_code == 302


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script>",
        b"PK\x03\x04" + bytes(40),
        b"%PDF-1.7",
        b"junkjunkWAVEfmt ",
        b"\x89PNG\r\n\x1a\n",
    ],
    ids=["html", "zip", "pdf", "wave-without-container", "picture"],
)
def test_what_is_no_recording_stops_the_whole_call(desk, portfolio, dialed, content):
    answer = finish(desk, portfolio, attempt=dialed.pk, recording=a_file(content))
    assert answer.status_code == 409
    assert not StoredFile.objects.exists()
    assert not Contact.objects.filter(attempt=dialed).exists()


def test_a_recording_too_large_is_refused_unread(desk, portfolio, dialed, monkeypatch):
    monkeypatch.setattr("huikuan.desk.forms.call.RECORDING_MAX", 100)
    answer = finish(desk, portfolio, attempt=dialed.pk, recording=a_file())
    assert answer.status_code == 422
    assert not StoredFile.objects.exists()


def test_a_recording_is_added_later_and_never_replaced(desk, portfolio):
    contact = portfolio.customer.contacts.get(outcome="DISPUTES")
    place = reverse("desk:recording-add", args=[contact.pk])
    for _time in range(2):  # the same bytes again are the same file
        assert desk.post(place, {"recording": a_file()}).status_code == 303
    assert desk.post(place, {"recording": a_file(WAV + b"more")}).status_code == 409
    assert StoredFile.objects.count() == 1
    note = portfolio.customer.contacts.get(channel="NOTE")
    assert desk.post(reverse("desk:recording-add", args=[note.pk]), {"recording": a_file()}).status_code == 409


def test_doubtful_words_are_shown_once_and_may_be_kept(desk, portfolio, dialed):
    words = "此人是骗子，不还钱就上门闹"
    answer = finish(desk, portfolio, attempt=dialed.pk, summary=words)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "A log holds facts" in text
    assert "骗子" in text
    assert finish(desk, portfolio, attempt=dialed.pk, summary=words, keep_wording="on").status_code == 303
    assert Contact.objects.get(attempt=dialed).summary == words


def test_the_script_speaks_the_customers_language_with_its_facts(desk, portfolio, person):
    query = {"script": "first_call", "person": person.pk}
    place = reverse("desk:call-script", args=[portfolio.customer.pk])
    text = desk.get(place, query, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in text
    assert "刘会计" in text
    assert "5,000.01" in text  # 2,000.00 of it are disputed
    assert 'data-reason="CASH_FLOW"' in text
    assert "<html" in desk.get(place, query).content.decode()
    assert desk.get(place, {"script": "nonsense"}).status_code == 404


def test_the_screen_suggests_the_hours_of_the_policy(desk, portfolio):
    assert "Suggested time: 10:00–11:00, 14:00–16:00" in screen(desk, portfolio).content.decode()


def test_the_screen_costs_few_queries(desk, portfolio, monkeypatch, django_assert_max_num_queries):
    monkeypatch.undo()
    with django_assert_max_num_queries(15):
        screen(desk, portfolio, task=portfolio.task.pk)
    with django_assert_max_num_queries(15):
        desk.get(reverse("desk:call-script", args=[portfolio.customer.pk]), {"script": "first_call"})
