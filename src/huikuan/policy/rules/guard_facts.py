"""What the contact guard is told: the contact to be made, and what is known about its addressee."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.zones import instant_at, local
from huikuan.policy.rules.guard_pack import GuardRule


@dataclass(frozen=True, slots=True)
class Person:
    """Who is to be contacted.

    Attributes:
        acts_for_debtor: Role within the customer, or the debtor itself; family and other third parties do not.
        has_basis: There is a lawful basis for using the person's data.
    """

    acts_for_debtor: bool
    has_basis: bool = True


@dataclass(frozen=True, slots=True)
class Request:
    """A contact that is about to be made.

    Attributes:
        channel: EMAIL, SMS, PHONE, LETTER, VISIT, WECHAT.
        now: Instant.
        time_zone, country: The customer's.
        address: Number or mailbox.
        person: None: the customer's general address, which belongs to nobody in particular.
        is_automatic: Made by the machine.
        is_demand: A written demand for payment (not a bill, not a reminder before the due day).
        is_property: The creditor manages property, or the debt is for it.
        words: What is written or to be said; "" when unknown (a call).
        proposes: What the step proposes (schema.Step.proposes).
        visitor_count: Persons who go on a visit.
        region: Province and city of the customer.
    """

    channel: str
    now: datetime
    time_zone: str
    country: str
    address: str
    person: Person | None
    is_automatic: bool
    is_demand: bool = False
    is_property: bool = False
    words: str = ""
    proposes: tuple[str, ...] = ()
    visitor_count: int = 0
    region: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """An outgoing contact, made or under way: of the same case, or to a number for somebody else's (not is_ours)."""

    channel: str
    at: datetime
    address: str = ""
    is_connected: bool = False
    is_demand: bool = False
    is_ours: bool = True


@dataclass(frozen=True, slots=True)
class Block:
    """An open opt-out or wrong-person mark. `channel` "": every channel; it concerns the person asked about, or all."""

    kind: str
    channel: str = ""


@dataclass(frozen=True, slots=True)
class RunningHold:
    """A hold that covers everything the contact would be about, and its last day."""

    kind: str
    ends_on: date


@dataclass(frozen=True, slots=True)
class Consent:
    """The person agreed to be contacted although this one rule says no; it lifts that rule only, until it expires.

    `expires_at` None: until it is withdrawn.
    """

    rule: str
    expires_at: datetime | None

    def lifts(self, rule: str, at: datetime) -> bool:
        """Tell whether it lifts that rule at that instant."""
        return self.rule == rule and (self.expires_at is None or at < self.expires_at)


@dataclass(frozen=True, slots=True)
class Case:
    """Everything the rules look at."""

    request: Request
    rules: Sequence[GuardRule]
    history: Sequence[Past]
    calendar: WorkingCalendar
    blocks: Sequence[Block]
    holds: Sequence[RunningHold]
    consents: Sequence[Consent]

    def local(self, at: datetime) -> datetime:
        """Return the instant on the customer's clock."""
        return local(at, self.request.time_zone)

    def instant(self, day: date, clock: time) -> datetime:
        """Return the instant of a day and hour of the customer."""
        return instant_at(day, clock, self.request.time_zone)

    def is_lifted(self, rule: GuardRule, at: datetime) -> bool:
        """Tell whether a consent lifts the rule at that instant."""
        return rule.consent_lifts and any(consent.lifts(rule.code, at) for consent in self.consents)
