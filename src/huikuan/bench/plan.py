"""What each benchmark consists of, and what it must not exceed."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

from huikuan.bench import aging, day, importing, io, letters, mail, pages, portfolio
from huikuan.bench.stopwatch import machine, ratio, seconds_of
from huikuan.bench.throwaway import SQLITE, environment, step

DECIDE_MAX: Final = 1.5
FIRST_RUN_MAX: Final = 4.0
NOTHING_MAX: Final = 0.6
PEAK_MAX_MIB: Final = 2048
FEW_ITEMS: Final = 2_000
"""What an import finds in the ledger already."""


def _loaded(items: int) -> dict[str, Any]:
    loads: list[portfolio.Load] = []
    seconds = seconds_of(lambda: loads.append(portfolio.load(items)))
    return {**asdict(loads[0]), "seconds": round(seconds, 2)}


STEPS: Final[dict[str, Callable[[int], dict[str, Any]]]] = {
    "load": _loaded,
    "decide": lambda _items: day.decide_beside(),
    "first": lambda _items: day.first(),
    "io": lambda _items: io.measure(times=day.TIMES),
    "later": lambda _items: day.later(),
    "aging": lambda _items: aging.measure(),
    "import": importing.measure,
    "pages": lambda _items: pages.measure(),
    "letters": letters.measure,
    "mail": mail.measure,
}
"""Steps by name; each runs in a process of its own, so that memory and caches of one do not help another."""


def bench_day(items: int, database: str, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure the daily run. `say` is told the step that begins."""
    with environment(database) as alone:
        found = {name: _told(name, items, alone, say) for name in ("load", "decide", "first", "io", "later")}
    decided, first, raw = found["decide"], found["first"], found["io"]
    share = items / max(decided["items"], 1)
    references = {"decide": round(decided["duckdb"] * share, 3), "read": raw["read"], "write": raw["write"]}
    values = {
        "decide_to_duckdb": (decided["ratio"], DECIDE_MAX),
        "first_run_to_references": (ratio(first["seconds"], sum(references.values())), FIRST_RUN_MAX),
        "nothing_to_first": (ratio(found["later"]["nothing"]["seconds"], first["seconds"]), NOTHING_MAX),
        "peak_mib": (first["peak_mib"], PEAK_MAX_MIB),
    }
    targets = {
        name: {"value": value, "at_most": most, "is_met": value <= most} for name, (value, most) in values.items()
    }
    return {**_head("day", items, database), **found, "references": references, "targets": targets}


def bench_one(name: str, items: int, database: str, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure one of aging, import, pages."""
    with environment(database) as alone:
        load = _told("load", FEW_ITEMS if name == "import" else items, alone, say)
        return {**_head(name, items, database), "load": load, name: _told(name, items, alone, say)}


def bench_alone(name: str, count: int, database: str, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure one of letters, mail: so many of them, in an installation that the step fills itself."""
    with environment(database) as alone:
        return {**_head(name, count, database), name: _told(name, count, alone, say)}


def _told(name: str, items: int, alone: dict[str, str], say: Callable[[str], None]) -> dict[str, Any]:
    say(name)
    return step(name, items, alone)


def _head(name: str, items: int, database: str) -> dict[str, Any]:
    kind = SQLITE if database == SQLITE else "postgresql"
    return {"benchmark": name, "items": items, "database": kind, "machine": machine()}
