"""The plan of a run: chunks, managers, warnings."""

from datetime import date

import pytest

from huikuan.parties.models import Membership, Role, Team
from huikuan.runs.queries.plan import chunk_ranges, managers
from huikuan.runs.queries.warnings import merged, words
from tests.people import a_customer, a_member

pytestmark = pytest.mark.django_db


def test_chunks_cover_every_customer_once_and_divide_none(huatai, yunfeng, bill):
    people = [a_customer(huatai, f"C{n}", f"客户{n}") for n in range(6)]
    for number, customer in enumerate(people):
        for item in range([0, 5, 1, 1, 9, 0][number]):
            bill(customer, f"INV-{number}-{item}", date(2026, 7, 6), 100)
    ranges = chunk_ranges(huatai.pk, items_max=4)
    covered = [c.pk for first, last in ranges for c in people if first <= c.pk <= last]
    assert covered == [c.pk for c in people]
    assert len(ranges) > 1
    assert chunk_ranges(huatai.pk, items_max=1000) == [(people[0].pk, people[-1].pk)]


def test_an_entity_without_customers_has_nothing_to_do(huatai):
    assert chunk_ranges(huatai.pk, items_max=10) == []


def test_whoever_leads_the_team_leads_the_collector(huatai, owner, colleague, jinxiu):
    other = Team.objects.create(entity=huatai, name="华南组")
    lonely = a_member("wu.lonely", "吴孤", Role.COLLECTOR, huatai, other)
    teamless = a_member("qian.teamless", "钱独", Role.COLLECTOR, huatai)
    head = a_member("he.head", "何总", Role.MANAGER, huatai)
    a_member("xu.elsewhere", "徐外", Role.MANAGER, jinxiu)
    leads = dict(managers(huatai.pk).rows())
    assert leads[owner.pk] == colleague.pk
    assert leads[lonely.pk] == leads[teamless.pk] == leads[None] == head.pk
    Membership.objects.filter(user__in=[head, colleague]).delete()
    assert set(dict(managers(huatai.pk).rows()).values()) == {None}


def test_equal_warnings_of_several_chunks_are_one(settings):
    settings.LANGUAGE_CODE = "en"
    odd = {"code": "DUE_BEFORE_ISSUE", "facts": {"count": 2}}
    bank = {"code": "BANK_LINES_NOT_MATCHED", "facts": {"count": 3, "amount": "1.00", "currency": "CNY"}}
    (first, second) = merged([odd, bank, odd])
    assert first == bank
    assert second["facts"] == {"count": 4}
    assert "4" in words(second)
    assert odd["facts"] == {"count": 2}
