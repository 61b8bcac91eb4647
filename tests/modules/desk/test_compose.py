"""The composer: checked as one writes, sent through the outbox only, taken back while it waits."""

from datetime import timedelta

import pytest
from django.urls import reverse

from huikuan.outreach import ports
from huikuan.outreach.models import Delivery, WrittenText


class Guard:
    answer: ports.Answer = ports.Allow()

    def ask(self, intent, person, now):
        return self.answer


@pytest.fixture
def guard(monkeypatch):
    made = Guard()
    monkeypatch.setattr(ports, "guard", lambda: made)
    return made


@pytest.fixture
def desk(client, owner, portfolio, guard):
    client.force_login(owner)
    return client


@pytest.fixture
def words(portfolio):
    person = portfolio.customer.contact_persons.get(name="刘会计")
    return {
        "channel": "EMAIL", "person": person.pk, "currency": "CNY", "subject": "{entity_name}：对账",
        "body": "您好，截至今日贵司逾期 {amount}，共 {item_count} 笔。\n\n{items}\n\n其中减免：{offer_amount}",
    }  # fmt: skip


def place(portfolio, name="compose"):
    return reverse(f"desk:{name}", args=[portfolio.customer.pk])


def by_hand():
    return Delivery.objects.filter(template="text")


def test_what_is_written_reads_with_the_facts_of_the_case_and_keeps_nothing(desk, portfolio, words):
    text = desk.post(place(portfolio), words).content.decode()
    assert "华泰建材有限公司：对账" in text
    assert "共 2 笔" in text
    assert "MAIN-INV-001-0" in text
    assert "其中减免" not in text.split('id="composed"')[1], "a line without its word is left out"
    assert not WrittenText.objects.exists()
    assert not by_hand().exists()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("您好 {nonsense}", "No placeholder is called {nonsense}"),
        ("再不付款我们就起诉", "announces a consequence"),
        ("你们这些老赖", "must not be used"),
    ],
)
def test_flaws_are_shown_with_better_words_and_stop_the_message(desk, portfolio, words, body, said):
    assert said in desk.post(place(portfolio), words | {"body": body}).content.decode()
    answer = desk.post(place(portfolio, "compose-send"), words | {"body": body})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not WrittenText.objects.exists()


def test_the_guard_answers_before_anything_is_sent(desk, portfolio, words, guard):
    guard.answer = ports.Refuse("opt_out", "对方已要求停止联系")
    assert "Not allowed." in desk.post(place(portfolio), words).content.decode()


def test_a_message_waits_in_the_outbox_and_can_be_taken_back(desk, portfolio, words, owner):
    assert desk.post(place(portfolio, "compose-send"), words).status_code == 303
    written, delivery = WrittenText.objects.get(), by_hand().get()
    assert (delivery.about, delivery.state, written.written_by) == (f"text:{written.pk}", "QUEUED", owner)
    assert delivery.not_before - delivery.created_at == timedelta(minutes=2)
    page = desk.get(place(portfolio)).content.decode()
    assert reverse("desk:delivery-cancel", args=[delivery.pk]) in page
    desk.post(reverse("desk:delivery-cancel", args=[delivery.pk]), {"reason": "Withdrawn by the writer"})
    delivery.refresh_from_db()
    assert delivery.state == "CANCELLED"
    assert reverse("desk:delivery-cancel", args=[delivery.pk]) not in desk.get(place(portfolio)).content.decode()


def test_nobody_is_written_to_who_has_no_address(desk, portfolio, words):
    former = portfolio.customer.contact_persons.get(name="王经理")
    answer = desk.post(place(portfolio, "compose-send"), words | {"person": former.pk})
    assert answer.status_code == 422
    assert "no address for this channel" in answer.content.decode()
    stranger = portfolio.customers[1].contact_persons.get()
    assert desk.post(place(portfolio, "compose-send"), words | {"person": stranger.pk}).status_code == 422
    assert not by_hand().exists()


@pytest.mark.parametrize("channel", ["EMAIL", "SMS"])
def test_a_text_of_the_library_is_a_beginning_without_flaws(desk, portfolio, channel):
    page = desk.get(place(portfolio), {"template": "friendly", "channel": channel}).content.decode()
    assert "{amount}" in page
    assert 'class="mail"' in page, "it is previewed at once"
    plain = desk.get(place(portfolio), {"template": "last_notice"}).content.decode()
    assert 'class="mail"' not in plain, "what announces consequences is sent by its step"


def test_the_page_costs_few_queries(desk, portfolio, words, monkeypatch, django_assert_max_num_queries):
    monkeypatch.undo()
    with django_assert_max_num_queries(26):
        desk.post(place(portfolio), words)
