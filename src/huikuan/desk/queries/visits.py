"""Visits as pages show them: those of a day in the order of the way, those of a customer, one with its papers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import Count, Q, QuerySet

from huikuan.journal.models import StoredFile
from huikuan.journal.rules.media import FileKind
from huikuan.outreach.models import Visit, VisitArrival, VisitReport
from huikuan.parties.models import Membership, Role, User
from huikuan.parties.queries import may_see, visible_to

SHOWN: Final = 100
TONES: Final = {"PLANNED": "info", "UNDER_WAY": "warn", "DONE": "good", "CANCELLED": ""}
SUBJECT: Final = Visit._meta.label_lower


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRow:
    """One visit in a list; `missing` counts the papers nobody has packed."""

    pk: int
    customer: str
    customer_id: int
    planned_at: datetime
    place: str
    person: str
    purpose: str
    party: str
    state: str
    state_name: str
    tone: str
    missing: int
    is_mine: bool


def visits_of_day(user: User, entity_id: int, day: date) -> tuple[VisitRow, ...]:
    """Return the visits of a day that the user may see, by appointment: the way of the day. One query."""
    found = Visit.objects.filter(entity_id=entity_id, planned_on=day, customer__in=visible_to(user))
    return _rows(found.exclude(state=Visit.State.CANCELLED).order_by("planned_at", "pk"), user)


def visits_of(customer_id: int, user: User) -> tuple[VisitRow, ...]:
    """Return the visits of a customer, the newest first. One query."""
    return _rows(Visit.objects.filter(customer_id=customer_id).order_by("-planned_at"), user)


def _rows(found: QuerySet[Visit], user: User) -> tuple[VisitRow, ...]:
    related = found.select_related("customer", "person", "speaker", "note_taker")
    counted = related.annotate(missing=Count("documents", filter=Q(documents__packed_at=None)))
    return tuple(_row(each, each.missing, user) for each in counted[:SHOWN])


def _row(visit: Visit, missing: int, user: User) -> VisitRow:
    return VisitRow(
        pk=visit.pk,
        customer=visit.customer.name,
        customer_id=visit.customer_id,
        planned_at=visit.planned_at,
        place=visit.place,
        person=visit.person.name,
        purpose=visit.get_purpose_display(),
        party=", ".join(filter(None, (str(visit.speaker), str(visit.note_taker), visit.companions))),
        state=visit.state,
        state_name=visit.get_state_display(),
        tone=TONES[visit.state],
        missing=missing,
        is_mine=user.pk in {visit.speaker_id, visit.note_taker_id},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitPage:
    """One visit with its papers, its check-in, its report and its photos."""

    visit: Visit
    tone: str
    documents: tuple[tuple[str, str, bool], ...]
    missing: tuple[str, ...]
    arrival: VisitArrival | None
    report: VisitReport | None
    photos: tuple[StoredFile, ...]

    @property
    def position(self) -> str:
        """Return latitude and longitude in degrees; "" when none was kept."""
        if self.arrival is None or self.arrival.latitude_micro is None or self.arrival.longitude_micro is None:
            return ""
        return f"{_degrees(self.arrival.latitude_micro)}, {_degrees(self.arrival.longitude_micro)}"


def _degrees(micro: int) -> str:
    whole, part = divmod(abs(micro), 1_000_000)
    return f"{'-' if micro < 0 else ''}{whole}.{part:06}"


def visit_page(visit_id: int, user: User) -> VisitPage | None:
    """Return a visit, None when there is none that the user may see. Three queries."""
    visit = (
        Visit.objects.filter(may_see(user), pk=visit_id)
        .select_related(
            "customer__entity", "person", "speaker", "note_taker", "arrival__attempt__begun_by",
            "report__contact", "report__reported_by",
        )
        .first()
    )  # fmt: skip
    if visit is None:
        return None
    papers = list(visit.documents.order_by("pk"))
    photos = StoredFile.objects.filter(subject_type=SUBJECT, subject_id=visit.pk, kind=FileKind.PHOTO).order_by("pk")
    return VisitPage(
        visit=visit,
        tone=TONES[visit.state],
        documents=tuple((each.document, each.get_document_display(), each.packed_at is not None) for each in papers),
        missing=tuple(each.get_document_display() for each in papers if each.packed_at is None),
        arrival=getattr(visit, "arrival", None),
        report=getattr(visit, "report", None),
        photos=tuple(photos),
    )


def staff_of(entity_id: int) -> tuple[tuple[int, str], ...]:
    """Return who may go on a visit, by name: everybody with a role but auditors. One query."""
    rows = Membership.objects.filter(entity_id=entity_id, user__is_active=True).exclude(role=Role.AUDITOR)
    return _named(row.user for row in rows.select_related("user"))


def _named(users: Iterable[User]) -> tuple[tuple[int, str], ...]:
    return tuple(sorted({user.pk: str(user) for user in users}.items(), key=lambda row: row[1]))
