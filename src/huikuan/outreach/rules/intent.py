"""What a reply seems to want (F7), proposed with the phrase that says so. Nothing follows before a person agrees.

Patterns over sentences, in Chinese and English: the same text always gives the same proposals, and each can be shown in
the text. A sentence that denies (“不会付款”, “I never promised”) proposes nothing. Only the sender's own words are
read:
what his program quotes below is ours (`rules.quoting`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from huikuan.outreach.rules.amounts import FoundAmount, amounts_in
from huikuan.outreach.rules.days_said import FoundDay, days_in
from huikuan.outreach.rules.intent_words import (
    ASKS,
    BACK,
    CONDITION,
    DENIED_WORDS,
    DENIES,
    FAILS,
    HARMLESS,
    IN_PROCESS,
    OTHERS_PAY,
    PAID,
    PAYS,
    PHRASES,
    REASONS,
    REFERENCE,
    STOP_ALONE,
)  # fmt: skip

TEXT_MAX: Final = 20_000
"""So much of a text is read: who writes more is read by a person."""
PROPOSALS_MAX: Final = 12


class Kind(StrEnum):
    """What can be proposed."""

    PROMISE = "PROMISE"
    PAID = "PAID"
    DISPUTE = "DISPUTE"
    HARDSHIP = "HARDSHIP"
    STOP = "STOP"
    WRONG_PERSON = "WRONG_PERSON"
    OUT_OF_OFFICE = "OUT_OF_OFFICE"


class Confidence(StrEnum):
    """HIGH: the words say it plainly. LOW: a condition, a question, or a part is missing."""

    HIGH = "HIGH"
    LOW = "LOW"


@dataclass(frozen=True, slots=True)
class Part:
    """One payment spoken of: the day, or None; minor units, or None for all or an unnamed sum; "" for no currency."""

    on: date | None
    minor: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """One thing the text seems to say.

    Attributes:
        kind: What.
        begin: Where the phrase stands in the text …
        end: … that says so.
        phrase: The phrase.
        confidence: How plainly.
        parts: PROMISE, PAID: days and sums. OUT_OF_OFFICE: the day of return.
        reason: DISPUTE: a code of arrangements' Dispute.Kind; PAID: the payment reference named.
    """

    kind: Kind
    begin: int
    end: int
    phrase: str
    confidence: Confidence
    parts: tuple[Part, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Clause:
    """A stretch between commas: what is said of paying in it."""

    begin: int
    text: str

    @property
    def end(self) -> int:
        return self.begin + len(self.text)


_SENTENCE: Final = re.compile(r"(?:[^。！？!?；;\n.]|\.(?=\S)){1,500}[。！？!?；;.]*")
_COMMA: Final = re.compile(
    r"[、，]|,(?!\d{3}(?!\d))|\bbut\b|但是?|可是?|不过|然而|\bhowever\b|\bthough\b", re.IGNORECASE
)


def propose(text: str, *, written_on: date, currency: str) -> tuple[Proposal, ...]:
    """Return what a reply seems to say, in the order of the text.

    Args:
        text: The sender's own words.
        written_on: The day he wrote them, at his place: “next Friday” is counted from it.
        currency: The customer's, for amounts that name none.
    """
    read = text[:TEXT_MAX].translate(_NARROW)
    if STOP_ALONE.fullmatch(read.strip()):
        begin = len(read) - len(read.lstrip())
        return (Proposal(Kind.STOP, begin, begin + len(read.strip()), read.strip(), Confidence.HIGH),)
    found: list[Proposal] = []
    for sentence in _SENTENCE.finditer(read):
        found += _in_sentence(_Clause(sentence.start(), sentence[0]), written_on, currency)
    return tuple(_without_repeats(found)[:PROPOSALS_MAX])


_NARROW: Final = {0xFF01 + n: 0x21 + n for n in range(94) if chr(0xFF01 + n) not in "，；！？"} | {0x3000: 0x20}
"""Wide digits and letters as plain ones: as many characters, so that places stay."""


def _in_sentence(sentence: _Clause, written_on: date, currency: str) -> Iterator[Proposal]:
    clauses = [_blanked(clause) for clause in _clauses(sentence)]
    is_question = bool(ASKS.search(sentence.text))
    promise = _promise(sentence, clauses, written_on, currency, is_question=is_question)
    if promise is not None:
        yield promise
    paid = None if is_question else _paid(sentence, clauses, written_on, currency)
    if paid is not None:
        yield paid
    for kind, pattern in PHRASES.items():
        for clause in clauses:
            match = pattern.search(clause.text)
            if match is not None and not _is_denied(clause.text, match.start(), kind):
                yield _phrase(Kind(kind), sentence, clause, match, written_on, is_question=is_question)
                break


def _clauses(sentence: _Clause) -> Iterator[_Clause]:
    begin = 0
    for comma in _COMMA.finditer(sentence.text):
        yield _Clause(sentence.begin + begin, sentence.text[begin : comma.start()])
        begin = comma.end()
    yield _Clause(sentence.begin + begin, sentence.text[begin:])


def _blanked(clause: _Clause) -> _Clause:
    """Blank phrases that look like a denial and are none: “不好意思”, “no later than”, “不晚于”."""
    return _Clause(clause.begin, HARMLESS.sub(lambda match: " " * len(match[0]), clause.text))


def _is_denied(text: str, at: int, kind: str) -> bool:
    """Tell whether a word that denies stands before the phrase, near enough to be about it."""
    return bool(DENIED_WORDS[kind].search(text[:at]))


def _phrase(
    kind: Kind, sentence: _Clause, clause: _Clause, match: re.Match[str], written_on: date, *, is_question: bool
) -> Proposal:
    begin, end = clause.begin + match.start(), clause.begin + match.end()
    reason, parts = "", tuple[Part, ...]()
    if kind is Kind.DISPUTE:
        reason = next((code for code, words in REASONS.items() if words.search(sentence.text)), "OTHER")
    elif kind is Kind.OUT_OF_OFFICE and (back := BACK.search(sentence.text)):
        parts = tuple(Part(day.day, None, "") for day in days_in(back[0], written_on)[:1])
    confidence = Confidence.LOW if is_question else Confidence.HIGH
    return Proposal(kind, begin, end, match[0].strip(), confidence, parts, reason)


def _promise(
    sentence: _Clause, clauses: list[_Clause], written_on: date, currency: str, *, is_question: bool
) -> Proposal | None:  # fmt: skip
    """Return what the sentence promises to pay; None when nothing, or when it denies."""
    willing = [clause for clause in clauses if not _refuses(clause.text) and not PAID.search(clause.text)]
    spoken = [clause for clause in willing if PAYS.search(clause.text) and not OTHERS_PAY.search(clause.text)]
    if not spoken:
        return None
    days, sums = _named(willing, written_on, currency)
    days = [day for day in days if day.day >= written_on]
    if not days and (is_question or not _is_own(spoken)):
        return None
    parts = _parts(days, sums)
    doubtful = is_question or bool(CONDITION.search(sentence.text)) or not days or len(days) < len(sums)
    places = [(day.begin, day.end) for day in days] + [(each.begin, each.end) for each in sums]
    begin = min([spoken[0].begin + _at(spoken[0].text, PAYS), *(first for first, _ in places)])
    end = max([spoken[-1].begin + _end(spoken[-1].text, PAYS), *(last for _, last in places)])
    words = sentence.text[begin - sentence.begin : end - sentence.begin].strip()
    return Proposal(Kind.PROMISE, begin, end, words, Confidence.LOW if doubtful else Confidence.HIGH, parts)


def _is_own(clauses: list[_Clause]) -> bool:
    """Tell whether paying is announced without a day: “我们会尽快付款”, “we will pay”. The word alone says nothing."""
    return any(re.search(r"会|将|马上|立即|尽快|安排|承诺|保证|一定|\bwill\b|['’]ll\b|\bpromise|\bgoing to\b|\bshall\b",
                         clause.text, re.IGNORECASE) for clause in clauses)  # fmt: skip


def _refuses(text: str) -> bool:
    """Tell whether the clause says that nothing is paid: a denial before the word, or “付不了” after it."""
    return bool(FAILS.search(text)) or any(DENIES.search(text[: word.start()]) for word in PAYS.finditer(text))


def _named(clauses: list[_Clause], written_on: date, currency: str) -> tuple[list[FoundDay], list[FoundAmount]]:
    """Return the days and sums of clauses, their places counted in the whole text."""
    days = [
        FoundDay(day.day, clause.begin + day.begin, clause.begin + day.end)
        for clause in clauses
        for day in days_in(clause.text, written_on)
    ]
    sums = [
        FoundAmount(each.minor, each.currency, clause.begin + each.begin, clause.begin + each.end)
        for clause in clauses
        for each in amounts_in(clause.text, currency=currency)
    ]
    return days, sums


def _parts(days: list[FoundDay], sums: list[FoundAmount]) -> tuple[Part, ...]:
    """Pair days and sums in their order; more days than sums leave sums open, more sums than days leave days open."""
    if (
        len(sums) == 1 and len(days) > 1 and days[-1].end <= sums[0].begin
    ):  # “28号，最晚30号付5万”: the last day is the one that is meant
        return (Part(days[-1].day, sums[0].minor, sums[0].currency),)
    parts = []
    for n in range(max(len(days), len(sums))):
        day = days[n].day if n < len(days) else None
        minor, currency = (sums[n].minor, sums[n].currency) if n < len(sums) else (None, "")
        parts.append(Part(day, minor, currency))
    return tuple(parts)


def _paid(sentence: _Clause, clauses: list[_Clause], written_on: date, currency: str) -> Proposal | None:
    """Return that the sentence says it is paid; None when it does not."""
    for clause in clauses:
        match = PAID.search(clause.text)
        if match is None or _is_denied(clause.text, match.start(), "PAID") or IN_PROCESS.search(clause.text):
            continue
        days = [day.day for day in days_in(sentence.text, written_on, is_past=True) if day.day <= written_on]
        sums = amounts_in(sentence.text, currency=currency)
        part = Part(days[0] if days else None, sums[0].minor if sums else None, sums[0].currency if sums else "")
        reference = REFERENCE.search(sentence.text)
        return Proposal(
            Kind.PAID, clause.begin + match.start(), clause.begin + match.end(), match[0].strip(), Confidence.HIGH,
            (part,) if days or sums else (), reference["reference"] if reference else "",
        )  # fmt: skip
    return None


def _at(text: str, pattern: re.Pattern[str]) -> int:
    match = pattern.search(text)
    return match.start() if match else 0


def _end(text: str, pattern: re.Pattern[str]) -> int:
    return max((match.end() for match in pattern.finditer(text)), default=len(text))


def _without_repeats(found: list[Proposal]) -> list[Proposal]:
    """Keep of each kind but the promise the first, the plainer before the doubtful; of promises each that differs."""
    kept: list[Proposal] = []
    for each in found:
        same = [other for other in kept if other.kind is each.kind]
        if each.kind is Kind.PROMISE:
            if any(other.parts == each.parts for other in same) or (same and not each.parts):
                continue
        elif same:
            continue
        kept.append(each)
    return sorted(kept, key=lambda each: each.begin)
