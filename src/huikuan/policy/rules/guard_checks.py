"""The contact guard's rules one by one: those that forbid at any hour, and those that only make a contact wait."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Final

from huikuan.policy.rules.guard_facts import Case, Past
from huikuan.policy.rules.guard_pack import GuardRule

PHONE, VISIT = "PHONE", "VISIT"
OPT_OUT, WRONG_PERSON = "OPT_OUT", "WRONG_PERSON"
STOP_UTILITIES: Final = "STOP_UTILITIES"
STOPS: Final = frozenset({STOP_UTILITIES, "STOP_SUPPLY", "STOP_SERVICE"})


def _no_standing(case: Case, _rule: GuardRule) -> bool:
    person = case.request.person
    return person is not None and not (person.acts_for_debtor and person.has_basis)


def _blocked_as(kind: str) -> Callable[[Case, GuardRule], bool]:
    return lambda case, _rule: any(
        block.kind == kind and block.channel in {"", case.request.channel} for block in case.blocks
    )


def _stops_utilities(case: Case, _rule: GuardRule) -> bool:
    """Only the supplier may stop water or power, after demand and notice; property managers stop nothing at all."""
    stops = STOPS if case.request.is_property else {STOP_UTILITIES}
    return not stops.isdisjoint(case.request.proposes)


def _too_few_visitors(case: Case, rule: GuardRule) -> bool:
    return case.request.visitor_count < rule.whole("at_least")


def _uninvited(case: Case, rule: GuardRule) -> bool:
    return not case.is_lifted(rule, case.request.now)


REFUSALS: Final[dict[str, Callable[[Case, GuardRule], bool]]] = {
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


def _quiet_hours(case: Case, rule: GuardRule, at: datetime) -> Delay:
    """No contact from 22:00 to 08:00; 22:00:00 is quiet, 08:00:00 is not."""
    here, starts, ends = case.local(at), rule.clock("from"), rule.clock("until")
    if here.time() >= starts:
        return case.instant(here.date() + timedelta(days=1), ends), False
    if here.time() < ends:
        return case.instant(here.date(), ends), False
    return None


def _automatic_hours(case: Case, rule: GuardRule, at: datetime) -> Delay:
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


def _rest_days(case: Case, _rule: GuardRule, at: datetime) -> Delay:
    """Leave people alone on days on which nobody works there; a day that nobody has published is left to the caller."""
    day = case.local(at).date()
    if case.calendar.is_working_day(day) is not False:
        return None
    while case.calendar.is_working_day(day) is False:
        day += timedelta(days=1)
    return case.instant(day, time.min), False


def _per_day(case: Case, rule: GuardRule, at: datetime, counted: Callable[[Past], bool]) -> Delay:
    """Count what happened on the customer's calendar day; when full, wait for the next."""
    today = case.local(at).date()
    count = sum(case.local(past.at).date() == today for past in case.history if counted(past))
    if count < rule.whole("limit"):
        return None
    return case.instant(today + timedelta(days=1), time.min), False


def _connected_calls(case: Case, rule: GuardRule, at: datetime) -> Delay:
    address = case.request.address
    return _per_day(
        case, rule, at, lambda past: past.channel == PHONE and past.address == address and past.is_connected
    )


def _dials(case: Case, rule: GuardRule, at: datetime) -> Delay:
    address = case.request.address
    return _per_day(case, rule, at, lambda past: past.channel == PHONE and past.address == address)


def _calls_per_day(case: Case, rule: GuardRule, at: datetime) -> Delay:
    return _per_day(case, rule, at, lambda past: past.channel == PHONE and past.is_connected and past.is_ours)


def _visits(case: Case, rule: GuardRule, at: datetime) -> Delay:
    return _per_day(case, rule, at, lambda past: past.channel == VISIT and past.is_ours)


def _calls_per_week(case: Case, rule: GuardRule, at: datetime) -> Delay:
    """Count the calls of the case in the rolling days before; a call made exactly that long ago no longer counts."""
    span = timedelta(days=rule.whole("days"))
    calls = sorted(past.at for past in case.history if past.channel == PHONE and at - span < past.at)
    limit = rule.whole("limit")
    return None if len(calls) < limit else (calls[-limit] + span, False)


def _demand_gap(case: Case, rule: GuardRule, at: datetime) -> Delay:
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


def _conversation_silence(case: Case, rule: GuardRule, at: datetime) -> Delay:
    """Leave people alone for so many days after a conversation; its own day is the first of them."""
    days = [
        case.local(past.at).date()
        for past in case.history
        if past.channel == PHONE and past.is_connected and past.is_ours and past.at <= at
    ]
    free_on = max(days, default=date.min) + timedelta(days=rule.whole("days"))
    return (case.instant(free_on, time.min), False) if case.local(at).date() < free_on else None


def _number_gap(case: Case, rule: GuardRule, at: datetime) -> Delay:
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


def _hold(case: Case, rule: GuardRule, at: datetime) -> Delay:
    """Wait for the day after the last hold that covers everything."""
    ends = [hold.ends_on for hold in case.holds if hold.kind in rule.kinds]
    free_on = max(ends, default=date.min) + timedelta(days=1)
    return (case.instant(free_on, time.min), False) if case.local(at).date() < free_on else None


DELAYS: Final[dict[str, Callable[[Case, GuardRule, datetime], Delay]]] = {
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
