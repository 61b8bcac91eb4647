"""What single cells say, and that the fast reading of a whole column says the same."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huikuan.exchange.rules.cells import Reading, read_cell
from huikuan.exchange.rules.column import Cells, Defaults, read_column
from huikuan.exchange.rules.lists import LISTS, ListKind
from huikuan.kernel.days import DayOrder
from huikuan.kernel.guarding import guarded, unguarded
from huikuan.kernel.refusal import Refusal

DEFAULTS = Defaults(DayOrder.YMD, "CN", "CNY")


def reading(kind, name, **more):
    return Reading(kind, LISTS[ListKind(kind)].field(name), **more)


GOOD = [
    ("items", "currency", "人民币", "CNY"),
    ("items", "currency", "￥", "CNY"),
    ("items", "currency", "us$", "USD"),
    ("items", "currency", "HKD ", "HKD"),
    ("items", "kind", "增值税红字发票", None),
    ("items", "kind", "红字发票", "CREDIT_NOTE"),
    ("items", "kind", "Property Fee", "PROPERTY_FEE"),
    ("items", "number", "12E4", "12E4"),
    ("items", "number", "ＨＴ－２０２６／１", "HT-2026/1"),
    ("items", "number", '="00123"', "00123"),
    ("items", "number", "'-5", "-5"),
    ("customers", "name", "  天河\u200b  电子（上海） ", "天河 电子（上海）"),
    ("customers", "country", "中国", "CN"),
    ("customers", "country", "uk", "GB"),
    ("customers", "language", "zh-CN", "zh-hans"),
    ("customers", "size_class", "小微企业", "SMALL"),
    ("customers", "phone", "021-62881234", "+862162881234"),
    ("contracts", "term_days", "30 天", 30),
    ("contracts", "penalty_rate_per_day", "0.05%", 500_000),
    ("contracts", "penalty_rate_per_day", "万分之五", 500_000),
    ("contracts", "grace_mode", "免罚", "FORGIVING"),
    ("receipts", "received_on", "2026年1月5日", date(2026, 1, 5)),
    ("receipts", "received_on", "2026-01-05 10:30", date(2026, 1, 5)),
    ("receipts", "received_on", "46027", date(2026, 1, 5)),
    ("receipts", "amount", "（1,234.50）", -123450),
    ("receipts", "amount", "", None),
    ("receipts", "amount", " \u3000", None),
]


@pytest.mark.parametrize(("kind", "name", "text", "value"), GOOD)
def test_cells(kind, name, text, value):
    if value is None and text.strip():
        with pytest.raises(Refusal):
            read_cell(text, reading(kind, name))
        return
    assert read_cell(text, reading(kind, name)) == value


def test_numbers_of_a_workbook():
    assert read_cell("46027.75", reading("receipts", "received_on", is_number=True)) == date(2026, 1, 5)
    assert read_cell("20260105", reading("receipts", "received_on", is_number=True)) == date(2026, 1, 5)
    assert read_cell("1234.5600000001", reading("receipts", "amount", is_number=True)) == 123456
    with pytest.raises(Refusal, match="15"):
        read_cell("130000000000000000", reading("items", "number", is_number=True))


def column(kind, name, texts):
    text = pl.Series(texts, dtype=pl.String).str.strip_chars()
    each = LISTS[ListKind(kind)].field(name)
    values, refused = read_column(ListKind(kind), each, Cells(text.set(text == "", None), None, None), DEFAULTS)
    return values.to_list(), {at for at, _ in refused}


def one_by_one(kind, name, texts):
    values, refused = [], set()
    required = LISTS[ListKind(kind)].field(name).required
    for at, text in enumerate(texts):
        try:
            values.append(read_cell(text, reading(kind, name)))
            if values[-1] is None and required:
                refused.add(at)
        except Refusal:
            values.append(None)
            refused.add(at)
    return values, refused


AMOUNTS = st.one_of(
    st.decimals(-(10**15), 10**15, allow_nan=False, places=3).map(str),
    st.from_regex(r"-?[0-9０-９]{0,16}[.,]?[0-9]{0,3}", fullmatch=True),
    st.text("0123456789.,-+ ¥元eE()", max_size=12),
)
DAYS = st.one_of(
    st.dates().map(str),
    st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", fullmatch=True),
    st.text("0123456789-/.年月日 :", max_size=12),
)
CODES = st.one_of(st.text(max_size=70), st.text("ABC abc012=+-.eE'中文／\u200b\x07\t", max_size=12))


@given(st.lists(AMOUNTS, min_size=1, max_size=8))
def test_a_column_of_amounts_reads_as_its_cells_do(texts):
    assert column("items", "amount", texts) == one_by_one("items", "amount", texts)


@given(st.lists(DAYS, min_size=1, max_size=8))
def test_a_column_of_days_reads_as_its_cells_do(texts):
    assert column("items", "due_on", texts) == one_by_one("items", "due_on", texts)


@given(st.lists(CODES, min_size=1, max_size=8))
def test_a_column_of_codes_reads_as_its_cells_do(texts):
    assert column("items", "number", texts) == one_by_one("items", "number", texts)


@given(st.text("'=+-@\t\r\n a1\uff1d\uff0b", max_size=8))
def test_a_guard_can_always_be_taken_off(text):
    assert unguarded(guarded(text)) == text
    assert not guarded(text).lstrip().startswith(("=", "+", "-", "@", "\uff1d", "\uff0b"))
