"""Matching as a whole: what is sure, what is only proposed, what is never done; and the labeled story."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huikuan.bench.match import PRECISION_MIN_PPM, RECALL_MIN_PPM, measure
from huikuan.cash.rules.match import Book, Line, Terms, Verdict, match
from huikuan.cash.rules.match_book import CONTRACT_SCHEMA, CUSTOMER_SCHEMA, PAYER_SCHEMA, empty
from tests.tables import rows

DAY = date(2026, 7, 10)
ITEMS = rows("""
    item_id | customer_id | number:text   | currency | open_minor | due_on     | penalty_minor | discount_minor
    1       | 1           | INV-2026-0001 | CNY      |     500000 | 2026-06-10 |          1500 |              0
    2       | 1           | INV-2026-0002 | CNY      |     123456 | 2026-06-20 |             0 |           1234
    3       | 1           | INV-2026-0003 | CNY      |      70000 | 2026-06-30 |             0 |              0
    4       | 2           | R-2026-09     | CNY      |     300000 | 2026-06-30 |             0 |              0
    5       | 2           | R-2026-10     | CNY      |     300000 | 2026-07-30 |             0 |              0
    6       | 3           | INV-2026-0006 | CNY      |     300000 | 2026-07-30 |             0 |              0
    7       | 3           | INV-2026-0007 | USD      |      88000 | 2026-07-30 |             0 |              0
    8       | 4           | INV-2026-0008 | CNY      |      41000 | 2026-07-30 |             0 |              0
""")
CUSTOMERS = [
    (1, "TIANHE", "天河电子有限公司", "91310000MA1FL0000X", None), (2, "BINHAI", "滨海贸易有限公司", "", None),
    (3, "KH00003", "远博科技有限公司", "", None), (4, "KH00004", "远博成都科技有限公司", "", 3),
]  # fmt: skip


def book(payers=()) -> Book:
    return Book(
        items=ITEMS, customers=empty(CUSTOMER_SCHEMA, CUSTOMERS), payers=empty(PAYER_SCHEMA, payers),
        contracts=empty(CONTRACT_SCHEMA, [(1, "HT-2026-77"), (2, "HT-2026-78")]),
    )  # fmt: skip


def line(amount: int, text: str = "", name: str = "", *, account: str = "", pk: int = 1, **more) -> Line:
    return Line(
        line_id=pk, received_on=DAY, currency=more.pop("currency", "CNY"), amount_minor=amount, payer_name=name,
        payer_account=account, text=text, **more,
    )  # fmt: skip


def one(asked: Line, payers=(), **terms) -> Verdict:
    return next(match([asked], book(payers), Terms(**terms)))


@pytest.mark.parametrize(
    ("asked", "customer", "parts", "reason"),
    [
        (line(500_000, "INV-2026-0001", "天河电子"), 1, ((1, 500_000),), "NAMED_SUM"),
        (line(623_456, "INV-2026-0001、0002", "天河电子"), 1, ((1, 500_000), (2, 123_456)), "NAMED_SUM"),
        (line(200_000, "INV-2026-0001", "天河电子"), 1, ((1, 200_000),), "NAMED_PART"),
        (line(501_500, "INV-2026-0001", "天河电子"), 1, ((1, 500_000),), "NAMED_PENALTY"),
        (line(122_222, "INV-2026-0002", "天河电子"), 1, ((2, 122_222),), "NAMED_DISCOUNT"),
        (line(510_000, "INV-2026-0001", "天河电子"), 1, ((1, 500_000),), "NAMED_OVER"),
        (line(123_456, "货款", "天河电子有限公司"), 1, ((2, 123_456),), "AMOUNT_ONE"),
        (line(693_456, "货款", "天河电子有限公司"), 1, ((1, 500_000), (2, 123_456), (3, 70_000)), "AMOUNT_ALL"),
        (line(193_456, "货款", "天河电子有限公司"), 1, ((2, 123_456), (3, 70_000)), "AMOUNT_SUM"),
        (line(999, "预付", "天河电子有限公司"), 1, (), "ON_ACCOUNT"),
        (line(123_456, "合同HT-2026-77", ""), 1, ((2, 123_456),), "AMOUNT_ONE"),
        (line(41_000, "INV-2026-0008", "远博科技有限公司"), 4, ((8, 41_000),), "NAMED_SUM"),
        (line(88_000, "INV-2026-0007", "远博科技有限公司", currency="USD"), 3, ((7, 88_000),), "NAMED_SUM"),
        (line(123_456, "统一代码91310000MA1FL0000X", ""), 1, ((2, 123_456),), "AMOUNT_ONE"),
    ],
)
def test_sure_lines_are_matched_by_themselves(asked, customer, parts, reason):
    verdict = one(asked)
    best = verdict.candidates[0]
    assert verdict.is_automatic
    assert (best.customer_id, best.parts) == (customer, parts)
    assert reason in best.reasons
    assert best.on_account_minor == asked.amount_minor - sum(minor for _, minor in parts)


@pytest.mark.parametrize(
    "asked",
    [
        line(300_000, "房租", "滨海贸易有限公司"),  # two rents of this amount
        line(300_000, "货款", "某某商行"),  # three items of it, nobody named
        line(123_456, "", ""),  # the amount alone
        line(88_000, "INV-2026-0007", "远博科技有限公司", pk=2),  # the item is in dollars, the money is not
        line(500_000, "结息", ""),
        line(5_000_000, "INV-2026-0003", "天河电子"),  # far more than what is named
        line(120, "保证金退回", "天河电子有限公司"),
        line(50, "", "王小明"),
    ],
)
def test_what_is_not_sure_is_never_done(asked):
    assert not one(asked).is_automatic


def test_charges_are_forgiven_only_within_the_tolerance_or_as_the_bank_named_them():
    short = line(498_000, "INV-2026-0001", "天河电子")
    assert "NAMED_CHARGE" in one(short, charge_minor=2_000).candidates[0].reasons
    assert "NAMED_PART" in one(short, charge_minor=1_999).candidates[0].reasons
    named = line(498_000, "INV-2026-0001", "天河电子", charges_minor=2_000)
    assert "NAMED_CHARGE" in one(named).candidates[0].reasons


def test_a_known_account_counts_and_a_contradicted_one_does_not():
    asked = line(123_456, "货款", "张三", account="6222 001")
    assert one(asked, [("ACCOUNT", "6222001", 1, 1, 0)]).is_automatic
    assert not one(asked, [("ACCOUNT", "6222001", 1, 1, 1)]).is_automatic
    both = [("ACCOUNT", "6222001", 1, 5, 0), ("ACCOUNT", "6222001", 2, 1, 0)]
    shared = one(line(999, "", "张三", account="6222001"), both)
    assert not shared.is_automatic
    assert shared.has_rival


def test_an_item_that_an_earlier_line_paid_is_not_there_for_a_later_one():
    first, second = line(500_000, "INV-2026-0001", "天河电子"), line(500_000, "INV-2026-0001", "天河电子", pk=2)
    verdicts = list(match([second, first], book(), Terms()))
    assert [verdict.line_id for verdict in verdicts] == [1, 2]
    assert [verdict.is_automatic for verdict in verdicts] == [True, False]
    assert "NAMED_SETTLED" in verdicts[1].candidates[0].reasons


def test_who_was_ruled_out_is_not_proposed_and_the_line_is_never_automatic():
    asked = line(500_000, "INV-2026-0001", "天河电子")
    verdict = next(match([asked], book(), Terms(), ruled_out={1: {1}}))
    assert not verdict.is_automatic
    assert 1 not in {candidate.customer_id for candidate in verdict.candidates}


TEXTS = st.sampled_from(
    ["", "货款", "INV-2026-0001", "INV-2026-0001、0002", "R-2026-09", "INV-2026-0006 0007", "HT-2026-78"]
)
NAMES = st.sampled_from(["", "天河电子", "滨海贸易有限公司", "远博", "远博科技有限公司", "天合电子有限公司"])
AMOUNTS = st.sampled_from([500_000, 123_456, 300_000, 623_456, 88_000, 41_000, 1, 193_456, 200_000, 501_500, 600_000])
LINES = st.lists(
    st.tuples(AMOUNTS, TEXTS, NAMES, st.sampled_from(["CNY", "USD"]), st.integers(0, 3)), min_size=1, max_size=8
).map(
    lambda told: [
        Line(
            line_id=pk, received_on=DAY + timedelta(days=days), currency=currency, amount_minor=amount, text=text,
            payer_name=name,
        )
        for pk, (amount, text, name, currency, days) in enumerate(told, start=1)
    ]
)  # fmt: skip


@given(LINES, st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_nothing_impossible_is_ever_done(lines, chance):
    found = {verdict.line_id: verdict for verdict in match(lines, book(), Terms())}
    items = {row["item_id"]: row for row in ITEMS.iter_rows(named=True)}
    left = {item_id: row["open_minor"] for item_id, row in items.items()}
    for each in sorted(lines, key=lambda one_line: (one_line.received_on, one_line.line_id)):
        verdict = found[each.line_id]
        for candidate in verdict.candidates:
            assert candidate.on_account_minor >= 0
            assert candidate.on_account_minor + sum(minor for _, minor in candidate.parts) == each.amount_minor
            assert len({item for item, _ in candidate.parts}) == len(candidate.parts)
            for item_id, minor in candidate.parts:
                owner, currency = items[item_id]["customer_id"], items[item_id]["currency"]
                assert (owner, currency) == (candidate.customer_id, each.currency)
                assert 0 < minor <= left[item_id]
        if verdict.is_automatic:
            assert not verdict.has_rival
            for item_id, minor in verdict.candidates[0].parts:
                left[item_id] -= minor
    shuffled = list(lines)
    chance.shuffle(shuffled)
    assert {verdict.line_id: verdict for verdict in match(shuffled, book(), Terms())} == found


def test_the_labeled_story_meets_the_bars():
    told = measure(lines=1_500, items=7_500, seed=7)
    assert told["precision_ppm"] >= PRECISION_MIN_PPM
    assert told["recall_ppm"] >= RECALL_MIN_PPM
    assert told["total"]["automatic"] > 1_000
    assert told["kinds"]["noise"]["paid_by_customer"] == told["kinds"]["nameless"]["answerable"] == 0
    assert told["rapidfuzz"]["ours_right_ppm"] > told["rapidfuzz"]["rapidfuzz_right_ppm"]
