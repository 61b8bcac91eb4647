"""When a message may leave: on the customer's clock, on its working days, never before the run."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from huikuan.kernel.calendar import WorkingCalendar
from huikuan.policy.reading.policy import default_policy
from huikuan.runs.rules.facts import Setting
from huikuan.runs.rules.sending import send_times

SEND = default_policy().send_times  # 09:00 and 14:00 on working days


@pytest.mark.parametrize(
    ("now", "as_of", "zone", "country", "leaves_at"),
    [
        # run before nine, between the two times, and after both; Shanghai is eight hours ahead of UTC
        ("2026-07-07T00:00", "2026-07-07", "Asia/Shanghai", "CN", "2026-07-07T01:00"),
        ("2026-07-07T01:00", "2026-07-07", "Asia/Shanghai", "CN", "2026-07-07T01:00"),
        ("2026-07-07T01:01", "2026-07-07", "Asia/Shanghai", "CN", "2026-07-07T06:00"),
        ("2026-07-07T06:30", "2026-07-07", "Asia/Shanghai", "CN", "2026-07-08T01:00"),
        # the evening before the day it is for
        ("2026-07-06T14:00", "2026-07-07", "Asia/Shanghai", "CN", "2026-07-07T01:00"),
        # a Saturday; National Day; a Saturday on which people work
        ("2026-07-11T00:00", "2026-07-11", "Asia/Shanghai", "CN", "2026-07-13T01:00"),
        ("2026-10-01T00:00", "2026-10-01", "Asia/Shanghai", "CN", "2026-10-08T01:00"),
        # a customer in Hamburg has nine o'clock six hours later, and no National Day
        ("2026-10-01T00:00", "2026-10-01", "Europe/Berlin", "DE", "2026-10-01T07:00"),
        # a zone nobody knows is the creditor's
        ("2026-07-07T00:00", "2026-07-07", "Mars/Olympus", "CN", "2026-07-07T01:00"),
    ],
)
def test_the_first_send_time(now, as_of, zone, country, leaves_at):
    setting = Setting(
        entity_id=1, business="SALE", time_zone="Asia/Shanghai", as_of=date.fromisoformat(as_of), previous_on=None,
        now=datetime.fromisoformat(now).replace(tzinfo=UTC), managers=pl.DataFrame(), channels=frozenset(),
    )  # fmt: skip
    places = pl.DataFrame({"time_zone": [zone, zone], "country": [country, country]})
    found = send_times(places, policy=SEND, setting=setting, calendar=WorkingCalendar("CN"))
    assert found.select("time_zone", "country", "not_before", "is_estimate").rows() == [
        (zone, country, datetime.fromisoformat(leaves_at).replace(tzinfo=UTC), False)
    ]
