"""The early-payment discount on the tab of contracts: agreed, shown, ended with 0; errors stand in the form."""

import pytest
from django.urls import reverse

from huikuan.arrangements.models import DiscountTerms

pytestmark = pytest.mark.django_db


@pytest.fixture
def agree(client, finance, portfolio):
    client.force_login(finance)

    def agreeing(**said):
        given = {
            "contract": portfolio.item.contract_id, "percent": "2.5", "days": "10",
            "starts_on": portfolio.run.as_of.isoformat(), **said,
        }  # fmt: skip
        return client.post(reverse("desk:discount", args=[portfolio.customer.pk]), given)

    return agreeing


def shown(client, portfolio) -> str:
    return client.get(reverse("desk:contracts", args=[portfolio.customer.pk])).content.decode()


def test_a_discount_is_agreed_shown_and_ended_with_zero(agree, client, portfolio):
    assert "within 10 days of the issue" not in shown(client, portfolio)
    assert agree().status_code == 303
    assert (DiscountTerms.objects.get().share_ppm, DiscountTerms.objects.get().days) == (25_000, 10)
    page = shown(client, portfolio)
    assert "2.5%" in page
    assert "within 10 days of the issue" in page
    assert agree(percent="0").status_code == 303
    assert DiscountTerms.objects.get().share_ppm == 0
    assert "within 10 days of the issue" not in shown(client, portfolio)


@pytest.mark.parametrize(
    "said", [{"percent": "100"}, {"percent": "-1"}, {"percent": "1.00001"}, {"days": "0"}, {"starts_on": ""}]
)
def test_what_cannot_be_agreed_comes_back_in_the_form(agree, said):
    answer = agree(**said)
    assert answer.status_code == 422
    assert 'class="error"' in answer.content.decode()
    assert not DiscountTerms.objects.exists()


def test_a_contract_of_another_customer_is_not_on_the_form(agree, portfolio):
    other = portfolio.customers[1].items.first().contract_id
    assert agree(contract=other).status_code == 422
    assert not DiscountTerms.objects.exists()


def test_who_may_not_agree_sees_no_form(client, owner, portfolio):
    client.force_login(owner)
    assert "Agree the discount" not in shown(client, portfolio)
