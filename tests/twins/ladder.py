"""The ladder in plain Python, one customer and currency at a time, as a careful person would work it out on paper."""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta

from huikuan.policy.rules.schema import ClimbMode, Family, Ladder, Scope, Step


@dataclass
class Debt:
    """One item of the customer."""

    number: int
    issued_on: date
    due_on: date
    amount: int
    payments: list[tuple[date, int]] = field(default_factory=list)
    currency: str = "CNY"

    def open_on(self, day: date) -> int:
        return self.amount - sum(paid for paid_on, paid in self.payments if paid_on <= day)


@dataclass
class Pause:
    """A hold: on one item or (None) on everything; on part of it or (None) on all."""

    starts_on: date
    ends_on: date
    number: int | None = None
    part: int | None = None

    def runs_on(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on


@dataclass
class State:
    """How far the customer has climbed in this spell."""

    opened_on: date | None = None
    last: Step | None = None
    last_on: date | None = None
    occurrence: int = 0


@dataclass
class Happened:
    """What happened and what stands: events with their latest day, signals, hours unread; when the letter arrived."""

    events: dict[str, date] = field(default_factory=dict)
    signals: set[str] = field(default_factory=set)
    unread_hours: int | None = None
    is_posted: bool = False
    arrived_on: date | None = None

    def counts_from(self, state: "State") -> date | None:
        return self.arrived_on if self.is_posted else state.last_on


@dataclass
class Answer:
    """The step of the day, and what it passed over."""

    taken: Step | None
    passed_over: list[Step]
    occurrence: int = 0


def held_on(debt: Debt, pauses: list[Pause], day: date) -> int:
    """Return how much of the item is held on the day."""
    held = 0
    for pause in pauses:
        if pause.runs_on(day) and pause.number in {None, debt.number}:
            held += debt.open_on(day) if pause.part is None else pause.part
    return min(held, debt.open_on(day))


def overdue(debts: list[Debt], pauses: list[Pause], day: date) -> list[Debt]:
    """Return the items that are past their due day with something left to pursue."""
    return [d for d in debts if d.issued_on <= day and d.due_on < day and d.open_on(day) > held_on(d, pauses, day)]


def decide(
    debts: list[Debt],
    pauses: list[Pause],
    state: State,
    *,
    ladder: Ladder,
    day: date,
    on_account: int = 0,
    grade: str = "B",
    fruitless: int = 0,
    inbound_on: date | None = None,
    is_sent: bool = True,
    happened: Happened | None = None,
) -> Answer:
    """Return what is to be done today."""
    nothing = Answer(None, [])
    unpaid = [d for d in debts if d.issued_on <= day and d.open_on(day) > held_on(d, pauses, day)]
    late = overdue(debts, pauses, day)
    free = {d.number: d.open_on(day) - held_on(d, pauses, day) for d in unpaid}
    net_overdue = sum(free[d.number] for d in late) - on_account
    pursued = unpaid if ladder.scope is Scope.OLDEST_ISSUE else late
    if not pursued:
        return nothing
    anchor = min(d.issued_on if ladder.scope is Scope.OLDEST_ISSUE else d.due_on for d in pursued)
    asked = sum(free.values()) if ladder.scope is Scope.OLDEST_ISSUE else net_overdue
    if asked <= 0 or asked < (ladder.minimum.minor("CNY") or 0):
        return nothing
    if state.last_on is not None and state.last_on >= day:
        return nothing
    if ladder.climb is ClimbMode.ONE_PER_SENT and not is_sent:
        return nothing
    facts = {
        "overdue": net_overdue,
        "unpaid": sum(free.values()),
        "overdue_count": len(late),
        "unpaid_count": len(unpaid),
        "grade": grade,
        "fruitless": fruitless,
        "inbound_on": inbound_on,
        "anchor": anchor,
        "happened": happened or Happened(),
    }
    return _chosen(ladder, state, facts, day)


def _chosen(ladder: Ladder, state: State, facts: dict, day: date) -> Answer:
    last_rank = state.last.rank if state.last else 0
    above = [s for s in ladder.steps if s.trigger.family is Family.OVERDUE and s.rank > last_rank]
    due = [step for step in above if _has_come(step, ladder, state, facts, day)]
    strict = [step for step in due if step.is_formal or ladder.climb is not ClimbMode.LATEST]
    if strict:
        first = strict[0]
        if not _gap_is_over(first, state, day):
            return Answer(None, [])
        return Answer(first, [step for step in due if step.rank < first.rank])
    ready = [step for step in due if _gap_is_over(step, state, day)]
    if ready:
        highest = ready[-1]
        return Answer(highest, [step for step in due if step.rank < highest.rank])
    again = state.last
    if again is not None and again.repeat is not None and _comes_again(again, state, facts, day):
        return Answer(again, [], state.occurrence + 1)
    return Answer(None, [])


def _conditions(step: Step, state: State, facts: dict, day: date) -> bool:
    trigger = step.trigger
    silent_since = state.last_on or state.opened_on or facts["anchor"]
    answered = facts["inbound_on"] is not None and facts["inbound_on"] >= silent_since
    until = step.repeat.until_days if step.repeat else None
    happened = facts["happened"]
    return all(
        [
            trigger.signals is None or bool(happened.signals.intersection(trigger.signals)),
            trigger.unread_hours is None
            or (happened.unread_hours is not None and happened.unread_hours >= trigger.unread_hours),
            step.grades is None or facts["grade"] in step.grades,
            step.only_in_months is None or day.month in step.only_in_months,
            not (step.no_response and answered),
            step.fruitless_at_least is None or facts["fruitless"] >= step.fruitless_at_least,
            trigger.overdue_at_least is None or facts["overdue"] >= trigger.overdue_at_least.minor("CNY"),
            trigger.unpaid_at_least is None or facts["unpaid"] >= trigger.unpaid_at_least.minor("CNY"),
            trigger.overdue_count_at_least is None or facts["overdue_count"] >= trigger.overdue_count_at_least,
            trigger.unpaid_count_at_least is None or facts["unpaid_count"] >= trigger.unpaid_count_at_least,
            until is None or (day - facts["anchor"]).days <= until,
        ]
    )


def _has_come(step: Step, ladder: Ladder, state: State, facts: dict, day: date) -> bool:
    """Tell whether every part of the trigger holds today."""
    return (
        _conditions(step, state, facts, day)
        and _days_have_passed(step, facts, day)
        and _events_have_come(step, state, facts, day)
        and _is_long_since(step, ladder, state, facts, day)
    )


def _days_have_passed(step: Step, facts: dict, day: date) -> bool:
    trigger, anchor = step.trigger, facts["anchor"]
    if day < anchor or (trigger.anchor_days is not None and (day - anchor).days < trigger.anchor_days):
        return False
    if trigger.end_of_month_days is None:
        return True
    reached = anchor + timedelta(days=trigger.end_of_month_days)
    return day >= reached.replace(day=monthrange(reached.year, reached.month)[1])


def _events_have_come(step: Step, state: State, facts: dict, day: date) -> bool:
    for event, days in step.trigger.after_events:
        on = facts["happened"].events.get(event)
        if on is None or (day - on).days < days:
            return False
    if step.trigger.silent_days is None:
        return True
    quiet_since = max(filter(None, [facts["inbound_on"], state.opened_on or facts["anchor"]]))
    return (day - quiet_since).days >= step.trigger.silent_days


def _is_long_since(step: Step, ladder: Ladder, state: State, facts: dict, day: date) -> bool:
    if step.trigger.since_days is None:
        return True
    if step.trigger.since_step:
        before = ladder.step(step.trigger.since_step)
    else:
        before = [other for other in ladder.steps if other.rank < step.rank][-1]
    if state.last is None or state.last_on is None or state.last.rank < before.rank:
        return False
    since_on = facts["happened"].counts_from(state)
    return since_on is not None and (day - since_on).days >= step.trigger.since_days


def _gap_is_over(step: Step, state: State, day: date) -> bool:
    return state.last_on is None or (day - state.last_on).days >= step.min_gap_days


def _comes_again(step: Step, state: State, facts: dict, day: date) -> bool:
    repeat = step.repeat
    assert repeat is not None
    assert state.last_on is not None
    if repeat.max_count is not None and state.occurrence + 1 >= repeat.max_count:
        return False
    if not _conditions(step, state, facts, day) or not _gap_is_over(step, state, day):
        return False
    return (day - state.last_on).days >= repeat.every_days
