"""Matching bank lines, measured on the invented story: how often right, how often found, how fast beside rapidfuzz."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from random import Random
from typing import Any, Final

from rapidfuzz import fuzz, process

from huikuan.bench.match_ledger import Debtor, ledger
from huikuan.bench.match_story import CHARGE_MAX, Told, story
from huikuan.bench.stopwatch import in_turn, machine, median, peak_mib, ratio, seconds_of
from huikuan.cash.rules.match import Book, Line, Terms, Verdict, match
from huikuan.cash.rules.match_book import CONTRACT_SCHEMA, CUSTOMER_SCHEMA, ITEM_SCHEMA, PAYER_SCHEMA, empty
from huikuan.cash.rules.match_names import NameIndex

PRECISION_MIN_PPM: Final = 995_000
RECALL_MIN_PPM: Final = 900_000
LINES: Final = 20_000
SEED: Final = 20_261
NAMES_MAX: Final = 1_000
"""Names that both sides look for: rapidfuzz alone takes milliseconds for each."""

NEAR_ENOUGH: Final = 90
TIMES: Final = 3


def measure(*, lines: int, items: int, seed: int = SEED) -> dict[str, Any]:
    """Tell a story, match it, and compare with its truth.

    A match made by itself is right only when customer, items and every amount are the story's. Recall is counted twice:
    over every line that a customer paid, and over those from which a person could know it (`Told.is_answerable`).
    """
    chance = Random(seed)  # noqa: S311  a story, not a secret
    debtors = ledger(chance, items)
    told = story(chance, debtors, lines)
    books: list[Book] = []
    loading = seconds_of(lambda: books.append(book_of(debtors)))
    verdicts: list[Verdict] = []
    given = lines_of(told)
    matching = seconds_of(lambda: verdicts.extend(match(given, books[0], Terms(charge_minor=CHARGE_MAX))))
    found = judged(told, verdicts)
    names = _beside_rapidfuzz(debtors, told, per_line=matching / lines)
    targets = {
        "precision_ppm": (found["precision_ppm"], PRECISION_MIN_PPM),
        "recall_ppm": (found["recall_ppm"], RECALL_MIN_PPM),
    }
    return {
        "benchmark": "match", "lines": lines, "items": items, "customers": len(debtors), "seed": seed,
        "machine": machine(), "seconds_book": round(loading, 2), "seconds_match": round(matching, 2),
        "lines_per_second": round(lines / matching), **found, "rapidfuzz": names, "peak_mib": peak_mib(),
        "targets": {
            name: {"value": value, "at_least": least, "is_met": value >= least}
            for name, (value, least) in targets.items()
        },
    }  # fmt: skip


def book_of(debtors: Sequence[Debtor]) -> Book:
    """Return the ledger at the beginning of the story, with the accounts that are known and what groups taught."""
    payers = [("ACCOUNT", each.account, each.customer_id, 2, 0) for each in debtors if each.is_known]
    payers += [
        ("ACCOUNT", each.parent.account, each.customer_id, 1, 0)
        for each in debtors
        if each.parent and each.customer_id % 2
    ]
    return Book(
        items=empty(
            ITEM_SCHEMA,
            [
                (item.item_id, each.customer_id, item.number, "CNY", item.amount, item.due_on, item.penalty, 0)
                for each in debtors
                for item in each.items
            ],
        ),
        customers=empty(
            CUSTOMER_SCHEMA,
            [
                (each.customer_id, each.code, each.name, "", each.parent.customer_id if each.parent else None)
                for each in debtors
            ],
        ),
        contracts=empty(CONTRACT_SCHEMA),
        payers=empty(PAYER_SCHEMA, payers),
    )


def lines_of(told: Sequence[Told]) -> list[Line]:
    """Return what the bank says of the story: the lines without their truth."""
    return [
        Line(
            line_id=each.line_id, received_on=each.received_on, currency="CNY", amount_minor=each.amount,
            payer_name=each.name, payer_account=each.account, text=each.text,
        )
        for each in told
    ]  # fmt: skip


def judged(told: Sequence[Told], verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Compare verdicts with the truth: precision, both recalls, and the counts of every kind of line."""
    by_line = {verdict.line_id: verdict for verdict in verdicts}
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for each in told:
        verdict, count = by_line[each.line_id], kinds[each.kind]
        best = verdict.candidates[0] if verdict.candidates else None
        is_right = best is not None and best.customer_id == each.customer_id and dict(best.parts) == each.parts
        count["lines"] += 1
        count["paid_by_customer"] += each.customer_id is not None
        count["answerable"] += each.is_answerable
        count["automatic"] += verdict.is_automatic
        count["right"] += verdict.is_automatic and is_right
        count["right_answerable"] += verdict.is_automatic and is_right and each.is_answerable
        count["proposed_first_is_right"] += not verdict.is_automatic and is_right
    total: Counter[str] = Counter()
    for count in kinds.values():
        total.update(count)
    return {
        "precision_ppm": _ppm(total["right"], total["automatic"]),
        "recall_ppm": _ppm(total["right"], total["paid_by_customer"]),
        "recall_answerable_ppm": _ppm(total["right_answerable"], total["answerable"]),
        "total": dict(total),
        "kinds": {kind: dict(kinds[kind]) for kind in sorted(kinds)},
    }


def _ppm(part: int, whole: int) -> int:
    return part * 1_000_000 // max(whole, 1)


def _beside_rapidfuzz(debtors: Sequence[Debtor], told: Sequence[Told], *, per_line: float) -> dict[str, Any]:
    """Look for the same names among the same customers with rapidfuzz alone, in turn with ours."""
    customers = [each.name for each in debtors]
    wanted = sorted({each.name for each in told if each.name})[:NAMES_MAX]
    right = {each.name: each.customer_id for each in told if each.kind != "third party" and each.customer_id}
    indexes = [NameIndex((each.customer_id, each.name) for each in debtors) for _ in range(TIMES)]
    fresh = iter(indexes)

    def ours() -> None:
        index = next(fresh)  # each time without what it remembers
        for name in wanted:
            index.find(name)

    answers: dict[str, int] = {}

    def bare() -> None:
        for name in wanted:
            best = process.extractOne(name, customers, scorer=fuzz.ratio, score_cutoff=NEAR_ENOUGH)
            if best is not None:
                answers[name] = debtors[best[2]].customer_id

    seconds = in_turn({"ours": ours, "rapidfuzz": bare}, times=TIMES)
    mine, theirs = median(seconds["ours"]), median(seconds["rapidfuzz"])
    asked = [name for name in wanted if name in right]
    one = {name: indexes[0].find(name) for name in asked}
    return {
        "names": len(wanted), "customers": len(customers), "ours": mine, "rapidfuzz": theirs,
        "ratio": ratio(mine, theirs), "whole_line_to_rapidfuzz_name": ratio(per_line, theirs / max(len(wanted), 1)),
        "ours_right_ppm": _ppm(
            sum(len(one[name]) == 1 and one[name][0].customer_id == right[name] for name in asked), len(asked)
        ),
        "rapidfuzz_right_ppm": _ppm(sum(answers.get(name) == right[name] for name in asked), len(asked)),
    }  # fmt: skip
