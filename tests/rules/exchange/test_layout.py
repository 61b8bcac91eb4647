"""Which heading means which column."""

import pytest

from huikuan.exchange.rules.aliases import HEADERS, VALUES
from huikuan.exchange.rules.layout import MappingUnusable, find_layout, folded, meaning
from huikuan.exchange.rules.lists import LISTS, ListKind
from huikuan.exchange.rules.mapping import MappingColumnUnknown, MappingUnreadable, parse_mapping
from huikuan.kernel.days import DayOrder

MEANINGS = [
    ("customers", "* 客户编码：", "code"),
    ("customers", "统一社会信用代码（必填）", "registration_no"),
    ("customers", "Ｃｕｓｔｏｍｅｒ　Ｎａｍｅ", "name"),
    ("customers", "E-Mail", "email"),
    ("items", "Invoice No.", "number"),
    ("items", "开票日期", "issued_on"),
    ("items", "价税合计（元）", "amount"),
    ("items", "Due Date", "due_on"),
    ("items", "客户\n编码", "customer_code"),
    ("receipts", "到账日期", "received_on"),
    ("receipts", "对方户名", "payer_name"),
    ("contracts", "日违约金率(%)", "penalty_rate_per_day"),
    ("items", "备注", None),
]


@pytest.mark.parametrize(("kind", "heading", "name"), MEANINGS)
def test_headings(kind, heading, name):
    found = meaning(ListKind(kind), heading)
    assert (found and found[0]) == name


@pytest.mark.parametrize("kind", list(ListKind))
def test_every_column_has_other_names_and_none_has_two_meanings(kind):
    seen: dict[str, str] = {}
    for name, words in HEADERS[kind].items():
        assert LISTS[kind].field(name)
        for word in words.split():
            assert seen.setdefault(folded(word), name) == name, f"{word} means {seen[folded(word)]} and {name}"


def test_choices_have_one_meaning_each():
    for (kind, name), values in VALUES.items():
        assert LISTS[kind].field(name)
        words = [folded(word) for each in values.values() for word in each.split()]
        assert len(words) == len(set(words)), (kind, name)


def test_a_mapping_comes_before_the_names():
    head = [["Beleg", "Kunde", "Fällig", "Betrag", "amount"]]
    layout = find_layout(ListKind.ITEMS, head, {"number": "beleg", "customer_code": 2, "due_on": "Fällig", "amount": 4})
    assert dict(layout.columns) == {"number": 0, "customer_code": 1, "due_on": 2, "amount": 3}


def test_a_mapping_to_a_heading_that_is_not_there_is_refused():
    with pytest.raises(MappingUnusable, match="Betrag"):
        find_layout(ListKind.ITEMS, [["number", "customer_code", "due_on", "amount"]], {"currency": "Betrag"})


def test_a_mapping_as_a_file_says_it():
    told = parse_mapping(
        ListKind.ITEMS, {"columns": {"number": "Beleg", "amount": 7}, "date_order": "dmy", "delimiter": "tab"}
    )
    assert (told.columns, told.date_order, told.delimiter) == ({"number": "Beleg", "amount": 7}, DayOrder.DMY, "\t")


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (["number"], MappingUnreadable),
        ({"column": {}}, MappingUnreadable),
        ({"columns": {"number": 0}}, MappingUnreadable),
        ({"columns": {"number": True}}, MappingUnreadable),
        ({"columns": {"shade": "red"}}, MappingColumnUnknown),
        ({"date_order": "dym"}, MappingUnreadable),
        ({"delimiter": "x"}, MappingUnreadable),
    ],
)
def test_what_is_no_mapping(content, refusal):
    with pytest.raises(refusal):
        parse_mapping(ListKind.ITEMS, content)
