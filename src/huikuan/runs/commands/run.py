"""Run the day of an entity: resumable, repeatable, one chunk of customers at a time."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from time import perf_counter
from typing import Any, Final

from django.db import DatabaseError, OperationalError, transaction

from huikuan.journal.commands import record
from huikuan.kernel.zones import local_day
from huikuan.parties.models import Entity, User
from huikuan.policy.queries import policy_in_force
from huikuan.runs import refusals
from huikuan.runs.commands.arrangements import judge_arrangements
from huikuan.runs.commands.chunk import do_chunk, prepare
from huikuan.runs.commands.fallback import fall_back
from huikuan.runs.commands.fees import charge_fees
from huikuan.runs.commands.unposted import remind_of_letters
from huikuan.runs.commands.watching import end_what_is_over
from huikuan.runs.models import Run, RunChunk
from huikuan.runs.queries.plan import CHUNK_ITEMS, chunk_ranges, latest_run
from huikuan.runs.queries.preparation import Preparation
from huikuan.runs.queries.warnings import OF_WORK, merged
from huikuan.runs.rules.snapshot import Shares, Snapshot, added, added_shares
from huikuan.storage.transactions import is_worth_another_try, only_one

TRIES_MAX: Final = 10
ENGINES: Final = ("local",)

Progress = Callable[[int, int], None]
"""Called with chunks done and chunks in all."""


def run_day(
    *,
    entity_id: int,
    as_of: date,
    now: datetime,
    actor: User | None = None,
    engine: str = "local",
    chunk_items: int = CHUNK_ITEMS,
    progress: Progress | None = None,
) -> Run:
    """Decide the day for every customer of the entity, write what changed and queue what is to be sent.

    Each chunk is one transaction. A run that was interrupted, however hard, goes on with the chunks that are missing;
    a day that is done is gone through again and adds only what is new; days without a run are caught up by this one.

    Args:
        entity_id: The entity.
        as_of: The day.
        now: Instant of the start; a resumed run keeps the instant at which it began.
        actor: Who asks; None: the machine.
        engine: "local".
        chunk_items: Open items of a chunk.
        progress: Told after every chunk.

    Raises: the refusals of `runs.refusals`.
    """
    if engine not in ENGINES:
        raise refusals.EngineUnknown(engine=engine)
    entity = Entity.objects.get(pk=entity_id)
    today = local_day(now, entity.time_zone)
    if as_of > today + timedelta(days=1):
        raise refusals.DayTooFarAhead(as_of=as_of, today=today)
    with only_one(f"run/{entity.pk}") as is_ours:
        if not is_ours:
            raise refusals.RunInProgress(entity=entity.code)
        unfinished = latest_run(entity.pk)
        if unfinished and unfinished.state != Run.State.DONE and unfinished.as_of < as_of:
            _carry_out(unfinished, entity, progress=progress)
        charge_fees(entity_id=entity.pk, now=now)
        judge_arrangements(entity_id=entity.pk, as_of=as_of, now=now)
        end_what_is_over(entity_id=entity.pk, as_of=as_of, now=now)
        remind_of_letters(entity_id=entity.pk, as_of=as_of, now=now)
        fall_back(entity_id=entity.pk, now=now)
        run = _begun(entity, as_of, now=now, actor=actor, engine=engine, chunk_items=chunk_items)
        return _carry_out(run, entity, progress=progress)


@transaction.atomic
def _begun(entity: Entity, as_of: date, *, now: datetime, actor: User | None, engine: str, chunk_items: int) -> Run:
    """Return the run of the day: new, to be resumed, or to be repeated; with its chunks planned."""
    latest = latest_run(entity.pk)
    if latest and latest.as_of > as_of:
        raise refusals.DayAlreadyPassed(entity=entity.code, latest=latest.as_of, as_of=as_of)
    if latest and latest.as_of == as_of:
        if latest.state == Run.State.DONE:
            latest.state, latest.started_at = Run.State.RUNNING, now
            latest.save(update_fields=["state", "started_at"])
            latest.chunks.all().delete()
            _plan(latest, chunk_items)
        elif latest.state == Run.State.FAILED:
            latest.state = Run.State.RUNNING
            latest.save(update_fields=["state"])
        return latest
    in_force = policy_in_force(entity.pk, as_of)
    if in_force is None:
        raise refusals.NoPolicyInForce(entity=entity.code, as_of=as_of)
    run = Run.objects.create(
        entity=entity,
        as_of=as_of,
        previous_on=latest.as_of if latest else None,
        policy_version=in_force.version,
        engine=engine,
        started_at=now,
        started_by=actor,
    )
    _plan(run, chunk_items)
    record("runs.run-begun", now=now, actor=actor, entity_id=entity.pk, subject=run, as_of=as_of)
    return run


def _plan(run: Run, chunk_items: int) -> None:
    ranges = chunk_ranges(run.entity_id, items_max=chunk_items)
    RunChunk.objects.bulk_create(
        RunChunk(run=run, number=number, first_customer_id=first, last_customer_id=last)
        for number, (first, last) in enumerate(ranges, start=1)
    )


def _carry_out(run: Run, entity: Entity, *, progress: Progress | None) -> Run:
    """Do the chunks that are missing, then close the run; a run that fails says so, and can be taken up again."""
    try:
        return _carried_out(run, entity, progress=progress)
    except BaseException:
        with suppress(DatabaseError):  # a lost connection must not hide what happened
            Run.objects.filter(pk=run.pk).update(state=Run.State.FAILED)
        raise


def _carried_out(run: Run, entity: Entity, *, progress: Progress | None) -> Run:
    began = perf_counter()
    prepared = prepare(run, entity)
    pending = list(run.chunks.filter(done_at=None).order_by("number").values_list("pk", flat=True))
    total = run.chunks.count()
    for done, chunk_id in enumerate(pending, start=total - len(pending) + 1):
        _with_another_try(chunk_id, prepared)
        if progress:
            progress(done, total)
    return _finish(run, prepared, lasted=timedelta(seconds=perf_counter() - began))


def _with_another_try(chunk_id: int, prepared: Preparation) -> None:
    """Do one chunk; again when somebody else was at the same rows: nothing of it happened then."""
    for attempt in range(1, TRIES_MAX + 1):
        try:
            do_chunk(chunk_id, prepared)
        except OperationalError as error:
            if attempt == TRIES_MAX or not is_worth_another_try(error):
                raise
        else:
            return


@transaction.atomic
def _finish(run: Run, prepared: Preparation, *, lasted: timedelta) -> Run:
    """Add up the chunks and mark the run done, `lasted` after it began (or after it was taken up again)."""
    counts: dict[str, int] = {}
    found: list[dict[str, Any]] = list(prepared.warnings)
    parts: list[Snapshot] = []
    chunk_shares: list[Shares] = []
    for chunk in run.chunks.order_by("number"):
        for name, count in chunk.counts.get("rows", {}).items():
            counts[name] = counts.get(name, 0) + count
        found += chunk.counts.get("warnings", [])
        parts += [chunk.counts["aging"]] if "aging" in chunk.counts else []
        chunk_shares += [chunk.counts.get("shares", {})]
    was_repeated = "customers" in run.counts
    found += [each for each in run.warnings if each["code"] in OF_WORK]
    standing = ("customers", "items")
    run.counts = {
        name: counts.get(name, 0) + (run.counts.get(name, 0) if was_repeated and name not in standing else 0)
        for name in sorted({*counts, *run.counts, *standing})
    }
    run.warnings = merged(found)
    run.aging, run.shares = added(parts), added_shares(chunk_shares)
    run.state, run.ended_at = Run.State.DONE, prepared.setting.now + lasted
    run.save(update_fields=["counts", "warnings", "aging", "shares", "state", "ended_at"])
    record(
        "runs.run-finished",
        now=run.ended_at,
        actor=run.started_by,
        entity_id=run.entity_id,
        subject=run,
        as_of=run.as_of,
        counts=run.counts,
    )
    return run
