"""Who sees which customer, and who may do what."""

import pytest
from django.contrib.auth.models import AnonymousUser

from huikuan.parties.models import Membership, Role, Team
from huikuan.parties.queries import entities_of, may, role_in, visible_to
from huikuan.parties.rules.rights import ALLOWED, Action, allows
from tests.people import a_customer, a_member


def codes(user):
    return set(visible_to(user).values_list("code", flat=True))


@pytest.fixture
def elsewhere(huatai):
    """A customer of Huatai whose collector belongs to another team."""
    north = Team.objects.create(entity=huatai, name="华北组")
    stranger = a_member("gao.stranger", "高远", Role.COLLECTOR, huatai, north)
    return a_customer(huatai, "QINGYUAN", "清源纺织有限公司", collector=stranger)


@pytest.fixture(autouse=True)
def _everybody(tianhe, binhai, yunfeng, elsewhere):
    """Four customers stand there in each test, so that seeing too much shows."""


def test_the_owner_sees_own_customers_only(owner):
    assert codes(owner) == {"TIANHE"}


def test_the_manager_sees_the_team_and_what_nobody_has(colleague):
    assert codes(colleague) == {"TIANHE", "BINHAI"}


def test_a_manager_without_team_sees_the_entity(huatai):
    assert codes(a_member("he.head", "何总", Role.MANAGER, huatai)) == {"TIANHE", "BINHAI", "QINGYUAN"}


def test_the_outsider_sees_nothing_of_huatai(outsider):
    assert codes(outsider) == {"YUNFENG"}


@pytest.mark.parametrize("who", ["finance", "auditor", "administrator"])
def test_the_office_sees_the_entity(who, request):
    assert codes(request.getfixturevalue(who)) == {"TIANHE", "BINHAI", "QINGYUAN"}


def test_a_superuser_sees_everything(superuser):
    assert codes(superuser) == {"TIANHE", "BINHAI", "QINGYUAN", "YUNFENG"}


def test_roles_in_two_entities_add_up(owner, jinxiu):
    Membership.objects.create(user=owner, entity=jinxiu, role=Role.AUDITOR)
    assert codes(owner) == {"TIANHE", "YUNFENG"}


def test_being_collector_without_a_role_in_the_entity_shows_nothing(outsider, tianhe):
    tianhe.collector = outsider
    tianhe.save()
    assert codes(outsider) == {"YUNFENG"}


@pytest.mark.parametrize("who", ["owner", "finance", "superuser"])
def test_who_left_sees_nothing(who, request, huatai):
    user = request.getfixturevalue(who)
    user.is_active = False
    user.save()
    assert codes(user) == set()
    assert not entities_of(user).exists()
    assert role_in(user, huatai) is None
    assert not may(user, Action.EXPORT, huatai)


def test_who_is_not_signed_in_sees_nothing(huatai):
    assert codes(AnonymousUser()) == set()
    assert not entities_of(AnonymousUser()).exists()
    assert not may(AnonymousUser(), Action.EXPORT, huatai)


def test_visibility_costs_two_queries(colleague, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        list(visible_to(colleague))


def test_entities_and_roles(owner, outsider, superuser, huatai, jinxiu):
    assert [entity.code for entity in entities_of(owner)] == ["MAIN"]
    assert [entity.code for entity in entities_of(superuser)] == ["MAIN", "PROP"]
    assert role_in(owner, huatai) is Role.COLLECTOR
    assert role_in(owner, jinxiu.pk) is None
    assert role_in(outsider, huatai) is None
    assert role_in(superuser, jinxiu) is Role.ADMINISTRATOR


def test_every_role_has_its_line_in_the_table():
    assert set(ALLOWED) == set(Role.values)


@pytest.mark.parametrize("action", [each for each in Action if each is not Action.EXPORT])
def test_the_auditor_never_writes(auditor, huatai, action):
    assert not may(auditor, action, huatai)


def test_rights_end_at_the_entity(finance, outsider, superuser, huatai, jinxiu):
    assert may(finance, Action.BOOK, huatai)
    assert not may(finance, Action.BOOK, jinxiu)
    assert not may(outsider, Action.BOOK, huatai)
    assert may(superuser, Action.BOOK, jinxiu)
    assert not allows(None, Action.EXPORT)
