"""The daily runs: what each did, with its warnings and decisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext_lazy

from huikuan.desk.access import Seat
from huikuan.desk.queries.paging import Order, Page, Place, page_of
from huikuan.desk.queries.words import step_name, words_for
from huikuan.parties.queries import sees_whole, visible_to
from huikuan.runs.models import Decision, Run
from huikuan.runs.queries import warnings
from huikuan.runs.queries.preview import preview

RUNS_SHOWN = 60
TONES = {"DONE": "good", "RUNNING": "info", "FAILED": "bad"}

COUNTS = {
    "customers": gettext_lazy("Customers looked at"),
    "items": gettext_lazy("Open items"),
    "decisions": gettext_lazy("Decisions"),
    "tasks": gettext_lazy("Tasks"),
    "deliveries": gettext_lazy("Messages"),
    "cases_opened": gettext_lazy("Cases opened"),
    "cases_closed": gettext_lazy("Cases closed"),
    "cases_changed": gettext_lazy("Cases changed"),
    "grades_changed": gettext_lazy("Grades changed"),
    "warnings_begun": gettext_lazy("New warnings"),
    "warnings_ended": gettext_lazy("Warnings ended"),
    "tasks_cancelled": gettext_lazy("Tasks called off"),
    "deliveries_cancelled": gettext_lazy("Messages called off"),
}
"""Counts of a run in the order in which they are shown; others are for machines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One run."""

    pk: int
    entity_id: int
    as_of: date
    state: str
    state_name: str
    tone: str
    policy: str
    policy_id: int
    engine: str
    started_at: datetime
    ended_at: datetime | None
    seconds: int | None
    by: str
    counts: tuple[tuple[str, int], ...]
    warnings: tuple[str, ...]
    chunks_done: int
    chunk_count: int


def runs(seat: Seat) -> tuple[RunRow, ...]:
    """Return the latest runs of the chosen entity. One query."""
    return tuple(_row(run) for run in _with_chunks().filter(entity=seat.entity).order_by("-as_of")[:RUNS_SHOWN])


def _with_chunks() -> Any:  # noqa: ANN401  an annotated queryset
    return (
        Run.objects.defer("aging", "shares")
        .select_related("policy_version", "started_by")
        .annotate(chunk_count=Count("chunks"), chunks_done=Count("chunks", filter=Q(chunks__done_at__isnull=False)))
    )


def run_of(seat: Seat, run_id: int) -> RunRow | None:
    """Return a run of one of the user's entities, None otherwise. One query."""
    entities = [entity.pk for entity in seat.entities]
    run = _with_chunks().filter(pk=run_id, entity_id__in=entities).first()
    return None if run is None else _row(run)


def latest_run(seat: Seat) -> Run | None:
    """Return the latest run of the chosen entity. One query."""
    return Run.objects.filter(entity=seat.entity).order_by("-as_of").first()


def last_run_on(entity_id: int) -> date | None:
    """Return the day of the entity's latest run. One query."""
    return Run.objects.filter(entity_id=entity_id).order_by("-as_of").values_list("as_of", flat=True).first()


def count_words(counts: dict[str, Any]) -> tuple[tuple[str, int], ...]:
    """Return counts with their names."""
    return tuple((str(name), counts[code]) for code, name in COUNTS.items() if code in counts)


def _row(run: Any) -> RunRow:  # noqa: ANN401  a run with its annotations
    return RunRow(
        pk=run.pk,
        entity_id=run.entity_id,
        as_of=run.as_of,
        state=run.state,
        state_name=run.get_state_display(),
        tone=TONES[run.state],
        policy=str(run.policy_version),
        policy_id=run.policy_version_id,
        engine=run.engine,
        started_at=run.started_at,
        ended_at=run.ended_at,
        seconds=round((run.ended_at - run.started_at).total_seconds()) if run.ended_at else None,
        by=str(run.started_by) if run.started_by else "",
        counts=count_words(run.counts),
        warnings=tuple(warnings.words(each) for each in run.warnings),
        chunks_done=run.chunks_done,
        chunk_count=run.chunk_count,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """One decision with its reasons."""

    pk: int
    customer_id: int
    customer: str
    case_id: int | None
    step: str
    action: str
    action_name: str
    currency: str
    rule: str
    reasons: tuple[tuple[str, str], ...]


def decisions(seat: Seat, run: RunRow, *, step: str, place: Place) -> Page[DecisionRow]:
    """Return a page of the decisions about customers that the user may see. One query, two beyond the first page."""
    found = _of_run(seat, run).select_related("customer")
    if step:
        return page_of(found.filter(step_code=step), Order("pk"), place, read=_decisions)
    return page_of(found, Order("step_code"), place, read=_decisions)


def steps_of(seat: Seat, run: RunRow) -> tuple[tuple[str, str, int | None], ...]:
    """Return the steps that a run took: (code, name, how many), the most frequent first. One query.

    An index holds it all: the decisions are not read. For a user who does not see them all, they are not counted.
    """
    counts = Decision.objects.filter(run_id=run.pk).order_by().values_list("step_code").annotate(n=Count("*"))
    is_whole = sees_whole(seat.user, run.entity_id)
    frequent = sorted(counts, key=lambda each: -each[1])
    return tuple((code, step_name(code), n if is_whole else None) for code, n in frequent)


def _of_run(seat: Seat, run: RunRow) -> QuerySet[Decision]:
    """Return the decisions of a run about customers that the user may see."""
    found = Decision.objects.filter(run_id=run.pk)
    if sees_whole(seat.user, run.entity_id):
        return found
    # The sum keeps SQLite to the order of the run, a page of which is soon full, not to every customer's history.
    about = found.annotate(about=F("customer_id") + 0)
    return about.filter(about__in=visible_to(seat.user, entity_id=run.entity_id).values("pk"))


def _decisions(found: Sequence[Decision]) -> list[DecisionRow]:
    return [
        DecisionRow(
            pk=each.pk,
            customer_id=each.customer_id,
            customer=each.customer.name,
            case_id=each.case_id,
            step=step_name(each.step_code),
            action=each.action,
            action_name=each.get_action_display(),
            currency=each.currency,
            rule=each.rule,
            reasons=words_for(each.facts, each.currency),
        )
        for each in found
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRow:
    """One decision that a run would take."""

    code: str
    customer: str
    step: str
    action: str
    days: int
    overdue_minor: int
    penalty_minor: int
    currency: str
    grade: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewPage:
    """What a run of the day would do; `rows` are the most urgent decisions about customers that the user may see."""

    as_of: date
    policy: str
    counts: tuple[tuple[str, int], ...]
    warnings: tuple[str, ...]
    rows: tuple[PreviewRow, ...]
    decision_count: int


PREVIEW_SHOWN = 100


def preview_of(seat: Seat) -> PreviewPage:
    """Decide today for the chosen entity and write nothing. Raises the refusals of a run."""
    found = preview(entity_id=seat.entity.pk, as_of=seat.today, now=seat.now)
    mine = visible_to(seat.user, entity_id=seat.entity.pk)
    candidates = found.decisions.head(PREVIEW_SHOWN * 10)
    seen = set(mine.filter(code__in=candidates["customer_code"].to_list()).values_list("code", flat=True))
    rows = [row for row in candidates.iter_rows(named=True) if row["customer_code"] in seen][:PREVIEW_SHOWN]
    return PreviewPage(
        as_of=found.as_of,
        policy=found.policy_name,
        counts=count_words(found.counts),
        warnings=tuple(warnings.words(each) for each in found.warnings),
        rows=tuple(
            PreviewRow(
                code=row["customer_code"],
                customer=row["customer_name"],
                step=step_name(row["step_code"]),
                action=str(Decision.Action(row["action"]).label),
                days=row["days_overdue"],
                overdue_minor=row["overdue_minor"],
                penalty_minor=row["penalty_minor"],
                currency=row["currency"],
                grade=row["grade"] or "",
                rule=row["rule"],
            )
            for row in rows
        ),
        decision_count=found.decisions.height,
    )
