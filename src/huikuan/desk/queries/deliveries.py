"""The outbox as people see it: what waits, what left, what needs a decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from huikuan.desk.access import Seat
from huikuan.desk.queries.paging import Order, Page, Place, page_of
from huikuan.desk.queries.words import step_name
from huikuan.outreach.models import Delivery
from huikuan.parties.queries import may_see, within

State = Delivery.State
NEWEST = Order("created_at", down=True)
TONES = {
    "QUEUED": "info", "SENDING": "info", "SENT": "good", "DELIVERED": "good", "READ": "good", "FAILED": "bad",
    "UNKNOWN": "bad", "BOUNCED": "bad", "REFUSED": "warn", "CANCELLED": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """One message."""

    pk: int
    created_at: datetime
    not_before: datetime
    finished_at: datetime | None
    customer_id: int
    customer: str
    channel: str
    step: str
    address: str
    state: str
    state_name: str
    tone: str
    attempts: int
    error: str
    subject: str

    @property
    def may_cancel(self) -> bool:
        """Tell whether it can still be withdrawn."""
        return self.state in {"QUEUED", "FAILED"}


def deliveries(seat: Seat, *, state: str, place: Place) -> Page[DeliveryRow]:
    """Return a page of the messages to customers that the user may see, newest first. One or two queries."""
    found = _visible(seat).select_related("customer", "message").defer("message__text", "message__html")
    if state:
        found = found.filter(state=state)
    return page_of(found, NEWEST, place, read=_rows)


def states(seat: Seat) -> tuple[tuple[str, str, int], ...]:
    """Return (state, name, how many) for every state that occurs. One query."""
    counts = dict(_visible(seat).order_by().values_list("state").annotate(n=Count("*")))
    return tuple((code, str(name), counts[code]) for code, name in Delivery.State.choices if code in counts)


def _visible(seat: Seat) -> QuerySet[Delivery]:
    return within(seat.user, Delivery.objects.all(), entity_id=seat.entity.pk)


def _rows(found: Sequence[Delivery]) -> list[DeliveryRow]:
    return [
        DeliveryRow(
            pk=each.pk,
            created_at=each.created_at,
            not_before=each.not_before,
            finished_at=each.finished_at,
            customer_id=each.customer_id,
            customer=each.customer.name,
            channel=each.get_channel_display(),
            step=step_name(each.step_code),
            address=each.address,
            state=each.state,
            state_name=each.get_state_display(),
            tone=TONES[each.state],
            attempts=each.attempt_count,
            error=each.last_error,
            subject=each.message.subject if each.message else "",
        )
        for each in found
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryDetail:
    """One message with its words as they left, and its trail."""

    row: DeliveryRow
    text: str
    sha256: str
    composed_at: datetime | None
    events: tuple[tuple[datetime, str, str, str], ...]
    receipts: tuple[tuple[datetime, str, str, str], ...]


def delivery_of(seat: Seat, delivery_id: int) -> DeliveryDetail | None:
    """Return one message with its events (at, state, tone, detail) and receipts (at, state, tone, who and why).

    None when the user may not see it. Three queries.
    """
    found = Delivery.objects.select_related("customer", "message").filter(may_see(seat.user), pk=delivery_id).first()
    if found is None:
        return None
    events = tuple(
        (
            event.at,
            event.get_state_display(),
            TONES[event.state],
            "; ".join(f"{k}: {v}" for k, v in event.detail.items()),
        )
        for event in found.events.order_by("at", "pk")
    )
    message = found.message
    return DeliveryDetail(
        row=_rows([found])[0],
        text=message.text if message else "",
        sha256=message.sha256 if message else "",
        composed_at=message.composed_at if message else None,
        events=events,
        receipts=tuple(
            (
                each.at,
                str(Delivery.State(each.state).label),
                TONES[each.state],
                f"{each.provider} {each.detail}".strip(),
            )
            for each in found.receipts.order_by("at", "pk")
        ),
    )
