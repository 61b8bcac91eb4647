"""What a ladder must be beyond its shape: climbable, honest, and within what is declared."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from huikuan.kernel.refusal import gettext_noop
from huikuan.policy.reading.document import Document
from huikuan.policy.reading.flaws import Flaw, nearest
from huikuan.policy.reading.merge import RawLadder, RawStep
from huikuan.policy.rules.events import EVENTS, SIGNAL_KINDS

UPCOMING_KEYS: Final = ("item_issued", "days_after_issue", "days_before_due", "share_of_term")
DATED_KEYS: Final = ("days_overdue", "age_over", "end_of_month_after", "days_since_previous", "days_since")
EVENT_KEYS: Final = (*EVENTS, "no_response_days", "delay_signal", "unread_after_hours")
OWED_KEYS: Final = ("overdue_at_least", "unpaid_at_least", "overdue_count_at_least", "unpaid_count_at_least")
LADDER_ONLY: Final = ("repeat", "min_gap_days", "formal", "fee")
WHEN_LADDER_ONLY: Final = (*DATED_KEYS, *EVENT_KEYS, *OWED_KEYS, "fruitless_contacts_at_least", "no_response")

EMPTY: Final = gettext_noop("The ladder has no steps. List them under “steps”, or name a ladder under “based_on”.")
CODE_TWICE: Final = gettext_noop("The ladder already has a step “{code}”. Give this one another code.")
RANK_TWICE: Final = gettext_noop("Rank {rank} is taken by the step “{code}”. Give every step of a ladder its own rank.")
RANK_ORDER: Final = gettext_noop("Rank {rank} comes after rank {before}. List the steps from the lowest rank up.")
NO_ACTION: Final = gettext_noop("The step does nothing. Give it a “notice”, a “task” or both.")
NO_TRIGGER: Final = gettext_noop(
    "Nothing says when the step falls due. Add for example days_overdue or days_before_due."
)
MIXED: Final = gettext_noop(
    "“{key}” belongs to steps after the due day, but “{moment}” makes this one an earlier step. Keep one of the two."
)
TWO_MOMENTS: Final = gettext_noop("“{key}” and “{moment}” both name a moment before the due day. Keep one of the two.")
TWO_DAYS: Final = gettext_noop("“{key}” and “{other}” both count days. Keep one of the two.")
OUT_OF_PLACE: Final = gettext_noop(
    "“{key}” is for steps after the due day; this one comes before it. Remove it, or change when the step falls due."
)
UPCOMING_RANK: Final = gettext_noop(
    "The step comes before the due day, but its rank {rank} is above the overdue step “{code}” ({other}). Lower it."
)
FIRST_SINCE: Final = gettext_noop(
    "The first step after the due day cannot be counted from a previous step: there is none. Use days_overdue."
)
NO_SUCH_STEP: Final = gettext_noop("The ladder has no step “{code}”. Its steps: {known}.")
NO_SUCH_STEP_NEAR: Final = gettext_noop("The ladder has no step “{code}”. Did you mean “{near}”?")
SINCE_HIGHER: Final = gettext_noop("The step “{code}” comes later than this one. Count from an earlier step.")
ANNOUNCES_LOWER: Final = gettext_noop(
    "The step “{code}” does not come after this one, so it cannot be announced. Announce a later step, or none."
)
NO_TEMPLATE: Final = gettext_noop("The template “{name}” is not declared. Declared: {known}.")
NO_TEMPLATE_NEAR: Final = gettext_noop("The template “{name}” is not declared. Did you mean “{near}”?")
NO_CHANNEL: Final = gettext_noop("The template “{name}” is not written for {channel}. It is written for: {known}.")
NO_SCRIPT: Final = gettext_noop("The script “{name}” is not declared under “scripts”. Declared: {known}.")
NOT_WATCHED: Final = gettext_noop(
    "No delay signal “{kind}” is looked for. Add it under “signals: watch:”, or remove it here. Watched: {known}."
)
NOTHING_TO_READ: Final = gettext_noop(
    "No step before this one sends a message, so none can be unread. Give an earlier step a “notice”."
)
UNTIL_TOO_EARLY: Final = gettext_noop(
    "The repetition ends on day {until}, before the step first falls due on day {first}. Set a later day."
)
STARVED: Final = gettext_noop(
    "The step waits {days} days after the one before, but “{code}” comes every {every} days and would always be before "
    "it. Wait at most {every} days, make this step formal, or repeat the other less often."
)


def ladder_flaws(ladder: RawLadder, document: Document, part: Mapping[str, Any]) -> Iterator[Flaw]:
    """Return what is wrong with one ladder, written out in full.

    Args:
        ladder: With its steps sorted by rank.
        document: Where everything stands.
        part: `templates`, `scripts` and `signals` in force.
    """
    if not ladder.steps:
        yield Flaw("ladder.empty", document.key_place(ladder.path), ladder.path, None, EMPTY, {})
    yield from _order_flaws(ladder, document)
    yield from _family_flaws(ladder, document)
    for step in ladder.steps:
        yield from _step_flaws(step, document)
        yield from _reference_flaws(step, ladder, document)
        yield from _declared_flaws(step, document, part)
        yield from _event_flaws(step, ladder, document, part)
    yield from _waiting_flaws(ladder, document)


def is_upcoming(step: RawStep, scope: str) -> bool:
    """Tell whether the step is a moment before the due day (see `build.trigger`)."""
    keys = UPCOMING_KEYS if scope != "oldest_issue" else ("days_before_due", "share_of_term")
    return any(key in step.data["when"] for key in keys)


def _flaw(
    problem: str, step: RawStep, document: Document, keys: tuple[str | int, ...], text: str, /, **facts: Any
) -> Flaw:
    """Return a flaw of one field of a step; no keys: of the step."""
    value: Any = step.data
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    where = step.where(*keys) if keys else step.path
    return Flaw(problem, document.place(where), where, value if keys else None, text, facts)


def _order_flaws(ladder: RawLadder, document: Document) -> Iterator[Flaw]:
    """Codes and ranks once each, and the list in the file from the lowest rank up."""
    codes: set[str] = set()
    ranks: dict[int, str] = {}
    for step in ladder.steps:
        code, rank = step.data["code"], step.data["rank"]
        if code in codes:
            yield _flaw("step.code-twice", step, document, ("code",), CODE_TWICE, code=code)
        elif rank in ranks:
            yield _flaw("step.rank-twice", step, document, ("rank",), RANK_TWICE, rank=rank, code=ranks[rank])
        codes.add(code)
        ranks.setdefault(rank, code)
    written = document.data["ladders"][ladder.code].get("steps", [])
    for number in range(1, len(written)):
        rank, before = written[number]["rank"], written[number - 1]["rank"]
        if rank < before:
            where = (*ladder.path, "steps", number, "rank")
            yield Flaw(
                "step.rank-order", document.place(where), where, rank, RANK_ORDER, {"rank": rank, "before": before}
            )


def _family_flaws(ladder: RawLadder, document: Document) -> Iterator[Flaw]:
    """Upcoming steps stand below the overdue ones; the first overdue one stands on its own."""
    scope = str(ladder.settings.get("scope", "customer"))
    overdue = [step for step in ladder.steps if not is_upcoming(step, scope)]
    if not overdue:
        return
    first = overdue[0]
    if "days_since_previous" in first.data["when"] or "days_since" in first.data["when"]:
        key = next(key for key in ("days_since_previous", "days_since") if key in first.data["when"])
        yield _flaw("step.first-since-previous", first, document, ("when", key), FIRST_SINCE)
    for step in ladder.steps:
        if is_upcoming(step, scope):
            if step.data["rank"] > first.data["rank"]:
                facts = {"rank": step.data["rank"], "code": first.data["code"], "other": first.data["rank"]}
                yield _flaw("step.upcoming-rank", step, document, ("rank",), UPCOMING_RANK, **facts)
            for key in LADDER_ONLY:
                if step.data.get(key):
                    yield _flaw("step.out-of-place", step, document, (key,), OUT_OF_PLACE, key=key)


def _step_flaws(step: RawStep, document: Document) -> Iterator[Flaw]:
    """What a step needs and what contradicts itself within it."""
    data, when = step.data, step.data["when"]
    if not data.get("notice") and not data.get("task"):
        yield _flaw("step.no-action", step, document, (), NO_ACTION)
    moments = [key for key in UPCOMING_KEYS if key in when]
    dated = [key for key in ("days_overdue", "age_over", "end_of_month_after") if key in when]
    if not moments and not any(key in when for key in (*DATED_KEYS, *EVENT_KEYS, *OWED_KEYS)):
        yield _flaw("step.no-trigger", step, document, ("when",), NO_TRIGGER)
    if len(moments) > 1:
        facts = {"key": moments[1], "moment": moments[0]}
        yield _flaw("step.two-moments", step, document, ("when", moments[1]), TWO_MOMENTS, **facts)
    if len(dated) > 1:
        yield _flaw("step.two-days", step, document, ("when", dated[1]), TWO_DAYS, key=dated[1], other=dated[0])
    issue_only = moments and moments[0] in {"item_issued", "days_after_issue"}
    for key in WHEN_LADDER_ONLY:
        if moments and key in when and not (issue_only and key in OWED_KEYS):
            yield _flaw("step.mixed", step, document, ("when", key), MIXED, key=key, moment=moments[0])
    repeat, first = data.get("repeat", {}), when.get("days_overdue", when.get("age_over", 0))
    if repeat.get("until_days") is not None and repeat["until_days"] < first:
        facts = {"until": repeat["until_days"], "first": first}
        yield _flaw("step.until-too-early", step, document, ("repeat", "until_days"), UNTIL_TOO_EARLY, **facts)


def _reference_flaws(step: RawStep, ladder: RawLadder, document: Document) -> Iterator[Flaw]:
    """Steps named in a step: they exist, and stand on the right side of it."""
    ranks = {each.data["code"]: each.data["rank"] for each in ladder.steps}
    rank, since = step.data["rank"], step.data["when"].get("days_since")
    named: list[tuple[str, tuple[str | int, ...], str]] = []
    if since is not None:
        named.append((since["step"], ("when", "days_since", "step"), "step.since-higher"))
    named += [
        (code, ("announces", at), "step.announces-lower") for at, code in enumerate(step.data.get("announces", []))
    ]
    for code, keys, problem in named:
        if code not in ranks:
            near = nearest(code, list(ranks))
            facts = {"code": code, "near": near, "known": ", ".join(ranks)}
            yield _flaw("step.unknown", step, document, keys, NO_SUCH_STEP_NEAR if near else NO_SUCH_STEP, **facts)
        elif problem == "step.since-higher" and ranks[code] >= rank:
            yield _flaw(problem, step, document, keys, SINCE_HIGHER, code=code)
        elif problem == "step.announces-lower" and ranks[code] <= rank:
            yield _flaw(problem, step, document, keys, ANNOUNCES_LOWER, code=code)


def _declared_flaws(step: RawStep, document: Document, part: Mapping[str, Any]) -> Iterator[Flaw]:
    """Templates, the channels they are written for, and scripts."""
    templates: Mapping[str, list[str]] = part["templates"]
    notice: dict[str, Any] = step.data.get("notice") or {}
    used: list[tuple[str, list[str], tuple[str, ...]]] = []
    if notice:
        used.append((notice["template"], notice["channels"], ("notice",)))
    if back := notice.get("fallback"):
        used.append((back["template"], [back["channel"]], ("notice", "fallback")))
    for name, channels, keys in used:
        if name not in templates:
            near = nearest(name, list(templates))
            facts = {"name": name, "near": near, "known": ", ".join(templates)}
            text = NO_TEMPLATE_NEAR if near else NO_TEMPLATE
            yield _flaw("step.template-unknown", step, document, (*keys, "template"), text, **facts)
            continue
        for channel in channels:
            if channel not in templates[name]:
                facts = {"name": name, "channel": channel, "known": ", ".join(templates[name])}
                key = "channels" if "channels" in (notice if keys == ("notice",) else {}) else "channel"
                yield _flaw("step.template-channel", step, document, (*keys, key), NO_CHANNEL, **facts)
    script = (step.data.get("task") or {}).get("script")
    if script and script not in part["scripts"]:
        facts = {"name": script, "known": ", ".join(part["scripts"])}
        yield _flaw("step.script-unknown", step, document, ("task", "script"), NO_SCRIPT, **facts)


def _event_flaws(step: RawStep, ladder: RawLadder, document: Document, part: Mapping[str, Any]) -> Iterator[Flaw]:
    """Delay signals that are looked for, and messages that can be unread."""
    when, watched = step.data["when"], part["signals"].get("watch", SIGNAL_KINDS)
    named = when.get("delay_signal", [])
    for at, kind in enumerate(named if isinstance(named, list) else []):
        if kind not in watched:
            facts = {"kind": kind, "known": ", ".join(watched)}
            yield _flaw("step.signal-unwatched", step, document, ("when", "delay_signal", at), NOT_WATCHED, **facts)
    sends = [each for each in ladder.steps if each.data.get("notice") and each.data["rank"] < step.data["rank"]]
    if "unread_after_hours" in when and not sends:
        yield _flaw("step.nothing-unread", step, document, ("when", "unread_after_hours"), NOTHING_TO_READ)


def _waiting_flaws(ladder: RawLadder, document: Document) -> Iterator[Flaw]:
    """A step that waits longer after the one before than a lower step repeats would never come."""
    repeating = [step for step in ladder.steps if step.data.get("repeat")]
    for step in ladder.steps:
        days = step.data.get("min_gap_days", 0)
        for lower in repeating:
            every = lower.data["repeat"]["every_days"]
            if lower.data["rank"] < step.data["rank"] and days > every and not step.data.get("formal"):
                facts = {"days": days, "code": lower.data["code"], "every": every}
                keys = ("min_gap_days",)
                yield _flaw("step.starved", step, document, keys, STARVED, **facts)
