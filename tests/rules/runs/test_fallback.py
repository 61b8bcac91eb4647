"""When a message counts as unread, and which channel is next."""

from datetime import datetime

import pytest

from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.zones import local, zone_of
from huikuan.policy.reading.policy import default_policy
from huikuan.policy.rules.schema import Fallback, Notice
from huikuan.runs.rules.fallback import Way, next_way, unread_from

ZONE = "Asia/Shanghai"
CN = WorkingCalendar("CN")

# sent (Shanghai) | hours | only working days | unread from
CLOCKS = """
2026-08-25 09:05 | 24 | yes | 2026-08-26 09:05
2026-08-28 14:00 | 24 | yes | 2026-08-31 14:00
2026-08-28 14:00 | 24 | no  | 2026-08-29 14:00
2026-08-29 08:00 | 24 | yes | 2026-09-01 00:00
2026-09-30 14:00 | 24 | yes | 2026-10-08 14:00
2026-09-30 14:00 | 48 | yes | 2026-10-09 14:00
2026-09-19 10:00 | 12 | yes | 2026-09-20 12:00
2026-09-20 10:00 | 12 | yes | 2026-09-20 22:00
2026-08-25 09:05 | 0  | yes | 2026-08-25 09:05
"""


@pytest.mark.parametrize("row", [line for line in CLOCKS.splitlines() if line])
def test_the_hours_of_days_off_do_not_count(row):
    sent, hours, working, expected = (part.strip() for part in row.split("|"))
    at = datetime.fromisoformat(sent).replace(tzinfo=zone_of(ZONE))
    found = unread_from(at, int(hours), calendar=CN, zone=ZONE, working_days_only=working == "yes")
    assert f"{local(found, ZONE):%Y-%m-%d %H:%M}" == expected


SMS_AFTER = Notice("bill", ("EMAIL",), Fallback("SMS", "bill", 24, "unread"))
BOTH = Notice("friendly", ("EMAIL", "SMS"))
EMAIL_ONLY = Notice("offer", ("EMAIL",), Fallback("SMS", "offer", 0, "failed"))


@pytest.mark.parametrize(
    ("notice", "tried", "open_to", "way"),
    [
        (SMS_AFTER, {"EMAIL"}, {"EMAIL", "SMS"}, Way("SMS", "bill")),
        (SMS_AFTER, {"EMAIL"}, {"EMAIL"}, None),
        (SMS_AFTER, {"EMAIL", "SMS"}, {"EMAIL", "SMS"}, None),
        (BOTH, {"SMS"}, {"EMAIL", "SMS"}, Way("EMAIL", "friendly")),
        (EMAIL_ONLY, {"EMAIL"}, {"EMAIL", "SMS"}, None),  # the pack has no offer as a text message
    ],
)
def test_the_next_channel_is_one_that_is_open_and_written_for(notice, tried, open_to, way):
    assert next_way(notice, default_policy(), tried=tried, open_to=open_to) == way
