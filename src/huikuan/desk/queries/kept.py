"""What the runs kept of the whole entity, so that a page need not read its ledger (see runs.rules.snapshot)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from huikuan.desk.access import Seat
from huikuan.parties.queries import sees_whole
from huikuan.runs.models import Run

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
    return tuple(
        Kept(
            pk=row["pk"],
            as_of=row["as_of"],
            edges=tuple(row["aging"].get("edges", ())),
            currencies=row["aging"].get("currencies", {}),
        )
        for row in rows[:count]
    )


def latest_kept(seat: Seat) -> Kept | None:
    """Return the latest run that kept figures, for a user who sees the whole entity; None for others. One query."""
    if not sees_whole(seat.user, seat.entity.pk):
        return None
    return next((run for run in kept_runs(seat, count=2) if run.edges), None)
