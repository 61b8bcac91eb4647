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
from huikuan.policy.rules.guard_pack import Debtor, GuardPack, GuardRule, Number, WordList, shown
from huikuan.policy.rules.schema import GuardRules

NO_PACK: Final = gettext_noop("There is no guard pack “{pack}”. Packs: {known}.")
NOT_WHOLE: Final = gettext_noop(
    "“{pack}” is an additional guard pack: it has not every rule. Name it under “with”, and here one of {known}."
)
NO_RULE: Final = gettext_noop("The guard has no rule “{rule}”. Did you mean “{near}”? Rules with numbers: {known}.")
NO_NUMBER: Final = gettext_noop("The rule “{rule}” has no number “{name}”. Its numbers: {known}.")
WRONG_KIND: Final = gettext_noop("“{value}” does not fit here. Write {wanted}, as the pack does: {given}.")
LOOSENED: Final = gettext_noop(
    "{value} is looser than {given}, the number of the guard pack. A policy may only tighten it: {wanted}."
)
SEND_OUTSIDE: Final = gettext_noop(
    "{clock} is outside the hours in which machine messages may leave ({opens} to {closes}). Choose a time in between."
)
DEFAULT_PACK: Final = "guard_cn_default"
"""The rules that hold for an entity without a policy: it sends nothing by itself, but its people may call."""
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
    conditions = data.get("applies_to", {})
    return GuardPack(
        name=data["name"],
        title=data["title"],
        rules={code: _rule(data["name"], code, written) for code, written in data["rules"].items()},
        words=tuple(
            WordList(
                each["kind"], each["language"], tuple(each["phrases"]), each["instead"], tuple(each.get("unless", []))
            )
            for each in data.get("language", [])
        ),
        countries=frozenset(conditions.get("countries", [])),
        sizes=frozenset(conditions.get("sizes", [])),
        businesses=frozenset(conditions.get("businesses", [])),
    )


@cache
def all_packs() -> tuple[GuardPack, ...]:
    """Return every shipped guard pack, by name."""
    return tuple(guard_pack(name) for name in pack_names())


def packs_named(rules: GuardRules | None) -> tuple[GuardPack, ...]:
    """Return the packs that a policy names, with its own numbers; without a policy the default pack."""
    if rules is None:
        return (guard_pack(DEFAULT_PACK),)
    return tuple(guard_pack(name).tightened(rules.tighten) for name in dict.fromkeys((rules.pack, *rules.added)))


def packs_for(rules: GuardRules | None, debtor: Debtor) -> tuple[GuardPack, ...]:
    """Return every pack that applies to a debtor: those the policy names, and those of the debtor's place and kind."""
    named = packs_named(rules)
    names = {pack.name for pack in named}
    added = (pack for pack in all_packs() if not pack.is_whole and pack.name not in names and pack.concerns(debtor))
    return (*named, *added)


def _rule(pack: str, code: str, written: Mapping[str, Any]) -> GuardRule:
    return GuardRule(
        pack=pack,
        code=code,
        says=written["says"],
        source=written["source"],
        is_verified=written["status"] == "verified",
        channels=frozenset(written.get("channels", [])),
        numbers={name: Number(value_of(each["value"]), each["stricter"]) for name, each in written["numbers"].items()},
        kinds=frozenset(written.get("kinds", [])),
        consent_lifts=written.get("consent_lifts", False),
        warns=written.get("warns", False),
        regions=frozenset(written.get("regions", [])),
    )


def value_of(written: int | str) -> int | time:
    """Return a number of a rule: a count, or a time of day. Raises ValueError for other text."""
    return written if isinstance(written, int) else time.fromisoformat(written)


def guard_flaws(document: Document, part: Mapping[str, Any]) -> Iterator[Flaw]:
    """Return what is wrong with a policy's `guard` and with its send times under that guard."""
    guard = part["guard"]
    unknown = list(_unknown_packs(document, guard))
    yield from unknown
    if unknown:
        return
    packs = [guard_pack(name) for name in dict.fromkeys((guard["pack"], *guard.get("with", [])))]
    numbered = list(dict.fromkeys(code for pack in packs for code, rule in pack.rules.items() if rule.numbers))
    found = []
    for code, numbers in guard["tighten"].items():
        where: Path = ("guard", "tighten", code)
        if code not in numbered:
            facts = {"rule": code, "near": nearest(code, numbered) or numbered[0], "known": ", ".join(numbered)}
            found.append(Flaw("guard.rule-unknown", document.key_place(where), where, code, NO_RULE, facts))
            continue
        for name, value in numbers.items():
            for rule in (pack.rules[code] for pack in packs if code in pack.rules):
                found += _tightened(rule, name, value, (*where, name), document)
    yield from found
    if not found:
        yield from _send_flaws(packs[0], part, document)


def _unknown_packs(document: Document, guard: Mapping[str, Any]) -> Iterator[Flaw]:
    """Return the packs that are none, and an additional one in the place of a whole one."""
    named: list[tuple[str, Path]] = [(guard["pack"], ("guard", "pack"))]
    named += [(name, ("guard", "with", number)) for number, name in enumerate(guard.get("with", []))]
    for name, where in named:
        if name not in pack_names():
            facts = {"pack": name, "known": ", ".join(pack_names())}
            yield Flaw("guard.pack-unknown", document.place(where), where, name, NO_PACK, facts)
        elif where[1] == "pack" and not guard_pack(name).is_whole:
            facts = {"pack": name, "known": ", ".join(pack.name for pack in all_packs() if pack.is_whole)}
            yield Flaw("guard.pack-not-whole", document.place(where), where, name, NOT_WHOLE, facts)


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
