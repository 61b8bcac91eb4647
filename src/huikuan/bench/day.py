"""The daily run, measured: first run, the next day, a day with nothing to do; read, decide and write apart."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from huikuan.bench import decide, io
from huikuan.bench.portfolio import AS_OF, NOW, entity
from huikuan.bench.stopwatch import Stopwatch, in_turn, median, peak_mib, ratio, seconds_of
from huikuan.policy.queries import policy_in_force
from huikuan.runs.commands import chunk
from huikuan.runs.commands.run import run_day
from huikuan.runs.queries import preparation
from huikuan.runs.queries.details import read_details
from huikuan.runs.queries.facts import read_facts
from huikuan.runs.queries.hours import Law
from huikuan.runs.queries.plan import chunk_ranges
from huikuan.runs.queries.preparation import narrowed, prepare_day
from huikuan.runs.rules.day import outline

TIMES = 3
REFERENCE_ITEMS_MAX = 2_000_000
"""Larger frames are not held twice: the references then answer for the first customers only, and say so."""


@dataclass(slots=True)
class Turn:
    """One run of one day."""

    seconds: float
    parts: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        rest = self.seconds - sum(self.parts.values())
        return {"seconds": round(self.seconds, 3), **self.parts, "rest": round(rest, 3), "rows": self.counts}


def first() -> dict[str, Any]:
    """Run the first day in a process of its own, which also tells the peak of memory."""
    recorder = io.Recorder()
    with recorder.recording():
        turn = _turn(AS_OF)
    peak = peak_mib()
    recorder.save()
    return {**turn.as_dict(), "peak_mib": peak}


def later() -> dict[str, Any]:
    """Run the next day, and that one again: nothing is left to do then."""
    following = _turn(AS_OF + timedelta(days=1))
    nothing = _turn(AS_OF + timedelta(days=1))
    return {"next": following.as_dict(), "nothing": nothing.as_dict(), "peak_mib": peak_mib()}


def _turn(as_of: date) -> Turn:
    watch = Stopwatch()
    with watch.watching(_places()):
        begun = NOW + (as_of - AS_OF)
        done: dict[str, int] = {}

        def act() -> None:
            done.update(run_day(entity_id=entity().pk, as_of=as_of, now=begun).counts)

        seconds = seconds_of(act)
    return Turn(seconds, watch.rounded(), {name: count for name, count in done.items() if isinstance(count, int)})


def _places() -> list[tuple[Any, str, str]]:
    return [
        (preparation, "read_facts", "read"),
        (preparation, "read_details", "read"),
        (preparation, "settled_late", "read"),
        (preparation, "outline", "decide"),
        (preparation, "conclude", "decide"),
        (chunk, "write", "write"),
    ]


def decide_beside() -> dict[str, Any]:
    """Measure deciding beside DuckDB, in turn, on the frames of the first run; nothing is written. Before `first`."""
    frames = read_frames()
    reference = decide.Reference.of(frames)
    reference.decide()
    agreed = decide.check(decide.ours(frames), reference)
    seconds = in_turn({"ours": lambda: decide.ours(frames), "duckdb": reference.decide}, times=TIMES)
    ours, duckdb = median(seconds["ours"]), median(seconds["duckdb"])
    return {
        "items": frames.facts.items.height,
        "ours": ours,
        "duckdb": duckdb,
        "ratio": ratio(ours, duckdb),
        "agreed": agreed,
    }


def read_frames() -> decide.Frames:
    """Return what the first run will be decided from: all of it, or of the first customers where it is very much."""
    creditor = entity()
    in_force = policy_in_force(creditor.pk, AS_OF)
    if in_force is None:
        message = "the load has no policy in force"
        raise RuntimeError(message)
    prepared = prepare_day(creditor, in_force.policy, as_of=AS_OF, previous_on=None, now=NOW)
    first_id, last_id = chunk_ranges(creditor.pk, items_max=REFERENCE_ITEMS_MAX)[0]
    scope = narrowed(prepared, first_id, last_id)
    facts = read_facts(scope, settled_late=prepared.settled_late)
    sketch = outline(facts, setting=prepared.setting, policy=prepared.policy)
    law = Law(prepared.policy.guard, prepared.entity.business)
    details = read_details(scope, sketch.contacted, terms=prepared.terms, reference=prepared.reference, law=law)
    return decide.Frames(facts, details, prepared)
