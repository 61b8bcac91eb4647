"""What the day is decided from: the facts of some customers of one entity on one day, as frames.

`runs.queries` reads them, `runs.rules.day.decide` turns them into decisions; nothing else passes between the two. Every
frame concerns only the customers of the chunk; customers are independent of one another, so chunks may be any size.
Money is Int64 minor units, days are Date, instants Datetime in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

import polars as pl

from huikuan.credit.rules.grading import BROKEN_PLANS

Columns = Mapping[str, type[pl.DataType] | pl.DataType]
"""Names and types of a frame."""

INSTANT: Final = pl.Datetime("us", "UTC")

ITEMS: Final[Columns] = {
    "item_id": pl.Int64,
    "customer_id": pl.Int64,
    "currency": pl.String,
    "item_kind": pl.String,
    "contract_kind": pl.String,
    "issued_on": pl.Date,
    "due_on": pl.Date,
    "amount_minor": pl.Int64,
    "open_minor": pl.Int64,
    "terms_id": pl.Int64,
    "booked_on": pl.Date,
}
"""Everything open on the day and issued by then; `open_minor` as of the day. `booked_on` only where the item came in
after the run before (else null): an upcoming step whose moment has passed meanwhile is then due on that day."""

ALLOCATIONS: Final[Columns] = {"item_id": pl.Int64, "amount_minor": pl.Int64, "effective_on": pl.Date}
"""Signed allocations up to the day of the overdue items whose penalty is to be stated."""

ON_ACCOUNT: Final[Columns] = {"customer_id": pl.Int64, "currency": pl.String, "on_account_minor": pl.Int64}
"""Money and credit notes received by the day and not allocated as of the day."""

HOLDS: Final[Columns] = {
    "customer_id": pl.Int64,
    "item_id": pl.Int64,
    "kind": pl.String,
    "amount_minor": pl.Int64,
    "starts_on": pl.Date,
    "ends_on": pl.Date,
}
"""Holds that run on the day, and past ones of kinds that stop the clock; `ends_on` is the last day it really holds."""

CONTACTS: Final[Columns] = {
    "customer_id": pl.Int64,
    "fruitless_count": pl.Int64,
    "last_contact_on": pl.Date,
    "last_inbound_on": pl.Date,
    "not_before_on": pl.Date,
}
"""Of this overdue spell: outgoing contacts without promise or payment, the last of any kind, the last sign of life, and
the day until which the latest contact agreed to wait."""

CUSTOMERS: Final[Columns] = {
    "customer_id": pl.Int64,
    "customer_code": pl.String,
    "collector_id": pl.Int64,
    "size_class": pl.String,
    "industry": pl.String,
    "region": pl.String,
    "country": pl.String,
    "time_zone": pl.String,
    "business_since": pl.Date,
    "first_item_on": pl.Date,
    "settled_count": pl.Int64,
    "late_count": pl.Int64,
    "amount_minor_sum": pl.Int128,
    "amount_days_sum": pl.Int128,
    "override_letter": pl.String,
    "current_letter": pl.String,
    "current_grade_id": pl.Int64,
    "current_grade_on": pl.Date,
}
"""Customers with anything open, or with a case to look after. The sums are of the grade's window."""

COLLECTORS: Final[Columns] = {"customer_id": pl.Int64, "collector_id": pl.Int64}
"""Whose every customer is, also of those that owe nothing."""

SETTLED_LATE: Final[Columns] = {"customer_id": pl.Int64, "due_on": pl.Date, "settled_on": pl.Date}
"""Items settled late in the last complete months: with the open ones, what was overdue in each month."""

CASES: Final[Columns] = {
    "case_id": pl.Int64,
    "customer_id": pl.Int64,
    "opened_on": pl.Date,
    "closed_on": pl.Date,
    "stage": pl.String,
    "owner_id": pl.Int64,
    "next_action": pl.String,
    "next_action_on": pl.Date,
}
"""Open cases before the day's run, and those that an earlier pass of the same day closed: should something be overdue
after all, they go on."""

BALANCES: Final[Columns] = {
    "balance_id": pl.Int64,
    "case_id": pl.Int64,
    "customer_id": pl.Int64,
    "currency": pl.String,
    "overdue_minor": pl.Int64,
    "open_minor": pl.Int64,
    "on_account_minor": pl.Int64,
    "held_minor": pl.Int64,
    "item_count": pl.Int64,
    "oldest_due_on": pl.Date,
    "last_step_code": pl.String,
    "last_step_rank": pl.Int32,
    "last_step_on": pl.Date,
    "last_occurrence": pl.Int64,
}
"""Per open case and currency what the run before wrote, and how far the ladder has been climbed."""

TAKEN: Final[Columns] = {"customer_id": pl.Int64, "currency": pl.String}
"""Customers and currencies with a contact already decided on this very day: they get no second one."""

MARKS: Final[Columns] = {"mark_id": pl.Int64, "customer_id": pl.Int64, "kind": pl.String, "begun_on": pl.Date}
"""Risk marks that stand."""

SIGNALS: Final[Columns] = {"customer_id": pl.Int64, "kind": pl.String}
"""Delay signals that stand."""

EVENTS: Final[Columns] = {"customer_id": pl.Int64, "currency": pl.String, "kind": pl.String, "on": pl.Date}
"""The latest event of each kind in the running spell (`policy.rules.events`), of the kinds that some step asks for."""

UNREAD: Final[Columns] = {"customer_id": pl.Int64, "currency": pl.String, "unread_at": INSTANT}
"""When the last message of the spell left, where it has not been read."""

ARRIVALS: Final[Columns] = {
    "customer_id": pl.Int64,
    "currency": pl.String,
    "step_code": pl.String,
    "last_step_on": pl.Date,
    "arrived_on": pl.Date,
}
"""When the letter of the step taken on a day arrived or should have; null: it came back."""

ITEM_STEPS: Final[Columns] = {
    "customer_id": pl.Int64,
    "currency": pl.String,
    "item_id": pl.Int64,
    "step_code": pl.String,
    "rank": pl.Int32,
    "occurrence": pl.Int64,
    "taken_on": pl.Date,
}
"""Steps that open items took one by one in the running spell (`scope: item`)."""

CLIMBED_BY_ITEM: Final[Columns] = {"customer_id": pl.Int64, "currency": pl.String}
"""In whose running spell steps were taken item by item, of items open or not."""

UNSENT_ITEMS: Final[Columns] = {
    "delivery_id": pl.Int64,
    "customer_id": pl.Int64,
    "currency": pl.String,
    "item_id": pl.Int64,
    "is_queued": pl.Boolean,
}
"""What the messages about items on steps of their own are to say that have not left: queued, or leaving now."""

TASKS: Final[Columns] = {
    "task_id": pl.Int64,
    "customer_id": pl.Int64,
    "currency": pl.String,
    "step_code": pl.String,
    "kind": pl.String,
    "case_id": pl.Int64,
}
"""Open tasks."""

DELIVERIES: Final[Columns] = {
    "delivery_id": pl.Int64,
    "customer_id": pl.Int64,
    "currency": pl.String,
    "channel": pl.String,
    "step_code": pl.String,
    "state": pl.String,
}
"""Deliveries that have not left: QUEUED or SENDING."""

REACH: Final[Columns] = {"customer_id": pl.Int64, "has_email": pl.Boolean, "has_phone": pl.Boolean}
"""Whether anybody at the customer can be reached by machine, for the customers who are to be contacted."""


MAILBOXES: Final[Columns] = {
    "customer_id": pl.Int64,
    "email": pl.String,
    "phone": pl.String,
    "email_hours": pl.String,
    "phone_hours": pl.String,
}
"""Where a message to a customer will most likely go: what keeps one mailbox from getting several at once. The hours are
those preferred by whom it reaches there, as far as the law leaves them open."""


def _none(schema: Columns) -> pl.DataFrame:
    return pl.DataFrame(schema=dict(schema))


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The facts of some customers; each frame as its schema above says. A frame not given is empty."""

    items: pl.DataFrame
    customers: pl.DataFrame
    on_account: pl.DataFrame = field(default_factory=lambda: _none(ON_ACCOUNT))
    holds: pl.DataFrame = field(default_factory=lambda: _none(HOLDS))
    contacts: pl.DataFrame = field(default_factory=lambda: _none(CONTACTS))
    broken_plans: pl.DataFrame = field(default_factory=lambda: _none(BROKEN_PLANS))
    """`credit.rules.grading.BROKEN_PLANS`."""
    settled_late: pl.DataFrame = field(default_factory=lambda: _none(SETTLED_LATE))
    cases: pl.DataFrame = field(default_factory=lambda: _none(CASES))
    balances: pl.DataFrame = field(default_factory=lambda: _none(BALANCES))
    taken: pl.DataFrame = field(default_factory=lambda: _none(TAKEN))
    marks: pl.DataFrame = field(default_factory=lambda: _none(MARKS))
    signals: pl.DataFrame = field(default_factory=lambda: _none(SIGNALS))
    events: pl.DataFrame = field(default_factory=lambda: _none(EVENTS))
    unread: pl.DataFrame = field(default_factory=lambda: _none(UNREAD))
    arrivals: pl.DataFrame = field(default_factory=lambda: _none(ARRIVALS))
    item_steps: pl.DataFrame = field(default_factory=lambda: _none(ITEM_STEPS))
    climbed_by_item: pl.DataFrame = field(default_factory=lambda: _none(CLIMBED_BY_ITEM))
    unsent_items: pl.DataFrame = field(default_factory=lambda: _none(UNSENT_ITEMS))
    tasks: pl.DataFrame = field(default_factory=lambda: _none(TASKS))
    deliveries: pl.DataFrame = field(default_factory=lambda: _none(DELIVERIES))
    collectors: pl.DataFrame = field(default_factory=lambda: _none(COLLECTORS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What only the customers who are contacted today need: read after it is known who they are."""

    allocations: pl.DataFrame = field(default_factory=lambda: _none(ALLOCATIONS))
    terms: pl.DataFrame
    reference: pl.DataFrame
    reach: pl.DataFrame = field(default_factory=lambda: _none(REACH))
    mailboxes: pl.DataFrame = field(default_factory=lambda: _none(MAILBOXES))
    waivers: pl.DataFrame | None = None
    """`receivables.rules.waiver.WAIVERS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is the same for every customer of the run.

    Attributes:
        entity_id, business, time_zone: Of the creditor entity.
        as_of: The day that is decided.
        previous_on: Day of the run before; None for the first.
        now: Instant of the run: nothing is to leave earlier.
        managers: collector_id (null: anybody without a collector), manager_id: who gets what is for a manager.
        channels: Machine channels that are wired: a notice leaves on these only.
    """

    entity_id: int
    business: str
    time_zone: str
    as_of: date
    previous_on: date | None
    now: datetime
    managers: pl.DataFrame
    channels: frozenset[str]
