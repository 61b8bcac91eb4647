"""Working a case: log what happened, finish tasks, take back, pause."""

import pytest
from django.test import override_settings

from huikuan.outreach import ports
from huikuan.outreach.models import Contact
from huikuan.parties.models import ContactPerson


class Guard:
    """A contact guard that answers what the test wants."""

    answer: ports.Answer = ports.Allow()

    def ask(self, intent, person, now):
        return self.answer


@pytest.fixture(autouse=True)
def guard(monkeypatch, settings):
    made = Guard()
    monkeypatch.setattr(ports, "guard", lambda: made)
    return made


@pytest.fixture
def desk(client, owner, portfolio):
    client.force_login(owner)
    return client


def call(portfolio, **more):
    person = ContactPerson.objects.get(customer=portfolio.customer, name="刘会计")
    return {
        "channel": "PHONE", "direction": "OUT", "person": person.pk, "outcome": "REACHED",
        "summary": "will ask the boss",
        "case": portfolio.case.pk, "task": portfolio.task.pk, **more,
    }  # fmt: skip


def contact_url(portfolio):
    return f"/customers/{portfolio.customer.pk}/contacts/"


def test_a_logged_call_finishes_the_task_and_opens_the_next(desk, portfolio):
    answer = desk.post(contact_url(portfolio), call(portfolio), follow=True)
    portfolio.task.refresh_from_db()
    assert portfolio.task.outcome == "REACHED"
    assert Contact.objects.latest("pk").summary == "will ask the boss"
    assert answer.redirect_chain[-1][0].startswith(f"/cases/{portfolio.customers[1].cases.get().pk}/?task=")
    text = answer.content.decode()
    assert "Saved, and the task is done." in text
    assert f"/tasks/{portfolio.task.pk}/undo/" in text


def test_undo_opens_the_task_again(desk, portfolio):
    desk.post(contact_url(portfolio), call(portfolio))
    assert desk.post(f"/tasks/{portfolio.task.pk}/undo/").status_code == 303
    portfolio.task.refresh_from_db()
    assert portfolio.task.done_at is None
    assert Contact.objects.count() == 5, "what was said stays said"


def test_a_note_leaves_the_task_open(desk, portfolio):
    desk.post(contact_url(portfolio), call(portfolio, channel="NOTE", outcome="", summary="new accountant"))
    portfolio.task.refresh_from_db()
    assert portfolio.task.done_at is None
    note = Contact.objects.latest("pk")
    assert (note.channel, note.direction, note.outcome) == ("NOTE", "NONE", "NOTED")


def test_a_promise_keeps_day_and_amount(desk, portfolio):
    promise = {"outcome": "PROMISED", "promised_on": "2027-01-05", "promised_amount": "1,234.50"}
    desk.post(contact_url(portfolio), call(portfolio, **promise))
    kept = Contact.objects.latest("pk")
    assert (kept.promised_on.isoformat(), kept.promised_minor, kept.promised_currency) == ("2027-01-05", 123450, "CNY")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"outcome": ""}, "Choose what came of it."),
        ({"outcome": "PROMISED"}, "A promise needs a day."),
        ({"outcome": "PROMISED", "promised_on": "2027-01-05", "promised_amount": "soon"}, "“soon” is not an amount."),
        ({"channel": "NOTE", "summary": ""}, "Write the note."),
        ({"channel": "PIGEON"}, "Select a valid choice."),
    ],
)
def test_an_ill_filled_form_comes_back_with_what_was_typed(desk, portfolio, wrong, said):
    answer = desk.post(contact_url(portfolio), call(portfolio, summary="typed") | wrong)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert said in text
    assert ("typed" in text) is (wrong.get("summary") != "")
    assert Contact.objects.count() == 4
    portfolio.task.refresh_from_db()
    assert portfolio.task.done_at is None


def test_what_the_guard_forbids_is_a_refusal_with_the_rule(desk, portfolio, guard):
    guard.answer = ports.Refuse(rule="quiet-hours", text="between 22:00 and 08:00")
    answer = desk.post(contact_url(portfolio), call(portfolio))
    assert answer.status_code == 409
    assert "This contact may not be made: between 22:00 and 08:00 (quiet-hours)." in answer.content.decode()
    assert Contact.objects.count() == 4
    portfolio.task.refresh_from_db()
    assert portfolio.task.done_at is None


def test_a_task_that_somebody_else_finished_is_a_refusal(desk, portfolio):
    desk.post(f"/tasks/{portfolio.task.pk}/done/", {"outcome": "DONE"})
    answer = desk.post(f"/tasks/{portfolio.task.pk}/done/", {"outcome": "DONE"})
    assert answer.status_code == 409
    assert "already closed" in answer.content.decode()


def test_a_hold_has_an_end_within_the_policy(desk, portfolio):
    place = f"/customers/{portfolio.customer.pk}/holds/"
    far = {"kind": "MANUAL", "ends_on": "2199-01-01", "reason": "forever", "case": portfolio.case.pk}
    answer = desk.post(place, far)
    assert answer.status_code == 409
    assert "60 days at most" in answer.content.decode()
    assert portfolio.customer.holds.count() == 1


def test_a_hold_is_placed_on_one_item_and_released(desk, portfolio):
    until = portfolio.hold.ends_on.isoformat()
    data = {
        "kind": "COMPLAINT",
        "item": portfolio.item.pk,
        "ends_on": until,
        "reason": "late",
        "case": portfolio.case.pk,
    }
    answer = desk.post(f"/customers/{portfolio.customer.pk}/holds/", data)
    placed = portfolio.customer.holds.latest("pk")
    assert answer["Location"] == f"/cases/{portfolio.case.pk}/"
    assert (placed.item_id, placed.kind) == (portfolio.item.pk, "COMPLAINT")
    desk.post(f"/holds/{placed.pk}/release/", {"case": portfolio.case.pk})
    placed.refresh_from_db()
    assert placed.released_at is not None


def test_the_next_task_keeps_the_filter(desk, portfolio):
    answer = desk.get("/worklist/next/?kind=CALL&sort=customer")
    assert answer.status_code == 302
    assert "kind=CALL" in answer["Location"]
    assert "sort=customer" in answer["Location"]


def test_at_the_end_of_the_list_it_begins_again(desk, portfolio):
    last = portfolio.customers[4].tasks.get()
    answer = desk.get(f"/worklist/next/?after={last.pk}", follow=True)
    assert "this is its first task again" in answer.content.decode()


@override_settings(LANGUAGE_CODE="en")
def test_an_empty_list_says_what_to_do(desk, portfolio):
    from huikuan.cases.models import Task  # noqa: PLC0415

    Task.objects.update(cancelled_at="2026-01-01T00:00Z")
    assert "Nothing to do" in desk.get("/worklist/").content.decode()
    answer = desk.get("/worklist/next/", follow=True)
    assert "Nothing is left to do in this list." in answer.content.decode()
