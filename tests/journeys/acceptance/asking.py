"""What a case expects: each key is a query of ours, shaped as the case writes it. Without a query: unsupported."""

from collections.abc import Callable
from typing import Any

from huikuan.kernel.money import format_decimal
from tests.journeys.acceptance.words import Deed, Unsupported
from tests.journeys.acceptance.world import World

Ask = Callable[[World, Deed, Any], Any]
ASK: dict[str, Ask] = {}


def key(*names: str) -> Callable[[Ask], Ask]:
    """Register the query of a key."""

    def register(ask: Ask) -> Ask:
        ASK.update(dict.fromkeys(names, ask))
        return ask

    return register


def answer(world: World, deed: Deed, name: str, expected: Any) -> Any:
    """Return what the system says. Raises Unsupported."""
    ask = ASK.get(name)
    if ask is None:
        raise Unsupported(what=f"expect: {name}")
    return ask(world, deed, expected)


def named(expected: Any, name: str) -> list[str]:
    """Return whom or what an expectation names."""
    if not isinstance(expected, dict):
        raise Unsupported(what=f"expect: {name} that names nobody")
    return list(expected)


def money(world: World, minor: int) -> str:
    """Return minor units in the currency of the case as the cases write them."""
    return format_decimal(minor, world.currency)


@key("note")
def note(world: World, deed: Deed, expected: Any) -> Any:
    """A remark of whoever wrote the case."""
    return expected


# --- how it went -------------------------------------------------------------------------------------------

REFUSALS = {
    "a more recent run exists": "runs.day-already-passed",
    "overlaps": "hold.overlaps",
    "no pause": "hold.none",
    "not today": "hold.resume-not-today",
}
"""Words for which we know which refusal is meant; for others any refusal of the command will do."""


@key("error")
def error(world: World, deed: Deed, expected: Any) -> Any:
    """The refusal, told in the case's words when it is the one that is meant."""
    if world.refusal is None:
        return "nothing was refused"
    meant = REFUSALS.get(expected, world.refusal.code)
    return expected if world.refusal.code == meant else f"{world.refusal.code}: {world.refusal}"


@key("ok", "valid")
def went_well(world: World, deed: Deed, expected: Any) -> bool:
    """Whether it was not refused."""
    return world.refusal is None
