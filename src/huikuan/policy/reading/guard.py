"""Read a guard pack, and check what a policy tightens in it."""

from collections.abc import Iterator, Mapping
from datetime import time
from functools import cache
from importlib.resources import files
from typing import Any, Final

from huikuan.kernel.refusal import gettext_noop
from huikuan.policy.reading.document import Document, load
from huikuan.policy.reading.flaws import Flaw, Path, nearest
from huikuan.policy.reading.shape import shape_flaws
from huikuan.policy.rules.guard_pack import GuardPack, GuardRule, Number, WordList

NO_PACK: Final = gettext_noop("There is no guard pack “{pack}”. Packs: {known}.")
NO_RULE: Final = gettext_noop("The guard has no rule “{rule}”. Did you mean “{near}”? Rules with numbers: {known}.")
NO_NUMBER: Final = gettext_noop("The rule “{rule}” has no number “{name}”. Its numbers: {known}.")
WRONG_KIND: Final = gettext_noop("“{value}” does not fit here. Write {wanted}, as the pack does: {given}.")
LOOSENED: Final = gettext_noop(
    "{value} is looser than {given}, the number of the guard pack. A policy may only tighten it: {wanted}."
)
SEND_OUTSIDE: Final = gettext_noop(
    "{clock} is outside the hours in which machine messages may leave ({opens} to {closes}). Choose a time in between."
)
DIRECTIONS: Final = {
    "lower": gettext_noop("write {given} or less"),
    "higher": gettext_noop("write {given} or more"),
    "earlier": gettext_noop("write {given} or earlier"),
    "later": gettext_noop("write {given} or later"),
}


def pack_names() -> list[str]:
    """Return the names of the shipped guard packs."""
    found = (each.name for each in files("huikuan.policy.packs").iterdir())
    return sorted(name.removesuffix(".yaml") for name in found if name.startswith("guard_") and name.endswith(".yaml"))


@cache
def guard_pack(name: str) -> GuardPack:
    """Return a shipped guard pack. Raises FileNotFoundError; ValueError when the pack itself has flaws."""
    document = load(files("huikuan.policy.packs").joinpath(f"{name}.yaml").read_text(encoding="utf-8"))
    flaws = document.flaws or shape_flaws(document, "guard")
    if flaws:
        message = f"the guard pack {name} has flaws: {flaws[0]}"
        raise ValueError(message)
    data = document.data
    return GuardPack(
        name=data["name"],
        rules={code: _rule(code, written) for code, written in data["rules"].items()},
        words=tuple(
            WordList(each["kind"], each["language"], tuple(each["phrases"]), each["instead"])
            for each in data["language"]
        ),
    )


def _rule(code: str, written: Mapping[str, Any]) -> GuardRule:
    return GuardRule(
        code=code,
        says=written["says"],
        source=written["source"],
        is_verified=written["status"] == "verified",
        channels=frozenset(written.get("channels", [])),
        numbers={name: Number(value_of(each["value"]), each["stricter"]) for name, each in written["numbers"].items()},
        kinds=frozenset(written.get("kinds", [])),
        consent_lifts=written.get("consent_lifts", False),
    )


def value_of(written: int | str) -> int | time:
    """Return a number of a rule: a count, or a time of day. Raises ValueError for other text."""
    return written if isinstance(written, int) else time.fromisoformat(written)


def guard_flaws(document: Document, part: Mapping[str, Any]) -> Iterator[Flaw]:
    """Return what is wrong with a policy's `guard` and with its send times under that guard."""
    guard = part["guard"]
    if guard["pack"] not in pack_names():
        where: Path = ("guard", "pack")
        facts = {"pack": guard["pack"], "known": ", ".join(pack_names())}
        yield Flaw("guard.pack-unknown", document.place(where), where, guard["pack"], NO_PACK, facts)
        return
    pack = guard_pack(guard["pack"])
    numbered = [code for code, rule in pack.rules.items() if rule.numbers]
    found = []
    for code, numbers in guard["tighten"].items():
        where = ("guard", "tighten", code)
        if code not in numbered:
            facts = {"rule": code, "near": nearest(code, numbered) or numbered[0], "known": ", ".join(numbered)}
            found.append(Flaw("guard.rule-unknown", document.key_place(where), where, code, NO_RULE, facts))
            continue
        for name, value in numbers.items():
            found += _tightened(pack.rules[code], name, value, (*where, name), document)
    yield from found
    if not found:
        yield from _send_flaws(pack, part, document)


def _tightened(rule: GuardRule, name: str, value: int | str, where: Path, document: Document) -> Iterator[Flaw]:
    """Check one number that a policy sets."""
    if name not in rule.numbers:
        facts = {"rule": rule.code, "name": name, "known": ", ".join(rule.numbers)}
        yield Flaw("guard.number-unknown", document.key_place(where), where, name, NO_NUMBER, facts)
        return
    number = rule.numbers[name]
    given = shown(number.value)
    try:
        is_tighter = number.allows(value_of(value))
    except (ValueError, TypeError):
        wanted = "a time of day" if isinstance(number.value, time) else "a whole number"
        facts = {"value": str(value), "wanted": wanted, "given": given}
        yield Flaw("guard.wrong-kind", document.place(where), where, value, WRONG_KIND, facts)
        return
    if not is_tighter:
        wanted = DIRECTIONS[number.stricter].format(given=given)
        facts = {"value": str(value), "given": given, "wanted": wanted}
        yield Flaw("guard.loosened", document.place(where), where, value, LOOSENED, facts)


def _send_flaws(pack: GuardPack, part: Mapping[str, Any], document: Document) -> Iterator[Flaw]:
    """Messages that would always be delayed are a mistake in the send times."""
    changes = {
        code: {name: value_of(value) for name, value in numbers.items()}
        for code, numbers in part["guard"]["tighten"].items()
    }
    hours = pack.tightened(changes).rules["automatic_hours"]
    opens, closes = hours.clock("from"), hours.clock("until")
    for number, written in enumerate(part["send"]["at"]):
        if not opens <= time.fromisoformat(written) < closes:
            where = ("send", "at", number)
            facts = {"clock": written, "opens": shown(opens), "closes": shown(closes)}
            yield Flaw("send.outside", document.place(where), where, written, SEND_OUTSIDE, facts)


def shown(value: int | time) -> str:
    """Return a number of a rule as it stands in a file."""
    return value.strftime("%H:%M") if isinstance(value, time) else str(value)
