"""The carrier's list: good rows are recorded once, bad rows are named, the list is evidence."""

import csv
from datetime import timedelta

import pytest
import xlsxwriter

from huikuan.adapters.tables.files import open_table
from huikuan.cases.models import Task
from huikuan.documents.binding import page_count
from huikuan.exchange.commands.carrier import import_carrier_list
from huikuan.exchange.commands.printing import (
    NothingToPrint,
    address_list,
    print_job,
    waiting_letters,
    write_waiting_letters,
)
from huikuan.exchange.rules.carrier import ColumnsMissing
from huikuan.journal.models import StoredFile
from tests.people import NOON, TODAY

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=5)
HEADING = ["序号", "邮件号", "状态", "时间", "签收人", "备注"]


@pytest.fixture
def hear_list(letterhead, tmp_path):
    def heard(rows, *, encoding="gb18030", heading=HEADING):
        path = tmp_path / "ems.csv"
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file).writerows([heading, *rows])
        return import_carrier_list(
            entity_id=letterhead.pk, table=open_table(path), content=path.read_bytes(), media_type="text/csv",
            actor=None, now=LATER,
        )  # fmt: skip

    return heard


def test_good_rows_are_recorded_and_bad_rows_named(write, post, hear_list):
    signed = post(write())
    returned = post(write("last_notice"), "EA000000002CN")
    rows = [
        ["1", "ea 123456789 cn", "妥投", "2026-07-12 10:33", "刘会计", ""],
        ["2", "EA000000002CN", "退回", "2026/7/13", "", "地址不详"],
        ["3", "EA999999999CN", "妥投", "2026-07-12", "谁", ""],
        ["4", "EA000000002CN", "外星", "2026-07-13", "", ""],
        ["5", "EA000000002CN", "妥投", "2026-07-13 08:00", "", "没有签名"],
        ["6", "EA000000002CN", "拒收", "2027-01-01", "", ""],
        ["7", "EA000000002CN", "拒收", "前天", "", ""],
        ["", "", "", "", "", ""],
    ]
    heard = hear_list(rows)
    assert (heard.new_count, heard.known_count) == (2, 0)
    assert [(row, no.code) for row, no in heard.problems] == [
        (4, "carrier.tracking-number-unknown"),
        (5, "carrier.state-unreadable"),
        (6, "outreach.signer-missing"),
        (7, "outreach.posting-out-of-order"),
        (8, "carrier.time-unreadable"),
    ]
    signed.refresh_from_db()
    returned.refresh_from_db()
    assert (signed.state, signed.signed_by, returned.state) == ("SIGNED", "刘会计", "RETURNED")
    assert Task.objects.get().kind == "REPAIR"
    assert StoredFile.objects.filter(kind="LIST").count() == 1


def test_the_same_list_again_changes_nothing(write, post, hear_list):
    letter = post(write())
    rows = [["1", letter.tracking_number, "妥投", "2026-07-12 10:33", "刘会计", ""]]
    assert hear_list(rows).new_count == 1
    again = hear_list(rows, encoding="utf-8")
    assert (again.new_count, again.known_count, again.problems) == (0, 1, [])
    assert letter.events.count() == 3


def test_a_workbook_is_read_as_well(write, post, letterhead, tmp_path):
    letter = post(write())
    path = tmp_path / "ems.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["EMS 清单"])
        sheet.write_row(1, 0, ["Tracking number", "Status", "Date", "Signed by"])
        sheet.write_row(2, 0, [letter.tracking_number, "Delivered", "2026-07-12", "Liu"])
    heard = import_carrier_list(
        entity_id=letterhead.pk, table=open_table(path), content=path.read_bytes(), media_type="", actor=None, now=LATER
    )
    assert (heard.new_count, heard.problems) == (1, [])


def test_a_list_without_the_columns_is_refused_whole(hear_list):
    with pytest.raises(ColumnsMissing):
        hear_list([["1", "2"]], heading=["邮件号", "签收人"])
    assert not StoredFile.objects.exists()


def test_another_entity_hears_nothing_of_our_letters(write, post, jinxiu, tmp_path):
    letter = post(write())
    path = tmp_path / "ems.csv"
    path.write_text(f"tracking,status,date\n{letter.tracking_number},refused,2026-07-12\n")
    heard = import_carrier_list(
        entity_id=jinxiu.pk, table=open_table(path), content=path.read_bytes(), media_type="text/csv", actor=None,
        now=LATER,
    )  # fmt: skip
    assert [no.code for _row, no in heard.problems] == ["carrier.tracking-number-unknown"]


def test_the_print_job_binds_waiting_letters_and_lists_addresses(
    write, post, letterhead, owner, indebted, binhai, outsider
):
    for customer in (indebted, binhai):
        Task.objects.create(
            key=f"t{customer.pk}", entity=letterhead, customer=customer, kind="LETTER", step_code="demand",
            currency="CNY", due_on=TODAY, created_at=NOON,
        )  # fmt: skip
    written = write_waiting_letters(entity_id=letterhead.pk, actor=None, now=NOON)
    assert [letter.customer for letter in written.letters] == [indebted]
    assert [(code, no.code) for code, no in written.refusals] == [("BINHAI", "runs.nothing-to-demand")]
    post(write("last_notice"))
    write(language="en")
    waiting = list(waiting_letters(entity_id=letterhead.pk, user=owner))
    assert [letter.language for letter in waiting] == ["zh-hans", "en"]
    assert not list(waiting_letters(entity_id=letterhead.pk, user=outsider))
    bound = print_job(entity=letterhead, letters=waiting, is_duplex=True, actor=owner, now=NOON)
    assert page_count(bound) == 4
    listed = b"".join(address_list(waiting, "csv")).decode()
    assert listed.count("广州市天河区体育西路 88 号") == 2
    assert "148190.00" in listed
    with pytest.raises(NothingToPrint):
        print_job(entity=letterhead, letters=[], is_duplex=False, actor=owner, now=NOON)
