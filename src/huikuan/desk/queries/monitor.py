"""The outbox watched: what is stuck, and why messages did not leave."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Min, QuerySet
from django.db.models.functions import Substr

from huikuan.desk.access import Seat
from huikuan.outreach.models import Delivery
from huikuan.parties.queries import within

LOOKS_BACK: Final = timedelta(days=30)
REASON_LENGTH: Final = 60
"""Failures that begin alike are one reason: what follows is the address or the number of the attempt."""
REASONS_MAX: Final = 8
STUCK_AFTER: Final = timedelta(minutes=15)
RETRIED_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One reason for which messages failed, and how many of them."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitor:
    """How the outbox fares: messages that are due and still wait, since when, and failures by reason."""

    due_count: int
    due_since: datetime | None
    is_stuck: bool
    unknown_count: int
    failures: tuple[Failure, ...]


def monitor(seat: Seat) -> Monitor:
    """Return how the outbox of the chosen entity fares, for the customers that the user may see. Three queries."""
    mine = within(seat.user, Delivery.objects.all(), entity_id=seat.entity.pk).order_by()
    due = mine.filter(state=Delivery.State.QUEUED, not_before__lte=seat.now).aggregate(
        n=Count("*"), since=Min("not_before")
    )
    failures = (
        failed(seat)
        .order_by()
        .annotate(reason=Substr("last_error", 1, REASON_LENGTH))
        .values_list("reason")
        .annotate(n=Count("*"))
        .order_by("-n", "reason")[:REASONS_MAX]
    )
    return Monitor(
        due_count=due["n"],
        due_since=due["since"],
        is_stuck=due["since"] is not None and due["since"] < seat.now - STUCK_AFTER,
        unknown_count=mine.filter(state=Delivery.State.UNKNOWN).count(),
        failures=tuple(Failure(reason=reason, count=n) for reason, n in failures),
    )


def failed(seat: Seat, *, reason: str | None = None) -> QuerySet[Delivery]:
    """Return the messages of the last thirty days that failed, all of them or those of one reason."""
    rows = within(seat.user, Delivery.objects.all(), entity_id=seat.entity.pk)
    rows = rows.filter(state=Delivery.State.FAILED, created_at__gte=seat.now - LOOKS_BACK)
    return rows if reason is None else rows.filter(last_error__startswith=reason)
