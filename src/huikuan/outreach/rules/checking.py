"""What is wrong with a text before anybody may send it: unknown placeholders, facts left out, consequences made up.

The wording itself (threat, insult …) is judged by the contact guard's language check, which the commands ask.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from huikuan.kernel.refusal import gettext_noop
from huikuan.outreach.rules.kinds import EVERY_TABLE, HEADING, PANELS, Kind
from huikuan.outreach.rules.sms import SHORT_MAX
from huikuan.outreach.rules.template import LETTER, SMS, placeholders

SUBJECT: Final = 0
"""`Flaw.line` of the subject."""
SUBJECT_MAX: Final = 200

_CONSEQUENCES: Final = (
    "律师函", "起诉", "诉讼", "仲裁", "支付令", "强制执行", "财产保全", "查封", "失信", "黑名单", "征信", "停止供货",
    "暂停供货", "停止服务", "暂停服务", "解除合同", "委托律师", "委外",
    "lawyer", "lawyers", "attorney", "solicitor", "lawsuit", "sue", "legal action", "legal proceedings", "court",
    "arbitration", "payment order", "enforcement", "blacklist", "credit bureau", "collection agency",
    "stop deliveries", "suspend deliveries", "terminate the contract",
)  # fmt: skip
"""What only the policy may announce: a text that names it could threaten what will not be done."""

_IN_BRACKETS: Final = re.compile(r"\[\w+\]")
_ALONE: Final = frozenset(f"{{{name}}}" for name in EVERY_TABLE)
"""Tables, which may follow their heading at once."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing to correct.

    Attributes:
        line: Line of the body, from 1; SUBJECT; None when the text as a whole is meant.
        text: English source text with {facts}: what is wrong and what to write instead.
    """

    line: int | None
    text: str
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """Return it in English."""
        return self.text.format(**self.facts)


UNREADABLE: Final = gettext_noop("“{line}” has a brace too many or too few. A placeholder is written {{name}}.")
UNKNOWN: Final = gettext_noop("No placeholder is called {name} here. Use one of: {known}.")
NOT_ALONE: Final = gettext_noop("The table {name} stands alone on its line.")
NO_TABLE_HERE: Final = gettext_noop("{name} is a table: it has no place in a subject or a text message.")
NOT_STATED: Final = gettext_noop("It does not state a fact that it must. Write {wanted}.")
NO_SUBJECT: Final = gettext_noop("An e-mail or letter needs a subject.")
SUBJECT_TOO_LONG: Final = gettext_noop("The subject is longer than {limit} characters. Shorten it.")
NO_BODY: Final = gettext_noop("The text is empty.")
TOO_LONG: Final = gettext_noop("A text message holds {limit} characters at most; this one has {length}. Shorten it.")
NO_SIGNATURE: Final = gettext_noop("A Chinese text message begins with its signature: write 【{{entity_name}}】 first.")
UNKNOWN_PANEL: Final = gettext_noop("A letter has no place {name}. Alone on its line may stand one of: {known}.")
NO_PANEL: Final = gettext_noop("The letter lacks the place {name}. Write it alone on a line of its own.")
NOT_APART: Final = gettext_noop("“{line}” stands apart: leave a blank line before and after it.")
CONSEQUENCE: Final = gettext_noop(
    "“{phrase}” announces a consequence. Only what the policy in force will do may be announced: write {{announced}}."
)


def flaws_of(kind: Kind, *, channel: str, language: str, subject: str, body: str) -> tuple[Flaw, ...]:
    """Return everything that is wrong with a text, from top to bottom; nothing when it may be used."""
    body = body.replace("\r\n", "\n")
    lines = body.split("\n")
    found = [*_of_shape(channel, language, subject, body)]
    for number, line in [*([] if channel == SMS else [(SUBJECT, subject)]), *enumerate(lines, 1)]:
        found += of_line(kind, channel, number, line)
    if channel == LETTER:
        found += _of_layout(lines)
    if not found:
        found += _unstated(kind, channel, body)
    return tuple(found)


def _of_shape(channel: str, language: str, subject: str, body: str) -> Iterator[Flaw]:
    if channel == SMS:
        if len(body) > SHORT_MAX:
            yield Flaw(None, TOO_LONG, {"limit": str(SHORT_MAX), "length": str(len(body))})
        if language.startswith("zh") and not body.startswith("【{entity_name}】"):
            yield Flaw(1, NO_SIGNATURE)
    elif not subject.strip():
        yield Flaw(SUBJECT, NO_SUBJECT)
    elif len(subject) > SUBJECT_MAX:
        yield Flaw(SUBJECT, SUBJECT_TOO_LONG, {"limit": str(SUBJECT_MAX)})
    if not body.strip():
        yield Flaw(None, NO_BODY)


def _of_layout(lines: list[str]) -> Iterator[Flaw]:
    """Give what is wrong with the headings of a letter and with the places that its layout fills in."""
    stands = [line.strip() for line in lines]
    for number, line in enumerate(stands, 1):
        names = _IN_BRACKETS.findall(line)
        wrong = [name for name in names if name not in PANELS or line != name]
        for name in wrong:
            yield Flaw(number, UNKNOWN_PANEL, {"name": name, "known": ", ".join(PANELS)})
        if line.startswith(HEADING) or (names and not wrong):
            before, after = stands[number - 2 : number - 1], stands[number : number + 1]
            is_apart = not any(before) and not any(each for each in after if each not in _ALONE)
            if not is_apart:
                yield Flaw(number, NOT_APART, {"line": line})
    for name, is_needed in PANELS.items():
        if is_needed and name not in stands:
            yield Flaw(None, NO_PANEL, {"name": name})


def of_line(kind: Kind, channel: str, number: int, line: str, *, may_name_consequences: bool = False) -> Iterator[Flaw]:
    """Give what is wrong with one line: its braces, its placeholders, consequences it makes up."""
    try:
        names = placeholders(line)
    except ValueError:
        yield Flaw(number, UNREADABLE, {"line": line})
        return
    for name in names:
        shown = f"{{{name}}}"
        if name not in kind.known:
            yield Flaw(number, UNKNOWN, {"name": shown, "known": _listed(kind, channel)})
        elif name in EVERY_TABLE and (channel == SMS or number == SUBJECT):
            yield Flaw(number, NO_TABLE_HERE, {"name": shown})
        elif name in EVERY_TABLE and line.strip() != shown:
            yield Flaw(number, NOT_ALONE, {"name": shown})
    if may_name_consequences:
        return
    plain = re.sub(r"\{\w*\}", " ", line).casefold()
    for phrase in (each for each in _CONSEQUENCES if each not in kind.is_called):
        is_there = phrase in plain if not phrase.isascii() else re.search(rf"(?<!\w){phrase}(?!\w)", plain)
        if is_there:
            yield Flaw(number, CONSEQUENCE, {"phrase": phrase})


def _listed(kind: Kind, channel: str) -> str:
    usable = kind.known - EVERY_TABLE if channel == SMS else kind.known
    return ", ".join(f"{{{name}}}" for name in sorted(usable))


def _unstated(kind: Kind, channel: str, body: str) -> Iterator[Flaw]:
    used = set(placeholders(body))
    for group in kind.must_state_short if channel == SMS else kind.must_state:
        if not group & used:
            yield Flaw(None, NOT_STATED, {"wanted": " / ".join(f"{{{name}}}" for name in sorted(group))})
