"""Run one case: given, then step by step what is done and what is expected."""

import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

from huikuan.kernel.refusal import Refusal
from tests.journeys.acceptance import asking, days, deeds
from tests.journeys.acceptance.words import Unsupported, deed, moment, only, same
from tests.journeys.acceptance.world import World

CASE = {"id", "peer", "ref", "kind", "area", "title", "portable", "given", "timeline", "note"}
STEP = {"on", "do", "expect"}

for module in ("asking_ladder", "asking_ledger", "planning"):
    import_module(f"tests.journeys.acceptance.{module}")  # each registers the keys that it answers


class Disagreed(AssertionError):  # noqa: N818  it is an answer, not an error
    """The system says something else than the case."""


def run_case(case: dict[str, Any]) -> int:
    """Run a case; return how many expectations were checked. Raises Unsupported, Disagreed."""
    only(case, CASE, "case")
    if not case.get("timeline"):
        raise Unsupported(what="timeline: nothing is done")
    try:
        world = World(case)
        world.set_up()
        days.relive(world)
    except Refusal as no:
        raise Unsupported(what=f"given: {no.code}: {no}") from no
    except KeyError as missing:
        if not _is_ours(missing):
            raise
        raise Unsupported(what=f"given: {missing} is missing") from missing
    checked = 0
    for number, step in enumerate(case["timeline"], start=1):
        only(step, STEP, "timeline")
        checked += _step(world, step, where=f"step {number}, {step['on']} {step['do']}")
    return checked


def _is_ours(error: KeyError) -> bool:
    """Tell whether the translation missed a field; anything else missing is a bug of the system."""
    return Path(traceback.extract_tb(error.__traceback__)[-1].filename).parent == Path(__file__).parent


def _step(world: World, step: dict[str, Any], *, where: str) -> int:
    day, instant = moment(step["on"])
    world.begin(day, instant)
    done = deed(step["do"])
    expect = step.get("expect", {})
    try:
        deeds.perform(world, done)
    except Refusal as no:
        world.refusal = no
        if not expect.keys() & {"error", "ok", "valid", "allowed"}:
            message = f"{where}: refused: {no.code}: {no}"
            raise Disagreed(message) from no
    for key, expected in expect.items():
        actual = asking.answer(world, done, key, expected)
        if not same(actual, expected):
            message = f"{where}: {key} is {actual!r}, the case expects {expected!r}"
            raise Disagreed(message)
    return len(expect)
