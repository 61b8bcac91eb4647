"""Files come in, the day is run, people find their work, customers get the right amounts: in Chinese and in English."""

import csv
from datetime import date

import pytest
import xlsxwriter

from huikuan.cases.queries.worklist import WorklistFilter, worklist
from huikuan.parties.commands import add_user, grant_role
from huikuan.parties.models import Entity, Role
from tests.journeys.stage import stage, text_of

__all__ = ["stage"]

DAY = "2026-07-10"
CUSTOMERS = [
    ["客户编码", "客户名称", "行业", "企业规模", "邮箱", "语言"],
    ["C001", "天河电子有限公司", "制造业", "中型", "pay@tianhe.example", "zh-hans"],
    ["C002", "滨海贸易有限公司", "贸易", "小型", "pay@binhai.example", "zh-hans"],
    ["C003", "Meridian Trading Ltd", "trade", "中型", "ap@meridian.example", "en"],
    ["C004", "Norden Parts AS", "制造业", "中型", "ap@norden.example", "en"],
    ["C005", "云峰装饰有限公司", "服务业", "小型", "pay@yunfeng.example", "zh-hans"],
]
CONTRACTS = [
    ["合同编号", "客户编码", "日违约金率", "账期天数", "违约金条款"],
    *[[f"HT-{number}", f"C00{number}", "0.05%", "30", "第八条"] for number in range(1, 6)],
]
ITEMS = [
    ["单据编号", "客户编码", "合同编号", "开票日期", "到期日", "金额", "币种"],
    ["INV-11", "C001", "HT-1", "2026-06-09", "2026-07-09", "60000.00", "CNY"],
    ["INV-21", "C002", "HT-2", "2026-05-11", "2026-06-10", "100000.00", "CNY"],
    ["INV-31", "C003", "HT-3", "2026-06-09", "2026-07-09", "86000.00", "CNY"],
    ["INV-41", "C004", "HT-4", "2026-05-11", "2026-06-10", "100000.00", "CNY"],
    ["INV-42", "C004", "HT-4", "2026-06-05", "2026-07-05", "60000.00", "CNY"],
    ["INV-51", "C005", "HT-5", "2026-06-05", "2026-07-05", "60000.00", "CNY"],
    ["INV-52", "C005", "HT-5", "2026-06-05", "2026-07-05", "86000.00", "CNY"],
]
RECEIPTS = [
    ["流水号", "客户编码", "到账日期", "金额", "对应发票"],
    ["BANK-1", "C002", "2026-06-20", "40000.00", "INV-21"],
    ["BANK-2", "C004", "2026-06-20", "40000.00", "INV-41"],
]


def gb18030(path, rows):
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def workbook(path, rows):
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                is_amount = number > 0 and rows[0][column] == "金额"
                sheet.write(number, column, float(value) if is_amount else value)
    return path


@pytest.fixture
def files(tmp_path):
    return {
        "customers": gb18030(tmp_path / "客户.csv", CUSTOMERS),
        "contracts": gb18030(tmp_path / "合同.csv", CONTRACTS),
        "items": workbook(tmp_path / "应收.xlsx", ITEMS),
        "receipts": workbook(tmp_path / "收款.xlsx", RECEIPTS),
    }


@pytest.fixture
def huatai(stage):
    stage.huikuan(
        "entity",
        "add",
        "HUATAI",
        "华泰建材有限公司",
        "--name-en",
        "Huatai Materials",
        "--email-from",
        "ar@huatai.example",
    )
    return Entity.objects.get(code="HUATAI")


def imported(stage, files):
    return {kind: stage.huikuan("import", kind, path, "--entity", "HUATAI") for kind, path in files.items()}


def run(stage):
    stage.at(DAY)
    (answer,) = stage.huikuan("run", "--as-of", DAY, "--entity", "HUATAI")["runs"]
    return answer


def words(mail):
    return " ".join(text_of(mail).split())


def test_files_become_the_day_the_worklist_and_mails_with_the_right_amounts(stage, huatai, files):
    counts = {kind: answer["created"] for kind, answer in imported(stage, files).items()}
    assert counts == {"customers": 5, "contracts": 5, "items": 7, "receipts": 2}
    answer = run(stage)
    assert answer["state"] == "DONE"
    assert answer["counts"]["deliveries"] == 4

    manager = add_user(username="lin.manager", actor=None, now=stage.now)
    grant_role(user=manager, entity=huatai, role=Role.MANAGER, actor=None, now=stage.now)
    rows = worklist(manager, WorklistFilter(), as_of=date(2026, 7, 10)).rows
    assert {(row.customer_code, row.kind, row.step_code, row.overdue_minor, row.days_overdue) for row in rows} == {
        ("C002", "LETTER", "demand", 60_000_00, 30),
        ("C004", "LETTER", "demand", 120_000_00, 30),
        ("C005", "CALL", "first_call", 146_000_00, 5),
    }

    mails = {mail["To"].addresses[0].addr_spec: mail for mail in stage.deliver(DAY)}
    assert set(mails) == {"pay@tianhe.example", "pay@binhai.example", "ap@meridian.example", "ap@norden.example"}
    assert {mail["From"].addresses[0].addr_spec for mail in mails.values()} == {"ar@huatai.example"}

    friendly = words(mails["pay@tianhe.example"])
    assert mails["pay@tianhe.example"]["Subject"] == "华泰建材有限公司付款提醒：1笔款项已到期，合计¥60,000.00"
    assert "INV-11 发票 2026-07-09 ¥60,000.00 ¥60,000.00 1 ¥30.00" in friendly
    assert "逾期违约金为 ¥30.00" in friendly

    demand = words(mails["pay@binhai.example"])
    assert "INV-21 发票 2026-06-10 ¥100,000.00 ¥60,000.00 30 ¥1,100.00" in demand
    assert "INV-21 2026-06-11 至 2026-06-20 10 ¥100,000.00 0.05% ¥500.00" in demand
    assert "INV-21 2026-06-21 至 2026-07-10 20 ¥60,000.00 0.05% ¥600.00" in demand
    assert "本金与违约金合计 ¥61,100.00" in demand
    assert "请于 2026年7月17日（含当日）之前付清" in demand

    assert mails["ap@meridian.example"]["Subject"] == (
        "Payment reminder from Huatai Materials: 1 item(s) due, ¥86,000.00 in all"
    )
    assert "INV-31 Invoice 2026-07-09 ¥86,000.00 ¥86,000.00 1 ¥43.00" in words(mails["ap@meridian.example"])

    formal = words(mails["ap@norden.example"])
    assert "INV-41 Invoice 2026-06-10 ¥100,000.00 ¥60,000.00 30 ¥1,100.00" in formal
    assert "INV-42 Invoice 2026-07-05 ¥60,000.00 ¥60,000.00 5 ¥150.00" in formal
    assert "Principal and penalty together amount to ¥121,250.00." in formal
    assert "Please pay in full by 17 July 2026" in formal


def test_the_same_files_and_the_same_day_again_change_nothing(stage, huatai, files):
    imported(stage, files)
    run(stage)
    assert len(stage.deliver(DAY)) == 4
    again = imported(stage, files)
    assert {kind: (each["created"], each["updated"]) for kind, each in again.items()} == dict.fromkeys(files, (0, 0))
    before = run(stage)["counts"]
    assert run(stage)["counts"] == before
    assert stage.deliver(DAY, "09:30") == []
    assert all(count == 1 for count in stage.sink.ids().values())


def test_the_dry_run_says_what_the_run_will_do_and_writes_nothing(stage, huatai, files):
    imported(stage, files)
    (looked,) = stage.huikuan("run", "--as-of", DAY, "--entity", "HUATAI", "--dry-run")["runs"]
    taken = {each["customer_code"]: each for each in looked["decisions"] if each["action"] != "SKIPPED"}
    assert {code: each["step_code"] for code, each in taken.items()} == {
        "C001": "friendly", "C002": "demand", "C003": "friendly", "C004": "demand", "C005": "first_call",
    }  # fmt: skip
    assert {code: each["penalty_minor"] for code, each in taken.items()} == {
        "C001": 30_00, "C002": 1_100_00, "C003": 43_00, "C004": 1_250_00, "C005": 365_00,
    }  # fmt: skip
    assert stage.deliver(DAY) == []
    assert run(stage)["counts"]["decisions"] == looked["counts"]["decisions"]


def test_why_gives_the_reason_of_a_customer(stage, huatai, files):
    imported(stage, files)
    run(stage)
    answer = stage.huikuan("why", "C005", "--as-of", DAY, "--entity", "HUATAI")
    (position,) = answer["positions"]
    assert (position["overdue"], position["days_overdue"]) == ("146000.00", 5)
