"""The dashboard: a handful of figures, each one query that reads only what is open or new."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, Sum, When

from huikuan.cases.models import Task
from huikuan.desk.access import Seat
from huikuan.exchange.queries.aging import BUCKETS
from huikuan.parties.models import Customer
from huikuan.parties.queries import visible_to
from huikuan.receivables.models import OpenItem, Receipt

DUE_SOON_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What stands in one currency, in minor units."""

    currency: str
    open_minor: int
    overdue_minor: int
    overdue_over_30_minor: int
    due_soon_minor: int
    received_minor: int
    buckets_minor: tuple[int, ...] = ()

    @property
    def overdue_percent(self) -> int:
        """Return the overdue share in whole percent."""
        return round(100 * self.overdue_minor / self.open_minor) if self.open_minor else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The tasks of one person."""

    name: str
    open_count: int
    late_count: int
    done_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """Figures per currency, the largest first, and tasks by person."""

    figures: tuple[Figures, ...]
    loads: tuple[Load, ...]
    month: date


def dashboard(seat: Seat) -> Dashboard:
    """Return the dashboard of the chosen entity. Four queries."""
    mine = visible_to(seat.user).filter(entity=seat.entity)
    month = seat.today.replace(day=1)
    received = dict(
        Receipt.objects.filter(entity=seat.entity, received_on__gte=month, received_on__lte=seat.today)
        .filter(Q(customer__in=mine) | Q(customer=None))
        .order_by()
        .values_list("currency")
        .annotate(amount=Sum("amount_minor"))
    )
    figures = [_figures(row, received) for row in _open(seat, mine)]
    only_received = set(received) - {each.currency for each in figures}
    figures += [
        Figures(
            currency=each, open_minor=0, overdue_minor=0, overdue_over_30_minor=0, due_soon_minor=0,
            received_minor=received[each],
        )
        for each in sorted(only_received)
    ]  # fmt: skip
    return Dashboard(
        figures=tuple(sorted(figures, key=lambda each: -each.open_minor)), loads=_loads(seat, mine), month=month
    )


def _open(seat: Seat, mine: QuerySet[Customer]) -> list[dict[str, Any]]:
    today = seat.today

    def of(**condition: object) -> Sum:
        return Sum(Case(When(**condition, then=F("open_minor")), default=0))

    sums = (
        OpenItem.objects.filter(entity=seat.entity, settled_on=None, customer__in=mine)
        .order_by()
        .values("currency")
        .annotate(
            open=Sum("open_minor"),
            overdue=of(due_on__lt=today),
            over_30=of(due_on__lt=today - timedelta(days=30)),
            soon=of(due_on__gte=today, due_on__lte=today + timedelta(days=DUE_SOON_DAYS)),
            **{f"bucket_{number}": of(**condition) for number, condition in enumerate(_buckets(today))},
        )
    )
    return [dict(row) for row in sums]


def _buckets(today: date) -> list[dict[str, date]]:
    """Return the conditions on the due day of each bucket: not due, 1-30 …, beyond the last."""
    edges = [today - timedelta(days=days) for days in (0, *BUCKETS)]
    between = [{"due_on__lt": younger, "due_on__gte": older} for younger, older in pairwise(edges)]
    return [{"due_on__gte": today}, *between, {"due_on__lt": edges[-1]}]


def _figures(row: dict[str, Any], received: dict[str, int]) -> Figures:
    return Figures(
        currency=row["currency"],
        open_minor=row["open"],
        overdue_minor=row["overdue"],
        overdue_over_30_minor=row["over_30"],
        due_soon_minor=row["soon"],
        received_minor=received.get(row["currency"], 0),
        buckets_minor=tuple(row[f"bucket_{number}"] for number in range(len(BUCKETS) + 2)),
    )


def _loads(seat: Seat, mine: QuerySet[Customer]) -> tuple[Load, ...]:
    """Count open, late and today finished tasks per person. Done tasks are read from today's first hour only."""
    midnight = seat.now - timedelta(hours=24)
    is_open = Q(done_at=None, cancelled_at=None)
    rows = (
        Task.objects.filter(Q(entity=seat.entity, customer__in=mine) & (is_open | Q(done_at__gte=midnight)))
        .order_by()
        .values("owner_id", "owner__display_name", "owner__username")
        .annotate(
            open=Count("pk", filter=is_open),
            late=Count("pk", filter=is_open & Q(due_on__lt=seat.today)),
            done=Count("pk", filter=Q(done_at__isnull=False)),
        )
    )
    loads = [
        Load(
            name=row["owner__display_name"] or row["owner__username"] or "",
            open_count=row["open"],
            late_count=row["late"],
            done_count=row["done"],
        )
        for row in rows
    ]
    return tuple(sorted(loads, key=lambda load: -load.open_count))
