"""Which facts are asked for: the customers of a range, on a day, as the next run or as a replay."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from huikuan.credit.queries import window_starts_on
from huikuan.kernel.days import add_months, month_start
from huikuan.storage.bulk import Param

STOP_MONTHS_MAX: Final = 12
"""A policy may look back at most so many complete months for its order stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What to read.

    Attributes:
        first_customer_id, last_customer_id: Both included.
        as_of: The day.
        previous_on: Day of the run before; None for the first.
        is_replay: The day lies in the past of the runs: the state before it comes from the decisions, not from today.
        booked_since: Items booked from this instant on carry `booked_on`; None: none do (first run, replay).
        known_until: Contacts and holds later than this instant are not known yet.
        window_months: Payment record of the grade.
        late_after_days: From how many days on a settlement counts as late in that record.
        stop_months: Complete months for the order stop.
        needs_contract_kind: Some segment asks for it.
        clock_kinds: Kinds of hold whose past matters.
        climbs_per_item: Some ladder is climbed item by item.
        conditions: Conditions on events and states that some step names (`policy.rules.events.ASKED`).
        posted_steps: Codes of the steps whose clock starts when their letter arrives.
        transit_days: Carrier to the days that its letters take.
    """

    entity_id: int
    time_zone: str
    first_customer_id: int
    last_customer_id: int
    as_of: date
    previous_on: date | None = None
    is_replay: bool = False
    booked_since: datetime | None = None
    known_until: datetime
    window_months: int = 12
    late_after_days: int = 3
    stop_months: int = 3
    needs_contract_kind: bool = False
    clock_kinds: frozenset[str] = frozenset()
    climbs_per_item: bool = False
    conditions: frozenset[str] = frozenset()
    posted_steps: frozenset[str] = frozenset()
    transit_days: Mapping[str, int] = field(default_factory=dict)

    @property
    def window_starts_on(self) -> date:
        """First day of the payment record: whole calendar months, the present one included."""
        return window_starts_on(self.as_of, self.window_months)

    @property
    def stop_starts_on(self) -> date:
        """First day of the months looked at for the order stop."""
        return add_months(month_start(self.as_of), -self.stop_months)

    @property
    def params(self) -> dict[str, Param]:
        """Values for the placeholders of the statements."""
        return {
            "entity": self.entity_id,
            "first": self.first_customer_id,
            "last": self.last_customer_id,
            "as_of": self.as_of,
            "month": month_start(self.as_of),
            "window": self.window_starts_on,
            "stop": self.stop_starts_on,
            "booked_since": self.booked_since,
            "known_until": self.known_until,
            "a_while_ago": self.as_of - timedelta(days=1),
        }
