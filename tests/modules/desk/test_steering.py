"""Steering a case and its persons: hand over, postpone, take back; add, correct, block; and what the guard says."""

from datetime import UTC, datetime, timedelta

import pytest

from huikuan.journal.models import Entry
from huikuan.outreach import ports
from huikuan.outreach.models import Contact
from huikuan.parties.models import ContactBlock, ContactPerson, Membership, Role
from tests.modules.desk.guards import Guard
from tests.people import a_member

LATER = datetime(2030, 1, 2, 0, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def guard(monkeypatch):
    made = Guard()
    monkeypatch.setattr(ports, "guard", lambda: made)
    monkeypatch.setattr("huikuan.desk.queries.guard.foresee_contacts", made.foresee)
    return made


@pytest.fixture
def desk(client, owner, portfolio):
    client.force_login(owner)
    return client


@pytest.fixture
def person(portfolio):
    return ContactPerson.objects.get(customer=portfolio.customer, name="刘会计")


@pytest.fixture
def neighbor(huatai, team):
    """Another collector of the team."""
    return a_member("qian.neighbor", "钱进", Role.COLLECTOR, huatai, team)


def visit(portfolio, person, **more):
    return {
        "channel": "VISIT", "direction": "OUT", "person": person.pk, "outcome": "REACHED", "summary": "与王同去",
        "visitor_count": "2", "case": portfolio.case.pk, **more,
    }  # fmt: skip


# --- visits ---------------------------------------------------------------------------------------------------


def test_a_visit_tells_the_guard_how_many_went(desk, portfolio, person, guard):
    answer = desk.post(f"/customers/{portfolio.customer.pk}/contacts/", visit(portfolio, person))
    assert answer.status_code == 303
    assert (guard.asked[-1].channel, guard.asked[-1].visitor_count) == ("VISIT", 2)
    assert Contact.objects.latest("pk").channel == "VISIT"


def test_a_visit_needs_the_number_of_visitors(desk, portfolio, person):
    answer = desk.post(f"/customers/{portfolio.customer.pk}/contacts/", visit(portfolio, person, visitor_count=""))
    assert answer.status_code == 422
    assert "Say how many of us went." in answer.content.decode()


def test_the_real_guard_demands_two_persons(desk, portfolio, person, monkeypatch):
    monkeypatch.undo()
    answer = desk.post(f"/customers/{portfolio.customer.pk}/contacts/", visit(portfolio, person, visitor_count="1"))
    assert answer.status_code == 409
    assert "(visit_persons)" in answer.content.decode()
    assert not Contact.objects.filter(channel="VISIT").exists()


# --- what the guard says --------------------------------------------------------------------------------------


def guard_url(portfolio, person, **more):
    query = "&".join(f"{key}={value}" for key, value in {"channel": "PHONE", "person": person.pk, **more}.items())
    return f"/customers/{portfolio.customer.pk}/guard/?{query}"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (ports.Allow(), "A call is allowed now."),
        (ports.DelayUntil(LATER, "quiet_hours", "夜间不得致电"), "Not before 2030-01-02 08:30."),
        (ports.Refuse("opt_out", "对方已要求停止联系"), "Not allowed."),
    ],
)
def test_the_answer_stands_beside_the_number_and_in_the_form(desk, portfolio, person, guard, answer, said):
    guard.answer = answer
    page = desk.get(f"/cases/{portfolio.case.pk}/?task={portfolio.task.pk}").content.decode()
    assert page.count(said) == (2 if isinstance(answer, ports.Allow) else 3), "person and form; the bar when it is no"
    assert (f'person={person.pk}">{person.phone}</a>' in page) is isinstance(answer, ports.Allow)
    fragment = desk.get(guard_url(portfolio, person), headers={"HX-Request": "true"}).content.decode()
    assert said in fragment
    assert "<html" not in fragment
    assert "<html" in desk.get(guard_url(portfolio, person)).content.decode()


def test_asking_the_guard_keeps_nothing(desk, portfolio, person, guard):
    guard.answer = ports.Refuse("opt_out", "对方已要求停止联系")
    before = (Contact.objects.count(), list(portfolio.customer.contact_blocks.values()))
    entries = Entry.objects.count()
    desk.get(guard_url(portfolio, person))
    assert (Contact.objects.count(), list(portfolio.customer.contact_blocks.values())) == before
    assert Entry.objects.count() == entries


def test_the_rule_is_said_in_the_readers_language(desk, portfolio, person, owner, monkeypatch):
    monkeypatch.undo()
    address = guard_url(portfolio, person, channel="VISIT", visitor_count=1)
    english = desk.get(address).content.decode()
    owner.language = "zh-hans"
    owner.save()
    chinese = desk.get(address).content.decode()
    assert "Not allowed." in english
    assert "at least 2" in english
    assert "不允许。" in chinese
    assert "上门须 2 人以上同行" in chinese


def test_nobody_is_asked_about_a_note_or_an_incoming_call(desk, portfolio, person, guard):
    for more in ({"channel": "NOTE"}, {"direction": "IN"}):
        text = desk.get(guard_url(portfolio, person, **more)).content.decode()
        assert "Nothing is asked of the guard" in text
    assert guard.asked == []


def test_a_person_of_another_customer_is_nobody(desk, portfolio, person, guard):
    address = guard_url(portfolio, person).replace(f"/{portfolio.customer.pk}/", f"/{portfolio.customers[1].pk}/")
    assert "Choose the person first." in desk.get(address).content.decode()


# --- persons --------------------------------------------------------------------------------------------------


def test_a_person_is_added_and_corrected(desk, portfolio):
    new = {"person_name": "李出纳", "role": "PAYER", "phone": "138 0013 8222", "case": portfolio.case.pk}
    new |= {"preferred_from": "10:30", "preferred_until": "12:00"}
    answer = desk.post(f"/customers/{portfolio.customer.pk}/people/", new)
    added = ContactPerson.objects.get(name="李出纳")
    assert answer["Location"] == f"/cases/{portfolio.case.pk}/"
    assert (added.phone, added.role) == ("+8613800138222", "PAYER")
    assert "best 10:30-12:00" in desk.get(f"/customers/{portfolio.customer.pk}/contact-log/").content.decode()
    asked = {"person": added.pk}
    screen = desk.get(f"/customers/{portfolio.customer.pk}/call/", asked).content.decode()
    assert "Suggested time: 10:30–11:00," in screen
    desk.post(f"/people/{added.pk}/", {**new, "person_name": "李娜", "email": "li@customer.example"})
    added.refresh_from_db()
    assert (added.name, added.email) == ("李娜", "li@customer.example")


@pytest.mark.parametrize(
    ("wrong", "status", "said"),
    [
        ({"person_name": ""}, 422, "This field is required."),
        ({"email": "nobody"}, 422, "Enter a valid email address."),
        ({"phone": "", "email": ""}, 409, "has neither e-mail nor telephone"),
        ({"phone": "12"}, 409, "12"),
        ({"preferred_from": "09:30"}, 422, "Give both times, or neither."),
        ({"preferred_from": "11:30", "preferred_until": "09:30"}, 409, "not hours of a day"),
        ({"phone": "+8613700137000", "person_name": "王经理"}, 409, "already among the contacts"),
    ],
)
def test_a_wrong_correction_comes_back_with_what_was_typed(desk, portfolio, person, wrong, status, said):
    data = {"person_name": "刘会计", "role": "ACCOUNTANT", "phone": "+8613900139001", "case": portfolio.case.pk}
    answer = desk.post(f"/people/{person.pk}/", data | wrong)
    assert answer.status_code == status
    assert said in answer.content.decode()
    person.refresh_from_db()
    assert person.email == "liu1@customer.example"


def test_a_block_shows_since_when_and_by_whom_and_ends_only_with_consent(desk, portfolio, person, owner):
    block = {
        "person": person.pk,
        "kind": "OPT_OUT",
        "channel": "PHONE",
        "reason": "来函要求",
        "case": portfolio.case.pk,
    }
    assert desk.post(f"/customers/{portfolio.customer.pk}/blocks/", block).status_code == 303
    placed = ContactBlock.objects.get(person=person)
    page = desk.get(f"/cases/{portfolio.case.pk}/").content.decode()
    assert "Asked not to be contacted (Telephone)" in page
    assert "来函要求" in page
    assert str(owner) in page
    again = desk.post(f"/customers/{portfolio.customer.pk}/blocks/", block)
    assert again.status_code == 409
    assert "already blocked" in again.content.decode()
    refused = desk.post(f"/blocks/{placed.pk}/release/", {"reason": "mistake"})
    assert refused.status_code == 409
    assert "ends only when the person agreed" in refused.content.decode()
    assert desk.post(f"/blocks/{placed.pk}/release/", {"reason": "来电同意", "agreed": "on"}).status_code == 303
    placed.refresh_from_db()
    assert placed.ended_by == owner


def test_a_block_needs_a_reason(desk, portfolio, person):
    block = {"person": person.pk, "kind": "WRONG_PERSON", "case": portfolio.case.pk}
    assert desk.post(f"/customers/{portfolio.customer.pk}/blocks/", block).status_code == 422
    assert not ContactBlock.objects.filter(person=person).exists()


def test_a_person_of_another_customer_is_not_blocked_here(desk, portfolio, person):
    block = {"person": person.pk, "kind": "OPT_OUT", "reason": "x"}
    assert desk.post(f"/customers/{portfolio.customers[1].pk}/blocks/", block).status_code == 404


def test_an_auditor_sees_masked_numbers(client, auditor, portfolio, person):
    client.force_login(auditor)
    page = client.get(f"/cases/{portfolio.case.pk}/").content.decode()
    assert person.phone not in page
    assert person.email not in page
    assert "••• 001" in page
    assert "l•••@customer.example" in page


# --- owner ----------------------------------------------------------------------------------------------------


def test_a_manager_gives_a_case_with_customer_and_tasks(client, colleague, neighbor, portfolio):
    client.force_login(colleague)
    answer = client.post(f"/cases/{portfolio.case.pk}/owner/", {"owner": neighbor.pk})
    assert answer["Location"] == f"/cases/{portfolio.case.pk}/"
    for row in (portfolio.case, portfolio.task, portfolio.customer):
        row.refresh_from_db()
    assert [portfolio.case.owner, portfolio.task.owner, portfolio.customer.collector] == [neighbor] * 3
    client.force_login(neighbor)
    assert client.get(f"/cases/{portfolio.case.pk}/").status_code == 200


def test_an_administrator_may_and_a_collector_is_not_offered_it(client, administrator, owner, neighbor, portfolio):
    client.force_login(owner)
    assert "Give to somebody else" not in client.get(f"/cases/{portfolio.case.pk}/").content.decode()
    client.force_login(administrator)
    assert client.post(f"/cases/{portfolio.case.pk}/owner/", {"owner": neighbor.pk}).status_code == 303


def test_a_case_goes_to_collectors_of_the_entity_only(client, colleague, outsider, portfolio):
    client.force_login(colleague)
    assert client.post(f"/cases/{portfolio.case.pk}/owner/", {"owner": outsider.pk}).status_code == 422


def test_a_closed_case_is_not_given_away(client, colleague, neighbor, portfolio):
    portfolio.case.closed_on, portfolio.case.closing_reason = portfolio.run.as_of, "PAID"
    portfolio.case.save()
    client.force_login(colleague)
    answer = client.post(f"/cases/{portfolio.case.pk}/owner/", {"owner": neighbor.pk})
    assert answer.status_code == 409


# --- next action ----------------------------------------------------------------------------------------------


def test_the_next_action_is_postponed_and_taken_back(desk, portfolio):
    today = portfolio.run.as_of
    was, on = portfolio.case.next_action_on, today + timedelta(days=8)
    data = {"on": on.isoformat(), "reason": "月底付款日"}
    page = desk.post(f"/cases/{portfolio.case.pk}/postponement/", data, follow=True).content.decode()
    assert f"Nothing happens before {on.isoformat()}." in page
    assert f'action="/cases/{portfolio.case.pk}/postponement/release/"' in page
    hold = portfolio.customer.holds.latest("pk")
    portfolio.case.refresh_from_db()
    assert (hold.kind, hold.item, hold.starts_on, hold.ends_on) == ("MANUAL", None, today, on - timedelta(days=1))
    assert portfolio.case.next_action_on == on
    assert desk.post(f"/cases/{portfolio.case.pk}/postponement/release/").status_code == 303
    hold.refresh_from_db()
    portfolio.case.refresh_from_db()
    assert hold.released_on == today
    assert portfolio.case.next_action_on == was
    assert desk.post(f"/cases/{portfolio.case.pk}/postponement/release/").status_code == 409


@pytest.mark.parametrize(("days", "status"), [(0, 409), (400, 409), (None, 422)])
def test_a_day_that_cannot_be_is_refused(desk, portfolio, days, status):
    on = "" if days is None else (portfolio.run.as_of + timedelta(days=days)).isoformat()
    answer = desk.post(f"/cases/{portfolio.case.pk}/postponement/", {"on": on, "reason": "why not"})
    assert answer.status_code == status
    assert "why not" in answer.content.decode()
    assert portfolio.customer.holds.count() == 1


def test_memberships_are_what_the_list_of_collectors_reads(client, colleague, neighbor, owner, portfolio):
    client.force_login(colleague)
    assert "钱进" in client.get(f"/cases/{portfolio.case.pk}/?give=1").content.decode()
    Membership.objects.filter(user=neighbor).delete()
    assert "钱进" not in client.get(f"/cases/{portfolio.case.pk}/?give=1").content.decode()
