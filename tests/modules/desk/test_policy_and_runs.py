"""The policy editor, the run, and the monitor of messages."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from huikuan.policy.models import PolicyVersion
from huikuan.policy.reading.policy import pack_text
from huikuan.runs.models import Run


@pytest.fixture
def desk(client, colleague, portfolio):
    client.force_login(colleague)
    return client


def test_a_policy_is_checked_without_being_stored(desk, portfolio):
    answer = desk.post("/policy/new/", {"source": pack_text(), "starts_on": "2099-01-01", "act": "check"})
    assert answer.status_code == 200
    assert "The policy is right." in answer.content.decode()
    assert PolicyVersion.objects.count() == 1


def test_flaws_are_listed_with_their_lines(desk, portfolio):
    broken = (
        pack_text()
        .replace("code: reminder ", "code: remind3r! ", 1)
        .replace("days_before_due: 3}", "days_befor: 3}", 1)
    )
    line = next(number for number, text in enumerate(broken.splitlines(), 1) if "days_befor:" in text)
    for act in ("check", "store"):
        answer = desk.post("/policy/new/", {"source": broken, "starts_on": "2099-01-01", "act": act})
        text = answer.content.decode()
        assert answer.status_code == 422
        assert f'<td class="number">{line}:' in text
        assert "days_befor: 3}" in text, "what was typed stays"
    assert PolicyVersion.objects.count() == 1


def test_a_file_becomes_the_next_version(desk, portfolio):
    changed = pack_text().replace("name:", "# changed\nname:", 1)
    starts_on = portfolio.run.as_of + timedelta(days=1)
    data = {"file": SimpleUploadedFile("policy.yaml", changed.encode()), "starts_on": starts_on, "note": "test"}
    answer = desk.post("/policy/new/", {**data, "act": "store"}, follow=True)
    assert "Version 2 is stored" in answer.content.decode()
    assert PolicyVersion.objects.get(number=2).source == changed


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"\xff\xfe\x00", "not UTF-8 text"), (b"x" * 1_000_001, "too large for a policy")],
)
def test_a_file_that_cannot_be_read_is_refused(desk, portfolio, content, said):
    data = {"file": SimpleUploadedFile("policy.yaml", content), "starts_on": "2099-01-01", "act": "store"}
    answer = desk.post("/policy/new/", data)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_a_version_cannot_begin_in_the_past(desk, portfolio):
    changed = pack_text() + "\n# changed\n"
    starts_on = portfolio.run.as_of
    answer = desk.post("/policy/new/", {"source": changed, "starts_on": starts_on, "act": "store"})
    assert answer.status_code == 409
    assert "has already been run" in answer.content.decode()


def test_the_ladder_reads_as_a_table(desk, portfolio):
    text = desk.get("/policy/").content.decode()
    for words in (
        "1 day overdue",
        "Formal demand",
        "announces: Lawyer&#x27;s letter",
        "in force",
        "Property management",
    ):
        assert words in text


def test_a_preview_writes_nothing(desk, portfolio):
    before = Run.objects.count(), portfolio.entity.tasks.count()
    answer = desk.post("/runs/today/", {"act": "preview"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "What it would do" in text
    assert "Customers looked at" in text
    assert (Run.objects.count(), portfolio.entity.tasks.count()) == before


@pytest.mark.django_db(transaction=True)
def test_a_run_is_started_from_the_page(client, colleague, portfolio):
    client.force_login(colleague)
    answer = client.post("/runs/today/", {"act": "start"})
    run = Run.objects.get(entity=portfolio.entity, as_of=portfolio.run.as_of)
    assert answer.status_code == 303
    assert run.state == "DONE"
    text = client.get(f"/runs/{run.pk}/").content.decode()
    assert "What it did" in text
    assert "1 bank lines not matched" in text


def test_a_refused_run_says_why(desk, portfolio):
    Run.objects.filter(pk=portfolio.run.pk).update(as_of=portfolio.run.as_of + timedelta(days=1))
    answer = desk.post("/runs/today/", {"act": "start"})
    assert answer.status_code == 409
    assert 'role="alert"' in answer.content.decode()


def test_decisions_are_drilled_into(desk, portfolio):
    text = desk.get(f"/runs/{portfolio.run.pk}/?step=weekly").content.decode()
    assert "Weekly contact" in text
    assert "昌雅盛达" in text
    assert "雅昌隆图" not in text


def test_a_failed_message_is_tried_again_and_withdrawn(desk, portfolio):
    failed = portfolio.deliveries["FAILED"]
    assert desk.post(f"/deliveries/{failed.pk}/retry/").status_code == 303
    failed.refresh_from_db()
    assert failed.state == "QUEUED"
    assert desk.post(f"/deliveries/{failed.pk}/cancellation/", {"reason": "paid"}).status_code == 303
    answer = desk.post(f"/deliveries/{failed.pk}/retry/")
    assert answer.status_code == 409
    assert "Only a failed message" in answer.content.decode()


def test_an_unknown_message_is_settled_by_a_person(desk, portfolio):
    unknown = portfolio.deliveries["UNKNOWN"]
    assert "Did it leave?" in desk.get(f"/deliveries/{unknown.pk}/").content.decode()
    desk.post(f"/deliveries/{unknown.pk}/reconciliation/", {"was_sent": "yes", "evidence": "server log"})
    unknown.refresh_from_db()
    assert unknown.state == "SENT"
