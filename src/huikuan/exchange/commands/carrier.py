"""Import the carrier's list: each row is news of one letter; bad rows are named and stop nothing."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from huikuan.exchange.ports import Table
from huikuan.exchange.rules.carrier import Heading, find_heading, instant_of, read_state, read_time
from huikuan.journal.commands import record
from huikuan.journal.files import keep_file
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.kernel.zones import zone_of
from huikuan.outreach.models import Letter
from huikuan.parties.models import Entity, User
from huikuan.runs.commands.letters import hear_of_letter

_HEAD = 30


class TrackingNumberUnknown(Refusal):
    """No letter of this entity was posted under the number."""

    code = "carrier.tracking-number-unknown"
    text = gettext_noop("No letter was posted under “{tracking_number}”.")


@dataclass(slots=True)
class Heard:
    """What a list brought."""

    new_count: int = 0
    known_count: int = 0
    problems: list[tuple[int, Refusal]] = field(default_factory=list)
    """Row number as a spreadsheet program shows it, and why it was not taken."""


def import_carrier_list(
    *, entity_id: int, table: Table, content: bytes, media_type: str, actor: User | None, now: datetime
) -> Heard:
    """Record the news of every row; a row heard before is counted and changes nothing. The list is kept as evidence.

    Each row is a transaction of its own: a list cut short is simply imported again.

    Raises: ColumnsMissing, and the refusals of reading the file.
    """
    entity = Entity.objects.get(pk=entity_id)
    heading = _heading(table)
    heard = Heard()
    for batch in table.batches(after=heading.row):
        for number, row in enumerate(batch.rows, start=batch.first_row):
            if not any(cell.strip() for cell in row):
                continue
            try:
                is_new = _hear(entity, heading, row, source=table.name, actor=actor, now=now)
            except Refusal as no:
                heard.problems.append((number, no))
                continue
            heard.new_count += is_new
            heard.known_count += not is_new
    _keep(entity, table, content, media_type, heard, actor=actor, now=now)
    return heard


def _heading(table: Table) -> Heading:
    """Choose the way to read the file under which the columns are found. Raises ColumnsMissing."""
    refusal: Refusal | None = None
    for candidate in table.candidates():
        try:
            heading = find_heading(table.head(_HEAD, candidate), table.name)
        except Refusal as no:
            refusal = refusal or no
            continue
        table.choose(candidate)
        return heading
    raise refusal or TrackingNumberUnknown(tracking_number="")


def _hear(entity: Entity, heading: Heading, row: list[str], *, source: str, actor: User | None, now: datetime) -> bool:
    """Record the news of one row; tell whether it was new."""
    tracking_number = "".join(heading.cell(row, "tracking").split()).upper()
    letter = Letter.objects.filter(entity=entity).exclude(tracking_number="").filter(
        tracking_number=tracking_number
    ).first()  # fmt: skip
    if letter is None or letter.handed_over_at is None:
        raise TrackingNumberUnknown(tracking_number=heading.cell(row, "tracking"))
    day, of_day = read_time(heading.cell(row, "at"))
    handed_over_at = letter.handed_over_at.astimezone(zone_of(entity.time_zone))
    news = hear_of_letter(
        letter_id=letter.pk,
        state=read_state(heading.cell(row, "state")),
        at=instant_of(day, of_day, not_before=handed_over_at),
        actor=actor,
        now=now,
        signed_by=heading.cell(row, "signed_by"),
        note=heading.cell(row, "note")[:300],
        source=source,
    )
    return news.is_new


@transaction.atomic
def _keep(
    entity: Entity, table: Table, content: bytes, media_type: str, heard: Heard, *, actor: User | None, now: datetime
) -> None:
    stored = keep_file(
        content=content, name=table.name, media_type=media_type, kind="LIST", now=now, actor=actor, entity_id=entity.pk,
        subject=entity,
    )  # fmt: skip
    record(
        "exchange.carrier-list-imported",
        now=now,
        actor=actor,
        entity_id=entity.pk,
        subject=entity,
        sha256=stored.sha256,
        new_count=heard.new_count,
        known_count=heard.known_count,
        problem_count=len(heard.problems),
    )
