"""A policy as people read it: who climbs which ladder, and the ladder as a table."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from huikuan.cases.models import Case, Task
from huikuan.desk.queries.words import CHANNELS, script_name, step_name
from huikuan.parties.models import Customer
from huikuan.policy.models import Hold, PolicyVersion
from huikuan.policy.queries import policy_in_force, policy_of, versions_of
from huikuan.policy.rules.schema import Amount, Ladder, Policy, Segment, Step, Trigger
from huikuan.receivables.models import Contract
from huikuan.receivables.queries.words import percent_ppm

VERSIONS_SHOWN = 50

OWNERS = {
    "collector": gettext_lazy("Collector"),
    "supervisor": gettext_lazy("Supervisor"),
    "manager": gettext_lazy("Collections manager"),
    "legal": gettext_lazy("Legal"),
}


MATCH_FIELDS = {
    "contract_kind": gettext_lazy("Kind of contract"),
    "grade": gettext_lazy("Grade"),
    "industry": gettext_lazy("Industry"),
    "size_class": gettext_lazy("Size"),
    "currency": gettext_lazy("Currency"),
    "arrears_type": gettext_lazy("Type of arrears"),
    "country": gettext_lazy("Country"),
    "language": gettext_lazy("Language"),
}

MATCH_VALUES: dict[str, dict[str, Any]] = {
    "contract_kind": dict(Contract.Kind.choices),
    "size_class": dict(Customer.Size.choices),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """One rung: when, what leaves, what a person does, what else it carries."""

    code: str
    name: str
    when: str
    notice: str
    task: str
    stage: str
    is_formal: bool
    extras: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderTable:
    """A ladder with the segments that climb it."""

    code: str
    segments: tuple[str, ...]
    minimum: str
    steps: tuple[StepRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """A version in the list."""

    pk: int
    number: int
    name: str
    starts_on: date
    uploaded_at: datetime
    by: str
    note: str
    is_in_force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPage:
    """A version, read."""

    version: VersionRow
    source: str
    ladders: tuple[LadderTable, ...]
    segments: tuple[tuple[str, str, str], ...]
    holds: tuple[tuple[str, int], ...]
    aging_edges: str


def versions(entity_id: int, *, today: date) -> tuple[VersionRow, ...]:
    """Return the versions of an entity, newest first. Two queries."""
    in_force = policy_in_force(entity_id, today)
    found = versions_of(entity_id).select_related("uploaded_by").defer("source")[:VERSIONS_SHOWN]
    return tuple(_version(each, in_force.version.pk if in_force else None) for each in found)


def version_in_force(entity_id: int, *, today: date) -> PolicyVersion | None:
    """Return the version that rules today, else the newest, else None."""
    in_force = policy_in_force(entity_id, today)
    return in_force.version if in_force else versions_of(entity_id).first()


def policy_page(version: PolicyVersion, *, in_force: int | None) -> PolicyPage:
    """Return a version as a page shows it."""
    policy = policy_of(version)
    return PolicyPage(
        version=_version(version, in_force),
        source=version.source,
        ladders=tuple(ladder_table(policy, ladder) for ladder in policy.ladders.values()),
        segments=tuple((each.code, _who(each), each.ladder or "") for each in policy.segments),
        holds=tuple((str(Hold.Kind(kind).label), rule.max_days) for kind, rule in policy.holds.items()),
        aging_edges=", ".join(map(str, policy.aging_edges)),
    )


def _version(version: PolicyVersion, in_force: int | None) -> VersionRow:
    return VersionRow(
        pk=version.pk,
        number=version.number,
        name=version.name,
        starts_on=version.starts_on,
        uploaded_at=version.uploaded_at,
        by=str(version.uploaded_by) if version.uploaded_by else "",
        note=version.note,
        is_in_force=version.pk == in_force,
    )


def _who(segment: Segment) -> str:
    parts = [f"{MATCH_FIELDS.get(field, field)}: {_values(field, values)}" for field, values in segment.match.items()]
    if segment.overdue_at_least:
        parts.append(_("overdue at least {amount}").format(amount=_amount(segment.overdue_at_least)))
    if segment.overdue_below:
        parts.append(_("overdue below {amount}").format(amount=_amount(segment.overdue_below)))
    return " · ".join(parts) or _("everybody else")


def _values(field: str, values: tuple[str, ...]) -> str:
    names = MATCH_VALUES.get(field, {})
    return ", ".join(str(names.get(each, each)) for each in values)


def ladder_table(policy: Policy, ladder: Ladder) -> LadderTable:
    """Return a ladder as a table."""
    return LadderTable(
        code=ladder.code,
        segments=tuple(each.code for each in policy.segments if each.ladder == ladder.code),
        minimum=_amount(ladder.minimum),
        steps=tuple(_step(step) for step in ladder.steps),
    )


def _amount(amount: Amount) -> str:
    if amount.everywhere is not None:
        return f"{amount.everywhere:,f}"
    return ", ".join(f"{currency} {value:,f}" for currency, value in amount.by_currency.items())


def _step(step: Step) -> StepRow:
    notice = ", ".join(str(CHANNELS.get(channel, channel)) for channel in step.notice.channels) if step.notice else ""
    return StepRow(
        code=step.code,
        name=step_name(step.code),
        when=_when(step),
        notice=notice,
        task=_task(step),
        stage=str(Case.Stage(step.stage).label) if step.stage else "",
        is_formal=step.is_formal,
        extras=tuple(_extras(step)),
    )


def _task(step: Step) -> str:
    if step.task is None:
        return ""
    parts = [str(Task.Kind(step.task.kind).label), str(OWNERS.get(step.task.owner, step.task.owner))]
    return " · ".join([*parts, script_name(step.task.script)] if step.task.script else parts)


def _days(count: int, words: Any) -> str:  # noqa: ANN401  ngettext_lazy gives no type of its own
    return str(words % {"n": count})


def _when(step: Step) -> str:
    """Say in words when a step falls due."""
    return ", ".join([*_moments(step.trigger), *_amounts(step.trigger), *_conditions(step)])


def _moments(trigger: Trigger) -> list[str]:
    said = []
    if trigger.after_issue_days == 0:
        said.append(_("when the item is issued"))
    elif trigger.after_issue_days is not None:
        said.append(
            _days(trigger.after_issue_days, ngettext_lazy("%(n)d day after issue", "%(n)d days after issue", "n"))
        )
    if trigger.before_due_days is not None:
        said.append(_days(trigger.before_due_days, ngettext_lazy("%(n)d day before due", "%(n)d days before due", "n")))
    if trigger.share_of_term_ppm is not None:
        said.append(_("{share} of the term").format(share=percent_ppm(trigger.share_of_term_ppm)))
    if trigger.anchor_days is not None:
        said.append(_days(trigger.anchor_days, ngettext_lazy("%(n)d day overdue", "%(n)d days overdue", "n")))
    if trigger.since_days is not None:
        after = step_name(trigger.since_step) if trigger.since_step else _("the step before")
        said.append(_("{days} days after: {step}").format(days=trigger.since_days, step=after))
    if trigger.end_of_month_days is not None:
        said.append(_("end of the month after {days} days").format(days=trigger.end_of_month_days))
    return said + _happenings(trigger)


EVENT_NAMES: Final = {
    "promise_broken": gettext_lazy("a promise was broken"),
    "installment_missed": gettext_lazy("an installment was missed"),
    "plan_broken": gettext_lazy("a plan was broken"),
    "dispute_opened": gettext_lazy("a dispute was raised"),
    "dispute_closed": gettext_lazy("a dispute was decided"),
    "letter_delivered": gettext_lazy("a letter was signed for"),
    "letter_refused": gettext_lazy("a letter was refused or came back"),
    "message_bounced": gettext_lazy("a message could not be delivered"),
}


def _happenings(trigger: Trigger) -> list[str]:
    """Return the events and states that a step waits for."""
    said = []
    for event, days in trigger.after_events:
        name = str(EVENT_NAMES[event])
        said.append(_("{days} days after: {step}").format(days=days, step=name) if days else name)
    if trigger.silent_days is not None:
        said.append(_("{days} days without a response").format(days=trigger.silent_days))
    if trigger.unread_hours is not None:
        said.append(_("the last message unread for {hours} hours").format(hours=trigger.unread_hours))
    if trigger.signals:
        said.append(_("a delay signal stands"))
    return said


def _amounts(trigger: Trigger) -> list[str]:
    said = []
    if trigger.overdue_at_least:
        said.append(_("overdue at least {amount}").format(amount=_amount(trigger.overdue_at_least)))
    if trigger.unpaid_at_least:
        said.append(_("unpaid at least {amount}").format(amount=_amount(trigger.unpaid_at_least)))
    if trigger.overdue_count_at_least:
        said.append(_("at least {count} items overdue").format(count=trigger.overdue_count_at_least))
    if trigger.unpaid_count_at_least:
        said.append(_("at least {count} items unpaid").format(count=trigger.unpaid_count_at_least))
    return said


def _conditions(step: Step) -> list[str]:
    said = []
    if step.grades:
        said.append(_("grade {letters}").format(letters="/".join(step.grades)))
    if step.no_response:
        said.append(_("without a response"))
    if step.fruitless_at_least:
        said.append(_("after {count} contacts without result").format(count=step.fruitless_at_least))
    if step.only_in_months:
        said.append(_("only in months {months}").format(months=", ".join(map(str, step.only_in_months))))
    return said


def _extras(step: Step) -> list[str]:
    said = []
    if step.repeat:
        said.append(_("again every {days} days").format(days=step.repeat.every_days))
    if step.offer:
        said.append(_("offers to waive {share} of the penalty").format(share=percent_ppm(step.offer.waive_penalty_ppm)))
    if step.fee:
        said.append(_("charges a fee"))
    if step.deadline_days:
        said.append(_("{days} days to pay").format(days=step.deadline_days))
    if step.announces:
        said.append(_("announces: {steps}").format(steps=", ".join(map(step_name, step.announces))))
    if step.proposes:
        said.append(_("proposes: {things}").format(things=", ".join(_proposal(each) for each in step.proposes)))
    return said


PROPOSALS = {
    "STOP_SUPPLY": gettext_lazy("stop of supply"),
    "AGENCY": gettext_lazy("outside agency"),
    "LAWSUIT": gettext_lazy("lawsuit"),
    "PROVISION_REVIEW": gettext_lazy("review of the provision"),
    "BLACKLIST": gettext_lazy("blacklist"),
}


def _proposal(code: str) -> str:
    return str(PROPOSALS.get(code, code))
