"""The day in plain Python, one customer after another: what a careful clerk with the books before him would decide."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from huikuan.policy.rules.schema import Family, Ladder, Policy
from huikuan.receivables.rules.terms import Terms
from tests.twins import grade as grades
from tests.twins import ladder, penalty
from tests.twins.ladder import Debt, Happened, Pause, State

STAGES = ["REMINDER", "COLLECTION", "FORMAL", "LEGAL", "AGENCY"]


@dataclass
class Client:
    """One customer with everything of his, all in one currency."""

    number: int
    debts: list[Debt]
    pauses: list[Pause] = field(default_factory=list)
    on_account: int = 0
    industry: str = ""
    has_email: bool = True
    fruitless: int = 0
    inbound_on: date | None = None
    broken: dict[str, date] = field(default_factory=dict)  # promise_broken, plan_broken: the latest day
    post_days: int | None = None  # how long its letters take; None: they come back
    terms: Terms | None = None
    state: State = field(default_factory=State)
    stage: str = ""
    marks: frozenset[str] = frozenset()


@dataclass
class Told:
    """What is decided for one customer."""

    letter: str | None = None
    marks: frozenset[str] = frozenset()
    opens: bool = False
    closes: bool = False
    stage: str = ""
    steps: list[tuple[str, str, int]] = field(default_factory=list)  # step, action, occurrence
    tasks: list[tuple[str, str]] = field(default_factory=list)  # kind, step
    mails: list[str] = field(default_factory=list)  # step
    penalty: int | None = None


def tell(client: Client, *, policy: Policy, day: date, previous_on: date | None) -> Told:
    """Decide for one customer, and move his case and ladder on."""
    alive = [debt for debt in client.debts if debt.issued_on <= day and debt.open_on(day) > 0]
    late = [debt for debt in alive if debt.due_on < day]
    told = Told()
    worst = max(((day - debt.due_on).days for debt in late), default=0)
    told.marks = _marks(client, worst, policy, day)
    if late and client.state.opened_on is None:
        told.opens, client.stage = True, STAGES[0]
    if not late and client.state.opened_on is not None:
        told.closes, client.state, client.stage = True, State(), ""
    if alive:
        told.letter = letter_of(client, alive, worst, policy, day)
        climbed = ladder_of(client, told.letter, policy)
        answer = _climb(client, climbed, told, day)
        after = previous_on or day - timedelta(days=1)
        _upcoming(client, climbed, told, goes_out=answer.taken is not None, day=day, after=after)
        if answer.taken:
            client.state.last, client.state.last_on = answer.taken, day
            client.state.occurrence = answer.occurrence
            if answer.taken.stage:
                client.stage = max(client.stage, answer.taken.stage, key=STAGES.index)
            told.penalty = _penalty(client, late, day)
    if told.opens:
        client.state.opened_on = day
    told.stage, client.marks = client.stage, told.marks
    return told


def letter_of(client: Client, alive: list[Debt], worst: int, policy: Policy, day: date) -> str:
    broken = client.broken.get("plan_broken")
    broken = broken if broken is not None and broken <= day else None  # the books do not know the future
    facts = {
        "size_class": "", "known_since": min(debt.issued_on for debt in alive), "settled_count": 0, "late_count": 0,
        "amount_minor_sum": 0, "amount_days_sum": 0, "worst_days": worst, "plan_broken_on": broken,
        "override_letter": None, "industry": client.industry, "reputation": "",
    }  # fmt: skip
    return grades.grade(facts, policy.grade, day)["letter"]


def ladder_of(client: Client, letter: str, policy: Policy) -> tuple[str, Ladder, str]:
    """Return segment, ladder and the letter he climbs as."""
    climbs_as = policy.grade.new_climbs_as if letter == "N" else letter
    facts = {"grade": climbs_as, "industry": client.industry}
    for segment in policy.segments:
        if all(facts.get(name) in values for name, values in segment.match.items()):
            return segment.code, policy.ladders[segment.ladder], climbs_as
    raise AssertionError


def _climb(client: Client, climbed: tuple[str, Ladder, str], told: Told, day: date) -> ladder.Answer:
    _, steps, letter = climbed
    answer = ladder.decide(
        client.debts, client.pauses, client.state, ladder=steps, day=day, on_account=client.on_account, grade=letter,
        fruitless=client.fruitless, inbound_on=client.inbound_on, happened=happened_to(client, day),
    )  # fmt: skip
    told.steps += [(step.code, "SKIPPED", 0) for step in answer.passed_over]
    if answer.taken:
        told.steps.append((answer.taken.code, answer.taken.action, answer.occurrence))
        _work(client, answer.taken, told)
    elif _gate(client, steps, day) == "COVERED":
        told.tasks.append(("REVIEW", "allocate"))
    return answer


def happened_to(client: Client, day: date) -> Happened:
    """Return what the books say of promises, plans and the letter that was sent last."""
    state = client.state
    in_spell = {
        event: on for event, on in client.broken.items() if state.opened_on is not None and state.opened_on <= on <= day
    }
    is_posted = state.last is not None and state.last.code == "lawyers_letter"
    arrived_on = None
    if is_posted and client.post_days is not None and state.last_on is not None:
        arrived_on = state.last_on + timedelta(days=client.post_days)
    return Happened(events=in_spell, is_posted=is_posted, arrived_on=arrived_on)


def _work(client: Client, step, told: Told) -> None:
    if step.task:
        told.tasks.append((step.task.kind, step.code))
    if step.notice and "EMAIL" in step.notice.channels:
        if client.has_email:
            told.mails.append(step.code)
        else:
            told.tasks.append(("REPAIR", "repair"))


def _gate(client: Client, steps: Ladder, day: date) -> str:
    """Return why nothing overdue is pursued; "" when something is."""
    late = ladder.overdue(client.debts, client.pauses, day)
    if not late:
        return "QUIET"
    net = sum(d.open_on(day) - ladder.held_on(d, client.pauses, day) for d in late) - client.on_account
    if net <= 0:
        return "COVERED"
    return "QUIET" if net < (steps.minimum.minor("CNY") or 0) else ""


def _upcoming(
    client: Client,
    climbed: tuple[str, Ladder, str],
    told: Told,
    *,
    goes_out: bool,
    day: date,
    after: date,
) -> None:
    """Say what is said before the due day: the highest moment that has come, once."""
    _, steps, letter = climbed
    is_pursued = not _gate(client, steps, day)
    due = []
    for step in steps.steps:
        if step.trigger.family is not Family.UPCOMING or (step.grades and letter not in step.grades):
            continue
        if is_pursued and not step.while_overdue:
            continue
        if any(_has_come(step, debt, client, day, after) for debt in client.debts):
            due.append(step)
    for step in due:
        leads = step is due[-1] and not goes_out
        told.steps.append((step.code, step.action if leads else "SKIPPED", 0))
        if leads:
            _work(client, step, told)


def _has_come(step, debt: Debt, client: Client, day: date, after: date) -> bool:
    is_alive = debt.due_on >= day and debt.issued_on <= day
    if not is_alive or debt.open_on(day) <= ladder.held_on(debt, client.pauses, day):
        return False
    trigger = step.trigger
    if trigger.before_due_days is not None:
        moment = debt.due_on - timedelta(days=trigger.before_due_days)
    elif trigger.after_issue_days is not None:
        moment = debt.issued_on + timedelta(days=trigger.after_issue_days)
    else:
        term = (debt.due_on - debt.issued_on).days
        moment = debt.issued_on + timedelta(days=term * trigger.share_of_term_ppm // 1_000_000)
    in_season = step.only_in_months is None or moment.month in step.only_in_months
    return in_season and after < moment <= day


def _penalty(client: Client, late: list[Debt], day: date) -> int:
    answers = [
        penalty.penalty(
            due_on=debt.due_on,
            amount_minor=debt.amount,
            payments=debt.payments,
            terms=client.terms,
            changes=[],
            as_of=day,
        )
        for debt in late
    ]
    return sum(answer.penalty_minor + answer.fee_minor for answer in answers)


def _marks(client: Client, worst: int, policy: Policy, day: date) -> frozenset[str]:
    rules, marks = policy.risk, set()
    if worst >= rules.overdue_days:
        marks.add("OVERDUE")
        if "STOP_ORDERS" in client.marks or _broke_every_month(client, policy, day):
            marks.add("STOP_ORDERS")
    if worst > rules.high_risk_days:
        marks.add("HIGH_RISK")
    if worst > rules.long_term_days:
        marks.add("LONG_TERM")
    if worst > rules.blacklist_days:
        marks.add("BLACKLIST")
    return frozenset(marks)


def _broke_every_month(client: Client, policy: Policy, day: date) -> bool:
    """Walk the days of the last complete months and count the items that were overdue on any of them."""
    first = day.replace(day=1)
    for _ in range(policy.risk.stop_orders_months):
        last = first - timedelta(days=1)
        first = last.replace(day=1)
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        overdue = [d for d in client.debts if d.open_on(day) > 0 and any(d.due_on < each for each in days)]
        if len(overdue) < policy.risk.stop_orders_items:
            return False
    return True
