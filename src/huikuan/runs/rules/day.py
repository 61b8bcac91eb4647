"""The day (日终): from the facts of some customers to everything that is to be done and written. Pure.

The same function decides for one customer's page, for a night over millions of items and for a partition of a
distributed run: customers are independent of one another, and nothing here reads a clock or a database.
"""

from dataclasses import dataclass

import polars as pl

from huikuan.credit.rules.grading import GradeChanges
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.policy.rules.priority import priority
from huikuan.policy.rules.schema import Policy
from huikuan.runs.rules.changes import (
    BalanceChanges,
    CaseChanges,
    MarkChanges,
    balance_changes,
    case_changes,
    mark_changes,
    regraded,
)
from huikuan.runs.rules.climbing import Climbing, ItemClimbing, climbing
from huikuan.runs.rules.facts import Details, Facts, Setting
from huikuan.runs.rules.sending import send_times
from huikuan.runs.rules.signaled import stepped_up
from huikuan.runs.rules.standing import Standing, standing
from huikuan.runs.rules.told import told
from huikuan.runs.rules.work import Work, work


@dataclass(frozen=True, slots=True)
class Outline:
    """How everybody stands and who is contacted by which step: all that can be said without details.

    `contacted`: customer_id of those whose details are needed.
    """

    stand: Standing
    climbed: Climbing
    cases: CaseChanges
    contacted: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Decisions:
    """Everything the day decides.

    Attributes:
        decisions: One row per step taken or passed over, with `rule`, `facts` (JSON text), `priority`, `spell_on` and
            whether the step is of the overdue family (`is_overdue_step`).
        positions: How every customer and currency stands, taken or not: `reason`, `next_action`, `next_action_on`.
        cases, balances, grades, marks: What changes in rows that stand.
        work: Tasks and messages, made and unmade.
        stand: Grades, warnings and arrears types, changed or not.
        by_item: Of the items that climb one by one; None: no ladder of the policy is climbed so.
    """

    decisions: pl.DataFrame
    positions: pl.DataFrame
    cases: CaseChanges
    balances: BalanceChanges
    grades: GradeChanges
    marks: MarkChanges
    work: Work
    stand: Standing
    by_item: ItemClimbing | None = None


def outline(facts: Facts, *, setting: Setting, policy: Policy) -> Outline:
    """Grade, warn and climb: the first half of the day, after which it is known whose details matter."""
    stand = standing(facts, policy=policy, as_of=setting.as_of)
    climbed = climbing(facts, stand, setting=setting, policy=policy)
    contacted = climbed.decisions.select("customer_id").unique().sort("customer_id")
    return Outline(stand, climbed, case_changes(facts, climbed), contacted)


def conclude(
    facts: Facts, sketch: Outline, details: Details, *, setting: Setting, policy: Policy, calendar: WorkingCalendar
) -> Decisions:
    """Price, explain and assign: the second half of the day."""
    climbed = sketch.climbed
    spell_on = (
        pl.when(pl.col("is_overdue_step") & ~pl.col("is_by_item"))
        .then(pl.coalesce("opened_on", pl.lit(setting.as_of)))
        .otherwise(pl.lit(setting.as_of))
    )
    decisions = stepped_up(
        priority(
            told(facts, climbed, details, setting=setting).with_columns(spell_on=spell_on),
            rules=policy.priority,
            as_of=setting.as_of,
        ),
        facts.signals,
        rules=policy.signals,
    )
    concerned = facts.customers.join(sketch.contacted, on="customer_id", how="semi")
    todo = work(
        facts,
        climbed,
        decisions,
        reach=details.reach,
        mailboxes=details.mailboxes,
        places=send_times(_places(concerned, details), policy=policy.send_times, setting=setting, calendar=calendar),
        work_on=calendar.on_or_after(setting.as_of),
        setting=setting,
        policy=policy,
    )
    return Decisions(
        decisions=decisions,
        positions=climbed.positions,
        cases=sketch.cases,
        balances=balance_changes(facts, climbed, sketch.cases, as_of=setting.as_of),
        grades=regraded(facts, sketch.stand, sketch.cases),
        marks=mark_changes(facts, sketch.stand),
        work=todo,
        stand=sketch.stand,
        by_item=climbed.by_item,
    )


def _places(customers: pl.DataFrame, details: Details) -> pl.DataFrame:
    """Return where, and in whose preferred hours, messages may have to arrive."""
    preferred = details.mailboxes.select("customer_id", hours=pl.concat_list("email_hours", "phone_hours"))
    each = customers.select("customer_id", "time_zone", "country")
    return pl.concat(
        [each.with_columns(hours=pl.lit(None, pl.String)), each.join(preferred.explode("hours"), on="customer_id")],
        how="diagonal",
    )


def decide(facts: Facts, details: Details, *, setting: Setting, policy: Policy, calendar: WorkingCalendar) -> Decisions:
    """Decide the day for the customers of the facts.

    Args:
        facts: See `facts.Facts`.
        details: Allocations, terms, reference rates and addresses of at least those who are contacted; more is
            harmless.
        setting: Entity, day, run before, instant.
        policy: The policy in force.
        calendar: Working days of the creditor's country.
    """
    sketch = outline(facts, setting=setting, policy=policy)
    return conclude(facts, sketch, details, setting=setting, policy=policy, calendar=calendar)
