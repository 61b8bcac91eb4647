"""The one-hour clock runs in working time only: evenings, weekends, holidays and made-up working days."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huikuan.arrangements.rules.service import answer_due_at, resolve_due_on, worked_minutes
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.policy.rules.arranging import ServiceRules
from tests.tables import cases
from tests.twins import service as twin

SHANGHAI = "Asia/Shanghai"
HERE = {"rules": ServiceRules(time(9), time(18), 60, 10), "calendar": WorkingCalendar("CN"), "zone": SHANGHAI}

CLOCK = cases("""
    why:text                          | raised:text      | due:text         | decide_by
    Thursday morning                  | 2026-07-09 10:00 | 2026-07-09 11:00 | 2026-07-23
    over lunch: there is no break     | 2026-07-09 12:30 | 2026-07-09 13:30 | 2026-07-23
    before opening                    | 2026-07-09 07:15 | 2026-07-09 10:00 | 2026-07-23
    exactly the last hour             | 2026-07-09 17:00 | 2026-07-09 18:00 | 2026-07-23
    Friday, 20 minutes before closing | 2026-07-10 17:40 | 2026-07-13 09:40 | 2026-07-24
    at closing time                   | 2026-07-10 18:00 | 2026-07-13 10:00 | 2026-07-24
    Saturday                          | 2026-07-11 11:00 | 2026-07-13 10:00 | 2026-07-24
    eve of National Day               | 2026-09-30 17:30 | 2026-10-08 09:30 | 2026-10-20
    a Saturday made a working day     | 2026-10-10 15:00 | 2026-10-10 16:00 | 2026-10-23
    a Sunday made a working day       | 2026-09-20 09:00 | 2026-09-20 10:00 | 2026-10-10
""")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(SHANGHAI))


@pytest.mark.parametrize("case", CLOCK, ids=lambda case: case["why"])
def test_an_hour_of_working_time(case):
    raised = at(case["raised"])
    assert answer_due_at(raised, **HERE) == at(case["due"])
    assert resolve_due_on(raised, **HERE) == case["decide_by"]
    assert worked_minutes(raised, at(case["due"]), **HERE) == 60


ORIGIN = datetime(2026, 2, 10, tzinfo=UTC)


@settings(max_examples=25)
@given(
    offset=st.integers(0, 60 * 24 * 30),
    minutes=st.integers(1, 900),
    zone=st.sampled_from([SHANGHAI, "Europe/Berlin", "America/New_York"]),
    opens=st.sampled_from([time(9), time(8, 30)]),
)
def test_the_clock_is_the_walk_through_the_minutes(offset, minutes, zone, opens):
    there = {"rules": ServiceRules(opens, time(18), minutes, 10), "calendar": WorkingCalendar("CN"), "zone": zone}
    raised = ORIGIN + timedelta(minutes=offset)
    due = answer_due_at(raised, **there)
    assert due == twin.answer_due_at(raised, **there)
    later = due + timedelta(minutes=minutes)
    assert worked_minutes(raised, later, **there) == twin.worked_minutes(raised, later, **there)
