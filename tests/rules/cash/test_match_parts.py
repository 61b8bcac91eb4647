"""What matching is made of: numbers in free text, names of companies, sums of items; each beside its slow twin."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huikuan.cash.rules import match_bills
from huikuan.cash.rules.match_evidence import EXTRA, REASONS, WHAT, WHO, who_points
from huikuan.cash.rules.match_names import NameIndex, name_of
from huikuan.cash.rules.match_sums import SUM_ITEMS_MAX, sums_of
from huikuan.cash.rules.match_text import atoms_of, ends_of, key_of, mentions, probes
from huikuan.desk.queries.words_matching import REASON_WORDS
from tests.twins import matching as twin

KNOWN = ["INV-2026-0001", "INV-2026-0002", "INV-2026-0003", "INV-2026-0012", "FP202609000123", "25312000000000307366"]


def found(text: str, known: list[str] = KNOWN) -> list[str]:
    atoms, keys = atoms_of(text), {key_of(number): number for number in known}
    named = mentions(atoms, keys)
    assert {mention.key for mention in named} <= probes(atoms)
    return [keys[mention.key] for mention in named]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("付INV-2026-0001货款", ["INV-2026-0001"]),
        ("inv 2026 0001", ["INV-2026-0001"]),
        ("INV20260001", ["INV-2026-0001"]),
        ("ＩＮＶ－２０２６－０００１", ["INV-2026-0001"]),
        ("INV-2026-\n0001", []),
        ("发票号:FP202609000123,INV-2026-0002", ["FP202609000123", "INV-2026-0002"]),
        ("INV20260001INV20260002", ["INV-2026-0001", "INV-2026-0002"]),
        ("INV-2026-0001/0002/0003", ["INV-2026-0001", "INV-2026-0002", "INV-2026-0003"]),
        ("INV-2026-0001、02和03", ["INV-2026-0001", "INV-2026-0002", "INV-2026-0003"]),
        ("INV-2026-0001-0003", ["INV-2026-0001", "INV-2026-0002", "INV-2026-0003"]),
        ("INV-2026-0001至0003号", ["INV-2026-0001", "INV-2026-0002", "INV-2026-0003"]),
        ("INV-2026-0001~3", ["INV-2026-0001", "INV-2026-0002", "INV-2026-0003"]),
        ("INV-2026-0009", []),
        ("INV-2026-00011", []),
        ("电子发票25312000000000307366", ["25312000000000307366"]),
        ("2026-10-15 转账 1234.56", []),
        ("INV-2026-0001 INV-2026-0001", ["INV-2026-0001"]),
    ],
)
def test_numbers_in_free_text(text, numbers):
    assert found(text) == numbers


NUMBERS = st.sampled_from(["AB1-20001", "AB1-20002", "C77.123", "9900123", "ZZ/2026/01"])
JUNK = st.sampled_from(["货款", " ", ",", "、", "付", "号", "元", "；"])


@given(st.lists(st.one_of(NUMBERS, JUNK), max_size=6).map("，".join))
def test_numbers_written_out_are_those_the_twin_finds(text):
    known = ["AB1-20001", "AB1-20002", "C77.123", "9900123", "ZZ/2026/01"]
    assert set(found(text, known)) == twin.numbers_in(text, known)


def test_the_ends_of_numbers_are_no_parts_of_dates():
    assert ends_of(atoms_of("2026年10月15日 0123号")) == {"0123"}
    assert "3307" in ends_of(atoms_of("33-07货款"))


@given(st.lists(st.integers(1, 60), max_size=9), st.integers(1, 200))
def test_a_sum_is_answered_exactly_when_there_is_one(amounts, wanted):
    answers, every = sums_of(amounts, wanted), twin.sums(amounts, wanted)
    assert answers.only == (every[0] if len(every) == 1 else None)
    assert answers.is_none == (not every)


def test_a_search_that_gave_up_proves_nothing():
    many = sums_of([2 * number for number in range(1, 41)], 401)
    assert many.only is None
    long = sums_of([1_000_000] * (SUM_ITEMS_MAX + 5), 3)
    assert (long.only, long.is_none) == (None, False)


@pytest.mark.parametrize(
    ("text", "stem", "core", "brand"),
    [
        ("上海华信贸易有限公司", "上海华信贸易", "华信贸易", "华信"),
        ("华信（上海）贸易有限公司", "华信上海贸易", "华信贸易", "华信"),
        ("上海華信貿易有限公司", "上海华信贸易", "华信贸易", "华信"),
        ("重庆市渝北区明德五金有限公司", "重庆市渝北区明德五金", "明德五金", "明德"),
        ("Acme Trading Co., Ltd.", "ACMETRADING", "ACMETRADING", "ACMETRADING"),
        ("华兴实业集团股份有限公司", "华兴实业", "华兴实业", "华兴"),
    ],
)
def test_names_are_taken_apart(text, stem, core, brand):
    name = name_of(text)
    assert (name.stem, name.core, name.brand) == (stem, core, brand)


INDEX = NameIndex(
    [
        (1, "上海华信贸易有限公司"), (2, "上海华兴贸易有限公司"), (3, "天河电子有限公司"), (4, "中鼎建工集团有限公司"),
        (5, "北京远博科技有限公司"), (6, "北京远博商贸有限公司"), (7, "成都荣川物流有限公司"),
    ]
)  # fmt: skip


@pytest.mark.parametrize(
    ("payer", "customers", "reason"),
    [
        ("上海华信贸易有限公司", [1], "NAME_EQUAL"),
        (" 上海 华信 贸易 有限公司 ", [1], "NAME_EQUAL"),
        ("华信(上海)贸易有限公司", [1], "NAME_CORE"),
        ("华信贸易有限公司", [1], "NAME_CORE"),
        ("中鼎建工集团有限公司重庆分公司", [4], "NAME_BRANCH"),
        ("天合电子有限公司", [3], "NAME_NEAR"),
        ("成都荣川物有流限公司", [7], "NAME_NEAR"),
        ("上海华行贸易有限公司", [1, 2], "NAME_SHARED"),
        ("远博", [5, 6], "NAME_SHARED"),
        ("荣川", [7], "NAME_SHORT"),
        ("广州华信贸易有限公司", [], ""),
        ("王小明", [], ""),
        ("", [], ""),
    ],
)
def test_payers_are_found_by_name(payer, customers, reason):
    hits = INDEX.find(payer)
    assert [hit.customer_id for hit in hits] == customers
    assert {hit.reason for hit in hits} <= {reason}


def test_a_customer_is_found_in_the_text():
    assert [hit.customer_id for hit in INDEX.in_text("代天河电子有限公司付货款")] == [3]
    assert INDEX.in_text("付货款谢谢") == ()


@given(st.text(max_size=40))
@settings(max_examples=60)
def test_any_text_is_read_without_harm(text):
    atoms = atoms_of(text)
    assert mentions(atoms, probes(atoms)) is not None
    INDEX.find(text)
    INDEX.in_text(text)


def test_reasons_of_one_kind_count_once_and_every_reason_has_words():
    assert who_points({"NAME_EQUAL", "NAME_LEARNED"}) == WHO["NAME_EQUAL"][1]
    assert who_points({"NAME_EQUAL", "ACCOUNT_KNOWN"}) == WHO["NAME_EQUAL"][1] + WHO["ACCOUNT_KNOWN"][1]
    assert set(REASONS) == {*WHO, *WHAT, *EXTRA}
    assert set(REASON_WORDS) == {*REASONS, *match_bills.REASONS}
