"""Over any portfolio and any days, the run in columns and the clerk on paper decide the same."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from huikuan.credit.rules.grading import BROKEN_PLANS
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.policy.reading.policy import default_policy
from huikuan.receivables.rules.reference import REFERENCE_SCHEMA
from huikuan.receivables.rules.terms import Terms, terms_table
from huikuan.runs.rules import facts as f
from huikuan.runs.rules.day import decide
from tests.twins.day import Client, happened_to, tell
from tests.twins.ladder import Debt, Pause, State

POLICY = default_policy()
CALENDAR = WorkingCalendar("CN")
START = date(2026, 3, 2)
DAILY = Terms(kind="PER_DAY", rate_ppb=500_000)
CAPPED = Terms(kind="PER_DAY", rate_ppb=1_234_567, grace_days=3, grace_mode="FORGIVING", cap_share_ppm=20_000)
TERMS = {1: DAILY, 2: CAPPED}


@st.composite
def debts(draw, first=-150, last=40):
    found = []
    for number in range(draw(st.integers(0, 4))):
        due_on = START + timedelta(days=draw(st.integers(first, last)))
        amount = draw(st.integers(1, 60) | st.integers(5_000, 9_000_000))
        left, payments = amount, []
        for _ in range(draw(st.integers(0, 2))):
            paid = draw(st.integers(1, left)) if left else 0
            if paid:
                payments.append((due_on + timedelta(days=draw(st.integers(-5, 90))), paid))
                left -= paid
        found.append(Debt(number, due_on - timedelta(days=draw(st.integers(0, 60))), due_on, amount, sorted(payments)))
    return found


@st.composite
def clients(draw, number, **due):
    owed = draw(debts(**due))
    pauses = [
        Pause(
            starts_on := START + timedelta(days=draw(st.integers(-10, 30))),
            starts_on + timedelta(days=draw(st.integers(0, 15))),
            *draw(st.sampled_from([(None, None), *((debt.number, part) for debt in owed for part in (None, 5_000))])),
        )
        for _ in range(draw(st.integers(0, 2)))
    ]
    return Client(
        number=number,
        debts=owed,
        pauses=pauses,
        on_account=draw(st.sampled_from([0, 0, 0, 7_000, 3_000_000])),
        industry=draw(st.sampled_from(["", "制造业", "trade"])),
        has_email=draw(st.booleans()),
        fruitless=draw(st.integers(0, 4)),
        inbound_on=draw(st.none() | st.integers(-5, 40).map(lambda days: START + timedelta(days=days))),
        broken={
            event: START + timedelta(days=draw(st.integers(-5, 40)))
            for event in draw(st.sets(st.sampled_from(["promise_broken", "plan_broken"])))
        },
        post_days=draw(st.none() | st.integers(0, 9)),
        terms=draw(st.sampled_from([None, DAILY, CAPPED])),
    )


@st.composite
def stories(draw):
    people = [draw(clients(number)) for number in range(1, draw(st.integers(1, 3)) + 1)]
    day, days = START, []
    for _ in range(draw(st.integers(1, 5))):
        days.append(day)
        day += timedelta(days=draw(st.integers(1, 12)))
    return people, days


def item_id(client: Client, debt: Debt) -> int:
    return client.number * 100 + debt.number


def frame(schema, rows) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=dict(schema), orient="row")


def happenings(people: list[Client], day: date) -> dict[str, pl.DataFrame]:
    """Return what was broken, and when the letters of those who stand on a letter arrived."""
    told = [(client, happened_to(client, day)) for client in people]
    return {
        "events": frame(f.EVENTS, ((c.number, "CNY", kind, on) for c, h in told for kind, on in h.events.items())),
        "arrivals": frame(
            f.ARRIVALS,
            ((c.number, "CNY", c.state.last.code, c.state.last_on, h.arrived_on) for c, h in told if h.is_posted),
        ),
    }


def arrival(client: Client, state: State) -> date | None:
    """Return when the letter of the last step arrived."""
    return None if client.post_days is None else state.last_on + timedelta(days=client.post_days)


def facts_of(people: list[Client], day: date) -> f.Facts:
    """Return the frames that the queries would read on that morning."""
    terms_id = {None: None, DAILY: 1, CAPPED: 2}
    return f.Facts(
        items=frame(
            f.ITEMS,
            (
                (item_id(c, d), c.number, "CNY", "INVOICE", None, d.issued_on, d.due_on, d.amount, d.open_on(day),
                 terms_id[c.terms], None)
                for c in people for d in c.debts if d.issued_on <= day and d.open_on(day) > 0
            ),
        ),
        customers=frame(
            f.CUSTOMERS,
            (
                (c.number, f"C{c.number}", None, "", c.industry, "", "CN", "Asia/Shanghai", None, None, 0, 0, 0, 0,
                 None, None, None, None)
                for c in people
            ),
        ),
        on_account=frame(f.ON_ACCOUNT, ((c.number, "CNY", c.on_account) for c in people if c.on_account)),
        holds=frame(
            f.HOLDS,
            (
                (c.number, None if p.number is None else item_id(c, c.debts[p.number]), "MANUAL", p.part, p.starts_on,
                 p.ends_on)
                for c in people for p in c.pauses if p.runs_on(day)
            ),
        ),
        broken_plans=frame(
            BROKEN_PLANS,
            (
                (c.number, c.broken["plan_broken"])
                for c in people if c.broken.get("plan_broken", date.max) <= day
            ),
        ),
        contacts=frame(f.CONTACTS, ((c.number, c.fruitless, None, c.inbound_on, None) for c in people)),
        cases=frame(
            f.CASES,
            (
                (c.number, c.number, c.state.opened_on, None, c.stage, None, "", day)
                for c in people if c.state.opened_on
            ),
        ),
        balances=frame(
            f.BALANCES,
            (
                (c.number, c.number, c.number, "CNY", 0, 0, 0, 0, 0, None, c.state.last.code if c.state.last else "",
                 c.state.last.rank if c.state.last else 0, c.state.last_on, c.state.occurrence)
                for c in people if c.state.opened_on
            ),
        ),
        **happenings(people, day),
        marks=frame(f.MARKS, ((n, c.number, kind, day) for n, c in enumerate(people) for kind in c.marks)),
    )  # fmt: skip


def details_of(people: list[Client], day: date) -> f.Details:
    rows = [(item_id(c, d), paid, on) for c in people for d in c.debts for on, paid in d.payments if on <= day]
    return f.Details(
        allocations=pl.DataFrame(rows, schema=dict(f.ALLOCATIONS), orient="row"),
        terms=terms_table(TERMS),
        reference=pl.DataFrame(schema=REFERENCE_SCHEMA),
        reach=pl.DataFrame([(c.number, c.has_email, False) for c in people], schema=dict(f.REACH), orient="row"),
    )


def setting_of(day: date, previous_on: date | None) -> f.Setting:
    return f.Setting(
        entity_id=1, business="SALE", time_zone="Asia/Shanghai", as_of=day, previous_on=previous_on,
        now=datetime(day.year, day.month, day.day, tzinfo=UTC),
        managers=pl.DataFrame(schema={"collector_id": pl.Int64, "manager_id": pl.Int64}),
        channels=frozenset({"EMAIL"}),
    )  # fmt: skip


def rows_of(frame: pl.DataFrame, customer: int, *columns: str) -> list[tuple]:
    return sorted(frame.filter(pl.col("customer_id") == customer).select(columns).rows())


@settings(max_examples=40)
@given(stories())
def test_columns_and_paper_decide_the_same_day_after_day(story):
    people, days = story
    previous_on = None
    for day in days:
        decided = decide(
            facts_of(people, day), details_of(people, day), setting=setting_of(day, previous_on), policy=POLICY,
            calendar=CALENDAR,
        )  # fmt: skip
        marks = decided.stand.marks
        for client in people:
            number, mark_before = client.number, client.marks
            told = tell(client, policy=POLICY, day=day, previous_on=previous_on)
            assert rows_of(decided.decisions, number, "step_code", "action", "occurrence") == sorted(told.steps)
            assert rows_of(decided.work.tasks, number, "kind", "step_code") == sorted(told.tasks)
            assert rows_of(decided.work.deliveries, number, "step_code") == sorted((step,) for step in told.mails)
            assert bool(rows_of(decided.cases.opened, number, "stage")) is told.opens
            assert bool(rows_of(decided.cases.closed, number, "case_id")) is told.closes
            assert {kind for (kind,) in rows_of(marks, number, "kind")} == told.marks
            assert {kind for (kind,) in rows_of(decided.marks.begun, number, "kind")} == told.marks - mark_before
            if told.opens:
                assert rows_of(decided.cases.opened, number, "stage") == [(told.stage,)]
            if told.letter:
                assert rows_of(decided.stand.customers, number, "letter") == [(told.letter,)]
            if told.penalty is not None:
                taken = decided.decisions.filter(pl.col("is_overdue_step") & (pl.col("action") != "SKIPPED"))
                assert rows_of(taken, number, "penalty_minor") == [(told.penalty,)]
        previous_on = day
