"""Disputes, complaints and delay signals of a customer, as their page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from huikuan.arrangements.models import Complaint, Dispute, EnforcementRecord, Signal
from huikuan.arrangements.queries.service import ServiceClock


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """How the answer stands against its time, in minutes of working time."""

    due_at: datetime
    answered_at: datetime | None
    minutes: int
    """Worked until the answer, or so far."""
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message of the thread."""

    at: datetime
    by: str
    text: str
    is_answer: bool
    file_id: int | None
    file_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeRow:
    """A dispute with its clock, its thread and its decision."""

    pk: int
    item: str
    item_open_minor: int
    currency: str
    amount_minor: int
    kind: str
    department: str
    text: str
    raised_at: datetime
    raised_by: str
    clock: Clock
    resolve_due_on: date
    is_overdue: bool
    said: tuple[Said, ...]
    is_open: bool
    decision: str
    conceded_minor: int
    explanation: str
    decided_at: datetime | None
    decided_by: str


def disputes_of(customer_id: int, *, clock: ServiceClock, today: date, now: datetime) -> tuple[DisputeRow, ...]:
    """Return the disputes of a customer, the open ones first, then the newest. Two queries."""
    rows = (
        Dispute.objects.filter(customer_id=customer_id)
        .select_related("item", "raised_by", "decided_by")
        .prefetch_related("messages__by", "messages__file")
        .order_by("-raised_at", "-pk")[:50]
    )
    shown = [_dispute_row(each, clock, today, now) for each in rows]
    return tuple(sorted(shown, key=lambda row: not row.is_open))


def _dispute_row(dispute: Dispute, clock: ServiceClock, today: date, now: datetime) -> DisputeRow:
    is_open = dispute.decided_at is None
    return DisputeRow(
        pk=dispute.pk,
        item=dispute.item.number,
        item_open_minor=dispute.item.open_minor,
        currency=dispute.currency,
        amount_minor=dispute.amount_minor,
        kind=dispute.get_kind_display(),
        department=dispute.get_department_display(),
        text=dispute.text,
        raised_at=dispute.raised_at,
        raised_by=_name(dispute.raised_by),
        clock=clock_of(clock, dispute.raised_at, dispute.answer_due_at, dispute.answered_at, now),
        resolve_due_on=dispute.resolve_due_on,
        is_overdue=is_open and today > dispute.resolve_due_on,
        said=tuple(_said(each) for each in sorted(dispute.messages.all(), key=lambda each: (each.at, each.pk))),
        is_open=is_open,
        decision=dispute.get_decision_display() if dispute.decision else "",
        conceded_minor=dispute.conceded_minor or 0,
        explanation=dispute.explanation,
        decided_at=dispute.decided_at,
        decided_by=_name(dispute.decided_by),
    )


def _said(message: Any) -> Said:  # noqa: ANN401  a DisputeMessage, reached from behind
    file = message.file
    return Said(
        at=message.at, by=_name(message.by), text=message.text, is_answer=message.is_answer,
        file_id=file.pk if file else None, file_name=file.name if file else "",
    )  # fmt: skip


def _name(user: object) -> str:
    return str(user) if user else ""


def clock_of(
    clock: ServiceClock, began: datetime, due_at: datetime, answered_at: datetime | None, now: datetime
) -> Clock:
    """Return how an answer stands against its time."""
    ended = answered_at or now
    return Clock(
        due_at=due_at, answered_at=answered_at, minutes=clock.worked_minutes(began, ended), is_late=ended > due_at
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintRow:
    """A line of the complaint register."""

    pk: int
    customer_id: int
    customer: str
    kind: str
    via: str
    text: str
    department: str
    responsible: str
    received_at: datetime
    clock: Clock
    holds_contact: bool
    response: str
    resolution: str
    satisfaction: int | None
    resolved_at: datetime | None


def complaint_rows(complaints: Sequence[Complaint], *, clock: ServiceClock, now: datetime) -> tuple[ComplaintRow, ...]:
    """Return complaints as the register shows them; read with customer and responsible."""
    return tuple(
        ComplaintRow(
            pk=each.pk,
            customer_id=each.customer_id,
            customer=each.customer.name,
            kind=each.get_kind_display(),
            via=each.get_via_display(),
            text=each.text,
            department=each.get_department_display(),
            responsible=_name(each.responsible),
            received_at=each.received_at,
            clock=clock_of(clock, each.received_at, each.response_due_at, each.responded_at, now),
            holds_contact=each.hold_id is not None and each.resolved_at is None,
            response=each.response,
            resolution=each.resolution,
            satisfaction=each.satisfaction,
            resolved_at=each.resolved_at,
        )
        for each in complaints
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRow:
    """A delay signal with the facts it rests on."""

    kind: str
    begun_on: date
    ended_on: date | None
    count: int
    first_on: date
    last_on: date
    detail: str


def signals_of(customer_id: int) -> tuple[SignalRow, ...]:
    """Return the delay signals of a customer: those that stand first. One query."""
    rows = Signal.objects.filter(customer_id=customer_id).order_by("-begun_on", "-pk")[:20]
    shown = [
        SignalRow(
            kind=each.get_kind_display(),
            begun_on=each.begun_on,
            ended_on=each.ended_on,
            count=each.evidence["count"],
            first_on=date.fromisoformat(each.evidence["first_on"]),
            last_on=date.fromisoformat(each.evidence["last_on"]),
            detail=each.evidence["detail"],
        )
        for each in rows
    ]
    return tuple(sorted(shown, key=lambda row: row.ended_on is not None))


def records_of(customer_id: int) -> list[EnforcementRecord]:
    """Return the public records of a customer, those that stand first. One query."""
    return list(
        EnforcementRecord.objects.filter(customer_id=customer_id)
        .select_related("entered_by")
        .order_by("ended_on", "-published_on")[:20]
    )
