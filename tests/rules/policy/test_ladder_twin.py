"""The ladder in columns and the ladder on paper agree, over random portfolios and broken sequences of days."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from huikuan.policy.rules.compile import compile_ladders
from huikuan.policy.rules.events import EVENTS, SIGNAL_KINDS
from huikuan.policy.rules.schema import (
    Amount,
    ClimbMode,
    Ladder,
    Repeat,
    Scope,
    Step,
    TaskSpec,
    Trigger,
)
from tests.rules.policy.portfolio import CONTACTS, ON_ACCOUNT, climb_all
from tests.twins.ladder import Debt, Happened, Pause, State, decide, overdue

START = date(2026, 1, 10)
SPAN = 75
days = st.integers(0, SPAN)


class OneLadder:
    """As much of a policy as compiling asks for."""

    def __init__(self, ladder: Ladder):
        self.ladders = {ladder.code: ladder}


@st.composite
def triggers(draw, *, is_first: bool):
    kinds = ["days", "days", "days", "month", "amount", "count", "event", "silent", "unread", "signal"]
    kind = draw(st.sampled_from(kinds + ([] if is_first else ["since"])))
    number = draw(st.integers(0, 40))
    return {
        "days": Trigger(label=f"+{number}", anchor_days=number),
        "month": Trigger(label="month end", end_of_month_days=number),
        "amount": Trigger(label="overdue", overdue_at_least=Amount(Decimal(number))),
        "count": Trigger(label="2 unpaid", unpaid_count_at_least=1 + number % 3, anchor_days=number),
        "since": Trigger(label="previous", since_days=1 + number % 9),
        "event": Trigger(label="event", after_events=((EVENTS[number % len(EVENTS)], number % 5),)),
        "silent": Trigger(label="silent", silent_days=1 + number % 20),
        "unread": Trigger(label="unread", unread_hours=24, anchor_days=number % 7),
        "signal": Trigger(label="signal", signals=SIGNAL_KINDS[: 1 + number % 3]),
    }[kind]


@st.composite
def ladders(draw):
    count = draw(st.integers(1, 6))
    steps = []
    for position in range(count):
        repeat = draw(
            st.none()
            | st.builds(Repeat, st.integers(1, 9), st.none() | st.integers(20, 60), st.none() | st.integers(1, 4))
        )
        steps.append(
            Step(
                code=f"step_{position}",
                rank=10 * (position + 1),
                trigger=draw(triggers(is_first=position == 0)),
                task=TaskSpec("CALL", "collector"),
                is_formal=draw(st.booleans()) and draw(st.booleans()),
                repeat=repeat if draw(st.booleans()) else None,
                min_gap_days=draw(st.sampled_from([0, 0, 1, 3, 7])),
                only_in_months=draw(st.sampled_from([None, None, None, (1, 2), (3,)])),
                grades=draw(st.sampled_from([None, None, None, ("A",), ("B", "C")])),
                no_response=draw(st.sampled_from([False, False, True])),
                fruitless_at_least=draw(st.sampled_from([None, None, None, 2])),
            )
        )
    return Ladder(
        code="tried",
        steps=tuple(steps),
        climb=draw(st.sampled_from(list(ClimbMode))),
        scope=draw(st.sampled_from([Scope.CUSTOMER, Scope.CUSTOMER, Scope.OLDEST_ISSUE])),
        minimum=Amount(Decimal(draw(st.sampled_from([0, 0, 5])))),
    )


@st.composite
def debts(draw):
    owed = []
    for number in range(draw(st.integers(1, 3))):
        issued = START + timedelta(days=draw(st.integers(-40, 30)))
        amount = draw(st.integers(1, 3000))
        paid = [
            (issued + timedelta(days=draw(days)), amount if draw(st.booleans()) else max(amount // 2, 1))
            for _ in range(draw(st.sampled_from([0, 0, 1])))
        ]
        owed.append(Debt(number, issued, issued + timedelta(days=draw(st.integers(0, 30))), amount, paid))
    return owed


@st.composite
def pauses(draw):
    found = []
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        starts = START + timedelta(days=draw(days))
        number = draw(st.sampled_from([None, 0, 1]))
        part = draw(st.none() | st.integers(1, 2000)) if number is not None else None
        found.append(Pause(starts, starts + timedelta(days=draw(st.integers(0, 20))), number, part))
    return found


def customers(strategy):
    return st.lists(strategy, min_size=10, max_size=10).map(lambda each: dict(enumerate(each, start=1)))


@st.composite
def lives(draw):
    """Return when a customer reacts, what it has on account, and its grade."""
    inbound = START + timedelta(days=draw(days)) if draw(st.booleans()) else None
    return inbound, draw(st.sampled_from([0, 0, 500])), draw(st.sampled_from("ABCN")), draw(st.integers(0, 3))


@st.composite
def happenings(draw):
    """Return what happens to a customer in the time that is looked at."""
    return Happened(
        events={event: START + timedelta(days=draw(days)) for event in draw(st.sets(st.sampled_from(EVENTS)))},
        signals=draw(st.sets(st.sampled_from(SIGNAL_KINDS[:4]))),
        unread_hours=draw(st.sampled_from([None, 1, 24, 90])),
        is_posted=draw(st.booleans()),
        arrived_on=draw(st.none() | days.map(lambda offset: START + timedelta(days=offset))),
    )


def until(happened, day):
    """Return what has happened by the day."""
    return replace(happened, events={event: on for event, on in happened.events.items() if on <= day})


@settings(max_examples=settings.default.max_examples // 4)
@given(
    ladder=ladders(),
    owed=customers(debts()),
    held=customers(pauses()),
    life=customers(lives()),
    fate=customers(happenings()),
    run_days=st.sets(days, min_size=5, max_size=12),
)
def test_columns_and_paper_agree_on_every_day(ladder, owed, held, life, fate, run_days):
    frames = compile_ladders(OneLadder(ladder), currencies=["CNY", "USD"])
    states = {customer: State() for customer in owed}
    for offset in sorted(run_days):
        day = START + timedelta(days=offset)
        for customer, state in states.items():
            still_late = overdue(owed[customer], [], day)
            if not still_late:
                states[customer] = State()  # the spell is over
            elif state.opened_on is None:
                states[customer] = State(opened_on=day)
        told = {customer: (inbound if inbound and inbound <= day else None) for customer, (inbound, *_) in life.items()}
        is_sent = {customer: (offset + customer) % 3 > 0 for customer in owed}
        happened = {customer: until(each, day) for customer, each in fate.items()}
        climbed = climb_day(ladder, frames, owed, held, life, happened, states, told, is_sent, day)
        expected = {
            customer: decide(
                owed[customer],
                held[customer],
                states[customer],
                ladder=ladder,
                day=day,
                on_account=life[customer][1],
                grade=life[customer][2],
                fruitless=life[customer][3],
                inbound_on=told[customer],
                is_sent=is_sent[customer],
                happened=happened[customer],
            )
            for customer in owed
        }
        assert_same(climbed, expected)
        for customer, answer in expected.items():
            take(states, customer, answer, day)
        again = climb_day(ladder, frames, owed, held, life, happened, states, told, is_sent, day)
        assert again.decisions.is_empty() or not set(again.decisions["customer_id"]) & {
            customer for customer, answer in expected.items() if answer.taken
        }


def climb_day(ladder, frames, owed, held, life, happened, states, told, is_sent, day):
    contacts = pl.DataFrame(
        [(customer, life[customer][3], told[customer]) for customer in owed], schema=CONTACTS, orient="row"
    )
    on_account = pl.DataFrame(
        [(customer, "CNY", life[customer][1]) for customer in owed], schema=ON_ACCOUNT, orient="row"
    )
    return climb_all(
        owed,
        frames=frames,
        ladder=ladder.code,
        day=day,
        pauses=held,
        states=states,
        grades={customer: life[customer][2] for customer in owed},
        contacts=contacts,
        on_account=on_account,
        happened=happened,
        is_sent=is_sent,
    )


def take(states, customer, answer, day):
    if answer.taken is None:
        return
    before = states[customer]
    if before.last is not None:
        is_repeat = answer.taken.code == before.last.code
        assert answer.taken.rank > before.last.rank or is_repeat, "a lower step followed a higher one"
        assert before.last_on < day, "two steps on one day"
    states[customer] = State(before.opened_on, answer.taken, day, answer.occurrence)


def assert_same(climbed, expected):
    decisions = climbed.decisions
    for customer, answer in expected.items():
        mine = decisions.filter(pl.col("customer_id") == customer)
        taken = mine.filter(pl.col("action") != "SKIPPED").select("step_code", "occurrence").rows()
        assert taken == ([(answer.taken.code, answer.occurrence)] if answer.taken else []), customer
        skipped = mine.filter(pl.col("action") == "SKIPPED").sort("rank")["step_code"].to_list()
        assert skipped == [step.code for step in answer.passed_over], customer
        assert not any(step.is_formal for step in answer.passed_over), "a formal step was passed over"
    if not climbed.standing.is_empty():
        assert climbed.standing["next_action_on"].null_count() == 0
