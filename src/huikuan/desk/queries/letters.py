"""Letters as people see them: what waits to be posted, where each one is, and the proof."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, QuerySet

from huikuan.desk.access import Seat
from huikuan.desk.queries.paging import Order, Page, Place, page_of
from huikuan.journal.models import StoredFile
from huikuan.outreach.models import Letter
from huikuan.parties.queries import visible_to

NEWEST = Order("made_at", down=True)
TONES = {
    "MADE": "info", "HANDED_OVER": "info", "IN_TRANSIT": "info", "SIGNED": "good", "REFUSED": "bad",
    "RETURNED": "bad", "CANCELLED": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterRow:
    """One letter."""

    pk: int
    number: str
    title: str
    customer_id: int
    customer: str
    as_of: date
    deadline_on: date | None
    amount_minor: int
    currency: str
    state: str
    state_name: str
    tone: str
    state_at: datetime
    carrier: str
    tracking_number: str
    signed_by: str


def letters(seat: Seat, *, state: str, place: Place) -> Page[LetterRow]:
    """Return a page of the letters to customers that the user may see, newest first. One or two queries."""
    found = _light(_visible(seat))
    return page_of(found.filter(state=state) if state else found, NEWEST, place, read=_rows)


def letters_of(customer_id: int, place: Place) -> Page[LetterRow]:
    """Return a page of one customer's letters, newest first. One or two queries."""
    return page_of(_light(Letter.objects.filter(customer_id=customer_id)), NEWEST, place, read=_rows)


def letter_states(seat: Seat) -> tuple[tuple[str, str, int], ...]:
    """Return (state, name, how many) for every state that occurs. One query."""
    counts = dict(_visible(seat).order_by().values_list("state").annotate(n=Count("pk")))
    return tuple((code, str(name), counts[code]) for code, name in Letter.State.choices if code in counts)


def _visible(seat: Seat) -> QuerySet[Letter]:
    mine = visible_to(seat.user).filter(entity=seat.entity)
    return Letter.objects.filter(entity=seat.entity, customer__in=mine)


def _light(found: QuerySet[Letter]) -> QuerySet[Letter]:
    return found.select_related("customer").defer("facts", "words")


def _rows(found: Sequence[Letter]) -> list[LetterRow]:
    return [
        LetterRow(
            pk=each.pk,
            number=each.number,
            title=str(each.data["title"]),
            customer_id=each.customer_id,
            customer=each.customer.name,
            as_of=each.as_of,
            deadline_on=each.deadline_on,
            amount_minor=each.principal_minor + each.penalty_minor,
            currency=each.currency,
            state=each.state,
            state_name=each.get_state_display(),
            tone=TONES[each.state],
            state_at=each.state_at,
            carrier=each.get_carrier_display(),
            tracking_number=each.tracking_number,
            signed_by=each.signed_by,
        )
        for each in found
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterDetail:
    """One letter with its words, its trail and its receipts."""

    row: LetterRow
    addressee: str
    address: str
    words: str
    principal_minor: int
    penalty_minor: int
    item_count: int
    sha256: str
    made_by: str
    is_posted: bool
    events: tuple[tuple[datetime, str, str, str], ...]
    receipts: tuple[StoredFile, ...]


def letter_of(letter: Letter) -> LetterDetail:
    """Return what the page of a letter shows. Two queries beyond the letter itself."""
    events = tuple(
        (event.at, event.get_state_display(), TONES[event.state], " · ".join(_said(event.detail)))
        for event in letter.events.order_by("at", "pk")
    )
    receipts = StoredFile.objects.filter(subject_type="outreach.letter", subject_id=letter.pk, kind="RECEIPT")
    return LetterDetail(
        row=_rows([letter])[0],
        addressee=letter.addressee,
        address=letter.address,
        words=letter.words,
        principal_minor=letter.principal_minor,
        penalty_minor=letter.penalty_minor,
        item_count=letter.item_count,
        sha256=letter.pdf.sha256,
        made_by=str(letter.made_by) if letter.made_by else "",
        is_posted=letter.handed_over_at is not None,
        events=events,
        receipts=tuple(receipts.order_by("pk")),
    )


def _said(detail: dict[str, object]) -> list[str]:
    """Return what an event says, without the names of its fields."""
    return [str(value) for value in detail.values() if value]
