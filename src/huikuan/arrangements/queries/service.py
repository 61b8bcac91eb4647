"""The service clock of an entity: its policy's hours, its country's working days, its time zone."""

from dataclasses import dataclass
from datetime import date, datetime

from huikuan.arrangements.rules import service
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.zones import local_day
from huikuan.parties.models import Entity
from huikuan.policy.queries import policy_in_force
from huikuan.policy.reading.policy import default_policy
from huikuan.policy.rules.arranging import ServiceRules


@dataclass(frozen=True, slots=True)
class ServiceClock:
    """Answers in working time for one entity."""

    rules: ServiceRules
    calendar: WorkingCalendar
    zone: str

    def answer_due_at(self, raised_at: datetime) -> datetime:
        """Return the instant by which the customer must have an answer."""
        return service.answer_due_at(raised_at, rules=self.rules, calendar=self.calendar, zone=self.zone)

    def resolve_due_on(self, raised_at: datetime) -> date:
        """Return the last day on which it must be decided."""
        return service.resolve_due_on(raised_at, rules=self.rules, calendar=self.calendar, zone=self.zone)

    def worked_minutes(self, began: datetime, ended: datetime) -> int:
        """Return the working time between two instants, in whole minutes."""
        return service.worked_minutes(began, ended, rules=self.rules, calendar=self.calendar, zone=self.zone)


def service_clock(entity: Entity, now: datetime) -> ServiceClock:
    """Return the service clock by the policy in force. One query."""
    in_force = policy_in_force(entity.pk, local_day(now, entity.time_zone))
    rules = (in_force.policy if in_force else default_policy()).service
    return ServiceClock(rules, WorkingCalendar(entity.country), entity.time_zone)
