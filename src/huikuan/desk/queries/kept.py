"""What runs kept of the entity and of each collector, so that no page reads the ledger (see runs.rules.snapshot).

A collector's figures are those that the run kept as long as the customers are those that it saw: whoever was given a
customer since, or lost one, gets figures added up just now.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, QuerySet, Sum

from huikuan.desk.access import Seat
from huikuan.parties.models import Customer
from huikuan.parties.queries import sees_whole, visible_to
from huikuan.runs.models import Run
from huikuan.runs.rules.snapshot import MARK_MODULUS, NOBODY, Snapshot, added

RUNS_DRAWN = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A run and what was open on its day; money in minor units, `on_account` never negative."""

    pk: int
    as_of: date
    edges: tuple[int, ...]
    currencies: dict[str, dict[str, Any]]

    def overdue_minor(self, currency: str) -> int:
        """Return what was overdue in a currency."""
        return sum(self.currencies[currency]["buckets"][1:]) if currency in self.currencies else 0


def kept_runs(seat: Seat, *, count: int = RUNS_DRAWN) -> tuple[Kept, ...]:
    """Return the latest runs of the chosen entity, the latest first, also those that kept nothing yet. One query."""
    rows = Run.objects.filter(entity=seat.entity).order_by("-as_of").values("pk", "as_of", "aging")
    return tuple(_kept(row["pk"], row["as_of"], row["aging"]) for row in rows[:count])


def latest_kept(seat: Seat, collector_id: int | None = None) -> Kept | None:
    """Return what the latest run kept of what the user sees, or of that with one collector; None: nothing that holds.

    One query for a user who sees the whole entity, two for others.
    """
    if collector_id is None and sees_whole(seat.user, seat.entity.pk):
        return next((run for run in kept_runs(seat, count=2) if run.edges), None)
    mine = visible_to(seat.user, entity_id=seat.entity.pk)
    return kept_of(seat, mine if collector_id is None else mine.filter(collector_id=collector_id))


def kept_of(seat: Seat, customers: QuerySet[Customer]) -> Kept | None:
    """Return what the latest run kept of collectors who have these customers and no others. Two queries."""
    latest = Run.objects.filter(entity=seat.entity).order_by("-as_of").values("pk", "as_of", "shares").first()
    if latest is None or not latest["shares"]:
        return None
    place = F("pk") % MARK_MODULUS
    by_collector = customers.order_by().values_list("collector_id")
    marks = by_collector.annotate(count=Count("*"), ids=Sum("pk"), squares=Sum(place * place))
    parts = []
    for collector_id, *mark in marks:
        share = latest["shares"].get(str(collector_id or NOBODY))
        if share is None or share["mark"] != mark:
            return None
        parts.append(share["part"])
    together = added(parts)
    return _kept(latest["pk"], latest["as_of"], together) if together else None


def _kept(pk: int, as_of: date, aging: Snapshot) -> Kept:
    return Kept(pk=pk, as_of=as_of, edges=tuple(aging.get("edges", ())), currencies=aging.get("currencies", {}))
