"""The day's run, told as stories on the database."""

from datetime import date, timedelta

import pytest

from huikuan.cases.models import Case, CaseBalance, Task
from huikuan.credit.models import Grade, RiskMark
from huikuan.outreach.models import Delivery
from huikuan.runs.commands.run import run_day
from huikuan.runs.models import Decision
from tests.modules.runs.conftest import morning

pytestmark = pytest.mark.django_db

DUE = date(2026, 7, 6)


@pytest.fixture
def run(huatai, policy):
    """Run a day at eight in the morning."""

    def go(day, **kwargs):
        return run_day(entity_id=huatai.pk, as_of=day, now=morning(day), **kwargs)

    return go


def test_the_first_day_late_opens_a_case_and_queues_a_friendly_message(run, bill, tianhe, owner):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    done = run(DUE + timedelta(days=1))
    assert done.state == "DONE"
    case = Case.objects.get()
    assert (case.customer, case.opened_on, case.owner, case.stage) == (tianhe, date(2026, 7, 7), owner, "REMINDER")
    assert case.number == "CASE-MAIN-2026-000001"
    balance = CaseBalance.objects.get()
    assert (balance.overdue_minor, balance.last_step_code, balance.last_step_on) == (1_000_000, "friendly", date(2026, 7, 7))
    decision = Decision.objects.get()
    assert (decision.step_code, decision.action, decision.spell_on) == ("friendly", "NOTICE", date(2026, 7, 7))
    assert decision.facts["days_overdue"] == 1
    delivery = Delivery.objects.get()
    assert (delivery.channel, delivery.state, delivery.step_code) == ("EMAIL", "QUEUED", "friendly")
    assert RiskMark.objects.get().kind == "OVERDUE"
    assert Grade.objects.get().letter == "N"
