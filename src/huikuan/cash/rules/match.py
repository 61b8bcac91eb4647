"""Matching (匹配): which customer a bank line is from, which of his items it pays, how sure that is and why.

Pure and deterministic: lines are taken by day and id, whatever order they come in, and what one pays is not there for
the next. Evidence is added up by one table (`match_evidence`); two answers of nearly equal worth are shown, none taken.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from huikuan.cash.rules.match_book import Book, Item, Page
from huikuan.cash.rules.match_evidence import CONFIDENCE_MAX, EXTRA, MARGIN, UNSURE_MAX, WHAT, who_points
from huikuan.cash.rules.match_items import Way, ways_of
from huikuan.cash.rules.match_payers import Line, Payer, Read, find_payers, read
from huikuan.cash.rules.match_text import plain, probes
from huikuan.cash.rules.match_words import NOT_A_PAYMENT

CHUNK_LINES: Final = 1_000
"""Lines whose payers' items are in memory at a time."""

SHOWN_MAX: Final = 5
NEVER: Final = CONFIDENCE_MAX + 1
"""The threshold that nothing reaches."""

NOBODY: Final[Mapping[int, set[int]]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the user sets: from which confidence on a match is made by itself, and what bank charges may be missing."""

    threshold: int = 80
    charge_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One answer. What the parts leave of the money is on account. `score` is the sum of points, unbounded."""

    customer_id: int
    parts: tuple[tuple[int, int], ...]
    on_account_minor: int
    score: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is to be done with a line: the answers, best first, and how sure the best is, 0 to 100."""

    line_id: int
    confidence: int
    is_automatic: bool
    has_rival: bool
    candidates: tuple[Candidate, ...]


def match(
    lines: Sequence[Line], book: Book, terms: Terms, *, ruled_out: Mapping[int, set[int]] = NOBODY
) -> Iterator[Verdict]:
    """Give a verdict on every line, by day and id. What an automatic one pays is taken off the book.

    Args:
        lines: Money that came in, in any order.
        book: What may be paid; it remembers what was.
        terms: What the user set.
        ruled_out: Line to the customers whose money a person said it is not: such a line is never automatic.
    """
    ordered = sorted(lines, key=lambda line: (line.received_on, line.line_id))
    for start in range(0, len(ordered), CHUNK_LINES):
        yield from _chunk(ordered[start : start + CHUNK_LINES], book, terms, ruled_out)


def _chunk(lines: Sequence[Line], book: Book, terms: Terms, ruled_out: Mapping[int, set[int]]) -> Iterator[Verdict]:
    page, reads = Page(), [read(line) for line in lines]
    book.numbered(page, {probe for each in reads for probe in probes(each.atoms)})
    amounts = {"currency": [line.currency for line in lines], "amount_minor": [line.amount_minor for line in lines]}
    book.priced(page, pl.DataFrame(amounts, schema={"currency": pl.String, "amount_minor": pl.Int64}))
    for each in reads:
        find_payers(each, book, page)
        for customer_id in ruled_out.get(each.line.line_id, ()):
            each.payers.pop(customer_id, None)
    book.opened(page, {customer_id for each in reads for customer_id in each.payers})
    for each in reads:
        strict = NEVER if each.line.line_id in ruled_out else terms.threshold
        verdict = _judge(each, book, page, Terms(threshold=strict, charge_minor=terms.charge_minor))
        if verdict.is_automatic:
            best = verdict.candidates[0]
            items = {item.item_id: item for item in page.open_of.get(best.customer_id, ())}
            book.pay(best.parts, page, items)
        yield verdict


def _judge(found: Read, book: Book, page: Page, terms: Terms) -> Verdict:
    line = found.line
    answers = [answer for payer in found.payers.values() for answer in _answers(found, payer, book, page, terms)]
    if any(answer.parts or "AMOUNT_SEVERAL" in answer.reasons for answer in answers):
        answers = [_without_refuge(answer) for answer in answers]
    answers.sort(key=lambda answer: (-answer.score, answer.customer_id, answer.parts))
    if not answers:
        return Verdict(line_id=line.line_id, confidence=0, is_automatic=False, has_rival=False, candidates=())
    best = answers[0]
    has_rival = len(answers) > 1 and (
        answers[1].score > best.score - MARGIN
        or ("ON_ACCOUNT" in best.reasons and any(other.parts for other in answers))
    )
    confidence = max(0, min(best.score, UNSURE_MAX if has_rival else CONFIDENCE_MAX))
    return Verdict(
        line_id=line.line_id,
        confidence=confidence,
        is_automatic=not has_rival and confidence >= terms.threshold,
        has_rival=has_rival,
        candidates=tuple(answers[:SHOWN_MAX]),
    )


def _answers(found: Read, payer: Payer, book: Book, page: Page, terms: Terms) -> Iterator[Candidate]:
    """Give one answer for each way in which this payer's items explain the amount."""
    payer.items = page.open_of.get(payer.customer_id, [])
    line = found.line
    for way in ways_of(line, payer, book, ends=found.ends, charge_minor=terms.charge_minor):
        # That a parent pays says nothing about whose money it is, unless items of the subsidiary explain the amount.
        reasons = payer.reasons if way.parts else payer.reasons - {"NAME_PARENT"}
        extras = [*way.extras]
        if _is_rare(line, way, page):
            extras.append("AMOUNT_RARE")
        if way.reason == "ON_ACCOUNT" and NOT_A_PAYMENT.search(plain(line.text)):
            extras.append("NOT_A_PAYMENT")
        yield Candidate(
            customer_id=payer.customer_id,
            parts=way.parts,
            on_account_minor=line.amount_minor - sum(minor for _, minor in way.parts),
            score=who_points(reasons) + WHAT[way.reason] + sum(EXTRA[extra] for extra in extras),
            reasons=(*sorted(reasons), way.reason, *extras),
        )


def _is_rare(line: Line, way: Way, page: Page) -> bool:
    """Tell whether one item of exactly this amount is paid, and no other of the entity is open with it."""
    is_single = way.reason in {"AMOUNT_ONE", "NAMED_SUM"} and len(way.parts) == 1
    return is_single and page.count_of.get((line.currency, line.amount_minor)) == 1


def _without_refuge(answer: Candidate) -> Candidate:
    """Take away what is given for lack of any explanation: some other payer's items do explain the amount."""
    if "ON_ACCOUNT" not in answer.reasons:
        return answer
    return Candidate(
        customer_id=answer.customer_id,
        parts=(),
        on_account_minor=answer.on_account_minor,
        score=answer.score - WHAT["ON_ACCOUNT"],
        reasons=answer.reasons,
    )


__all__ = ["Book", "Candidate", "Item", "Line", "Terms", "Verdict", "match"]
