"""What a run warns of: a code and its numbers, stored with the run, worded by whoever shows it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl
from django.utils.translation import gettext

from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.money import format_decimal
from huikuan.kernel.refusal import gettext_noop
from huikuan.kernel.zones import ZoneUnknown, zone_of
from huikuan.runs.rules.facts import Facts
from huikuan.runs.rules.work import Work

TEXTS = {
    "BANK_LINES_NOT_MATCHED": gettext_noop(
        "{count} bank lines not matched ({amount} {currency}): match them before notices go to customers who have paid."
    ),
    "DUE_BEFORE_ISSUE": gettext_noop("{count} open items are due before they were issued: check them."),
    "CUSTOMER_UNREACHABLE": gettext_noop("{count} customers have no address for their message: see the repair tasks."),
    "CHANNEL_NOT_WIRED": gettext_noop("{count} customers get no message: the channel the policy names is not set up."),
    "CALENDAR_UNKNOWN": gettext_noop("The working days of {year} are not published yet: send times are an estimate."),
    "ZONE_UNKNOWN": gettext_noop("{count} customers have a time zone nobody knows: the creditor's is used instead."),
}
"""Code -> source text. The facts of a warning fill its {names}."""

OF_WORK = frozenset({"CUSTOMER_UNREACHABLE", "CHANNEL_NOT_WIRED"})
"""Said once, when the message was decided: a day that is gone through again does not decide it again."""

Warning_ = dict[str, Any]
"""{"code": …, "facts": {…}}; JSON as stored in `Run.warnings`."""


def words(warning: Warning_) -> str:
    """Return the warning in the reader's language."""
    return gettext(TEXTS[warning["code"]]).format(**warning["facts"])


def of_receipts(unmatched: Sequence[dict[str, Any]]) -> list[Warning_]:
    """Warn of bank money that nobody has recognized, per currency."""
    return [
        {
            "code": "BANK_LINES_NOT_MATCHED",
            "facts": {
                "count": row["count"],
                "currency": row["currency"],
                "amount": format_decimal(row["amount_minor"], row["currency"]),
            },
        }
        for row in unmatched
    ]


def of_calendar(calendar: WorkingCalendar, as_of: date) -> list[Warning_]:
    """Warn when the year's working days are not published."""
    if calendar.is_working_day(as_of) is not None:
        return []
    return [{"code": "CALENDAR_UNKNOWN", "facts": {"year": as_of.year}}]


def of_facts(facts: Facts) -> list[Warning_]:
    """Warn of odd records among the facts of a chunk."""
    odd = facts.items.filter(pl.col("due_on") < pl.col("issued_on")).height
    zones = facts.customers.group_by("time_zone").len().rows()
    unknown = sum(count for zone, count in zones if not _is_zone(zone))
    return _counted("DUE_BEFORE_ISSUE", odd) + _counted("ZONE_UNKNOWN", unknown)


def of_work(todo: Work) -> list[Warning_]:
    """Warn of messages that cannot leave."""
    return _counted("CUSTOMER_UNREACHABLE", todo.unreachable.height) + _counted(
        "CHANNEL_NOT_WIRED", todo.wordless.height
    )


def merged(warnings: Sequence[Warning_]) -> list[Warning_]:
    """Add up the counts of equal warnings of several chunks, in the order of `TEXTS`."""
    together: dict[tuple[str, str], Warning_] = {}
    for warning in warnings:
        key = (warning["code"], warning["facts"].get("currency", ""))
        if key not in together:
            together[key] = {"code": warning["code"], "facts": dict(warning["facts"])}
        elif warning["code"] not in {"BANK_LINES_NOT_MATCHED", "CALENDAR_UNKNOWN"}:
            together[key]["facts"]["count"] += warning["facts"]["count"]
    order = list(TEXTS)
    return [together[key] for key in sorted(together, key=lambda key: (order.index(key[0]), key[1]))]


def _counted(code: str, count: int) -> list[Warning_]:
    return [{"code": code, "facts": {"count": count}}] if count else []


def _is_zone(name: str) -> bool:
    try:
        zone_of(name)
    except ZoneUnknown:
        return False
    return True
