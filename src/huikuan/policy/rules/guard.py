"""The contact guard (合规闸门): may this contact be made now? Asked for every contact, at the moment it is made.

Plain Python, one contact at a time. The caller holds the lock under which contacts are counted, so that two workers
cannot both take the last free place. Source: domain.md §6; numbers and their sources: the guard pack.

A refusal stands whatever the hour. A delay names the first instant at which nothing stands in the way any more, as far
as is known now; the guard is asked again then.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.zones import instant_at, local
from huikuan.policy.rules.guard_pack import GuardPack, GuardRule
from huikuan.policy.rules.wording import Found, check_words

PHONE, VISIT = "PHONE", "VISIT"
OPT_OUT, WRONG_PERSON = "OPT_OUT", "WRONG_PERSON"
STOPS: Final = frozenset({"STOP_UTILITIES", "STOP_SUPPLY", "STOP_SERVICE"})
ROUNDS_MAX: Final = 400
"""Delays that may follow one another before the guard gives up looking: more than a year of days."""


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
class Allow:
    """Go ahead. `warnings`: what a rule has against the words, where it does not forbid them."""

    warnings: tuple["Refuse", ...] = ()


@dataclass(frozen=True, slots=True)
class DelayUntil:
    """Not now. `asks_person`: the machine cannot know, somebody should look."""

    at: datetime
    rule: GuardRule
    asks_person: bool = False


@dataclass(frozen=True, slots=True)
class Refuse:
    """Never, as things stand. `found`: the wording to change."""

    rule: GuardRule
    found: tuple[Found, ...] = ()


Answer = Allow | DelayUntil | Refuse


@dataclass(frozen=True, slots=True)
class _Case:
    """Everything the rules look at."""

    request: Request
    rules: Sequence[GuardRule]
    history: Sequence[Past]
    calendar: WorkingCalendar
    blocks: Sequence[Block]
    holds: Sequence[RunningHold]
    consents: Sequence[Consent]

    def local(self, at: datetime) -> datetime:
        return local(at, self.request.time_zone)

    def instant(self, day: date, clock: time) -> datetime:
        return instant_at(day, clock, self.request.time_zone)

    def is_lifted(self, rule: GuardRule, at: datetime) -> bool:
        return rule.consent_lifts and any(consent.lifts(rule.code, at) for consent in self.consents)


def ask(
    request: Request,
    *,
    packs: Sequence[GuardPack],
    history: Sequence[Past] = (),
    calendar: WorkingCalendar | None = None,
    blocks: Sequence[Block] = (),
    holds: Sequence[RunningHold] = (),
    consents: Sequence[Consent] = (),
) -> Answer:
    """Return whether the contact may be made now: the strictest answer of all packs.

    Args:
        request: The contact.
        packs: The rules that apply, already tightened by the policy.
        history: Outgoing contacts of the same customer and entity, at least of the last days that the rules count, and
            those to the same number for anybody; those under way count as made.
        calendar: Working days where the customer is; None: of request.country.
        blocks: Open blocks of the person, and of the customer as a whole.
        holds: Holds that cover everything the contact is about.
        consents: Of the person.

    Returns: a refusal before a delay, the delay to the first free instant, else Allow.
    """
    rules = [rule for pack in packs for rule in pack.rules.values() if rule.is_about(request.channel)]
    case = _Case(request, rules, history, calendar or WorkingCalendar(request.country), blocks, holds, consents)
    warnings = []
    for refusal in _refusals(case, packs):
        if refusal.rule.blocks_in(request.region):
            return refusal
        warnings.append(refusal)
    return _delayed(case, tuple(warnings))


def _refusals(case: _Case, packs: Sequence[GuardPack]) -> Iterator[Refuse]:
    """Say what stands in the way at any hour."""
    for rule in case.rules:
        refuses = REFUSALS.get(rule.code)
        if refuses is not None and refuses(case, rule):
            yield Refuse(rule)
    yield from _wording(case.request, packs)


def _wording(request: Request, packs: Sequence[GuardPack]) -> Iterator[Refuse]:
    """Say what is wrong with the words: one refusal for each rule that a phrase offends."""
    for pack in packs:
        found = check_words(request.words, pack.words, is_property=request.is_property)
        for code in dict.fromkeys(RULE_OF_KIND.get(each.kind, LANGUAGE) for each in found):
            offending = tuple(each for each in found if RULE_OF_KIND.get(each.kind, LANGUAGE) == code)
            yield Refuse(rule_of(packs, code, pack), offending)


def rule_of(packs: Sequence[GuardPack], code: str, first: GuardPack) -> GuardRule:
    """Return the rule of that code: of the pack itself, else of the first that has it. Raises StopIteration."""
    return next(pack.rules[code] for pack in (first, *packs) if code in pack.rules)


def _delayed(case: _Case, warnings: tuple[Refuse, ...]) -> Allow | DelayUntil:
    """Look for the first instant at which no rule delays; the rule named is the one that stands in the way now."""
    at, first = case.request.now, None
    for _ in range(ROUNDS_MAX):
        blocking = _blocking(case, at)
        if blocking is None:
            return Allow(warnings) if first is None else DelayUntil(at, first)
        until, rule, asks_person = blocking
        if asks_person:
            return DelayUntil(until, first or rule, asks_person=True)
        at, first = until, first or rule
    return DelayUntil(at, first or case.rules[0], asks_person=True)


def _blocking(case: _Case, at: datetime) -> tuple[datetime, GuardRule, bool] | None:
    """Return the rule that delays longest at that instant: until when, the rule, and whether a person should look."""
    found = []
    for rule in case.rules:
        delays = DELAYS.get(rule.code)
        if delays is None or case.is_lifted(rule, at):
            continue
        answer = delays(case, rule, at)
        if answer is not None:
            found.append((*answer, rule))
    if not found:
        return None
    until, asks_person, rule = max(found, key=lambda each: each[0])
    return until, rule, asks_person


def _no_standing(case: _Case, _rule: GuardRule) -> bool:
    person = case.request.person
    return person is not None and not (person.acts_for_debtor and person.has_basis)


def _blocked_as(kind: str) -> Callable[[_Case, GuardRule], bool]:
    return lambda case, _rule: any(
        block.kind == kind and block.channel in {"", case.request.channel} for block in case.blocks
    )


def _stops_utilities(case: _Case, _rule: GuardRule) -> bool:
    return case.request.is_property and bool(STOPS.intersection(case.request.proposes))


def _too_few_visitors(case: _Case, rule: GuardRule) -> bool:
    return case.request.visitor_count < rule.whole("at_least")


def _uninvited(case: _Case, rule: GuardRule) -> bool:
    return not case.is_lifted(rule, case.request.now)


LANGUAGE: Final = "language"
RULE_OF_KIND: Final = {"utilities": "utilities", "access": "access", "posting": "posting", "lockout": "lockout"}
"""The rule that a kind of phrase offends; every other kind offends `language`."""
REFUSALS: Final[dict[str, Callable[[_Case, GuardRule], bool]]] = {
    "acts_for_debtor": _no_standing,
    "wrong_person": _blocked_as(WRONG_PERSON),
    "opt_out": _blocked_as(OPT_OUT),
    "utilities": _stops_utilities,
    "visit_persons": _too_few_visitors,
    "visit_consent": _uninvited,
}
"""The rules that forbid a contact at any hour, beside those of wording."""


Delay = tuple[datetime, bool] | None
"""Until when a rule delays and whether it needs a person; None: it does not."""


def _quiet_hours(case: _Case, rule: GuardRule, at: datetime) -> Delay:
    """No contact from 22:00 to 08:00; 22:00:00 is quiet, 08:00:00 is not."""
    here, starts, ends = case.local(at), rule.clock("from"), rule.clock("until")
    if here.time() >= starts:
        return case.instant(here.date() + timedelta(days=1), ends), False
    if here.time() < ends:
        return case.instant(here.date(), ends), False
    return None


def _automatic_hours(case: _Case, rule: GuardRule, at: datetime) -> Delay:
    """Machine messages on working days from 09:00 until before 18:00; a day nobody has published needs a person."""
    if not case.request.is_automatic:
        return None
    here, opens, closes = case.local(at), rule.clock("from"), rule.clock("until")
    day = here.date()
    is_working = case.calendar.is_working_day(day)
    if is_working is None:
        return case.instant(day + timedelta(days=1), opens), True
    if is_working and opens <= here.time() < closes:
        return None
    if not (is_working and here.time() < opens):
        day += timedelta(days=1)
        while case.calendar.is_working_day(day) is False:
            day += timedelta(days=1)
    return case.instant(day, opens), False


def _rest_days(case: _Case, _rule: GuardRule, at: datetime) -> Delay:
    """Leave people alone on days on which nobody works there; a day that nobody has published is left to the caller."""
    day = case.local(at).date()
    if case.calendar.is_working_day(day) is not False:
        return None
    while case.calendar.is_working_day(day) is False:
        day += timedelta(days=1)
    return case.instant(day, time.min), False


def _per_day(case: _Case, rule: GuardRule, at: datetime, counted: Callable[[Past], bool]) -> Delay:
    """Count what happened on the customer's calendar day; when full, wait for the next."""
    today = case.local(at).date()
    count = sum(case.local(past.at).date() == today for past in case.history if counted(past))
    if count < rule.whole("limit"):
        return None
    return case.instant(today + timedelta(days=1), time.min), False


def _connected_calls(case: _Case, rule: GuardRule, at: datetime) -> Delay:
    address = case.request.address
    return _per_day(
        case, rule, at, lambda past: past.channel == PHONE and past.address == address and past.is_connected
    )


def _dials(case: _Case, rule: GuardRule, at: datetime) -> Delay:
    address = case.request.address
    return _per_day(case, rule, at, lambda past: past.channel == PHONE and past.address == address)


def _calls_per_day(case: _Case, rule: GuardRule, at: datetime) -> Delay:
    return _per_day(case, rule, at, lambda past: past.channel == PHONE and past.is_connected and past.is_ours)


def _visits(case: _Case, rule: GuardRule, at: datetime) -> Delay:
    return _per_day(case, rule, at, lambda past: past.channel == VISIT and past.is_ours)


def _calls_per_week(case: _Case, rule: GuardRule, at: datetime) -> Delay:
    """Count the calls of the case in the rolling days before; a call made exactly that long ago no longer counts."""
    span = timedelta(days=rule.whole("days"))
    calls = sorted(past.at for past in case.history if past.channel == PHONE and at - span < past.at)
    limit = rule.whole("limit")
    return None if len(calls) < limit else (calls[-limit] + span, False)


def _demand_gap(case: _Case, rule: GuardRule, at: datetime) -> Delay:
    """Keep so many calendar days between two written demands on one channel: the 1st, then the 4th."""
    if not case.request.is_demand:
        return None
    days = [
        case.local(past.at).date()
        for past in case.history
        if past.is_demand and past.is_ours and past.channel == case.request.channel
    ]
    free_on = max(days, default=date.min) + timedelta(days=rule.whole("days"))
    return (case.instant(free_on, time.min), False) if case.local(at).date() < free_on else None


def _conversation_silence(case: _Case, rule: GuardRule, at: datetime) -> Delay:
    """Leave people alone for so many days after a conversation; its own day is the first of them."""
    days = [
        case.local(past.at).date()
        for past in case.history
        if past.channel == PHONE and past.is_connected and past.is_ours and past.at <= at
    ]
    free_on = max(days, default=date.min) + timedelta(days=rule.whole("days"))
    return (case.instant(free_on, time.min), False) if case.local(at).date() < free_on else None


def _number_gap(case: _Case, rule: GuardRule, at: datetime) -> Delay:
    """Spread machine messages: one number is not hit by several at once, whosever items they are about."""
    request = case.request
    if not request.is_automatic or not request.address:
        return None
    span = timedelta(minutes=rule.whole("minutes"))
    last = max(
        (past.at for past in case.history if past.channel == request.channel and past.address == request.address),
        default=None,
    )
    return None if last is None or at >= last + span else (last + span, False)


def _hold(case: _Case, rule: GuardRule, at: datetime) -> Delay:
    """Wait for the day after the last hold that covers everything."""
    ends = [hold.ends_on for hold in case.holds if hold.kind in rule.kinds]
    free_on = max(ends, default=date.min) + timedelta(days=1)
    return (case.instant(free_on, time.min), False) if case.local(at).date() < free_on else None


DELAYS: Final[dict[str, Callable[[_Case, GuardRule, datetime], Delay]]] = {
    "quiet_hours": _quiet_hours,
    "automatic_hours": _automatic_hours,
    "connected_calls_per_day": _connected_calls,
    "dials_per_day": _dials,
    "calls_per_week": _calls_per_week,
    "visits_per_day": _visits,
    "calls_per_day": _calls_per_day,
    "conversation_silence": _conversation_silence,
    "rest_days": _rest_days,
    "demand_gap": _demand_gap,
    "number_gap": _number_gap,
    "hold": _hold,
}
"""The rules that only make a contact wait."""
