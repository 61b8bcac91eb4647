"""Stories of the ladder, each a table of days."""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest

from huikuan.policy.reading.policy import default_policy, read_policy
from huikuan.policy.rules.compile import compile_ladders
from huikuan.policy.rules.schema import Policy
from tests.rules.policy.portfolio import CONTACTS, ON_ACCOUNT, climb_all
from tests.twins.ladder import Debt, Pause, State

DEFAULT = default_policy()


def policy_of(*steps: str, climb="latest", scope="customer", minimum="0") -> Policy:
    """Return a policy of one ladder: each step as `code | when | more`."""
    lines = [
        f"    - {{code: {code.strip()}, rank: {10 * number}, when: {{{when.strip()}}}, "
        f"task: {{kind: CALL, owner: collector}}{more.strip() and ', ' + more.strip()}}}"
        for number, (code, when, more) in enumerate(((step + "|").split("|")[:3] for step in steps), start=1)
    ]
    head = ["format: 1", "name: tried", "segments: [{code: default, ladder: tried}]", "ladders:", "  tried:"]
    settings = [f"    climb: {climb}", f"    scope: {scope}", f"    minimum: {minimum}", "    steps:"]
    reading = read_policy("\n".join([*head, *settings, *lines]))
    assert not reading.flaws, [str(flaw) for flaw in reading.flaws]
    return reading.policy


class Life:
    """One customer climbing one ladder, run by run."""

    def __init__(self, policy: Policy, *debts: Debt, ladder="tried", **settings):
        self.policy, self.debts, self.ladder, self.settings = policy, list(debts), ladder, settings
        self.frames = compile_ladders(policy, currencies=["CNY", "USD"])
        self.pauses: list[Pause] = []
        self.state = State(opened_on=date(2026, 1, 1))

    def run(self, day: str, **more):
        """Run the day and remember the step. Returns the codes taken and passed over."""
        on = date.fromisoformat(day)
        self.climbed = climb_all(
            {1: self.debts},
            frames=self.frames,
            ladder=self.ladder,
            day=on,
            pauses={1: self.pauses},
            states={1: self.state},
            review_every_days=self.policy.review_every_days,
            **{**self.settings, **more},
        )
        taken = self.climbed.decisions.filter(pl.col("action") != "SKIPPED")
        skipped = self.climbed.decisions.filter(pl.col("action") == "SKIPPED")
        for row in taken.iter_rows(named=True):
            step = self.policy.step(self.ladder, row["step_code"])
            self.state = State(self.state.opened_on, step, on, row["occurrence"])
        return taken["step_code"].to_list(), skipped["step_code"].to_list()

    def every_day(self, first: str, last: str) -> dict[str, str]:
        """Run every day and return the days on which something was taken."""
        on, found = date.fromisoformat(first), {}
        while on <= date.fromisoformat(last):
            taken, _ = self.run(on.isoformat())
            if taken:
                found[on.isoformat()] = taken[0]
            on += timedelta(days=1)
        return found

    @property
    def standing(self):
        return self.climbed.standing.row(0, named=True)


def debt(due="2026-01-01", amount=100_000, issued=None, number=0, payments=()):
    due_on = date.fromisoformat(due)
    issued_on = date.fromisoformat(issued) if issued else due_on - timedelta(days=30)
    return Debt(number, issued_on, due_on, amount, [(date.fromisoformat(on), paid) for on, paid in payments])


def test_the_default_ladder_walked_day_by_day_with_three_fruitless_contacts():
    life = Life(
        DEFAULT,
        debt("2026-01-31"),
        ladder="standard",
        contacts=pl.DataFrame([(1, 3, None)], schema=CONTACTS, orient="row"),
    )
    assert life.every_day("2026-02-01", "2026-06-01") == {
        "2026-02-01": "friendly",
        "2026-02-03": "first_call",
        "2026-02-07": "follow_up_call",
        "2026-02-10": "offer",
        "2026-02-20": "demand",
        "2026-03-02": "high_risk",
        "2026-03-07": "weekly",
        "2026-03-14": "weekly",
        "2026-03-21": "lawyers_letter",  # due on 17 March, and seven days after the contact before
        "2026-03-28": "route",
        "2026-05-01": "decision",
    }


def test_large_amounts_are_visited():
    life = Life(DEFAULT, debt("2026-01-31", amount=5_000_000), ladder="standard")
    assert "visit" in life.every_day("2026-02-01", "2026-03-20").values()


def test_a_first_run_over_an_old_debt_takes_the_formal_demand_and_makes_up_for_nothing():
    life = Life(DEFAULT, debt("2025-10-01"), ladder="standard")
    assert life.run("2026-01-15") == (["demand"], ["friendly", "first_call", "follow_up_call", "offer"])
    assert life.run("2026-01-16") == ([], [])
    assert life.standing["reason"] == "WAITING"
    assert life.run("2026-01-22") == (["decision"], ["high_risk"])


def test_days_without_a_run_bring_the_latest_step_only():
    life = Life(policy_of("a | days_overdue: 1", "b | days_overdue: 3", "c | days_overdue: 7"), debt())
    assert life.run("2026-01-02") == (["a"], [])
    assert life.run("2026-01-09") == (["c"], ["b"])
    assert life.run("2026-01-10") == ([], [])


def test_a_formal_step_missed_goes_first_and_the_later_ones_wait():
    life = Life(
        policy_of(
            "a | days_overdue: 1", "f | days_overdue: 20 | formal: true", "g | days_overdue: 30 | min_gap_days: 5"
        ),
        debt(),
    )
    life.run("2026-01-02")
    assert life.run("2026-02-15") == (["f"], [])
    assert life.every_day("2026-02-16", "2026-02-25") == {"2026-02-20": "g"}


def test_while_a_formal_step_waits_for_its_gap_nothing_else_goes():
    life = Life(
        policy_of("a | days_overdue: 1", "f | days_overdue: 5 | formal: true, min_gap_days: 3", "g | days_overdue: 6"),
        debt(),
    )
    assert life.every_day("2026-01-05", "2026-01-10") == {"2026-01-05": "a", "2026-01-08": "f", "2026-01-09": "g"}


def test_a_lower_step_never_follows_a_higher_one_when_the_oldest_item_is_paid():
    life = Life(
        policy_of("a | days_overdue: 1", "b | days_overdue: 10", "c | days_overdue: 20"),
        debt("2026-01-01", payments=[("2026-01-13", 100_000)]),
        debt("2026-01-10", number=1),
    )
    assert life.run("2026-01-12") == (["b"], ["a"])
    assert life.every_day("2026-01-13", "2026-01-31") == {"2026-01-30": "c"}


def test_the_same_day_twice_is_once():
    life = Life(policy_of("a | days_overdue: 1", "b | days_overdue: 3"), debt())
    assert life.run("2026-01-10") == (["b"], ["a"])
    assert life.run("2026-01-10") == ([], [])
    assert life.standing["reason"] == "DONE_TODAY"


def test_a_hold_pauses_and_resumes_without_a_burst():
    life = Life(policy_of("a | days_overdue: 1", "b | days_overdue: 3", "c | days_overdue: 7"), debt())
    life.pauses.append(Pause(date(2026, 1, 3), date(2026, 1, 20)))
    assert life.every_day("2026-01-02", "2026-01-20") == {"2026-01-02": "a"}
    assert (life.standing["reason"], life.standing["next_action"]) == ("HELD", "hold_ends")
    assert life.standing["next_action_on"] == date(2026, 1, 21)
    assert life.run("2026-01-21") == (["c"], ["b"])


def test_a_disputed_part_leaves_the_rest_to_be_pursued():
    life = Life(policy_of("a | days_overdue: 1, overdue_at_least: 600"), debt(amount=100_000))
    life.pauses.append(Pause(date(2026, 1, 1), date(2026, 1, 20), number=0, part=40_001))
    assert life.run("2026-01-10") == ([], [])
    life.pauses[0].part = 40_000
    assert life.run("2026-01-10") == (["a"], [])


def test_recurring_steps_keep_their_distance_end_and_count():
    weekly = "w | days_overdue: 5 | repeat: {every_days: 4, until_days: 20, max_count: 5}"
    life = Life(policy_of(weekly), debt())
    assert list(life.every_day("2026-01-02", "2026-03-01")) == ["2026-01-06", "2026-01-10", "2026-01-14", "2026-01-18"]
    assert life.state.occurrence == 3
    often = Life(policy_of("w | days_overdue: 5 | repeat: {every_days: 4, max_count: 5}"), debt())
    assert len(often.every_day("2026-01-02", "2026-04-01")) == 5
    assert often.standing["is_exhausted"]


def test_a_recurring_step_is_not_made_up_for_after_missed_days():
    life = Life(policy_of("w | days_overdue: 5 | repeat: {every_days: 4}"), debt())
    life.run("2026-01-06")
    assert life.run("2026-02-20") == (["w"], [])
    assert life.run("2026-02-21") == ([], [])
    assert (life.standing["next_action"], life.standing["next_action_on"]) == ("w", date(2026, 2, 24))


def test_one_step_per_run_starts_at_the_bottom_however_late():
    """OCA-01, OCA-08: month end after 30 days, then ten days after the step before."""
    policy = policy_of(
        "one | days_overdue: 10", "two | end_of_month_after: 30", "three | days_since_previous: 10", climb="one_per_run"
    )
    late = Life(policy, debt("2025-06-30"))
    assert late.run("2026-06-30") == (["one"], [])
    walked = Life(policy, debt("2025-06-30"))
    assert walked.every_day("2025-07-01", "2025-08-31") == {
        "2025-07-10": "one",
        "2025-07-31": "two",
        "2025-08-10": "three",
    }


def test_one_step_per_sent_waits_until_the_last_has_left():
    """TRY-03, TRY-40: neither raised while unsent nor twice on one day."""
    life = Life(policy_of("one | days_overdue: 5", "two | days_overdue: 20", climb="one_per_sent"), debt())
    assert life.run("2026-02-20") == (["one"], [])
    assert life.run("2026-02-20") == ([], [])
    assert life.run("2026-02-25", is_sent={1: False}) == ([], [])
    assert life.standing["reason"] == "UNSENT"
    assert life.run("2026-02-25", is_sent={1: True}) == (["two"], [])


def test_levels_by_the_oldest_unpaid_issue_date():
    """KB-01, KB-24: the clock is that of the oldest invoice still unpaid, due or not."""
    policy = policy_of(
        "one | days_after_issue: 5", "two | days_after_issue: 7", "three | days_after_issue: 11", scope="oldest_issue"
    )
    life = Life(policy, debt("2012-12-31", issued="2012-06-02"), debt("2012-12-31", issued="2012-06-03", number=1))
    assert life.every_day("2012-06-02", "2012-06-14") == {
        "2012-06-07": "one",
        "2012-06-09": "two",
        "2012-06-13": "three",
    }


def test_levels_by_what_is_unpaid_altogether():
    """KB-13."""
    policy = policy_of("one | unpaid_at_least: 260.00", "two | unpaid_at_least: 600", scope="oldest_issue")
    life = Life(policy, *(debt("2012-12-31", issued=f"2012-{6 + n:02}-01", amount=24_995, number=n) for n in range(3)))
    assert life.every_day("2012-06-01", "2012-08-02") == {"2012-07-01": "one", "2012-08-01": "two"}


@pytest.mark.parametrize(
    ("when", "debts", "is_due"),
    [
        ("days_overdue: 10, overdue_at_least: 100.00", [(20, 5_000)], False),
        ("days_overdue: 10, overdue_at_least: 100.00", [(5, 50_000)], False),
        ("days_overdue: 10, overdue_at_least: 100.00", [(10, 10_000)], True),
        ("overdue_count_at_least: 2", [(5, 1)], False),
        ("overdue_count_at_least: 2", [(5, 1), (1, 1)], True),
        ("age_over: 10", [(10, 1)], False),
        ("age_over: 10", [(11, 1)], True),
    ],
)
def test_every_part_of_a_trigger_must_hold(when, debts, is_due):
    """KB-14, KB-15, KB-18: edges included."""
    owed = [
        debt((date(2026, 2, 1) - timedelta(days=late)).isoformat(), amount, number=n)
        for n, (late, amount) in enumerate(debts)
    ]
    assert Life(policy_of(f"a | {when}"), *owed).run("2026-02-01") == ((["a"] if is_due else []), [])


def test_money_on_account_and_small_amounts_keep_the_customer_in_peace():
    """LAG-01: 51.00 reaches a minimum of 50.99."""
    policy = policy_of("a | days_overdue: 1", minimum="{CNY: 50.99}")
    on_account = pl.DataFrame([(1, "CNY", 100_000)], schema=ON_ACCOUNT, orient="row")
    covered = Life(policy, debt(), on_account=on_account)
    assert covered.run("2026-01-10") == ([], [])
    assert covered.standing["reason"] == "COVERED"
    assert Life(policy, debt(amount=5_000), debt(amount=100, number=1)).run("2026-01-10") == (["a"], [])
    small = Life(policy, debt(amount=5_098))
    assert small.run("2026-01-10") == ([], [])
    assert small.standing["reason"] == "BELOW_MINIMUM"


def test_an_amount_not_named_in_a_currency_is_never_reached():
    policy = policy_of("a | days_overdue: 1, overdue_at_least: {USD: 1}")
    life = Life(policy, debt(amount=10**9))
    assert life.run("2026-01-10") == ([], [])
    assert policy.ladders["tried"].minimum.minor("JPY") == 0
    assert policy.ladders["tried"].steps[0].trigger.overdue_at_least.by_currency == {"USD": Decimal(1)}


def test_silence_is_counted_from_the_step_before():
    policy = policy_of("a | days_overdue: 1", "b | days_overdue: 3, no_response: true")

    def answered(on: date) -> pl.DataFrame:
        return pl.DataFrame([(1, 0, on)], schema=CONTACTS, orient="row")

    silent = Life(policy, debt(), contacts=answered(date(2026, 1, 1)))
    assert silent.every_day("2026-01-02", "2026-01-05") == {"2026-01-02": "a", "2026-01-04": "b"}
    replied = Life(policy, debt(), contacts=answered(date(2026, 1, 2)))
    assert replied.every_day("2026-01-02", "2026-01-05") == {"2026-01-02": "a"}


def test_the_next_action_moved_by_hand_is_kept():
    """ODO-03."""
    life = Life(policy_of("one | days_overdue: 10", "two | days_overdue: 20"), debt())
    life.run("2026-01-11")
    assert (life.standing["next_action"], life.standing["next_action_on"]) == ("two", date(2026, 1, 21))
    moved = {"not_before": {1: date(2026, 1, 28)}}
    assert life.run("2026-01-21", **moved) == ([], [])
    assert (life.standing["reason"], life.standing["next_action_on"]) == ("POSTPONED", date(2026, 1, 28))
    assert life.run("2026-01-28", **moved) == (["two"], [])


def test_the_next_action_announced_is_the_one_taken():
    life = Life(DEFAULT, debt("2026-01-31"), ladder="standard")
    day, announced = date(2026, 2, 1), None
    while day < date(2026, 5, 5):
        taken, _ = life.run(day.isoformat())
        if announced and announced[0] != "review":
            assert bool(taken) == (announced[1] == day), (day, announced, taken)
            assert not taken or taken == [announced[0]]
        assert life.standing["next_action_on"] > day
        announced = (life.standing["next_action"], life.standing["next_action_on"])
        day += timedelta(days=1)


def test_the_end_of_the_ladder_is_looked_at_again_at_steady_intervals():
    """TRY-09."""
    life = Life(policy_of("only | days_overdue: 0"), debt())
    assert life.run("2026-01-02") == (["only"], [])
    seen = set()
    for day in ("2026-01-03", "2026-01-20", "2026-01-31"):
        life.run(day)
        assert life.standing["is_exhausted"]
        assert life.standing["reason"] == "EXHAUSTED"
        seen.add(life.standing["next_action_on"])
    assert seen == {date(2026, 2, 1)}
    life.run("2026-02-01")
    assert life.standing["next_action_on"] == date(2026, 3, 3)


def test_a_new_version_that_ranks_the_steps_anew_goes_on_from_the_step_taken():
    life = Life(policy_of("a | days_overdue: 1", "b | days_overdue: 5 | repeat: {every_days: 4}"), debt())
    life.run("2026-01-06")
    life.policy = policy_of(
        "a | days_overdue: 1", "new | days_overdue: 2", "b | days_overdue: 5 | repeat: {every_days: 4}"
    )
    life.frames = compile_ladders(life.policy, currencies=["CNY"])
    assert life.every_day("2026-01-07", "2026-01-11") == {"2026-01-10": "b"}
    life.policy = policy_of(
        "a | days_overdue: 1", "other | days_overdue: 2", "last | days_overdue: 3 | repeat: {every_days: 1}"
    )
    life.frames = compile_ladders(life.policy, currencies=["CNY"])
    assert life.every_day("2026-01-12", "2026-01-20") == {}, "a step of that rank was taken, under another name"


def test_decisions_explain_themselves():
    life = Life(DEFAULT, debt("2026-01-31"), ladder="standard")
    life.run("2026-02-21")
    demand = life.climbed.decisions.filter(pl.col("action") != "SKIPPED").row(0, named=True)
    assert demand["rule"] == "default/demand@+20"
    assert demand["trigger_on"] == date(2026, 2, 20)
    assert (demand["action"], demand["is_formal"], demand["stage"]) == ("BOTH", True, "FORMAL")
    assert (demand["task_kind"], demand["notice_template"], demand["notice_channels"]) == (
        "LETTER",
        "demand",
        ["EMAIL"],
    )


def test_a_day_on_which_nobody_owes_anything_decides_nothing():
    """No currency occurs, so there is no step to meet."""
    frames = compile_ladders(DEFAULT, currencies=[])
    answer = climb_all({1: []}, frames=frames, ladder="standard", day=date(2026, 7, 10), review_every_days=30)
    assert (answer.decisions.height, answer.standing.height) == (0, 0)
