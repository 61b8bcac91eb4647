"""A discount on one item, on the tab of contracts: previewed, agreed or asked for, withdrawn, ended."""

from datetime import timedelta

import pytest
from django.urls import reverse

from huikuan.arrangements.commands.deciding import decide_approval
from huikuan.arrangements.commands.item_discounts import DiscountDayPassed
from huikuan.arrangements.models import Approval, Discount, DiscountRequest, DiscountTerms
from huikuan.cash.commands.receive import receive_money
from huikuan.receivables.commands.items import book_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(portfolio, now):
    """1,000.00, issued five days ago."""
    today = portfolio.run.as_of
    return book_item(
        customer_id=portfolio.customer.pk, number="SK-1", amount_minor=100_000, issued_on=today - timedelta(days=5),
        due_on=today + timedelta(days=25), actor=None, now=now,
    )  # fmt: skip


@pytest.fixture
def tab(portfolio):
    return reverse("desk:contracts", args=[portfolio.customer.pk])


def terms_of(chosen, **said):
    return {"item": chosen.pk, "percent": "2.5", "days": "10"} | said


def propose(client, portfolio, chosen, **said):
    return client.post(reverse("desk:item-discount", args=[portfolio.customer.pk]), terms_of(chosen, **said))


def test_the_preview_shows_dates_and_amounts_and_writes_nothing(client, colleague, portfolio, item, tab):
    client.force_login(colleague)
    page = client.get(tab, terms_of(item)).content.decode()
    last = portfolio.run.as_of + timedelta(days=5)
    for words in ("¥25.00", "¥975.00", last.isoformat(), "Agree the discount"):
        assert words in page
    assert not DiscountTerms.objects.exists()
    assert not DiscountRequest.objects.exists()


@pytest.mark.parametrize(
    ("said", "no"),
    [
        ({"days": "4"}, "The last day for SK-1 would have been"),
        ({"percent": "0.0001"}, "less than the smallest coin"),
        ({"percent": "100"}, "less than or equal to 99"),
        ({"item": "0"}, "is not one of the available choices"),
    ],
)
def test_what_cannot_be_is_said_in_the_form(client, colleague, portfolio, item, tab, said, no):
    client.force_login(colleague)
    assert no in client.get(tab, terms_of(item, **said)).content.decode()
    assert propose(client, portfolio, item, **said).status_code in {303, 409}
    assert not DiscountRequest.objects.exists()


def test_who_may_approve_agrees_at_once_and_money_in_time_takes_it(client, finance, portfolio, item, now, tab):
    client.force_login(finance)
    assert propose(client, portfolio, item).status_code == 303
    assert DiscountRequest.objects.get().agreed_at is not None
    assert not Approval.objects.exists()
    assert "Agreed" in client.get(tab).content.decode()
    receive_money(
        entity_id=portfolio.customer.entity_id, customer_id=portfolio.customer.pk, reference="IN-TIME", currency="CNY",
        received_on=portfolio.run.as_of, amount_minor=97_500, allocate=[(item.pk, 97_500)], actor=None, now=now,
    )  # fmt: skip
    assert Discount.objects.get().discount_minor == 2_500
    item.refresh_from_db()
    assert item.open_minor == 0


def test_a_collector_asks_and_the_role_of_the_policy_agrees(client, owner, colleague, portfolio, item, now, tab):
    client.force_login(owner)
    assert "Ask for approval" in client.get(tab, terms_of(item)).content.decode()
    assert propose(client, portfolio, item).status_code == 303
    asked = Approval.objects.get()
    assert (asked.role, asked.amount_minor, asked.reasons) == ("MANAGER", 2_500, ["EARLY_PAYMENT"])
    assert propose(client, portfolio, item).status_code == 409, "one question at a time"
    assert not DiscountTerms.objects.exists()
    assert "Waiting for approval" in client.get(tab).content.decode()
    decided = {"approval_id": asked.pk, "is_granted": True, "note": "", "actor": colleague, "now": now}
    with pytest.raises(DiscountDayPassed):
        decide_approval(**decided, as_of=portfolio.run.as_of + timedelta(days=6))
    decide_approval(**decided, as_of=portfolio.run.as_of)
    assert (DiscountTerms.objects.get().item, DiscountTerms.objects.get().share_ppm) == (item, 25_000)


@pytest.mark.parametrize("way", ["declined", "withdrawn"])
def test_declined_or_withdrawn_nothing_is_agreed(client, owner, colleague, portfolio, item, now, way):
    client.force_login(owner)
    propose(client, portfolio, item)
    request = DiscountRequest.objects.get()
    place = reverse("desk:item-discount-withdraw", args=[request.pk])
    if way == "declined":
        asked = Approval.objects.get()
        decide_approval(
            approval_id=asked.pk, is_granted=False, note="too much", as_of=portfolio.run.as_of, actor=colleague, now=now
        )
    else:
        assert client.post(place).status_code == 303
    assert client.post(place).status_code == 409
    assert not Approval.objects.filter(decided_at=None, withdrawn_at=None).exists()
    assert not DiscountTerms.objects.exists()
    assert propose(client, portfolio, item).status_code == 303, "it can be asked again"


def test_an_agreed_one_is_ended_by_who_may_agree(client, owner, colleague, portfolio, item, tab):
    client.force_login(colleague)
    propose(client, portfolio, item)
    place = reverse("desk:item-discount-end", args=[item.pk])
    client.force_login(owner)
    assert client.post(place).status_code == 403
    client.force_login(colleague)
    assert client.post(place).status_code == 303
    assert DiscountTerms.objects.get().share_ppm == 0
    assert "End the discount" not in client.get(tab).content.decode()
