"""Ladders that are based on others, written out in full; every step remembers where it was written."""

from dataclasses import dataclass
from typing import Any, Final

from huikuan.kernel.refusal import gettext_noop
from huikuan.policy.reading.document import Document
from huikuan.policy.reading.flaws import Flaw, Path, nearest

NO_BASE: Final = gettext_noop("There is no ladder “{base}” to base this one on. Ladders: {known}.")
CIRCLE: Final = gettext_noop("This ladder is based on itself, by way of {way}. Base it on one that stands alone.")
NO_STEP: Final = gettext_noop("The ladder “{base}” has no step “{step}”. Did you mean “{near}”? Its steps: {known}.")
NOTHING_BASED: Final = gettext_noop(
    "“{key}” needs “based_on”: there is nothing to change. Name the ladder to start from."
)


@dataclass(frozen=True, slots=True)
class RawStep:
    """One step as written, with the path of each of its fields."""

    data: dict[str, Any]
    paths: dict[str, Path]

    @property
    def path(self) -> Path:
        """Return where the step as a whole stands (its last change, if it was changed)."""
        return self.paths[""]

    def place(self, document: Document, *keys: str | int) -> tuple[int, int]:
        """Return line and column of a field of the step."""
        if not keys:
            return document.place(self.path)
        return document.place((*self.where(*keys),))

    def where(self, *keys: str | int) -> Path:
        """Return the path of a field of the step."""
        first = str(keys[0])
        return (*self.paths.get(first, (*self.path, first)), *keys[1:])


@dataclass(frozen=True, slots=True)
class RawLadder:
    """A ladder written out: settings and steps sorted by rank."""

    code: str
    settings: dict[str, Any]
    steps: tuple[RawStep, ...]
    path: Path


SETTINGS: Final = ("climb", "scope", "minimum")


def write_out(document: Document, flaws: list[Flaw]) -> dict[str, RawLadder]:
    """Return every ladder in full. What refers to nothing is added to the flaws and left out."""
    done: dict[str, RawLadder] = {}
    for code in document.data["ladders"]:
        _resolve(code, document, done, (), flaws)
    return done


def _resolve(
    code: str, document: Document, done: dict[str, RawLadder], way: tuple[str, ...], flaws: list[Flaw]
) -> RawLadder:
    if code in done:
        return done[code]
    ladders, path = document.data["ladders"], ("ladders", code)
    written, base_code = ladders[code], ladders[code].get("based_on")
    base = RawLadder(code, {}, (), path)
    if base_code is not None:
        where = (*path, "based_on")
        if base_code == code or base_code in way:
            facts = {"way": " → ".join([*way, code, base_code])}
            flaws.append(Flaw("ladder.circle", document.place(where), where, base_code, CIRCLE, facts))
        elif base_code not in ladders:
            facts = {"base": base_code, "known": ", ".join(ladders)}
            flaws.append(Flaw("ladder.unknown", document.place(where), where, base_code, NO_BASE, facts))
        else:
            base = _resolve(base_code, document, done, (*way, code), flaws)
    else:
        for key in ("without", "change"):
            if written.get(key):
                where = (*path, key)
                flaws.append(
                    Flaw("ladder.nothing-based", document.key_place(where), where, None, NOTHING_BASED, {"key": key})
                )
    settings = {**base.settings, **{key: written[key] for key in SETTINGS if key in written}}
    steps = [*_varied(base, written, path, document, flaws), *_own(written, path)]
    done[code] = RawLadder(code, settings, tuple(sorted(steps, key=lambda step: step.data["rank"])), path)
    return done[code]


def _own(written: dict[str, Any], path: Path) -> list[RawStep]:
    """Return the steps that the ladder itself lists."""
    found = []
    for number, data in enumerate(written.get("steps", [])):
        where: Path = (*path, "steps", number)
        found.append(RawStep(data, {"": where, **{key: (*where, key) for key in data}}))
    return found


def _varied(
    base: RawLadder, written: dict[str, Any], path: Path, document: Document, flaws: list[Flaw]
) -> list[RawStep]:
    """Return the base's steps without those left out, and with the changes: a field given replaces the field."""
    known = [step.data["code"] for step in base.steps]
    named = [(code, ("without", number)) for number, code in enumerate(written.get("without", []))]
    named += [(code, ("change", code)) for code in written.get("change", {})]
    for code, key in named:
        if known and code not in known:
            where: Path = (*path, *key)
            facts = {
                "base": base.code,
                "step": code,
                "near": nearest(code, known) or known[0],
                "known": ", ".join(known),
            }
            flaws.append(Flaw("step.unknown", document.key_place(where), where, code, NO_STEP, facts))
    kept = [step for step in base.steps if step.data["code"] not in written.get("without", [])]
    return [_changed(step, written.get("change", {}).get(step.data["code"]), path) for step in kept]


def _changed(step: RawStep, change: dict[str, Any] | None, path: Path) -> RawStep:
    if change is None:
        return step
    where: Path = (*path, "change", step.data["code"])
    fields = {key: value for key, value in change.items() if key != "code"}
    paths = {**step.paths, "": where, **{key: (*where, key) for key in fields}}
    return RawStep({**step.data, **fields}, paths)
