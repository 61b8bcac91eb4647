"""What a person agreed to, as the page shows it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from huikuan.desk.access import Seat
from huikuan.outreach.models import Contact
from huikuan.parties.commands.consents import UNDO_HOURS
from huikuan.parties.models import Consent, ContactPerson


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRow:
    """One consent, standing or ended."""

    pk: int
    kind: str
    channel: str
    source: str
    evidence: str
    begun_at: datetime
    by: str
    expires_at: datetime | None
    ended_at: datetime | None
    stands: bool
    may_restore: bool


def consents_of(seat: Seat, person: ContactPerson) -> tuple[ConsentRow, ...]:
    """Return every consent of a person, the newest first. One query."""
    channels = dict(Contact.Channel.choices)
    rows = person.consents.select_related("begun_by").order_by("-begun_at", "-pk")
    return tuple(
        ConsentRow(
            pk=row.pk,
            kind=row.get_kind_display(),
            channel=str(channels.get(row.channel, row.channel)),
            source=row.get_source_display(),
            evidence=row.evidence,
            begun_at=row.begun_at,
            by=str(row.begun_by) if row.begun_by else "",
            expires_at=row.expires_at,
            ended_at=row.ended_at,
            stands=_stands(row, seat.now),
            may_restore=_may_restore(row, seat),
        )
        for row in rows
    )


def _stands(row: Consent, now: datetime) -> bool:
    return row.ended_at is None and (row.expires_at is None or row.expires_at > now)


def _may_restore(row: Consent, seat: Seat) -> bool:
    is_own = row.ended_at is not None and row.ended_by_id == seat.user.pk
    return is_own and seat.now - (row.ended_at or seat.now) < timedelta(hours=UNDO_HOURS)
