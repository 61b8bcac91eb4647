"""A ladder climbed item by item, on paper: every item for itself, then one letter for those who have something due."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from huikuan.policy.rules.schema import Ladder, Policy, Step
from tests.twins import ladder
from tests.twins.day import Client, happened_to, ladder_of, letter_of
from tests.twins.ladder import Debt, Happened, State


@dataclass
class Items:
    """How far the items of a client have climbed, and which were promised a message that has not left."""

    states: dict[int, State] = field(default_factory=dict)
    unsent: set[int] = field(default_factory=set)


@dataclass
class Contact:
    """What is said to a client on a day: the step that heads it, the items with theirs, and what they passed over."""

    head: Step
    items: dict[int, tuple[str, int]]
    passed_over: set[tuple[int, str]]


def tell(client: Client, items: Items, *, policy: Policy, day: date) -> Contact | None:
    """Decide for the items of one client, and move them on."""
    alive = [debt for debt in client.debts if debt.issued_on <= day and debt.open_on(day) > 0]
    if not alive:
        return None
    worst = max(((day - debt.due_on).days for debt in alive if debt.due_on < day), default=0)
    letter = letter_of(client, alive, worst, policy, day)
    _segment, steps, climbs_as = ladder_of(client, letter, policy)
    shares = money_for(client, day)
    due = {}
    for debt in alive:
        state = items.states.get(debt.number, State())
        since = max(filter(None, [client.state.opened_on, debt.due_on]))
        answer = ladder.decide(
            [debt], client.pauses, State(since, state.last, state.last_on, state.occurrence), ladder=steps, day=day,
            on_account=shares.get(debt.number, 0), grade=climbs_as, fruitless=client.fruitless,
            inbound_on=client.inbound_on, is_sent=debt.number not in items.unsent,
            happened=happened_to_item(client, state, day),
        )  # fmt: skip
        if answer.taken:
            due[debt.number] = answer
    if not due:
        return None
    asked = {number: (answer.taken, answer.occurrence) for number, answer in due.items()}
    late = {debt.number for debt in ladder.overdue(client.debts, client.pauses, day)}
    for number in items.unsent & late - due.keys():
        debt, state = client.debts[number], items.states[number]
        claimed = debt.open_on(day) - ladder.held_on(debt, client.pauses, day) - shares.get(number, 0)
        if claimed > 0 and claimed >= (steps.minimum.minor("CNY") or 0) and not stands_alone(state.last):
            asked[number] = (state.last, state.occurrence)
    head, listed = headed(asked, steps)
    for number in due.keys() & listed.keys():
        items.states[number] = State(None, due[number].taken, day, due[number].occurrence)
    return Contact(
        head,
        {number: (step.code, occurrence) for number, (step, occurrence) in listed.items()},
        {(number, step.code) for number in due.keys() & listed.keys() for step in due[number].passed_over},
    )


def headed(asked: dict[int, tuple[Step, int]], steps: Ladder) -> tuple[Step, dict[int, tuple[Step, int]]]:
    """Return the step that heads the contact, and the items that it lists."""
    alone = [step.rank for step, _ in asked.values() if stands_alone(step)]
    rank = max(alone) if alone else max(step.rank for step, _ in asked.values())
    listed = {
        number: (step, occurrence)
        for number, (step, occurrence) in asked.items()
        if step.rank == rank or (step.rank < rank and not stands_alone(step))
    }
    return next(step for step in steps.steps if step.rank == rank), listed


def stands_alone(step: Step) -> bool:
    """Tell whether no other contact may swallow the step."""
    return step.is_formal or (step.task is not None and step.task.kind == "LETTER")


def money_for(client: Client, day: date) -> dict[int, int]:
    """Return what the money on account covers of each overdue item, the oldest first."""
    left, shares = client.on_account, {}
    owed = sorted(ladder.overdue(client.debts, client.pauses, day), key=lambda debt: (debt.due_on, debt.number))
    for debt in owed:
        free = debt.open_on(day) - ladder.held_on(debt, client.pauses, day)
        shares[debt.number] = min(left, free)
        left -= shares[debt.number]
    return shares


def happened_to_item(client: Client, state: State, day: date) -> Happened:
    """Return what happened to the client, and when the letter about this item arrived."""
    of_client = happened_to(client, day)
    is_posted = state.last is not None and state.last.code == "lawyers_letter"
    arrives = is_posted and client.post_days is not None and state.last_on is not None
    arrived_on = state.last_on + timedelta(days=client.post_days) if arrives else None
    return Happened(events=of_client.events, is_posted=is_posted, arrived_on=arrived_on)


def open_debts(client: Client, day: date) -> list[Debt]:
    """Return what is open on the day."""
    return [debt for debt in client.debts if debt.issued_on <= day and debt.open_on(day) > 0]
