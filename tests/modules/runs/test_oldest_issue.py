"""A ladder that counts from the issue of the oldest unpaid item climbs before anything is due, and remembers."""

from datetime import date, timedelta

import pytest

from huikuan.cases.models import Case, Task
from huikuan.policy.commands import upload_version
from huikuan.runs.commands.run import run_day
from huikuan.runs.models import Decision
from tests.modules.runs.conftest import BEGAN_ON, morning

ISSUED = date(2026, 7, 1)
DUE = ISSUED + timedelta(days=60)
POLICY = """
format: 1
name: by issue
segments: [{code: all, ladder: by_issue}]
ladders:
  by_issue:
    scope: oldest_issue
    steps:
      - {code: call, rank: 1, when: {days_after_issue: 5}, task: {kind: CALL, owner: collector}}
      - code: again
        rank: 2
        when: {days_after_issue: 10}
        repeat: {every_days: 7}
        task: {kind: CALL, owner: collector}
"""


@pytest.fixture
def by_issue(huatai):
    return upload_version(
        entity_id=huatai.pk, source=POLICY, starts_on=BEGAN_ON, last_run_on=None, actor=None, now=morning(BEGAN_ON)
    )


def taken(huatai, first, last):
    days = [ISSUED + timedelta(days=day) for day in range(first, last + 1)]
    for day in days:
        run_day(entity_id=huatai.pk, as_of=day, now=morning(day))
    decided = Decision.objects.filter(decided_on__in=days).exclude(action="SKIPPED").order_by("pk")
    return [((each.decided_on - ISSUED).days, each.step_code) for each in decided]


def test_each_step_is_taken_once_and_repeated_in_its_rhythm(huatai, by_issue, bill, tianhe):
    bill(tianhe, "INV-1", DUE, 1_000_00, issued_on=ISSUED)
    assert taken(huatai, 3, 27) == [(5, "call"), (10, "again"), (17, "again"), (24, "again")]
    assert Case.objects.get().opened_on == ISSUED + timedelta(days=5)
    assert Task.objects.filter(done_at=None, cancelled_at=None).count() == 1


def test_money_ends_it_and_the_next_item_begins_anew(huatai, by_issue, bill, pay, tianhe):
    item = bill(tianhe, "INV-1", DUE, 1_000_00, issued_on=ISSUED)
    assert taken(huatai, 3, 6) == [(5, "call")]
    pay(tianhe, ISSUED + timedelta(days=7), 1_000_00, item)
    assert taken(huatai, 7, 8) == []
    assert Case.objects.get().closing == "PAID"
    assert not Task.objects.filter(done_at=None, cancelled_at=None).exists()
    bill(tianhe, "INV-2", DUE, 1_000_00, issued_on=ISSUED + timedelta(days=10))
    assert taken(huatai, 9, 16) == [(15, "call")]
