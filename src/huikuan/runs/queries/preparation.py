"""Everything a day needs beside the facts of its customers, and the day itself for a range of them. Reads only."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import polars as pl
from django.conf import settings

from huikuan.kernel.calendar import WorkingCalendar
from huikuan.parties.models import Entity
from huikuan.policy.rules.compile import climbs_per_item, conditions_asked, posted_steps, stopping_kinds
from huikuan.policy.rules.schema import Policy
from huikuan.receivables.queries.terms import reference_frame, terms_frame
from huikuan.runs.queries.details import read_details
from huikuan.runs.queries.facts import read_facts, settled_late
from huikuan.runs.queries.hours import Law
from huikuan.runs.queries.plan import managers, unmatched_receipts
from huikuan.runs.queries.scope import Scope
from huikuan.runs.queries.warnings import of_calendar, of_receipts
from huikuan.runs.rules.day import Decisions, conclude, outline
from huikuan.runs.rules.facts import Facts, Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """What all chunks of a run share: read once."""

    entity: Entity
    policy: Policy
    setting: Setting
    scope: Scope
    calendar: WorkingCalendar
    terms: pl.DataFrame
    reference: pl.DataFrame
    settled_late: pl.DataFrame
    warnings: list[dict[str, Any]]


def wired_channels() -> frozenset[str]:
    """Return the machine channels for which an adapter is wired: EMAIL, SMS and so on."""
    prefix = "outreach."
    ports = {name.removeprefix(prefix).upper() for name in settings.HUIKUAN_PORTS if name.startswith(prefix)}
    return frozenset(ports - {"GUARD", "COMPOSER"})


def prepare_day(
    entity: Entity,
    policy: Policy,
    *,
    as_of: date,
    previous_on: date | None,
    now: datetime,
    booked_since: datetime | None = None,
    is_replay: bool = False,
) -> Preparation:
    """Read what a day of an entity needs, for a run or to look at it only."""
    scope = Scope(
        entity_id=entity.pk,
        time_zone=entity.time_zone,
        first_customer_id=0,
        last_customer_id=2**62,
        as_of=as_of,
        previous_on=previous_on,
        is_replay=is_replay,
        booked_since=booked_since,
        known_until=now,
        window_months=policy.grade.window_months,
        late_after_days=policy.grade.late_after_days,
        stop_months=policy.risk.stop_orders_months,
        needs_contract_kind=any("contract_kind" in segment.match for segment in policy.segments),
        clock_kinds=stopping_kinds(policy),
        climbs_per_item=climbs_per_item(policy),
        conditions=conditions_asked(policy),
        posted_steps=frozenset(posted_steps(policy)["last_step_code"]),
        transit_days=policy.send_times.transit_days,
    )
    calendar = WorkingCalendar(entity.country)
    return Preparation(
        entity=entity,
        policy=policy,
        setting=Setting(
            entity_id=entity.pk,
            business=entity.business,
            time_zone=entity.time_zone,
            as_of=as_of,
            previous_on=previous_on,
            now=now,
            managers=managers(entity.pk),
            channels=wired_channels(),
        ),
        scope=scope,
        calendar=calendar,
        terms=terms_frame(),
        reference=reference_frame(as_of),
        settled_late=settled_late(scope),
        warnings=of_receipts(unmatched_receipts(entity.pk, as_of)) + of_calendar(calendar, as_of),
    )


def narrowed(prepared: Preparation, first_customer_id: int, last_customer_id: int) -> Scope:
    """Return the scope of a range of customers."""
    return replace(prepared.scope, first_customer_id=first_customer_id, last_customer_id=last_customer_id)


def decided(scope: Scope, prepared: Preparation) -> tuple[Facts, Decisions]:
    """Read and decide one range of customers."""
    facts = read_facts(scope, settled_late=prepared.settled_late)
    sketch = outline(facts, setting=prepared.setting, policy=prepared.policy)
    law = Law(prepared.policy.guard, prepared.entity.business)
    details = read_details(scope, sketch.contacted, terms=prepared.terms, reference=prepared.reference, law=law)
    return facts, conclude(
        facts, sketch, details, setting=prepared.setting, policy=prepared.policy, calendar=prepared.calendar
    )
