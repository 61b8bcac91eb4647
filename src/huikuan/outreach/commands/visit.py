"""Field visits (上门): planned by the guard's leave, begun at the door, ended with a report."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from huikuan.journal.commands import record
from huikuan.journal.files import keep_file
from huikuan.journal.models import StoredFile
from huikuan.journal.rules.media import FileKind
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.kernel.zones import local_day
from huikuan.outreach import ports
from huikuan.outreach.commands.contact import ContactForbidden, ask_guard, attempt_contact
from huikuan.outreach.commands.queue import check_acts_for
from huikuan.outreach.models import Attempt, Contact, Visit, VisitArrival, VisitDocument, VisitReport
from huikuan.parties.models import ContactPerson, Customer, User

State = Visit.State
TEXT_MAX: Final = 300


class VisitInPast(Refusal):
    """An appointment lies ahead."""

    code = "outreach.visit-in-past"
    text = gettext_noop("The appointment {at} is past. Choose a later time; what has happened is logged as a contact.")


class VisitByOneAlone(Refusal):
    """One speaks, the other takes notes."""

    code = "outreach.visit-by-one-alone"
    text = gettext_noop("Two persons go on a visit: one speaks, another one takes the notes. Choose two.")


class VisitOfSameDay(Refusal):
    """The law counts one visit a day."""

    code = "outreach.visit-of-same-day"
    text = gettext_noop("{customer} is visited on {day} already. Choose another day, or call that visit off first.")


class VisitNotPlanned(Refusal):
    """Only a planned visit can be begun or called off."""

    code = "outreach.visit-not-planned"
    text = gettext_noop("This visit is no longer planned ({state}).")


class VisitNotToday(Refusal):
    """What the guard agreed to was another day."""

    code = "outreach.visit-not-today"
    text = gettext_noop("This visit is planned for {day}. Call it off and plan one for today.")


class VisitNotUnderWay(Refusal):
    """A report follows the check-in."""

    code = "outreach.visit-not-under-way"
    text = gettext_noop("This visit is not under way ({state}). Check in at the door first.")


class FindingsMissing(Refusal):
    """A visit without findings proves nothing."""

    code = "outreach.findings-missing"
    text = gettext_noop("Write what you found: facts, names, words that were said.")


class VisitReasonMissing(Refusal):
    """Nobody could later say why."""

    code = "outreach.visit-reason-missing"
    text = gettext_noop("Say why the visit is called off.")


@dataclass(frozen=True, slots=True)
class Party:
    """Who goes: `companions` are the names of others, parted by commas."""

    speaker_id: int
    note_taker_id: int
    companions: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the others."""
        parts = re.split(r"[,，、;；]", self.companions)
        return tuple(filter(None, (part.strip() for part in parts)))

    @property
    def count(self) -> int:
        """Return how many go."""
        return len({self.speaker_id, self.note_taker_id}) + len(self.names)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a phone says it is; kept only because its owner agreed. Millionths of a degree, meters."""

    latitude_micro: int
    longitude_micro: int
    accuracy_m: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What was seen and how it is judged; codes of `VisitReport`."""

    text: str
    premises: str
    stock: str
    ability: str
    willingness: str


def plan_visit(
    *,
    customer_id: int,
    person_id: int,
    planned_at: datetime,
    place: str,
    purpose: str,
    party: Party,
    documents: Collection[str],
    actor: User,
    now: datetime,
    note: str = "",
    guard: ports.ContactGuard | None = None,
) -> Visit:
    """Plan a visit. The guard is asked for the time of the appointment; its refusal is kept, and nothing is planned.

    Raises: VisitInPast, VisitByOneAlone, VisitOfSameDay, ContactForbidden, PersonOfAnotherCustomer.
    """
    if planned_at <= now:
        raise VisitInPast(at=planned_at)
    if party.speaker_id == party.note_taker_id:
        raise VisitByOneAlone
    with transaction.atomic():
        customer = Customer.objects.select_for_update().get(pk=customer_id)
        person = ContactPerson.objects.get(pk=person_id)
        check_acts_for(person, customer)
        day = local_day(planned_at, customer.time_zone)
        if Visit.objects.filter(customer=customer, planned_on=day).exclude(state=State.CANCELLED).exists():
            raise VisitOfSameDay(customer=customer.name, day=day)
        answer = ask_guard(
            customer, person, Contact.Channel.VISIT, at=planned_at, now=now, actor=actor, guard=guard,
            visitor_count=party.count,
        )  # fmt: skip
        if isinstance(answer, ports.Allow):
            visit = Visit.objects.create(
                entity_id=customer.entity_id, customer=customer, person=person, planned_at=planned_at, planned_on=day,
                place=place.strip(), purpose=purpose, note=note.strip()[:TEXT_MAX], speaker_id=party.speaker_id,
                note_taker_id=party.note_taker_id, companions=", ".join(party.names),
                companion_count=len(party.names), made_at=now, made_by=actor,
            )  # fmt: skip
            VisitDocument.objects.bulk_create(VisitDocument(visit=visit, document=code) for code in sorted(documents))
            _journal("outreach.visit-planned", visit, actor=actor, now=now, planned_at=planned_at)
            return visit
    raise ContactForbidden(reason=answer.text, rule=answer.rule)


def check_in(
    *,
    visit_id: int,
    actor: User,
    now: datetime,
    position: Position | None = None,
    guard: ports.ContactGuard | None = None,
) -> Visit:
    """Begin a visit at the door: the guard is asked again, and from now on the visit counts.

    `position` is handed in only when the one who checks in has agreed that it is kept.

    Raises: VisitNotPlanned, VisitNotToday, ContactForbidden.
    """
    with transaction.atomic():
        visit = _locked(visit_id)
        if visit.state != State.PLANNED:
            raise VisitNotPlanned(state=visit.get_state_display())
        if local_day(now, visit.customer.time_zone) != visit.planned_on:
            raise VisitNotToday(day=visit.planned_on)
        begun = attempt_contact(
            customer_id=visit.customer_id, person_id=visit.person_id, channel=Contact.Channel.VISIT, now=now,
            actor=actor, guard=guard, visitor_count=visit.visitor_count,
        )  # fmt: skip
        if isinstance(begun, Attempt):
            VisitArrival.objects.create(visit=visit, attempt=begun, **_position_columns(position, now))
            visit.state = State.UNDER_WAY
            visit.save(update_fields=["state"])
            return visit
    raise ContactForbidden(reason=begun.text, rule=begun.rule)


def _position_columns(position: Position | None, now: datetime) -> dict[str, int | datetime]:
    if position is None:
        return {}
    return {
        "position_consent_at": now,
        "latitude_micro": position.latitude_micro,
        "longitude_micro": position.longitude_micro,
        "accuracy_m": position.accuracy_m,
    }


def close_visit(
    *, visit_id: int, findings: Findings, log: Callable[[Attempt], Contact], actor: User, now: datetime
) -> VisitReport:
    """End a visit, in the caller's transaction. `log` writes the entry of the contact log for the check-in.

    Raises: VisitNotUnderWay, FindingsMissing, and what `log` raises.
    """
    visit = _locked(visit_id)
    if visit.state != State.UNDER_WAY:
        raise VisitNotUnderWay(state=visit.get_state_display())
    if not findings.text.strip():
        raise FindingsMissing
    contact = log(visit.arrival.attempt)
    visit.state = State.DONE
    visit.save(update_fields=["state"])
    return VisitReport.objects.create(
        visit=visit, contact=contact, findings=findings.text.strip(), premises=findings.premises, stock=findings.stock,
        ability=findings.ability, willingness=findings.willingness, reported_by=actor, reported_at=now,
    )  # fmt: skip


@transaction.atomic
def cancel_visit(*, visit_id: int, reason: str, actor: User, now: datetime) -> Visit:
    """Call off a visit that has not begun. Raises VisitNotPlanned, VisitReasonMissing."""
    visit = _locked(visit_id)
    if visit.state != State.PLANNED:
        raise VisitNotPlanned(state=visit.get_state_display())
    if not reason.strip():
        raise VisitReasonMissing
    visit.state, visit.cancel_reason = State.CANCELLED, reason.strip()[:TEXT_MAX]
    visit.save(update_fields=["state", "cancel_reason"])
    _journal("outreach.visit-cancelled", visit, actor=actor, now=now, reason=visit.cancel_reason)
    return visit


@transaction.atomic
def pack(*, visit_id: int, documents: Collection[str], actor: User, now: datetime) -> Visit:
    """Say which papers of the list are packed: these, and no others. Raises VisitNotPlanned."""
    visit = _locked(visit_id)
    if visit.state != State.PLANNED:
        raise VisitNotPlanned(state=visit.get_state_display())
    visit.documents.filter(packed_at=None, document__in=documents).update(packed_at=now, packed_by=actor)
    visit.documents.exclude(document__in=documents).update(packed_at=None, packed_by=None)
    missing = visit.documents.filter(packed_at=None).order_by("document").values_list("document", flat=True)
    _journal("outreach.visit-packed", visit, actor=actor, now=now, missing=list(missing))
    return visit


@transaction.atomic
def keep_photo(
    *, visit_id: int, content: bytes, name: str, media_type: str, actor: User, now: datetime, title: str = ""
) -> StoredFile:
    """Keep a photo of a visit that has begun. Raises VisitNotUnderWay and the refusals of `journal.files.keep_file`."""
    visit = _locked(visit_id)
    if visit.state not in {State.UNDER_WAY, State.DONE}:
        raise VisitNotUnderWay(state=visit.get_state_display())
    return keep_file(
        content=content, name=name, media_type=media_type, kind=FileKind.PHOTO, now=now, actor=actor,
        entity_id=visit.entity_id, customer_id=visit.customer_id, subject=visit, title=title.strip(),
    )  # fmt: skip


def _locked(visit_id: int) -> Visit:
    """Return a visit, locked: customer before visit, as everywhere."""
    customer_id = Visit.objects.values_list("customer_id", flat=True).get(pk=visit_id)
    Customer.objects.select_for_update().get(pk=customer_id)
    return Visit.objects.select_for_update(of=("self",)).select_related("customer").get(pk=visit_id)


def _journal(event: str, visit: Visit, *, actor: User, now: datetime, **facts: object) -> None:
    record(
        event, now=now, actor=actor, entity_id=visit.entity_id, customer_id=visit.customer_id, subject=visit, **facts
    )
