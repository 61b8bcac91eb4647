"""Exports: every list, harmless in a spreadsheet, and the same when it is imported again."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime

import pytest
import python_calamine

from huikuan.exchange.commands import FileFormat, export_list, export_rows
from huikuan.exchange.ports import Column
from huikuan.exchange.queries.lists import SOURCES
from huikuan.parties.models import ContactPerson, Customer
from huikuan.receivables.models import OpenItem
from tests.modules.exchange.conftest import codes, counts
from tests.people import a_customer

FORMATS = list(FileFormat)
HOSTILE = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", " =1", "\r=1", "\uff1d1", "'=1", "''=1"]


def exported(name, file_format=FileFormat.CSV, **scope):
    return b"".join(export_list(name=name, file_format=file_format, **scope))


def table(name, **scope):
    return list(csv.DictReader(io.StringIO(exported(name, **scope).decode("utf-8-sig"), newline="")))


@pytest.fixture
def ledger(importing, huatai, tianhe):
    """A little of everything that files can bring, with cells that a spreadsheet would run."""
    for number, text in enumerate(HOSTILE):
        a_customer(huatai, f"H{number}", text, sales_owner=text)
    ContactPerson.objects.create(
        customer=tianhe, name="=HYPERLINK()", phone="+8613900139000", created_at=datetime.now(UTC)
    )
    importing(
        "contracts",
        "number,customer_code,kind,signed_on,term_days,penalty_rate_per_day,penalty_rate_per_year,basis,grace_days,"
        "grace_mode,cap_share,clause\n"
        "HT-1,TIANHE,lease,2026-01-05,30,0.0005,,,3,forgiving,0.2,第八条\nHT-2,TIANHE,,,,,0.18,360,,,,\nHT-3,TIANHE,,,,,,,,,,\n",
    )
    importing(
        "items",
        "number,customer_code,contract_number,kind,issued_on,due_on,amount,currency\n"
        "X,TIANHE,HT-1,rent,2026-01-10,2026-02-09,9999999999999.99,CNY\nY,TIANHE,,,2026-01-10,2026-02-09,1500,JPY\n"
        "00123456789012345678,TIANHE,,,2026-01-10,2026-02-09,1.234,KWD\nCN,TIANHE,,credit_note,2026-01-11,2026-01-11,7,CNY\n",
    )
    importing(
        "receipts",
        "reference,customer_code,received_on,amount,currency,item_number,payer_name\n"
        "R1,TIANHE,2026-02-01,40,,X,'=A1\nR2,?,2026-02-02,5,,,\n",
    )


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("name", ["customers", "contacts", "contracts", "items", "receipts"])
def test_what_is_exported_can_be_imported_again_and_changes_nothing(ledger, importing, name, file_format):
    outcome = importing(name, exported(name, file_format))
    assert codes(outcome) == []
    assert (outcome.rows, counts(outcome)) == (outcome.unchanged, (0, 0, outcome.rows, 0))
    assert outcome.rows > 0


@pytest.mark.parametrize("name", list(SOURCES))
@pytest.mark.parametrize("file_format", FORMATS)
def test_every_list_can_be_exported(ledger, name, file_format, finance):
    assert exported(name, file_format, as_of=date(2026, 2, 5), user=finance)


def test_no_cell_of_a_text_file_begins_like_a_formula(ledger):
    for name in SOURCES:
        for row in table(name):
            for heading, cell in row.items():
                assert not cell.strip().startswith(("=", "+", "@", "\uff1d")), (name, heading, cell)
                assert not cell.strip().startswith("-") or cell.strip().lstrip("-").replace(".", "").isdigit()


def test_a_workbook_holds_no_formula(ledger):
    for name in SOURCES:
        archive = zipfile.ZipFile(io.BytesIO(exported(name, FileFormat.XLSX)))
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
        assert b"<hyperlink" not in archive.read("xl/worksheets/sheet1.xml").lower()


def test_numbers_stay_numbers_and_identifiers_stay_text():
    columns = [
        Column("no"),
        Column("amount", "money"),
        Column("n", "whole"),
        Column("on", "day"),
        Column("at", "instant"),
    ]
    rows = [["00123456789012345678", "-1234.50", 7, date(2026, 2, 9), datetime(2026, 2, 9, 4, 30, tzinfo=UTC)]]
    book = python_calamine.load_workbook(io.BytesIO(b"".join(export_rows(columns, rows, "xlsx"))))
    assert book.get_sheet_by_index(0).to_python()[1] == [
        "00123456789012345678", -1234.5, 7, date(2026, 2, 9), datetime(2026, 2, 9, 4, 30),  # noqa: DTZ001
    ]  # fmt: skip
    text = b"".join(export_rows(columns, rows, "csv")).decode("utf-8-sig")
    assert text.splitlines()[1] == "00123456789012345678,-1234.50,7,2026-02-09,2026-02-09T04:30:00+00:00"


def test_an_amount_that_a_number_cell_would_round_is_written_as_text():
    book = b"".join(export_rows([Column("amount", "money")], [["10000000000000.01"]], "xlsx"))
    sheet = python_calamine.load_workbook(io.BytesIO(book)).get_sheet_by_index(0)
    assert sheet.to_python()[1] == ["10000000000000.01"]


def test_a_list_of_a_past_day_shows_what_was_open_then(ledger):
    assert {row["number"]: row["open"] for row in table("items", as_of=date(2026, 1, 31))}["X"] == "9999999999999.99"
    assert {row["number"]: row["open"] for row in table("items", as_of=date(2026, 2, 1))}["X"] == "9999999999959.99"
    assert table("items", as_of=date(2026, 1, 9)) == []
    assert [row["reference"] for row in table("receipts", as_of=date(2026, 2, 1))] == ["R1"]


def test_everybody_exports_only_what_he_may_see(ledger, owner, colleague, outsider, yunfeng):
    mine = {row["code"] for row in table("customers", user=owner)}
    assert mine == {"TIANHE"}
    assert {row["code"] for row in table("customers", user=outsider)} == {"YUNFENG"}
    assert "TIANHE" in {row["code"] for row in table("customers", user=colleague)}
    for name in ("items", "receipts", "allocations", "contracts", "contacts"):
        assert table(name, user=owner)
        assert table(name, user=outsider) == []


def test_an_entity_is_exported_by_itself(ledger, jinxiu, yunfeng):
    assert {row["entity"] for row in table("customers")} == {"MAIN", "PROP"}
    assert [row["code"] for row in table("customers", entity_ids=[jinxiu.pk])] == ["YUNFENG"]
    assert table("customers", entity_ids=[]) == []


def test_long_lists_come_in_pages_without_gap_or_repetition(huatai, monkeypatch):
    monkeypatch.setattr("huikuan.exchange.queries.listed._PAGE", 3)
    for number in range(10):
        a_customer(huatai, f"C{number}", "A")
    assert [row["code"] for row in table("customers")] == [f"C{number}" for number in range(10)]
    assert Customer.objects.count() == 10
    assert not OpenItem.objects.exists()
