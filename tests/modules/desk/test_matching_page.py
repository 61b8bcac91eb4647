"""The cash application page: one line after the other, answers with reasons, nothing for who may not see or book."""

from datetime import timedelta

import pytest

from huikuan.cash.commands.bills import Paper, receive_bill
from huikuan.cash.commands.matching import match_lines
from huikuan.cash.models import Match, MatchTerms, Proposal, SetAside
from huikuan.parties.models import Role
from huikuan.receivables.commands.items import book_item
from tests.bank import a_line
from tests.people import NOON, TODAY, a_member


@pytest.fixture
def finance(huatai):
    return a_member("wang.finance", "王芳", Role.FINANCE, huatai)


@pytest.fixture
def rents(tianhe):
    return [
        book_item(
            customer_id=tianhe.pk, number=number, amount_minor=300_000, issued_on=TODAY, due_on=TODAY, actor=None,
            now=NOON,
        )
        for number in ("R-2026-01", "R-2026-02")
    ]  # fmt: skip


@pytest.fixture
def line(huatai, tianhe, rents):
    found = a_line(huatai, 300_000, "房租", tianhe.name)
    match_lines(entity_id=huatai.pk, now=NOON)
    return found


def test_answers_show_their_reasons_and_that_nothing_is_guessed(client, finance, line, tianhe, rents):
    client.force_login(finance)
    text = client.get("/matching/").content.decode()
    assert "Several answers are of nearly equal worth" in text
    assert "The payer&#x27;s name is his" in text
    assert "One open item has exactly this amount" in text
    assert all(item.number in text for item in rents)
    assert 'data-key="accept-1" autofocus' in text


def test_accepting_books_and_goes_on_to_the_next_line(client, finance, huatai, line, tianhe, rents):
    later = a_line(huatai, 77)
    client.force_login(finance)
    answer = client.post(f"/matching/{line.pk}/match/", {"customer": tianhe.pk, "parts": f"{rents[1].pk}:300000"})
    rents[1].refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (303, f"/matching/?line={later.pk}")
    assert rents[1].open_minor == 0
    assert Match.objects.get().made_by == finance


def test_picked_amounts_are_booked_and_nonsense_is_refused(client, finance, line, tianhe, rents):
    client.force_login(finance)
    address = f"/matching/{line.pk}/match/"
    assert client.post(address, {"customer": tianhe.pk, f"item-{rents[0].pk}": "many"}).status_code == 409
    assert client.post(address, {"customer": tianhe.pk, f"item-{rents[0].pk}": "4000"}).status_code == 409
    assert not Match.objects.exists()
    given = {f"item-{rents[0].pk}": "1000.50", f"item-{rents[1].pk}": ""}
    assert client.post(address, {"customer": tianhe.pk, **given}).status_code == 303
    rents[0].refresh_from_db()
    assert rents[0].open_minor == 199_950
    assert Match.objects.get().receipt.unapplied_minor == 199_950


def test_a_customer_is_searched_and_his_items_are_offered(client, finance, line, tianhe, rents):
    client.force_login(finance)
    assert tianhe.code in client.get("/matching/", {"line": line.pk, "q": "天河"}).content.decode()
    text = client.get("/matching/", {"line": line.pk, "customer": tianhe.pk}).content.decode()
    assert all(f'name="item-{item.pk}"' in text for item in rents)


def test_rejecting_setting_aside_and_terms(client, finance, line, tianhe, huatai):
    client.force_login(finance)
    assert client.post(f"/matching/{line.pk}/rejection/", {"customer": tianhe.pk}).status_code == 303
    assert Proposal.objects.get().candidates == []
    assert client.post(f"/matching/{line.pk}/aside/", {"reason": ""}).status_code == 409
    assert client.post(f"/matching/{line.pk}/aside/", {"reason": "interest"}).status_code == 303
    assert SetAside.objects.get().reason == "interest"
    assert client.post("/matching/terms/", {"threshold": "90", "charge": "25"}).status_code == 303
    assert client.post("/matching/terms/", {"threshold": "0", "charge": ""}).status_code == 409
    assert MatchTerms.objects.values_list("threshold", "charge_minor").get(entity=huatai) == (90, 2_500)
    assert client.post("/matching/run/").status_code == 303


def test_what_was_set_aside_shows_why_and_is_put_back(client, finance, auditor, line, huatai):
    client.force_login(finance)
    client.post(f"/matching/{line.pk}/aside/", {"reason": "own transfer"})
    assert "own transfer" in client.get("/bank/lines/?show=aside").content.decode()
    answer = client.post(f"/matching/{line.pk}/open/")
    assert (answer.status_code, answer["Location"]) == (303, f"/matching/?line={line.pk}")
    assert client.post(f"/matching/{line.pk}/open/").status_code == 409
    assert not SetAside.objects.filter(ended_at=None).exists()
    client.force_login(auditor)
    assert client.post(f"/matching/{line.pk}/open/").status_code == 403


def test_a_line_that_looks_like_a_bill_is_settled_with_one_click(client, finance, huatai, tianhe, jinxiu):
    paper = Paper(
        number="1" + "0" * 29, kind="BANK", drawer=tianhe.name, acceptor="建设银行", payee=huatai.name,
        amount_minor=88_000, issued_on=TODAY - timedelta(days=90), matures_on=TODAY - timedelta(days=1),
    )  # fmt: skip
    bill = receive_bill(customer_id=tianhe.pk, paper=paper, received_on=TODAY, allocate="NONE", actor=None, now=NOON)
    line = a_line(huatai, 88_000, "银承到期", "中国建设银行股份有限公司")
    client.force_login(finance)
    text = client.get(f"/matching/?line={line.pk}").content.decode()
    assert "The payer is the acceptor of the bill" in text
    assert client.post(f"/matching/{line.pk}/bill/", {"bill": bill.pk + 1}).status_code == 404
    assert client.post(f"/matching/{line.pk}/bill/", {"bill": bill.pk}).status_code == 303
    assert client.post(f"/matching/{line.pk}/bill/", {"bill": bill.pk}).status_code == 409
    bill.refresh_from_db()
    assert bill.state == "PAID"
    assert f"collects bill of exchange {bill.number}" in client.get("/bank/lines/?show=aside").content.decode()


def test_a_decision_is_undone_and_its_line_opens_again(client, finance, line, tianhe):
    client.force_login(finance)
    client.post(f"/matching/{line.pk}/match/", {"customer": tianhe.pk})
    made = Match.objects.get()
    assert "Undo" in client.get("/matching/?show=decided").content.decode()
    assert tianhe.name in client.get("/matching/?show=account").content.decode()
    answer = client.post(f"/matches/{made.pk}/undo/", {"reason": "not his"})
    assert (answer.status_code, answer["Location"]) == (303, f"/matching/?line={line.pk}")
    assert "not his" in client.get("/matching/?show=decided").content.decode()


def test_who_does_not_see_the_whole_entity_sees_no_line(client, owner, auditor, line, tianhe):
    client.force_login(owner)
    assert "房租" not in client.get("/matching/").content.decode()
    client.force_login(auditor)
    text = client.get("/matching/").content.decode()
    assert "房租" in text
    assert "Accept" not in text.split('id="answer-1"')[1].split("</article>")[0]


def test_the_number_of_queries_does_not_grow_with_the_lines(
    client, finance, huatai, line, django_assert_max_num_queries
):
    for number in range(30):
        a_line(huatai, 1_000 + number, "货款", "天河电子有限公司")
    match_lines(entity_id=huatai.pk, now=NOON, threshold=101)
    client.force_login(finance)
    with django_assert_max_num_queries(14):
        assert client.get("/matching/").status_code == 200


def test_a_line_decided_meanwhile_says_so(client, finance, line, tianhe, huatai):
    a_line(huatai, 77)
    client.force_login(finance)
    client.post(f"/matching/{line.pk}/match/", {"customer": tianhe.pk})
    assert "This line is decided" in client.get("/matching/", {"line": line.pk}).content.decode()
