"""The policy as small frames: thresholds are data of the rules, never numbers in them."""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from huikuan.policy.rules.events import EVENT_DAYS, SIGNALS, SILENT_DAYS, UNREAD_HOURS
from huikuan.policy.rules.schema import Amount, Ladder, Policy, Scope, Step

STEP_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "ladder": pl.String,
    "currency": pl.String,
    "step_code": pl.String,
    "rank": pl.Int32,
    "family": pl.String,
    "trigger": pl.String,
    "action": pl.String,
    "is_formal": pl.Boolean,
    "while_overdue": pl.Boolean,
    "before_due_days": pl.Int32,
    "after_issue_days": pl.Int32,
    "share_of_term_ppm": pl.Int32,
    "anchor_days": pl.Int32,
    "end_of_month_days": pl.Int32,
    "since_days": pl.Int32,
    "since_rank": pl.Int32,
    "overdue_at_least_minor": pl.Int64,
    "unpaid_at_least_minor": pl.Int64,
    "overdue_count_at_least": pl.Int64,
    "unpaid_count_at_least": pl.Int64,
    "fruitless_at_least": pl.Int64,
    "no_response": pl.Boolean,
    "grades": pl.List(pl.String),
    "months": pl.List(pl.Int8),
    **dict.fromkeys(EVENT_DAYS, pl.Int32),
    SILENT_DAYS: pl.Int32,
    UNREAD_HOURS: pl.Int64,
    SIGNALS: pl.List(pl.String),
    "every_days": pl.Int32,
    "until_days": pl.Int32,
    "max_count": pl.Int64,
    "min_gap_days": pl.Int32,
    "stage": pl.String,
    "task_kind": pl.String,
    "task_owner": pl.String,
    "task_script": pl.String,
    "notice_template": pl.String,
    "notice_channels": pl.List(pl.String),
}
LADDER_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "ladder": pl.String,
    "currency": pl.String,
    "climb": pl.String,
    "scope": pl.String,
    "minimum_minor": pl.Int64,
}
LETTER = "LETTER"
"""Kind of the task to post a letter."""
NEVER_MINOR = 2**62
"""Stands for a threshold in a currency that the policy does not name: no amount reaches it."""


@dataclass(frozen=True, slots=True)
class PolicyFrames:
    """What the rules of the day take from the policy.

    Attributes:
        steps: One row per ladder, currency and step (STEP_SCHEMA).
        ladders: One row per ladder and currency (LADDER_SCHEMA).
    """

    steps: pl.DataFrame
    ladders: pl.DataFrame


def compile_ladders(policy: Policy, *, currencies: Iterable[str]) -> PolicyFrames:
    """Return the frames of the policy's ladders for the currencies that occur in the portfolio."""
    named = sorted(set(currencies))
    ladders = [policy.ladders[code] for code in sorted(policy.ladders)]
    steps = [_step(ladder, step, currency) for ladder in ladders for currency in named for step in ladder.steps]
    settings = [
        {
            "ladder": ladder.code,
            "currency": currency,
            "climb": ladder.climb.value,
            "scope": ladder.scope.value,
            "minimum_minor": _minor(ladder.minimum, currency),
        }
        for ladder in ladders
        for currency in named
    ]
    return PolicyFrames(pl.DataFrame(steps, schema=STEP_SCHEMA), pl.DataFrame(settings, schema=LADDER_SCHEMA))


def _minor(amount: Amount | None, currency: str) -> int | None:
    if amount is None:
        return None
    minor = amount.minor(currency)
    return NEVER_MINOR if minor is None else minor


def _since_rank(ladder: Ladder, step: Step) -> int | None:
    """Return the rank that must have been reached: of the step named, else of the one just below."""
    if step.trigger.since_days is None:
        return None
    if step.trigger.since_step is not None:
        return ladder.step(step.trigger.since_step).rank
    return max((other.rank for other in ladder.steps if other.rank < step.rank), default=None)


def _step(ladder: Ladder, step: Step, currency: str) -> dict[str, object]:
    trigger, repeat = step.trigger, step.repeat
    return {
        "ladder": ladder.code,
        "currency": currency,
        "step_code": step.code,
        "rank": step.rank,
        "family": trigger.family.value,
        "trigger": trigger.label,
        "action": step.action,
        "is_formal": step.is_formal,
        "while_overdue": step.while_overdue,
        "before_due_days": trigger.before_due_days,
        "after_issue_days": trigger.after_issue_days,
        "share_of_term_ppm": trigger.share_of_term_ppm,
        "anchor_days": trigger.anchor_days,
        "end_of_month_days": trigger.end_of_month_days,
        "since_days": trigger.since_days,
        "since_rank": _since_rank(ladder, step),
        "overdue_at_least_minor": _minor(trigger.overdue_at_least, currency),
        "unpaid_at_least_minor": _minor(trigger.unpaid_at_least, currency),
        "overdue_count_at_least": trigger.overdue_count_at_least,
        "unpaid_count_at_least": trigger.unpaid_count_at_least,
        "fruitless_at_least": step.fruitless_at_least,
        "no_response": step.no_response,
        "grades": step.grades,
        "months": step.only_in_months,
        **{f"{event}_days": days for event, days in trigger.after_events},
        SILENT_DAYS: trigger.silent_days,
        UNREAD_HOURS: trigger.unread_hours,
        SIGNALS: trigger.signals,
        "every_days": repeat.every_days if repeat else None,
        "until_days": repeat.until_days if repeat else None,
        "max_count": repeat.max_count if repeat else None,
        "min_gap_days": step.min_gap_days,
        "stage": step.stage,
        "task_kind": step.task.kind if step.task else None,
        "task_owner": step.task.owner if step.task else None,
        "task_script": step.task.script if step.task else None,
        "notice_template": step.notice.template if step.notice else None,
        "notice_channels": step.notice.channels if step.notice else None,
    }


def conditions_asked(policy: Policy) -> frozenset[str]:
    """Return the conditions on events and states (`events.ASKED`) that some step names: only their facts are read."""
    triggers = [step.trigger for ladder in policy.ladders.values() for step in ladder.steps]
    asked = {f"{event}_days" for trigger in triggers for event, _days in trigger.after_events}
    asked |= {SILENT_DAYS} if any(trigger.silent_days is not None for trigger in triggers) else set()
    asked |= {UNREAD_HOURS} if any(trigger.unread_hours is not None for trigger in triggers) else set()
    return frozenset(asked | ({SIGNALS} if any(trigger.signals for trigger in triggers) else set()))


def _counted_from(ladder: Ladder) -> set[int | None]:
    """Return the ranks of the steps from which another counts its days."""
    return {_since_rank(ladder, step) for step in ladder.steps}


def posted_steps(policy: Policy) -> pl.DataFrame:
    """Return ladder and last_step_code of the posted letters from which a later step counts: from their arrival."""
    rows = [
        (ladder.code, step.code)
        for ladder in policy.ladders.values()
        for step in ladder.steps
        if step.task is not None and step.task.kind == LETTER and step.rank in _counted_from(ladder)
    ]
    return pl.DataFrame(rows, schema={"ladder": pl.String, "last_step_code": pl.String}, orient="row")


def stopping_kinds(policy: Policy) -> frozenset[str]:
    """Return the kinds of hold during which the ladder's clock stands still."""
    return frozenset(kind for kind, rule in policy.holds.items() if rule.stops_clock)


def climbs_per_item(policy: Policy) -> bool:
    """Tell whether some ladder is climbed item by item."""
    return any(ladder.scope is Scope.ITEM for ladder in policy.ladders.values())
