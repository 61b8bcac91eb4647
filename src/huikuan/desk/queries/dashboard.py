"""The dashboard: the whole entity as the latest run kept it, or a user's own customers as they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, Sum, When

from huikuan.cases.models import Task
from huikuan.desk.access import Seat
from huikuan.desk.queries.kept import Kept, kept_of, kept_runs
from huikuan.exchange.queries.aging import BUCKETS
from huikuan.parties.models import Customer, User
from huikuan.parties.queries import sees_whole, visible_to
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
class Trend:
    """What was overdue on the days of the latest runs, the oldest first, in one currency."""

    currency: str
    points: tuple[tuple[date, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """Figures per currency, the largest first, and tasks by person.

    Attributes:
        month: First day of the month whose receipts are counted.
        edges: Last days of the buckets.
        run: The latest run of the entity.
        kept_on: Day of the run that kept what is open and overdue; None: read just now, over the user's customers.
        trend: What was overdue run by run; None for who does not see the whole entity, or before the second run.
    """

    figures: tuple[Figures, ...]
    loads: tuple[Load, ...]
    month: date
    edges: tuple[int, ...]
    run: Kept | None
    kept_on: date | None
    trend: Trend | None


def dashboard(seat: Seat) -> Dashboard:
    """Return the dashboard of the chosen entity. Five queries for the whole entity; seven or eight for one's own."""
    is_whole = sees_whole(seat.user, seat.entity.pk)
    mine = None if is_whole else visible_to(seat.user, entity_id=seat.entity.pk)
    month = seat.today.replace(day=1)
    runs = kept_runs(seat)
    kept = kept_of(seat, mine) if mine is not None else next((run for run in runs if run.edges), None)
    received = _received(seat, mine, month)
    opened = _open(seat, mine) if kept is None else [_kept(*each) for each in kept.currencies.items()]
    figures = [_figures(row, received) for row in opened]
    only_received = set(received) - {each.currency for each in figures}
    figures += [
        Figures(
            currency=each, open_minor=0, overdue_minor=0, overdue_over_30_minor=0, due_soon_minor=0,
            received_minor=received[each],
        )
        for each in sorted(only_received)
    ]  # fmt: skip
    figures.sort(key=lambda each: -each.open_minor)
    return Dashboard(
        figures=tuple(figures),
        loads=_loads(seat, mine),
        month=month,
        edges=kept.edges if kept else BUCKETS,
        run=runs[0] if runs else None,
        kept_on=kept.as_of if kept else None,
        trend=_trend(runs, figures[0].currency) if is_whole and kept and figures else None,
    )


def _received(seat: Seat, mine: QuerySet[Customer] | None, month: date) -> dict[str, int]:
    """Return what arrived since the first of the month; money that nobody has recognized yet is everybody's."""
    receipts = Receipt.objects.filter(entity=seat.entity, received_on__gte=month, received_on__lte=seat.today)
    if mine is not None:  # the sum keeps SQLite to the index of the month, which holds it all, not to every customer's
        receipts = receipts.annotate(payer=F("customer_id") + 0).filter(Q(payer__in=mine.values("pk")) | Q(payer=None))
    return dict(receipts.order_by().values_list("currency").annotate(amount=Sum("amount_minor")))


def _trend(runs: Sequence[Kept], currency: str) -> Trend | None:
    points = tuple((run.as_of, run.overdue_minor(currency)) for run in reversed(runs) if run.edges)
    return Trend(currency=currency, points=points) if len(points) > 1 else None


def _kept(currency: str, kept: dict[str, Any]) -> dict[str, Any]:
    """Give what a run kept the names of the query."""
    buckets = {f"bucket_{number}": minor for number, minor in enumerate(kept["buckets"])}
    overdue = kept["total"] - kept["buckets"][0]
    said = {"open": kept["total"], "overdue": overdue, "over_30": kept["over_30"], "soon": kept["due_soon"]}
    return {"currency": currency, **said, **buckets}


def _open(seat: Seat, mine: QuerySet[Customer] | None) -> list[dict[str, Any]]:
    today = seat.today

    def of(**condition: object) -> Sum:
        return Sum(Case(When(**condition, then=F("open_minor")), default=0))

    # The customers are those of the entity; without a condition on it, and with one on the due day that all meet,
    # SQLite goes from the user's customers to what each has open, not through all that the entity has.
    whose = Q(entity=seat.entity) if mine is None else Q(customer__in=mine, due_on__gte=date.min)
    sums = (
        OpenItem.objects.filter(whose, settled_on=None)
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
        buckets_minor=tuple(minor for name, minor in row.items() if name.startswith("bucket_")),
    )


def _loads(seat: Seat, mine: QuerySet[Customer] | None) -> tuple[Load, ...]:
    """Count open, late and today finished tasks per person. Three queries over what indexes hold."""
    midnight = seat.now - timedelta(hours=24)
    whose = Q(entity=seat.entity) if mine is None else Q(entity=seat.entity, customer__in=mine)
    tasks = Task.objects.filter(whose).order_by().values_list("owner_id")
    # Every task has a kind: the condition leads SQLite to the index that holds all that is counted.
    opened = tasks.filter(done_at=None, cancelled_at=None, kind__gt="")
    late = Count("due_on", filter=Q(due_on__lt=seat.today))
    counted = {who: (n, m) for who, n, m in opened.annotate(n=Count("*"), m=late)}
    done = dict(tasks.filter(done_at__gte=midnight).annotate(n=Count("*")))
    people = User.objects.in_bulk({*counted, *done} - {None})
    loads = [
        Load(
            name=str(people[who]) if who in people else "",
            open_count=counted.get(who, (0, 0))[0],
            late_count=counted.get(who, (0, 0))[1],
            done_count=done.get(who, 0),
        )
        for who in {*counted, *done}
    ]
    return tuple(sorted(loads, key=lambda load: (-load.open_count, load.name)))
