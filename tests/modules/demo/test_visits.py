"""The visits of the demo: by the real command, on the next working day, one paper still missing."""

from datetime import date

import pytest

from huikuan.demo.visits import visits_ahead
from huikuan.outreach import ports
from huikuan.outreach.fakes import FakeGuard
from huikuan.outreach.models import Visit
from tests.modules.desk.portfolio import make_portfolio
from tests.people import NOON, TODAY


@pytest.fixture
def portfolio(huatai, owner, colleague):
    made = make_portfolio(huatai, owner, colleague, today=TODAY, now=NOON, size=6)
    huatai.tasks.filter(kind="CALL").update(kind="VISIT")
    return made


def test_visits_are_planned_for_the_next_working_day(portfolio, monkeypatch):
    monkeypatch.setattr(ports, "guard", FakeGuard)
    planned = visits_ahead(as_of=TODAY, now=NOON)
    assert [each.planned_on for each in planned] == [date(2026, 7, 13)] * 3, "TODAY is a Friday"
    assert len({each.planned_at for each in planned}) == 3
    assert planned[0].documents.filter(packed_at=None).count() == 1


def test_what_the_guard_refuses_is_left_out(portfolio, monkeypatch):
    class Refusing:
        def ask(self, intent, person, now):
            return ports.Refuse("visit_consent", "须经对方同意")

    monkeypatch.setattr(ports, "guard", Refusing)
    assert visits_ahead(as_of=TODAY, now=NOON) == []
    assert not Visit.objects.exists()
