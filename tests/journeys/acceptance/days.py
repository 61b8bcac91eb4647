"""Running the day, looking at it, sending what it queued."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.db.models import Max

from huikuan.cases.commands.task import complete_task
from huikuan.cases.models import Task
from huikuan.kernel.zones import zone_of
from huikuan.outreach.fakes import FakeGuard
from huikuan.outreach.models import Delivery
from huikuan.outreach.worker import Worker
from huikuan.runs.commands.fees import charge_fees
from huikuan.runs.commands.run import run_day
from huikuan.runs.item_contact import steps_of
from huikuan.runs.models import Decision
from tests.journeys.acceptance.books import Part
from tests.journeys.acceptance.world import World

EVENING: Final = time(20)
SEARCH_DAYS: Final = 400
"""How far a schedule is followed."""
SEASON_DAYS: Final = 90


@dataclass(frozen=True, slots=True)
class Rung:
    """A decision as the cases see it."""

    customer_id: int
    currency: str
    step_code: str
    occurrence: int
    item_ids: tuple[int, ...] = ()
    """Of a contact for items on steps of their own."""


def run(world: World) -> None:
    """Run the day; `told` keeps the run and what it newly decided."""
    before = Decision.objects.aggregate(last=Max("pk"))["last"] or 0
    day = world.day
    world.told["run"] = run_day(entity_id=world.entity.pk, as_of=day, now=world.now())
    fresh = Decision.objects.filter(pk__gt=before).exclude(action=Decision.Action.SKIPPED).order_by("pk")
    world.told["decisions"] = [
        Rung(d.customer_id, d.currency, d.step_code, d.occurrence, tuple(steps_of(d))) for d in fresh
    ]


def relive(world: World) -> None:
    """Run the days before the first step that the case tells of, and send what they queued."""
    if not world.given.keys() & {"sent", "attempts", "last_attempt"}:
        return
    for day in world.history_days():
        world.begin(day, None)
        run(world)
        send(world)


def send(world: World, *, until: datetime | None = None) -> None:
    """Let the worker send: what may leave by an instant, or everything, later that evening or when its hour comes.

    The contact guard lets everything pass, since no case knows of one; what it refuses is tested where it lives.
    Letters are tasks for people here: they are done. Fees of what has left are charged, as every run does.
    """
    worker = Worker(clock=world.now)
    worker.channel, worker.guard = world.channel, FakeGuard()
    before = len(world.channel.sent)
    if until is None:
        world.later(datetime.combine(world.day, EVENING, zone_of(world.entity.time_zone)))
        _worked_off(world, worker)
    else:
        worker.drain()
    charge_fees(entity_id=world.entity.pk, now=world.now())
    letters = list(Task.objects.filter(kind=Task.Kind.LETTER, done_at=None, cancelled_at=None).order_by("pk"))
    for task in letters:
        complete_task(task_id=task.pk, outcome="SENT", actor=world.clerk, now=world.now())
    world.told["mails"] = world.channel.sent[before:]
    world.told["letters"] = letters


def _worked_off(world: World, worker: Worker) -> None:
    """Work until nothing waits, moving on to the hour for which it waits."""
    for _ in range(SEARCH_DAYS):
        worker.drain()
        waiting = Delivery.objects.filter(state=Delivery.State.QUEUED).order_by("not_before").first()
        if waiting is None:
            return
        world.later(waiting.not_before)


def last_message(world: World) -> dict[str, Any]:
    """Return the facts of the message that left last; nothing left: no facts."""
    left = Delivery.objects.filter(message__isnull=False, finished_at__isnull=False).order_by("-pk").first()
    return {} if left is None or left.message is None else dict(left.message.facts)


def claimed_parts(world: World) -> list[Part]:
    """Return the items that the message which left last lists."""
    numbers = {line["number"] for line in last_message(world).get("items", [])}
    return [part for part in world.all_parts() if part.name in numbers]


def dates_ahead(world: World, count: int) -> list[str]:
    """Run and send day by day until so many contacts were made after the day; return their days.

    Of none to come a season is waited for.
    """
    found: list[str] = []
    day = world.day
    horizon = SEARCH_DAYS if count else SEASON_DAYS
    while len(found) < max(count, 1) and (day - world.day).days < horizon:
        day += timedelta(days=1)
        start, world.day = world.day, day
        world.begin(day, None)
        run(world)
        if world.told["decisions"]:
            found.append(day.isoformat())
            send(world)
        world.day = start
    return found
