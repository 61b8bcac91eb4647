"""The days before today, lived through: run, letters, calls. Every row is written by the real command."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from huikuan.demo.collectors import Team
from huikuan.demo.dealings import Dealings
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.outreach.ports import Channel
from huikuan.outreach.worker import Worker
from huikuan.parties.models import Entity
from huikuan.runs.commands.run import run_day

MORNING = time(22, 30)
"""Half past six in China, on the day before in UTC: the run is over before anybody works."""
LETTER_TIMES = (time(1, 30), time(6, 30))
"""Half past nine and half past two in China: letters that were to leave at nine and at two have left."""
LATELY_DAYS = 6
"""The last days, on which much is still undone."""


@dataclass(slots=True)
class Lived:
    """What happened on the days replayed."""

    days: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    letters: Counter[str] = field(default_factory=Counter)


def working_days(as_of: date, *, count: int) -> list[date]:
    """Return the last working days of China before a day, in order."""
    calendar = WorkingCalendar("CN")
    found: list[date] = []
    day = as_of
    while len(found) < count:
        day -= timedelta(days=1)
        if calendar.is_working_day_or_fallback(day)[0]:
            found.append(day)
    return found[::-1]


def live(
    days: list[date],
    *,
    payers: dict[int, str],
    channel: Channel,
    on_day: Callable[[int], None] = lambda _count: None,
) -> Lived:
    """Live through the days: the run of every entity, the letters it asked for, the work of the collectors.

    Args:
        days: In order.
        payers: How each customer pays, by id.
        channel: Where letters go; never the world.
        on_day: Told after each day how many are over.
    """
    team, dealings, lived = Team(payers), Dealings(payers), Lived()
    entities = list(Entity.objects.order_by("code").values_list("pk", flat=True))
    clock = _Clock()
    post = Worker(clock=clock.now)
    post.channel = channel
    for number, day in enumerate(days):
        for entity_id in entities:
            run = run_day(entity_id=entity_id, as_of=day, now=morning_of(day))
            lived.counts.update({name: count for name, count in run.counts.items() if isinstance(count, int)})
        for instant in _post_times(day):
            clock.at = instant
            post.drain()
        team.work(day, is_lately=day >= days[-min(LATELY_DAYS, len(days))])
        dealings.deal(day, number=number, left=len(days) - 1 - number)
        lived.days += 1
        on_day(lived.days)
    post.close()
    lived.letters = post.counts
    lived.counts.update(team.counts)
    lived.counts.update(dealings.counts)
    return lived


def morning_of(day: date) -> datetime:
    """Return the instant at which a day's run begins."""
    return datetime.combine(day - timedelta(days=1), MORNING, UTC)


def _post_times(day: date) -> Iterator[datetime]:
    for moment in LETTER_TIMES:
        yield datetime.combine(day, moment, UTC)


@dataclass(slots=True)
class _Clock:
    """The clock of the worker, set by hand."""

    at: datetime = datetime(2000, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the instant it was set to."""
        return self.at
