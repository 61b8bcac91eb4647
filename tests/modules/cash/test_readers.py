"""Banks' files of our own making, with the defects of real ones, read to the line."""

import tracemalloc
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huikuan.adapters.bank_tables.profile import ProfileWrong, read_profile
from huikuan.adapters.camt053.nodes import DEPTH_MAX
from huikuan.cash.ports import open_statement
from huikuan.cash.rules.judging import judge
from huikuan.cash.rules.statement import BankLine
from huikuan.kernel.refusal import Refusal

FILES = Path(__file__).resolve().parents[2] / "data" / "bank"


def lines(name: str, folder: Path = FILES) -> list[BankLine]:
    return [part for part in open_statement(folder / name).parts() if isinstance(part, BankLine)]


def refusal(path: Path) -> Refusal:
    with pytest.raises(Refusal) as caught:
        judge(open_statement(path).parts(), name=path.name)
    return caught.value


@pytest.mark.parametrize(
    ("name", "layout", "account", "moved", "balances"),
    [
        ("icbc_gb18030.csv", "icbc", "6222****3456", [1_200_000, -1200, 50_000], (100_000, 1_348_800)),
        ("abc_signed.csv", "abc", "", [800_000, -1000, 0, 800_000], (100_000, 1_699_000)),
        ("hsbc_tabs.csv", "hsbc_hk", "", [50_000, -2000], (102_000, 150_000)),
        ("flag_common.csv", "common_flag", "0200001234567890", [120_050, -20_000], (100_000, 200_050)),
        ("alipay.csv", "alipay", "", [8800, -500], (None, None)),
        ("wechat_merchant.csv", "wechat_merchant", "", [10_000, -60, -100_000], (100_000, 9940)),
        ("ccb.xlsx", "ccb", "1100*********0022", [6710, -1710], (100_000, 105_000)),
        ("statement.mt940", "MT940", "50880050/0194774600", [30_000, 30_000, -5000, -50], (100_000, 154_950)),
        ("intraday.mt942", "MT942", "PL29114010810000267002001002", [1001], (None, None)),
        (
            "statement.camt053.xml", "camt.053.001.08", "DE89370400440532013000", [10_000, 5000, -2000],
            (100_000, 113_000),
        ),
        ("notification.camt054.xml", "camt.054.001.02", "DE89370400440532013000", [-2000], (None, None)),
    ],
)  # fmt: skip
def test_each_kind_of_file_is_read_to_its_sums_and_balances(name, layout, account, moved, balances):
    source = open_statement(FILES / name)
    judged = judge(source.parts(), name=name).accounts
    assert source.format == layout
    assert [line.amount_minor for line in lines(name)] == moved
    assert [(each.account, each.opening_minor, each.closing_minor) for each in judged] == [(account, *balances)]


def test_a_chinese_export_gives_who_paid_for_what():
    first = lines("abc_signed.csv")[0]
    assert (first.counterparty_name, first.counterparty_account) == ("北京天河贸易有限公司", "6222000011112222")
    assert first.remittance == "转存 货款 INV-2026-0007"
    assert (first.bank_reference, first.booked_on, first.row) == ("369396693", date(2026, 3, 1), 2)
    flagged = lines("flag_common.csv")
    assert [line.counterparty_account for line in flagged] == ["6222000011112222", "00311122"]
    assert [line.booked_on.day for line in flagged] == [2, 3]


def test_swift_details_give_name_account_and_the_number_that_was_cut_in_two():
    first, second, reversal, charge = lines("statement.mt940")
    assert (first.counterparty_name, first.counterparty_account) == ("Tianhe Handels GmbH", "DE89370400440532013000")
    assert "INV-2026-0007" in first.remittance.replace(" ", "")
    assert (first.end_to_end_id, first.bank_reference) == ("INV-2026-0007", "REF001")
    assert second.counterparty_name == "Tianhe Handels GmbH"
    assert reversal.is_reversal
    assert (reversal.value_on, reversal.booked_on) == (date(2026, 2, 28), date(2026, 3, 3))
    assert charge.remittance.startswith("Kontoführung")


def test_a_camt_batch_becomes_one_line_for_each_payment_and_a_return_says_so():
    first, second, back = lines("statement.camt053.xml")
    assert (first.counterparty_name, first.end_to_end_id) == ("Tianhe", "INV-1")
    assert "pays INV-1 RF18539007547034 Group of Tianhe" in first.remittance
    assert second.counterparty_account == "FR1420041010050500013M02606"
    assert (first.charges_minor, first.kind) == (150, "PMNT/RCDT/ESCT")
    assert (back.is_reversal, back.counterparty_name, back.remittance) == (True, "Tianhe", "account closed")
    assert back.booked_on == date(2026, 3, 2), "the bank's calendar, not ours"
    remarks = judge(open_statement(FILES / "statement.camt053.xml").parts(), name="x").remarks
    assert [remark.code for remark in remarks] == ["pending"]


@pytest.mark.parametrize(
    ("name", "code", "place"),
    [
        ("cut_in_quotes.csv", "file.cut", None),
        ("cut_row.csv", "bank.cell-wrong", 3),
        ("formula.csv", "bank.cell-wrong", 2),
        ("bomb.camt053.xml", "bank.xml-refused", None),
    ],
)
def test_what_is_cut_calculated_or_hostile_is_refused_with_its_place(name, code, place):
    no = refusal(FILES / name)
    assert no.code == code
    if place is not None:
        assert no.facts["row"] == place


def test_xml_that_nests_without_end_or_ends_too_early_is_refused(tmp_path):
    start = '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">'
    deep = tmp_path / "deep.xml"
    deep.write_text(start + "<a>" * (DEPTH_MAX + 1))
    assert refusal(deep).code == "bank.xml-refused"
    cut = tmp_path / "cut.xml"
    cut.write_bytes((FILES / "statement.camt053.xml").read_bytes()[:1500])
    assert refusal(cut).code == "bank.xml-broken"
    page = tmp_path / "statement.xls"
    page.write_text("<html><table><tr><td>交易日期</td></tr></table></html>")
    assert refusal(page).code == "bank.xml-unknown"


@pytest.mark.parametrize(
    ("change", "code", "numbers"),
    [
        (("1549,50", "1549,51"), "bank.balance-wrong", ("1549.50", "1549.51")),
        (("60M:C260303EUR1550", "60M:C260303EUR1551"), "bank.balance-wrong", ("1550.50", "1549.50")),
        (("CR300,NTRFNONREF//REF002", "CR3x0,NTRFNONREF//REF002"), "bank.field-wrong", ()),
        ((":62M:", ":99M:"), "bank.closing-missing", ()),
    ],
)
def test_a_changed_swift_statement_is_refused_with_both_numbers(tmp_path, change, code, numbers):
    path = tmp_path / "changed.mt940"
    text = (FILES / "statement.mt940").read_bytes().decode("latin-1")
    assert change[0] in text
    path.write_bytes(text.replace(*change, 1).encode("latin-1"))
    no = refusal(path)
    assert no.code == code
    assert all(number in str(no) for number in numbers)


def test_a_missing_row_of_a_table_is_refused_where_the_balance_breaks(tmp_path):
    rows = (FILES / "abc_signed.csv").read_text().splitlines()
    path = tmp_path / "short.csv"
    path.write_text("\n".join([rows[0], rows[1], *rows[3:]]))
    no = refusal(path)
    assert no.code == "bank.running-balance-wrong"
    assert (no.facts["row"], no.facts["expected"], no.facts["stated"]) == (4, "16990.00", "16990.00") or no.facts[
        "row"
    ] in {3, 4}


def test_sums_that_the_wallet_states_are_checked(tmp_path):
    path = tmp_path / "alipay.csv"
    text = (FILES / "alipay.csv").read_bytes().decode("gb18030")
    path.write_bytes(text.replace("收入：1笔 88.00元", "收入：1笔 98.00元").encode("gb18030"))
    no = refusal(path)
    assert (no.code, no.facts["expected"], no.facts["stated"]) == ("bank.total-wrong", "88.00", "98.00")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_encoding_of_a_table_is_found(tmp_path, encoding):
    path = tmp_path / "abc.csv"
    path.write_bytes((FILES / "abc_signed.csv").read_text().encode(encoding))
    assert lines("abc.csv", tmp_path) == lines("abc_signed.csv")


def test_a_user_adds_a_layout_and_a_wrong_one_is_named(tmp_path, settings):
    folder = tmp_path / "bank-profiles"
    folder.mkdir()
    settings.HUIKUAN_BANK_PROFILES = folder
    (folder / "village.yaml").write_text(
        "name: village\ntitle: Village bank\ncolumns:\n  booked_on: Tag\n  amount: Betrag\n  remittance: Zweck\n"
        "day: dmy\ncurrency: EUR\n"
    )
    path = tmp_path / "village.csv"
    path.write_text("Tag;Betrag;Zweck\n05/03/2026;1,250.00;INV-7\n")
    line = lines("village.csv", tmp_path)[0]
    assert (line.booked_on, line.amount_minor, line.currency) == (date(2026, 3, 5), 125_000, "EUR")
    with pytest.raises(ProfileWrong, match="no column is called tag"):
        read_profile("name: x\ncolumns: {tag: Tag, booked_on: T, amount: B}\n", "x.yaml")
    with pytest.raises(ProfileWrong, match="the amount is missing"):
        read_profile("name: x\ncolumns: {booked_on: T}\n", "x.yaml")


def a_long_table(path: Path, count: int) -> Path:
    with path.open("w", encoding="utf-8") as file:
        file.write("记账日期,货币,交易金额,联机余额,交易摘要,对手信息,客户摘要\n")
        for number in range(count):
            file.write(f"2026-03-{number * 31 // count + 1:02d},CNY,1.00,{number + 1}.00,转账,天河{number},货款\n")
    return path


def test_a_hundred_thousand_lines_are_judged(tmp_path):
    source = open_statement(a_long_table(tmp_path / "long.csv", 100_000))
    judged = judge(source.parts(), name="long.csv").accounts[0]
    assert (judged.line_count, judged.opening_minor, judged.closing_minor) == (100_000, 0, 10_000_000)


def test_three_times_the_lines_need_no_more_memory(tmp_path):
    peaks = []
    for count in (3_000, 9_000):
        source = open_statement(a_long_table(tmp_path / f"{count}.csv", count))
        tracemalloc.start()
        judge(source.parts(), name="long.csv")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 2, peaks


@settings(max_examples=25)
@given(
    moved=st.lists(
        st.tuples(
            st.integers(0, 27), st.integers(-(10**9), 10**9).filter(bool), st.sampled_from(["INV-1", "货款", "x"])
        ),
        min_size=1,
        max_size=12,
    ),
    opening=st.integers(-(10**10), 10**10),
    newest_first=st.booleans(),
)
def test_what_is_written_as_swift_and_as_a_table_is_read_back(tmp_path_factory, moved, opening, newest_first):
    moved = sorted(moved, key=lambda each: each[0])
    folder = tmp_path_factory.mktemp("bank")
    swift, table = folder / "s.mt940", folder / "t.csv"
    first = date(2026, 2, 1)
    swift.write_text(_swift(moved, opening, first), encoding="utf-8")
    table.write_text(_table(moved, opening, first, newest_first=newest_first), encoding="utf-8")
    expected = [(first + timedelta(days=day), minor, words) for day, minor, words in moved]
    closing = opening + sum(minor for _, minor, _ in moved)
    for path in (swift, table):
        source = open_statement(path)
        judged = judge(source.parts(), name=path.name).accounts[0]
        read = [
            (part.booked_on, part.amount_minor, part.remittance)
            for part in source.parts()
            if isinstance(part, BankLine)
        ]
        assert (read[::-1] if newest_first and path is table else read) == expected
        assert (judged.opening_minor, judged.closing_minor) == (opening, closing)


def _comma(minor: int) -> str:
    return f"{abs(minor) // 100},{abs(minor) % 100:02d}"


def _swift(moved, opening, first) -> str:
    sign = lambda minor: "D" if minor < 0 else "C"  # noqa: E731  read beside its use
    rows = [":20:S", ":25:123456", f":60F:{sign(opening)}{first:%y%m%d}EUR{_comma(opening)}"]
    for day, minor, words in moved:
        rows += [f":61:{first + timedelta(days=day):%y%m%d}{sign(minor)}{_comma(minor)}NTRFNONREF", f":86:{words}"]
        opening += minor
    return "\r\n".join([*rows, f":62F:{sign(opening)}{first:%y%m%d}EUR{_comma(opening)}", "-", ""])


def _table(moved, opening, first, *, newest_first) -> str:
    rows = []
    for day, minor, words in moved:
        opening += minor
        amount, balance = (f"{'-' if each < 0 else ''}{_comma(each).replace(',', '.')}" for each in (minor, opening))
        rows.append(f"{first + timedelta(days=day)},CNY,{amount},{balance},{words},,")
    rows = rows[::-1] if newest_first else rows
    return "\n".join(["记账日期,货币,交易金额,联机余额,交易摘要,对手信息,客户摘要", *rows])
