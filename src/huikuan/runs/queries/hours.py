"""Preferred hours of the people who are written to and called, as far as the guard's packs leave them open."""

from dataclasses import dataclass
from datetime import datetime

from huikuan.kernel.calendar import WorkingCalendar
from huikuan.parties.models import ContactPerson, Customer
from huikuan.parties.rules.contacts import Hours, format_hours, parse_hours
from huikuan.policy.reading.guard import packs_for
from huikuan.policy.rules.guard_pack import Debtor
from huikuan.policy.rules.schema import GuardRules, Policy
from huikuan.runs.rules.sending import first_preferred, known_zone_or, law_hours, overlap


@dataclass(frozen=True, slots=True)
class Law:
    """The guard's packs for the customers of one entity.

    Attributes:
        rules: Of the policy; None: the default pack.
        business: The entity's line.
    """

    rules: GuardRules | None
    business: str

    def open_hours(self, hours: str, channel: str, *, country: str, size_class: str) -> str | None:
        """Return the part of preferred hours in which a machine message may arrive; None when there is none."""
        found = self.part_of(parse_hours(hours), channel, country=country, size_class=size_class, is_automatic=True)
        return None if found is None else format_hours(found)

    def part_of(self, hours: Hours, channel: str, *, country: str, size_class: str, is_automatic: bool) -> Hours | None:
        """Return the part of preferred hours that every pack leaves open; None when there is none."""
        debtor = Debtor(country=country, size_class=size_class, businesses=frozenset({self.business}))
        return overlap(hours, law_hours(packs_for(self.rules, debtor), channel, is_automatic=is_automatic))


def preferred_hours(
    person: ContactPerson | None, customer: Customer, channel: str, *, policy: Policy | None, is_automatic: bool
) -> Hours | None:
    """Return when a person is best reached on a channel, on the customer's clock; None: whenever it is allowed.

    Hours in which nobody may be contacted count for nothing: the law's own hours remain.

    Args:
        person: None: the customer's general address.
        customer: With its entity.
        channel: EMAIL, SMS, PHONE.
        policy: In force for the entity.
        is_automatic: The machine sends it, not a person.
    """
    hours = None if person is None else person.preferred_hours
    if hours is None:
        return None
    law = Law(None if policy is None else policy.guard, customer.entity.business)
    return law.part_of(
        hours, channel, country=customer.country, size_class=customer.size_class, is_automatic=is_automatic
    )


def preferred_instant(
    person: ContactPerson | None, customer: Customer, channel: str, *, policy: Policy, now: datetime
) -> datetime:
    """Return the first instant from `now` on in which a machine message reaches a person at a preferred hour."""
    return first_preferred(
        now,
        preferred_hours(person, customer, channel, policy=policy, is_automatic=True),
        zone=known_zone_or(customer.time_zone, customer.entity.time_zone),
        calendar=WorkingCalendar(customer.country),
        working_days_only=policy.send_times.working_days_only,
    )
