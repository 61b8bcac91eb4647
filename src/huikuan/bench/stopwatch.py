"""Measuring: seconds by name, medians, peak memory, and what machine it was."""

import os
import platform
import resource
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType
from typing import Any

KIBI = 1024


class Stopwatch:
    """Adds up wall seconds by name."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Add the time of the block to a name."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] += time.perf_counter() - begun

    @contextmanager
    def watching(self, places: Sequence[tuple[ModuleType, str, str]]) -> Iterator[None]:
        """Time every call of some functions while the block runs: (module that calls it, its name there, our name)."""
        originals = [(module, name, getattr(module, name)) for module, name, _ in places]
        for (module, name, function), (_, _, ours) in zip(originals, places, strict=True):
            setattr(module, name, self._timing(function, ours))
        try:
            yield
        finally:
            for module, name, function in originals:
                setattr(module, name, function)

    def _timing(self, function: Callable[..., Any], ours: str) -> Callable[..., Any]:
        def timing(*args: object, **kwargs: object) -> object:
            with self.timed(ours):
                return function(*args, **kwargs)

        return timing

    def rounded(self) -> dict[str, float]:
        """Return the seconds, to the millisecond."""
        return {name: round(value, 3) for name, value in self.seconds.items()}


def seconds_of(act: Callable[[], object]) -> float:
    """Return how long one call took."""
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def in_turn(acts: dict[str, Callable[[], object]], *, times: int) -> dict[str, list[float]]:
    """Run several things in turn, so many times, and return the seconds of each: noise meets them alike."""
    found: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(times):
        for name, act in acts.items():
            found[name].append(seconds_of(act))
    return found


def median(values: Sequence[float]) -> float:
    """Return the median, to the tenth of a millisecond."""
    return round(statistics.median(values), 4)


def ratio(ours: float, reference: float) -> float:
    """Return how many times the reference we took, to the hundredth."""
    return round(ours / max(reference, 1e-9), 2)


def peak_mib() -> int:
    """Return the largest resident size of this process and of any child it waited for, in MiB."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return int(max(own, children)) // KIBI


def machine() -> dict[str, Any]:
    """Return what is worth knowing about the machine and the versions."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "load": [round(load, 1) for load in os.getloadavg()],
        "python": platform.python_version(),
        "system": platform.platform(),
        "versions": {name: _version(name) for name in ("huikuan", "polars", "duckdb", "django", "psycopg", "pyarrow")},
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
