"""What a policy must be beyond the shape of its parts: scorecard, segments, amounts, property managers."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from huikuan.credit.rules.grade import BANDED
from huikuan.kernel.money import CurrencyUnknown, currency_exponent
from huikuan.kernel.refusal import gettext_noop
from huikuan.policy.reading.document import Document
from huikuan.policy.reading.flaws import Flaw, Path, nearest
from huikuan.policy.reading.merge import RawLadder

AMOUNT_FIELDS: Final = {"minimum", "overdue_at_least", "unpaid_at_least", "overdue_below", "fixed", "up_to"}
STOPS: Final = {"STOP_SUPPLY", "STOP_SERVICE"}

ASCEND: Final = gettext_noop("{value} does not follow {before}. List the limits in ascending order.")
OPEN_END: Final = gettext_noop("The last band must have no limit. Write it as [null, {percent}].")
END_EARLY: Final = gettext_noop("Only the last band may have no limit. Give this one a number, or put it last.")
SCALE: Final = gettext_noop("The component “{code}” is read by “{key}”: give it that, and not the other.")
WEIGHTS: Final = gettext_noop("The weights add up to {total}, not to 100. Change them so that they do.")
COMPONENT_TWICE: Final = gettext_noop("The component “{code}” is listed twice. Keep one.")
THRESHOLDS: Final = gettext_noop("Grade A begins at {a} points, B at {b}. A must lie above B.")
OVER: Final = gettext_noop("The fact “{fact}” needs a number. Add “over”, for example over: 90.")
SEGMENT_TWICE: Final = gettext_noop("There is already a segment “{code}”. Give this one another code.")
NO_LADDER: Final = gettext_noop("There is no ladder “{ladder}”. Ladders: {known}.")
NO_LADDER_NEAR: Final = gettext_noop("There is no ladder “{ladder}”. Did you mean “{near}”?")
NO_DEFAULT: Final = gettext_noop("The last segment must take everybody. Add one without “match” at the end.")
UNREACHED: Final = gettext_noop("The segment “{code}” above takes everybody, so this one is never reached. Move it up.")
CURRENCY: Final = gettext_noop("“{currency}” is not a currency code. Use three letters of ISO 4217, such as CNY.")
RISK_ORDER: Final = gettext_noop("High risk begins at {high} days and long-term at {long}. Long-term must come later.")
OFFICE_HOURS: Final = gettext_noop("Office hours end at {until}, not after they begin at {opens}. Let them end later.")
UTILITIES: Final = gettext_noop(
    "The segment “{segment}” covers property management, where no stop of water, power, heat or gas may press for fees "
    "(Civil Code 944), but its step “{step}” proposes {stop}. Give the segment a ladder that does not."
)


def policy_flaws(document: Document, part: Mapping[str, Any], ladders: Mapping[str, RawLadder]) -> Iterator[Flaw]:
    """Return what is wrong with the policy as a whole, apart from the steps of each ladder.

    Args:
        document: The file.
        part: The file's parts, completed from the default pack.
        ladders: Its ladders, written out.
    """
    data = document.data
    if "aging" in data:
        yield from _ascending(data["aging"]["buckets"], ("aging", "buckets"), document)
    if "grade" in data:
        yield from _grade_flaws(data["grade"], document)
    for key in ("gain_percent", "urgency_percent", "limitation_percent"):
        if key in data.get("priority", {}):
            yield from _band_flaws(data["priority"][key], ("priority", key), document)
    for key in ("offer_percent", "plan_percent", "suit_percent"):
        if key in data.get("recovery", {}):
            yield from _band_flaws(data["recovery"][key], ("recovery", key), document)
    risk = part["risk"]
    if risk["long_term_days"] <= risk["high_risk_days"]:
        facts = {"high": risk["high_risk_days"], "long": risk["long_term_days"]}
        yield Flaw("risk.order", document.place(("risk",)), ("risk",), None, RISK_ORDER, facts)
    hours = data.get("service", {}).get("office_hours")
    if hours and hours["until"] <= hours["from"]:
        where = ("service", "office_hours")
        facts = {"opens": hours["from"], "until": hours["until"]}
        yield Flaw("service.office-hours", document.place(where), where, None, OFFICE_HOURS, facts)
    yield from _segment_flaws(document, ladders)
    yield from _currency_flaws(data, (), document)


def _ascending(values: list[int], path: Path, document: Document) -> Iterator[Flaw]:
    for number, (before, value) in enumerate(pairwise(values), start=1):
        if value <= before:
            where = (*path, number)
            facts = {"value": value, "before": before}
            yield Flaw("list.not-ascending", document.place(where), where, value, ASCEND, facts)


def _band_flaws(bands: list[list[Any]], path: Path, document: Document) -> Iterator[Flaw]:
    """Limits ascend, and exactly the last band has none."""
    limits = [limit for limit, _ in bands]
    for number, limit in enumerate(limits[:-1]):
        if limit is None:
            where = (*path, number)
            yield Flaw("band.end-early", document.place(where), where, None, END_EARLY, {})
    if limits[-1] is not None:
        where = (*path, len(bands) - 1)
        yield Flaw("band.open-end", document.place(where), where, limits[-1], OPEN_END, {"percent": bands[-1][1]})
    known = [limit for limit in limits if limit is not None]
    if limits[: len(known)] == known:
        yield from _ascending(known, path, document)


def _grade_flaws(grade: Mapping[str, Any], document: Document) -> Iterator[Flaw]:
    path: Path = ("grade", "components")
    seen: set[str] = set()
    for number, component in enumerate(grade["components"]):
        where = (*path, number)
        if component["code"] in seen:
            facts = {"code": component["code"]}
            yield Flaw("grade.component-twice", document.place(where), where, component["code"], COMPONENT_TWICE, facts)
        seen.add(component["code"])
        key, other = ("bands", "values") if component["code"] in BANDED else ("values", "bands")
        if key not in component or other in component:
            facts = {"code": component["code"], "key": key}
            yield Flaw("grade.scale", document.place(where), where, None, SCALE, facts)
        if "bands" in component:
            yield from _band_flaws(component["bands"], (*where, "bands"), document)
    total = sum(component["weight"] for component in grade["components"])
    if total != 100:  # noqa: PLR2004  points of the scorecard
        yield Flaw("grade.weights", document.place(path), path, total, WEIGHTS, {"total": total})
    limits = grade["thresholds"]
    if limits["A"] <= limits["B"]:
        where = ("grade", "thresholds")
        facts = {"a": limits["A"], "b": limits["B"]}
        yield Flaw("grade.thresholds", document.place(where), where, None, THRESHOLDS, facts)
    for number, rule in enumerate(grade.get("knock_outs", [])):
        if "over" not in rule:
            where = ("grade", "knock_outs", number)
            yield Flaw("grade.over", document.place(where), where, rule["fact"], OVER, {"fact": rule["fact"]})


def _segment_flaws(document: Document, ladders: Mapping[str, RawLadder]) -> Iterator[Flaw]:
    """Every segment has its own code, an existing ladder, and is reached; the last one takes everybody."""
    segments = document.data["segments"]
    seen: set[str] = set()
    open_to_all = ""
    for number, segment in enumerate(segments):
        path, code = ("segments", number), segment["code"]
        if code in seen:
            where: Path = (*path, "code")
            yield Flaw("segment.code-twice", document.place(where), where, code, SEGMENT_TWICE, {"code": code})
        seen.add(code)
        if open_to_all:
            facts = {"code": open_to_all}
            yield Flaw("segment.unreached", document.place(path), path, code, UNREACHED, facts)
        elif "match" not in segment:
            open_to_all = code
        ladder = segment["ladder"]
        if ladder is not None and ladder not in ladders:
            where, near = (*path, "ladder"), nearest(ladder, list(ladders))
            facts = {"ladder": ladder, "near": near, "known": ", ".join(ladders)}
            text = NO_LADDER_NEAR if near else NO_LADDER
            yield Flaw("segment.ladder-unknown", document.place(where), where, ladder, text, facts)
        elif ladder is not None and _is_property(segment.get("match", {})):
            yield from _utility_flaws(segment, ladders[ladder], path, document)
    if not open_to_all:
        path = ("segments", len(segments) - 1)
        yield Flaw("segment.no-default", document.place(path), path, segments[-1]["code"], NO_DEFAULT, {})


def _is_property(match: Mapping[str, Any]) -> bool:
    """Tell whether the segment is about property management."""
    named = [*match.get("contract_kind", []), *match.get("business", []), *match.get("item_kind", [])]
    return "PROPERTY" in named or "PROPERTY_FEE" in named


def _utility_flaws(segment: Mapping[str, Any], ladder: RawLadder, path: Path, document: Document) -> Iterator[Flaw]:
    for step in ladder.steps:
        for stop in sorted(STOPS.intersection(step.data.get("proposes", []))):
            facts = {"segment": segment["code"], "step": step.data["code"], "stop": stop}
            where = (*path, "ladder")
            yield Flaw("segment.utilities", document.place(where), where, segment["ladder"], UTILITIES, facts)


def _currency_flaws(data: Any, path: Path, document: Document) -> Iterator[Flaw]:  # noqa: ANN401  any part of the file
    """Every currency named for an amount is one."""
    if isinstance(data, list):
        for number, each in enumerate(data):
            yield from _currency_flaws(each, (*path, number), document)
        return
    if not isinstance(data, dict):
        return
    for key, value in data.items():
        if key in AMOUNT_FIELDS and isinstance(value, dict):
            for currency in value:
                where = (*path, key, currency)
                try:
                    currency_exponent(currency)
                except CurrencyUnknown:
                    facts = {"currency": currency}
                    yield Flaw("amount.currency", document.key_place(where), where, currency, CURRENCY, facts)
        else:
            yield from _currency_flaws(value, (*path, key), document)
