"""The contact guard (合规闸门): may this contact be made now? Asked for every contact, at the moment it is made.

Plain Python, one contact at a time. The caller holds the lock under which contacts are counted, so that two workers
cannot both take the last free place. Source: domain.md §6; numbers and their sources: the guard packs. Several packs
may apply at once: each is asked for itself, and the strictest answer counts.

A refusal stands whatever the hour. A delay names the first instant at which nothing stands in the way any more, as far
as is known now; the guard is asked again then.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from huikuan.kernel.calendar import WorkingCalendar
from huikuan.policy.rules.guard_checks import DELAYS, REFUSALS
from huikuan.policy.rules.guard_facts import Block, Case, Consent, Past, Person, Request, RunningHold
from huikuan.policy.rules.guard_pack import GuardPack, GuardRule
from huikuan.policy.rules.wording import Found, check_words

__all__ = [
    "Allow",
    "Answer",
    "Block",
    "Consent",
    "DelayUntil",
    "Past",
    "Person",
    "Refuse",
    "Request",
    "RunningHold",
    "ask",
    "rule_of",
]

LANGUAGE: Final = "language"
RULE_OF_KIND: Final = {"utilities": "utilities", "access": "access", "posting": "posting", "lockout": "lockout"}
"""The rule that a kind of phrase offends; every other kind offends `language`."""
ROUNDS_MAX: Final = 400
"""Delays that may follow one another before the guard gives up looking: more than a year of days."""


@dataclass(frozen=True, slots=True)
class Allow:
    """Go ahead. `warnings`: what a rule has against the words, where it does not forbid them."""

    warnings: tuple["Refuse", ...] = ()


@dataclass(frozen=True, slots=True)
class DelayUntil:
    """Not now. `asks_person`: the machine cannot know, somebody should look."""

    at: datetime
    rule: GuardRule
    asks_person: bool = False


@dataclass(frozen=True, slots=True)
class Refuse:
    """Never, as things stand. `found`: the wording to change."""

    rule: GuardRule
    found: tuple[Found, ...] = ()


Answer = Allow | DelayUntil | Refuse


def ask(
    request: Request,
    *,
    packs: Sequence[GuardPack],
    history: Sequence[Past] = (),
    calendar: WorkingCalendar | None = None,
    blocks: Sequence[Block] = (),
    holds: Sequence[RunningHold] = (),
    consents: Sequence[Consent] = (),
) -> Answer:
    """Return whether the contact may be made now: the strictest answer of all packs.

    Args:
        request: The contact.
        packs: The rules that apply, already tightened by the policy.
        history: Outgoing contacts of the same customer and entity, at least of the last days that the rules count, and
            those to the same number for anybody; those under way count as made.
        calendar: Working days where the customer is; None: of request.country.
        blocks: Open blocks of the person, and of the customer as a whole.
        holds: Holds that cover everything the contact is about.
        consents: Of the person.

    Returns: a refusal before a delay, the delay to the first free instant, else Allow.
    """
    rules = [rule for pack in packs for rule in pack.rules.values() if rule.is_about(request.channel)]
    case = Case(request, rules, history, calendar or WorkingCalendar(request.country), blocks, holds, consents)
    warnings = []
    for refusal in _refusals(case, packs):
        if refusal.rule.blocks_in(request.region):
            return refusal
        warnings.append(refusal)
    return _delayed(case, tuple(warnings))


def _refusals(case: Case, packs: Sequence[GuardPack]) -> Iterator[Refuse]:
    """Say what stands in the way at any hour."""
    for code, refuses in REFUSALS.items():
        for rule in case.rules:
            if rule.code == code and refuses(case, rule):
                yield Refuse(rule)
    yield from _wording(case.request, packs)


def _wording(request: Request, packs: Sequence[GuardPack]) -> Iterator[Refuse]:
    """Say what is wrong with the words: one refusal for each rule that a phrase offends."""
    for pack in packs:
        found = check_words(request.words, pack.words, is_property=request.is_property)
        for code in dict.fromkeys(RULE_OF_KIND.get(each.kind, LANGUAGE) for each in found):
            offending = tuple(each for each in found if RULE_OF_KIND.get(each.kind, LANGUAGE) == code)
            yield Refuse(rule_of(packs, code, pack), offending)


def rule_of(packs: Sequence[GuardPack], code: str, first: GuardPack) -> GuardRule:
    """Return the rule of that code: of the pack itself, else of the first that has it. Raises StopIteration."""
    return next(pack.rules[code] for pack in (first, *packs) if code in pack.rules)


def _delayed(case: Case, warnings: tuple[Refuse, ...]) -> Allow | DelayUntil:
    """Look for the first instant at which no rule delays; the rule named is the one that stands in the way now."""
    at, first = case.request.now, None
    for _ in range(ROUNDS_MAX):
        blocking = _blocking(case, at)
        if blocking is None:
            return Allow(warnings) if first is None else DelayUntil(at, first)
        until, rule, asks_person = blocking
        if asks_person:
            return DelayUntil(until, first or rule, asks_person=True)
        at, first = until, first or rule
    return DelayUntil(at, first or case.rules[0], asks_person=True)


def _blocking(case: Case, at: datetime) -> tuple[datetime, GuardRule, bool] | None:
    """Return the rule that delays longest at that instant: until when, the rule, and whether a person should look."""
    found = []
    for rule in case.rules:
        delays = DELAYS.get(rule.code)
        if delays is None or case.is_lifted(rule, at):
            continue
        answer = delays(case, rule, at)
        if answer is not None:
            found.append((*answer, rule))
    if not found:
        return None
    until, asks_person, rule = max(found, key=lambda each: each[0])
    return until, rule, asks_person
