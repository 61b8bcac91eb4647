"""Over any portfolio and any days, items that climb one by one are decided the same in columns and on paper."""

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from huikuan.policy.reading.policy import read_policy
from huikuan.policy.rules.schema import ClimbMode
from huikuan.runs.rules import facts as f
from huikuan.runs.rules.day import decide
from tests.rules.runs import test_day_twin as one
from tests.twins.day import Client, State
from tests.twins.item_scope import Items, open_debts, tell

TEXT = """
format: 1
name: single
segments: [{code: all, ladder: single}]
ladders:
  single:
    scope: item
    climb: CLIMB
    minimum: "50.00"
    steps:
      - {code: friendly, rank: 1, when: {days_overdue: 3}, notice: {template: friendly, channels: [EMAIL]}}
      - code: again
        rank: 2
        when: {days_overdue: 7}
        repeat: {every_days: 4, until_days: 12}
        notice: {template: follow_up, channels: [EMAIL]}
      - code: demand
        rank: 3
        when: {days_overdue: 12}
        formal: true
        notice: {template: demand, channels: [EMAIL]}
      - {code: call, rank: 4, when: {days_overdue: 15, no_response: true}, task: {kind: CALL, owner: collector}}
      - {code: lawyers_letter, rank: 5, when: {days_overdue: 18}, task: {kind: LETTER, owner: legal}}
      - {code: visit, rank: 6, when: {days_since: {step: lawyers_letter, days: 3}}, task: {kind: VISIT, owner: legal}}
      - {code: review, rank: 7, when: {days_overdue: 25}, notice: {template: follow_up, channels: [EMAIL]}}
"""
SINGLE = {climb: read_policy(TEXT.replace("CLIMB", climb.value)).policy for climb in ClimbMode}
assert all(SINGLE.values())


@st.composite
def stories(draw):
    """Four customers whose items fall due close to one another, and days on which something is due for several."""
    people = [draw(one.clients(number, first=-22, last=6)) for number in range(1, 5)]
    day, days = one.START, []
    for _ in range(6):
        days.append(day)
        day += timedelta(days=draw(st.integers(1, 4)))
    return people, days


def facts_of(people: list[Client], items: dict[int, Items], day: date) -> f.Facts:
    """Return the frames of the morning, with what is known of the single items."""
    stood = [
        (c, c.debts[number], state) for c in people for number, state in items[c.number].states.items() if state.last
    ]
    posted = {
        (c.number, "CNY", state.last.code, state.last_on, one.arrival(c, state))
        for c, _debt, state in stood if state.last.code == "lawyers_letter"
    }  # fmt: skip
    return replace(
        one.facts_of(people, day),
        arrivals=one.frame(f.ARRIVALS, posted),
        item_steps=one.frame(
            f.ITEM_STEPS,
            (
                (c.number, "CNY", one.item_id(c, debt), s.last.code, s.last.rank, s.occurrence, s.last_on)
                for c, debt, s in stood if debt.open_on(day) > 0
            ),
        ),
        climbed_by_item=one.frame(f.CLIMBED_BY_ITEM, {(c.number, "CNY") for c, _debt, _state in stood}),
        unsent_items=one.frame(
            f.UNSENT_ITEMS,
            (
                (c.number, c.number, "CNY", one.item_id(c, c.debts[number]), True)
                for c in people for number in items[c.number].unsent
            ),
        ),
    )  # fmt: skip


@settings(max_examples=12)
@given(stories(), st.sampled_from(list(ClimbMode)), st.data())
def test_columns_and_paper_decide_the_same_of_every_item(story, climb, data):
    people, days = story
    policy, previous_on = SINGLE[climb], None
    items = {client.number: Items() for client in people}
    for day in days:
        decided = decide(
            facts_of(people, items, day), one.details_of(people, day), setting=one.setting_of(day, previous_on),
            policy=policy, calendar=one.CALENDAR,
        )  # fmt: skip
        for client in people:
            of_client = items[client.number]
            contact = tell(client, of_client, policy=policy, day=day)
            _agree(decided, client, contact)
            _go_on(client, of_client, contact, day)
            if contact and contact.head.notice and data.draw(st.booleans()):
                of_client.unsent |= contact.items.keys()
            else:
                of_client.unsent -= contact.items.keys() if contact else set()
        previous_on = day


def _agree(decided, client, contact):
    made = decided.decisions.filter(pl.col("is_by_item") & (pl.col("customer_id") == client.number)).to_dicts()
    kept = decided.by_item.steps.filter(pl.col("customer_id") == client.number)
    if contact is None:
        assert (made, kept.height) == ([], 0)
        return
    assert [(each["step_code"], each["action"]) for each in made] == [(contact.head.code, contact.head.action)]
    said = {each["item_id"] % 100: (each["step_code"], each["occurrence"]) for each in made[0]["item_steps"]}
    assert said == contact.items
    passed_over = kept.filter(pl.col("action") == "SKIPPED").select("item_id", "step_code").rows()
    assert {(item_id % 100, code) for item_id, code in passed_over} == contact.passed_over


def _go_on(client, of_client, contact, day):
    """Open the case when anything is overdue, close it when nothing is; a new spell begins anew."""
    late = any(debt.due_on < day for debt in open_debts(client, day))
    if late and client.state.opened_on is None:
        client.state.opened_on, client.stage = day, "REMINDER"
    if not late and client.state.opened_on is not None:
        client.state = State()
        of_client.states.clear()
        of_client.unsent.clear()
    if contact:
        assert set(of_client.states) >= set(contact.items)
