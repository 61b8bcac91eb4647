"""The timeline of a customer: contacts, messages, decisions and acts, merged by time in one query."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    F,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from huikuan.desk.queries.events import EVENTS
from huikuan.desk.queries.words import CHANNELS, OUTCOME_TONES, OUTCOMES, plain_reason, step_name, words_for
from huikuan.desk.queries.words_texts import KINDS
from huikuan.journal.models import Entry, StoredFile
from huikuan.journal.rules.media import FileKind
from huikuan.outreach.models import Contact, Delivery
from huikuan.runs.models import Decision

SHOWN = 40

STATE_TONES = {
    **dict.fromkeys(("SENT", "DELIVERED", "READ"), "good"),
    **dict.fromkeys(("FAILED", "BOUNCED"), "bad"),
    **dict.fromkeys(("UNKNOWN", "REFUSED"), "warn"),
}
"""Colors of delivery states; the words beside them say the same."""

QUIET_EVENTS = ("outreach.contact-logged", "outreach.attempt-", "outreach.delivery-", "runs.", "cases.task-")
"""Journal events that another line of the timeline already tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line: what happened, when, by whom, with the reasons for whoever unfolds it."""

    kind: str
    at: datetime
    tone: str
    icon: str
    what: str
    detail: str
    text: str
    who: str
    contact_id: int = 0
    seconds: int = 0
    sha256: str = ""
    reasons: tuple[tuple[str, str], ...] = field(default=())
    inbound_id: int | None = None


def timeline(customer_id: int, *, shown: int = SHOWN) -> tuple[Event, ...]:
    """Return the latest events of a customer, newest first. One query."""
    merged = (
        _contacts(customer_id)
        .union(_deliveries(customer_id), _decisions(customer_id), _entries(customer_id), all=True)
        .order_by("-event_at")[:shown]
    )
    drawn = {"contact": _contact, "delivery": _delivery, "decision": _decision, "entry": _entry}
    return tuple(drawn[row["event_source"]](row) for row in merged)


def _text(value: str) -> Value:
    return Value(value, output_field=CharField())


def _name(path: str) -> Coalesce:
    return Coalesce(f"{path}__display_name", f"{path}__username", _text(""), output_field=CharField())


def _recordings() -> QuerySet[StoredFile]:
    """Return the recording of the contact around it."""
    return StoredFile.objects.filter(
        subject_type=Contact._meta.label_lower, subject_id=OuterRef("pk"), kind=FileKind.RECORDING
    )


_NO_CALL: Final = {
    "key": Value(0, output_field=BigIntegerField()), "seconds": Value(0, output_field=IntegerField()),
    "sha256": Value("", output_field=CharField()),
}  # fmt: skip
"""Columns of a call in the rows of everything else."""


def _shaped(rows: QuerySet[Any], source: str, *, inbound: Any = None, **columns: Any) -> QuerySet[Any, Any]:  # noqa: ANN401  an expression
    """Give every source the same columns in the same order; `inbound`: the message that came in, if one did."""
    return rows.order_by().values(
        event_source=_text(source),
        event_inbound=inbound or Cast(Value(None), BigIntegerField()),
        **{f"event_{name}": each for name, each in columns.items()},
    )


def _contacts(customer_id: int) -> QuerySet[Any, Any]:
    rows = Contact.objects.filter(customer_id=customer_id, delivery=None)
    person = Coalesce("person__name", _text(""), output_field=CharField())
    return _shaped(
        rows, "contact", at=F("at"), first=F("channel"), second=F("outcome"), third=F("direction"), fourth=person,
        text=F("summary"), who=_name("logged_by"), key=F("pk"), seconds=Coalesce("duration_seconds", 0),
        sha256=Coalesce(Subquery(_recordings().values("sha256")[:1]), _text(""), output_field=CharField()),
        inbound=F("inbound_message__pk"),
    )  # fmt: skip


def _deliveries(customer_id: int) -> QuerySet[Any, Any]:
    rows = Delivery.objects.filter(customer_id=customer_id)
    return _shaped(
        rows, "delivery", at=F("created_at"), first=F("channel"), second=F("state"),
        third=Case(When(step_code="", then=F("template")), default=F("step_code")), fourth=F("address"),
        text=Coalesce(Cast("message__subject", TextField()), _text(""), output_field=TextField()),
        who=F("last_error"), **_NO_CALL,
    )  # fmt: skip


def _decisions(customer_id: int) -> QuerySet[Any, Any]:
    rows = Decision.objects.filter(customer_id=customer_id)
    return _shaped(
        rows, "decision", at=F("run__started_at"), first=F("step_code"), second=F("action"), third=F("rule"),
        fourth=Cast("decided_on", CharField()), text=Cast("facts", TextField()), who=F("currency"),
        **_NO_CALL,
    )  # fmt: skip


def _entries(customer_id: int) -> QuerySet[Any, Any]:
    rows = Entry.objects.filter(customer_id=customer_id)
    for quiet in QUIET_EVENTS:
        rows = rows.exclude(event__startswith=quiet)
    return _shaped(
        rows, "entry", at=F("at"), first=F("event"), second=F("subject_type"), third=_text(""), fourth=_text(""),
        text=Cast("facts", TextField()), who=_name("actor"), **_NO_CALL,
    )  # fmt: skip


def _contact(row: dict[str, Any]) -> Event:
    note = row["event_first"] == Contact.Channel.NOTE
    channel, outcome = (
        str(CHANNELS.get(row["event_first"], row["event_first"])),
        str(OUTCOMES.get(row["event_second"], row["event_second"])),
    )
    return Event(
        kind="contact",
        at=row["event_at"],
        tone="" if note else OUTCOME_TONES.get(row["event_second"], "info"),
        icon="sticky-note" if note else "phone",
        what=channel if note else f"{channel} · {outcome}",
        detail=row["event_fourth"],
        text=row["event_text"],
        who=row["event_who"],
        inbound_id=row["event_inbound"],
        contact_id=row["event_key"] if row["event_first"] == Contact.Channel.PHONE else 0,
        seconds=row["event_seconds"],
        sha256=row["event_sha256"],
    )


def _delivery(row: dict[str, Any]) -> Event:
    channel, state = (
        str(CHANNELS.get(row["event_first"], row["event_first"])),
        str(Delivery.State(row["event_second"]).label),
    )
    return Event(
        kind="delivery",
        at=row["event_at"],
        tone=STATE_TONES.get(row["event_second"], "info"),
        icon="mail",
        what=f"{_named(row['event_third'])} · {channel} · {state}",
        detail=row["event_fourth"],
        text=row["event_text"],
        who="",
        reasons=(("", row["event_who"]),) if row["event_who"] else (),
    )


def _named(code: str) -> str:
    """Return the step, or the kind of a message that no step asked for."""
    return str(KINDS[code]) if code in KINDS else step_name(code)


def _decision(row: dict[str, Any]) -> Event:
    facts = json.loads(row["event_text"] or "{}")
    return Event(
        kind="decision",
        at=row["event_at"],
        tone="",
        icon="scale",
        what=f"{step_name(row['event_first'])} · {Decision.Action(row['event_second']).label}",
        detail="",
        text="",
        who="",
        reasons=words_for({"rule": row["event_third"], "decided_on": row["event_fourth"], **facts}, row["event_who"]),
    )


def _entry(row: dict[str, Any]) -> Event:
    facts = json.loads(row["event_text"] or "{}")
    return Event(
        kind="entry",
        at=row["event_at"],
        tone="",
        icon="file-pen-line",
        what=str(EVENTS.get(row["event_first"], row["event_first"])),
        detail="",
        text=plain_reason(str(facts.get("reason", ""))),
        who=row["event_who"],
        reasons=words_for({key: value for key, value in facts.items() if key != "reason"}, facts.get("currency", "")),
    )
