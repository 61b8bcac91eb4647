"""Users, roles and teams."""

import pytest

from huikuan.journal.models import Entry
from huikuan.parties.commands import add_user, grant_role, open_team, revoke_role
from huikuan.parties.commands.entities import NameMissing
from huikuan.parties.commands.staff import (
    NoRoleToRevoke,
    PasswordTooWeak,
    RoleUnknown,
    TeamOfOtherEntity,
    UserExists,
)
from huikuan.parties.models import Membership, User
from huikuan.parties.queries import visible_to
from tests.people import NOON


def test_a_user_is_added_with_a_password_that_holds(db):
    added = add_user(username="he.new", password="gaoshan-liushui-8", display_name="何新", actor=None, now=NOON)
    assert added.check_password("gaoshan-liushui-8")
    assert not added.is_superuser
    assert "gaoshan" not in str(Entry.objects.get().facts)


def test_without_a_password_nobody_signs_in(db):
    assert not add_user(username="he.new", actor=None, now=NOON).has_usable_password()


REFUSED = [
    ({"username": "HE.NEW", "password": "gaoshan-liushui-8"}, UserExists),
    ({"username": " "}, NameMissing),
    ({"username": "x", "password": "short"}, PasswordTooWeak),
    ({"username": "gaoshan-liushui", "password": "gaoshan-liushui"}, PasswordTooWeak),
    ({"username": "x", "password": "password1234"}, PasswordTooWeak),
]


@pytest.mark.parametrize(("fields", "refusal"), REFUSED)
def test_a_bad_user_is_refused(db, fields, refusal):
    add_user(username="he.new", actor=None, now=NOON)
    with pytest.raises(refusal):
        add_user(**fields, actor=None, now=NOON)
    assert User.objects.count() == 1


def test_a_role_replaces_the_one_before_and_can_be_taken_away(huatai, jinxiu, owner, tianhe, administrator, team):
    doing = {"actor": administrator, "now": NOON}
    grant_role(user=owner, entity=huatai, role="MANAGER", team=team, **doing)
    assert Membership.objects.get(user=owner).role == "MANAGER"
    assert Entry.objects.get(event="parties.role-granted").facts["before"] == "COLLECTOR"
    with pytest.raises(RoleUnknown, match="KING"):
        grant_role(user=owner, entity=huatai, role="KING", **doing)
    with pytest.raises(TeamOfOtherEntity):
        grant_role(user=owner, entity=jinxiu, role="MANAGER", team=team, **doing)
    assert visible_to(owner).filter(pk=tianhe.pk).exists()
    revoke_role(user=owner, entity=huatai, **doing)
    assert not visible_to(owner).exists()
    with pytest.raises(NoRoleToRevoke):
        revoke_role(user=owner, entity=huatai, **doing)


def test_a_team_is_opened_once(huatai, administrator):
    first = open_team(entity=huatai, name="华南组", actor=administrator, now=NOON)
    assert open_team(entity=huatai, name=" 华南组 ", actor=administrator, now=NOON) == first
    with pytest.raises(NameMissing):
        open_team(entity=huatai, name="", actor=administrator, now=NOON)
