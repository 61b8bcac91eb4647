"""The people and companies that tests are about. Three of them stand in every test of what may be seen:

owner      collects from Tianhe, and sees it because it is his
colleague  manages the owner's team, and sees it because of his role
outsider   works for another entity, and must get nothing

Two creditors: Huatai (MAIN) sells goods, Jinxiu (PROP) manages property. Days and instants are those of a Friday.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from django.db import connections
from django.db.backends.sqlite3.base import DatabaseOperations

from huikuan.parties.models import Customer, Entity, Membership, Role, Team, User
from huikuan.storage import triggers

TODAY = date(2026, 7, 10)
NOON = datetime(2026, 7, 10, 4, 0, tzinfo=UTC)
"""Twelve o'clock in Shanghai on TODAY."""


@pytest.fixture(scope="session", autouse=True)
def _flush_lifts_triggers() -> Iterator[None]:
    """Let a transactional test empty the SQLite tables: DELETE would meet the append-only triggers."""
    flush = DatabaseOperations.execute_sql_flush

    def flush_without_triggers(self, sql_list):
        connection = connections[self.connection.alias]
        triggers.remove(connection)
        flush(self, sql_list)
        triggers.install(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", flush_without_triggers)
        yield


def a_user(username: str, display_name: str, **fields: object) -> User:
    """Make a user who cannot sign in by password; `client.force_login` still works."""
    user = User(username=username, display_name=display_name, **fields)
    user.set_unusable_password()
    user.save()
    return user


def a_member(username: str, display_name: str, role: Role, entity: Entity, team: Team | None = None) -> User:
    """Make a user with a role in one entity."""
    user = a_user(username, display_name)
    Membership.objects.create(user=user, entity=entity, role=role, team=team)
    return user


def a_customer(entity: Entity, code: str, name: str, **fields: object) -> Customer:
    """Make a customer of the entity."""
    return Customer.objects.create(entity=entity, code=code, name=name, created_at=NOON, **fields)


@pytest.fixture
def huatai(db) -> Entity:
    """The seller of goods."""
    return Entity.objects.create(code="MAIN", name="华泰建材有限公司", name_en="Huatai Materials", created_at=NOON)


@pytest.fixture
def jinxiu(db) -> Entity:
    """The property manager; nothing of it may reach Huatai's people."""
    return Entity.objects.create(
        code="PROP", name="锦绣物业服务有限公司", name_en="Jinxiu Property", business="PROPERTY", created_at=NOON
    )


@pytest.fixture
def team(huatai) -> Team:
    """The owner's team."""
    return Team.objects.create(entity=huatai, name="华东组")


@pytest.fixture
def owner(huatai, team) -> User:
    """The collector to whom Tianhe was given."""
    return a_member("chen.owner", "陈立", Role.COLLECTOR, huatai, team)


@pytest.fixture
def colleague(huatai, team) -> User:
    """The manager of the owner's team."""
    return a_member("lin.colleague", "林敏", Role.MANAGER, huatai, team)


@pytest.fixture
def outsider(jinxiu) -> User:
    """Finance of another entity: the widest role there, and nothing here."""
    return a_member("zhao.outsider", "赵强", Role.FINANCE, jinxiu)


@pytest.fixture
def finance(huatai) -> User:
    """Finance of Huatai: books money."""
    return a_member("wang.finance", "王芳", Role.FINANCE, huatai)


@pytest.fixture
def auditor(huatai) -> User:
    """The auditor of Huatai: sees all, changes nothing."""
    return a_member("sun.auditor", "孙正", Role.AUDITOR, huatai)


@pytest.fixture
def administrator(huatai) -> User:
    """The administrator of Huatai."""
    return a_member("zhou.administrator", "周宁", Role.ADMINISTRATOR, huatai)


@pytest.fixture
def superuser(db) -> User:
    """Whoever installed the system."""
    return a_user("root.superuser", "系统管理员", is_superuser=True, is_staff=True)


@pytest.fixture
def tianhe(huatai, owner) -> Customer:
    """The customer that most stories are about; the owner collects from it."""
    return a_customer(
        huatai, "TIANHE", "天河电子有限公司", collector=owner, industry="MANUFACTURING", size_class="MEDIUM",
        email="accounts@tianhe.example", phone="+8613800138000",
    )  # fmt: skip


@pytest.fixture
def binhai(huatai) -> Customer:
    """A customer of Huatai that nobody has yet."""
    return a_customer(huatai, "BINHAI", "滨海贸易有限公司", industry="TRADE", size_class="SMALL")


@pytest.fixture
def yunfeng(jinxiu) -> Customer:
    """A customer of the other entity."""
    return a_customer(jinxiu, "YUNFENG", "云峰餐饮有限公司", industry="CATERING", size_class="MICRO")
