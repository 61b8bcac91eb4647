"""What a caller or visitor says, stage by stage: a script in six parts, with the same placeholders as a message."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from huikuan.kernel.refusal import gettext_noop
from huikuan.outreach.rules.checking import Flaw, of_line
from huikuan.outreach.rules.kinds import AROUND, CLAIM, Kind, Tone
from huikuan.outreach.rules.template import Words, placeholders

PHONE, VISIT = "PHONE", "VISIT"
PARTS: Final = ("opening", "identity", "facts", "question", "closing", "never")
"""In the order in which they are spoken; the last is not spoken at all."""

CALL: Final = frozenset({"caller", "person_name", "date_one", "date_two"})
"""Words of a talk: who calls, who is asked for, and the two days to choose from."""


def _script(code: str, tone: Tone, *facts: str) -> Kind:
    must = ("entity_name", *facts, "date_one", "date_two")
    return Kind(
        code,
        tone,
        words=CLAIM | CALL,
        tables=frozenset(),
        must_state_short=tuple(frozenset(each.split("|")) for each in must),
    )


_OWED: Final = ("item_count", "amount", "days_overdue", "penalty")
SCRIPTS: Final = {
    kind.code: kind
    for kind in (
        _script("courtesy", Tone.FRIENDLY, "upcoming_count", "upcoming_amount", "upcoming_from"),
        _script("first_call", Tone.FRIENDLY, *_OWED),
        _script("follow_up", Tone.CONTRACT, *_OWED, "clause"),
        _script("offer", Tone.CONTRACT, *_OWED, "offer_until", "offer_waived", "offer_amount"),
        _script("weekly", Tone.CONTRACT, *_OWED),
        _script("visit", Tone.CONTRACT, *_OWED, "clause"),
    )
}
"""Every script, by the code that steps of the policy name."""

PART_MISSING: Final = gettext_noop("The script has no part {part}. Write it on a line of its own, the words below it.")
PART_UNKNOWN: Final = gettext_noop("No part is called {part}. The parts are: {known}, in this order.")
PART_EMPTY: Final = gettext_noop("The part {part} says nothing. Write what is said there.")


@dataclass(frozen=True, slots=True)
class Script:
    """A script: the lines of each part, by its name."""

    code: str
    language: str
    parts: Mapping[str, tuple[str, ...]]

    def filled(self, given: Words) -> Mapping[str, tuple[str, ...]]:
        """Return the parts with the words filled in; a line whose word is absent today is left out."""
        words = {name: given.words[name] for name in AROUND | CLAIM | CALL if given.has(name)}
        return {
            part: tuple(line.format_map(words) for line in lines if set(placeholders(line)) <= words.keys())
            for part, lines in self.parts.items()
        }


def channel_of(code: str) -> str:
    """Return where a script is spoken: at the door or on the telephone."""
    return VISIT if code == "visit" else PHONE


def script_of(code: str, language: str, body: str) -> Script:
    """Return a script that has been checked as parts to fill in."""
    return Script(code, language, {part: lines for _number, part, lines in _parts(body)})


def script_flaws(kind: Kind, body: str) -> tuple[Flaw, ...]:
    """Return everything that is wrong with a script: parts missing or unknown, placeholders, facts left out."""
    found: list[Flaw] = []
    parts = list(_parts(body))
    known = ", ".join(f"[{part}]" for part in PARTS)
    for number, part, lines in parts:
        if part not in PARTS:
            found.append(Flaw(number, PART_UNKNOWN, {"part": f"[{part}]", "known": known}))
        elif not lines:
            found.append(Flaw(number, PART_EMPTY, {"part": f"[{part}]"}))
    there = {part for _number, part, _lines in parts}
    found += [Flaw(None, PART_MISSING, {"part": f"[{part}]"}) for part in PARTS if part not in there]
    is_spoken = True
    for number, line in enumerate(body.replace("\r\n", "\n").split("\n"), 1):
        is_spoken = not line.startswith("[never]") and (is_spoken or line.startswith("["))
        found += of_line(kind, "SMS", number, line, may_name_consequences=not is_spoken)
    return tuple(found)


def _parts(body: str) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """Give line number, name and lines of each part."""
    number, part, lines = 1, "", list[str]()
    for at, line in enumerate(body.replace("\r\n", "\n").split("\n"), 1):
        text = line.strip()
        if text.startswith("[") and text.endswith("]"):
            if part or lines:
                yield number, part, tuple(lines)
            number, part, lines = at, text[1:-1], []
        elif text:
            lines.append(text)
    if part or lines:
        yield number, part, tuple(lines)
