"""Files as people have them: encodings, delimiters, titles above the headings, cut and damaged ones, workbooks."""

from datetime import UTC, date, datetime

import pytest
import xlsxwriter

from huikuan.adapters.tables.files import open_table
from huikuan.exchange.ports import (
    EncodingUnclear,
    FileCut,
    FileDamaged,
    FileEmpty,
    FileMissing,
    FileNotDecodable,
    FileQuotedWrongly,
    SheetUnknown,
)
from huikuan.exchange.rules.layout import ColumnInMultiples, ColumnMissing
from huikuan.parties.models import Customer
from huikuan.receivables.models import OpenItem
from tests.modules.exchange.conftest import codes, counts, remarks, written

CUSTOMERS = "客户编码,客户名称\nC1,天河电子有限公司\nC2,滨海贸易有限公司\n"
ITEMS = "number,customer_code,due_on,amount\nX,TIANHE,2026-02-09,5\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le"])
def test_the_encoding_is_found_or_declared(importing, encoding):
    declared = {"encoding": encoding} if encoding == "utf-16-le" else {}
    outcome = importing("customers", CUSTOMERS.encode(encoding), opened=declared)
    assert counts(outcome) == (2, 0, 0, 0)
    assert Customer.objects.get(code="C1").name == "天河电子有限公司"


def test_a_declared_encoding_that_is_wrong_is_refused(importing):
    with pytest.raises(FileNotDecodable, match="Line 1"):
        importing("customers", CUSTOMERS.encode("gb18030"), opened={"encoding": "utf-8"})


@pytest.mark.parametrize(
    "content",
    [
        "code,name\nC1,Müller & Söhne\nC2,Café Olé\n".encode("latin-1"),
        CUSTOMERS.encode() + b"C3,\xff\xfe\xfa\n",
        CUSTOMERS.encode("big5", errors="replace") + b"\xff\n",
    ],
    ids=["latin-1", "damaged utf-8", "neither"],
)
def test_what_is_neither_utf8_nor_chinese_is_refused_rather_than_guessed(importing, content):
    with pytest.raises(EncodingUnclear):
        importing("customers", content)
    assert not Customer.objects.exists()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found(importing, delimiter):
    assert counts(importing("customers", CUSTOMERS.replace(",", delimiter))) == (2, 0, 0, 0)


def test_a_line_break_and_a_delimiter_inside_quotes(importing):
    importing("customers", 'code,name,industry\nC1,"天河\n电子, 有限公司",x\n')
    assert Customer.objects.get().name == "天河 电子, 有限公司"


CUT = [
    ("inside quotes", (ITEMS + 'Y,TIANHE,2026-02-09,"1,23').encode()),
    ("inside a row", (ITEMS + "Y,TIANHE,2026").encode()),
    ("inside a character", (ITEMS + "Y,天河").encode()[:-1]),
]


@pytest.mark.parametrize("content", [content for _, content in CUT], ids=[name for name, _ in CUT])
def test_a_file_that_was_cut_leaves_no_trace(importing, tianhe, content):
    with pytest.raises(FileCut):
        importing("items", content)
    assert not OpenItem.objects.exists()


def test_a_last_row_without_line_break_is_fine(importing, tianhe):
    assert counts(importing("items", ITEMS.rstrip())) == (1, 0, 0, 0)


def test_a_stray_quote_is_refused(importing, tianhe):
    with pytest.raises(FileQuotedWrongly):
        importing("items", ITEMS + '"Y"Z,TIANHE,2026-02-09,5\n')


def test_an_empty_file(importing):
    with pytest.raises(FileEmpty):
        importing("items", b"")


def test_a_file_of_headings_alone_is_no_error(importing):
    assert importing("items", "number,customer_code,due_on,amount\n").rows == 0


def test_no_such_file(tmp_path):
    with pytest.raises(FileMissing):
        open_table(tmp_path / "none.csv")


def test_titles_and_empty_rows_stand_above_and_between(importing, tianhe):
    title = "应收明细表,,,\n,,,\n单位：元,,,\n发票号码,客户编码,到期日,金额(元)\n\n"
    text = title + "X,TIANHE,2026-02-09,5\n,,,\nY,TIANHE,2026-02-09,\n"
    outcome = importing("items", text)
    assert (outcome.rows, codes(outcome)) == (2, [(8, "amount", "value-missing")])


def test_headings_in_two_rows_with_merged_groups(importing):
    text = "客户,,联系,\n编码,名称,电话,邮箱\nC1,天河,13800138000,a@b.example\n"
    importing("customers", text)
    assert Customer.objects.get().phone == "+8613800138000"


def test_a_missing_column_is_named_with_what_was_found(importing):
    with pytest.raises(ColumnMissing, match=r"due_on.*number, customer_code, amount"):
        importing("items", "number,customer_code,amount\nX,TIANHE,5\n")


def test_amounts_in_ten_thousands_are_refused(importing):
    with pytest.raises(ColumnInMultiples):
        importing("items", "发票号码,客户编码,到期日,金额(万元)\nX,TIANHE,2026-02-09,5\n")


def test_unused_columns_are_told(importing, tianhe):
    outcome = importing("items", "number,customer_code,due_on,amount,备注\nX,TIANHE,2026-02-09,5,hi\n")
    assert remarks(outcome) == [(1, "", "column-ignored")]


def test_of_two_possible_amounts_the_one_with_tax_counts(importing, tianhe):
    outcome = importing("items", "发票号码,客户编码,到期日,金额,价税合计\nX,TIANHE,2026-02-09,100,113\n")
    assert OpenItem.objects.get().amount_minor == 113_00
    assert remarks(outcome) == [(1, "amount", "column-doubled")]


def test_emoji_and_rare_characters_survive(importing):
    importing("customers", "code,name\nC1,😀𠮷野家（上海）有限公司\n")
    assert Customer.objects.get().name == "😀𠮷野家（上海）有限公司"


# --- workbooks ---------------------------------------------------------------------------------------------

HEAD = ["number", "customer_code", "issued_on", "due_on", "amount"]


def test_typed_cells_of_a_workbook(importing, tianhe):
    rows = [
        ["title"],
        HEAD,
        ["X1", "TIANHE", date(2026, 1, 10), date(2026, 2, 9), 1234.5],
        [10001, "TIANHE", 46032, 46062, ("=100+20", 120)],
        ["X3", "TIANHE", "2026-01-10", "2026年2月9日", "1,000.00"],
        [None, None, None, None, None],
        ["X4", "TIANHE", datetime(2026, 1, 10, 14, 30, tzinfo=UTC).replace(tzinfo=None), date(2026, 2, 9), 0.1 + 0.2],
    ]
    outcome = importing("items", rows)
    assert (codes(outcome), outcome.rows) == ([], 4)
    held = {item.number: (item.issued_on, item.due_on, item.amount_minor) for item in OpenItem.objects.all()}
    days = (date(2026, 1, 10), date(2026, 2, 9))
    assert held == {"X1": (*days, 123450), "10001": (*days, 12000), "X3": (*days, 100000), "X4": (*days, 30)}


def test_float_noise_is_taken_off_and_real_fractions_of_a_cent_are_not(importing, tianhe):
    rows = [
        HEAD,
        ["X1", "TIANHE", None, date(2026, 2, 9), 1234.5600000001],
        ["X2", "TIANHE", None, date(2026, 2, 9), 1.005],
    ]
    outcome = importing("items", rows)
    assert OpenItem.objects.get().amount_minor == 123456
    assert codes(outcome) == [(3, "amount", "amount-not-exact")]


def test_a_long_number_stored_as_a_number_is_refused(importing, tianhe):
    rows = [
        HEAD,
        [130000000000000000, "TIANHE", None, date(2026, 2, 9), 5],
        [123456789012345, "TIANHE", None, date(2026, 2, 9), 5],
    ]
    outcome = importing("items", rows)
    assert codes(outcome) == [(2, "number", "number-too-long")]
    assert OpenItem.objects.get().number == "123456789012345"


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_a_workbook_that_was_cut(importing, tianhe, tmp_path, kept):
    whole = written(tmp_path, [HEAD, ["X1", "TIANHE", None, date(2026, 2, 9), 5]]).read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(FileDamaged):
        open_table(tmp_path / "cut.xlsx")


def test_a_workbook_with_a_torn_part(tmp_path):
    path = written(tmp_path, [HEAD] + [[f"X{n}", "TIANHE", None, None, n] for n in range(200)])
    content = bytearray(path.read_bytes())
    at = content.find(b"sheet1.xml") + 200
    content[at] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(FileDamaged):
        open_table(path)


def test_the_sheet_with_the_columns_is_found_or_named(importing, tianhe, tmp_path):
    path = tmp_path / "two.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("说明").write(0, 0, "read me")
        sheet = book.add_worksheet("明细")
        for at, row in enumerate([HEAD[:2] + HEAD[3:], ["X1", "TIANHE", "2026-02-09", 5]]):
            sheet.write_row(at, 0, row)
    assert counts(importing("items", path.read_bytes())) == (1, 0, 0, 0)
    with pytest.raises(SheetUnknown, match="说明, 明细"):
        open_table(path, sheet="Sheet1")


def test_a_sheet_that_begins_further_down_and_right(importing, tianhe):
    rows = [[None] * 6, [None] * 6, [None, *HEAD], [None, "X1", "TIANHE", None, "2026-02-09", 0]]
    assert codes(importing("items", rows)) == [(4, "amount", "amount-not-positive")]
