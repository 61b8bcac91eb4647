"""The commands themselves in an empty home: from files to the aging report, mappings, refusals as answers."""

import json

import pytest
from click.testing import CliRunner

from huikuan.cli.main import huikuan


@pytest.fixture
def run(db):
    """Return a function that calls `huikuan …` and gives what it printed; the database begins empty."""

    def call(*words, status=0):
        done = CliRunner().invoke(huikuan, [str(word) for word in words], catch_exceptions=False)
        assert done.exit_code == status, done.output
        return done.stdout

    return call


@pytest.fixture
def asked(run):
    """Return the same with --json, and the answer read."""
    return lambda *words, status=0: json.loads(run(*words, "--json", status=status))


@pytest.fixture
def files(tmp_path):
    """A small set of files, in Chinese and in GB18030, as an accounting program writes them."""
    texts = {
        "customers": "客户编码,客户名称,邮箱\nC1,天河电子有限公司,a@tianhe.example\nC2,滨海贸易有限公司,\nC3,,\n",
        "contacts": "客户编码,姓名,职务\nC1,张伟,会计\n",
        "contracts": "合同编号,客户编码,日违约金率\nHT-1,C1,万分之五\n",
        "items": "发票号码,客户编码,合同编号,开票日期,到期日,金额\nX,C1,HT-1,2026-01-01,2026-01-10,100000.00\n",
        "receipts": "流水号,客户编码,收款日期,金额,发票号码\nR1,C1,2026-01-20,40000,X\nR2,C2,2026-01-21,7,\n",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.csv").write_bytes(text.encode("gb18030"))
    return tmp_path


def test_from_files_to_the_aging_report_in_an_empty_home(run, asked, files):
    first = asked("import", "customers", files / "customers.csv", "--errors", files / "errors.csv")
    assert (first["created"], first["refused"], first["errors"][0]["row"], first["errors"][0]["field"]) == (
        2,
        1,
        4,
        "name",
    )
    assert (
        (files / "errors.csv")
        .read_text(encoding="utf-8-sig")
        .splitlines()[1]
        .startswith("4,name,,import.value-missing,")
    )
    for name in ("contacts", "contracts", "items", "receipts"):
        assert asked("import", name, files / f"{name}.csv")["created"] > 0
    assert asked("import", "items", files / "items.csv", "--dry-run")["unchanged"] == 1
    # The vector of domain.md §3: 500.00 + 600.00 = 1 100.00.
    report = asked("aging", "--as-of", "2026-02-09")
    assert report["rows"][0] == {
        "key": "C1", "currency": "CNY", "items": 1, "total": "60000.00", "current": "0.00", "1-30": "60000.00",
        "31-60": "0.00", "61-90": "0.00", "91-180": "0.00", "181-365": "0.00", ">365": "0.00", "on_account": "0.00",
        "penalty": "1100.00",
    }  # fmt: skip
    assert [row["on_account"] for row in report["totals"]] == ["-7.00"]
    table = run("aging", "--as-of", "2026-02-09", "--by", "item")
    assert "60,000.00" in table
    run("export", "items", "--out", files / "out.xlsx")
    assert asked("import", "items", files / "out.xlsx")["unchanged"] == 1


def test_a_mapping_is_kept_by_name(run, asked, files):
    asked("import", "customers", files / "customers.csv")
    foreign = files / "foreign.csv"
    foreign.write_text("Beleg;Kunde;Fällig;Betrag\nX1;C1;31.01.2026;1234.5\n", encoding="utf-8")
    (files / "map.yaml").write_text(
        "columns: {number: Beleg, customer_code: 2, due_on: Fällig, amount: Betrag}\ndate_order: dmy\n",
        encoding="utf-8",
    )
    first = asked("import", "items", foreign, "--mapping", files / "map.yaml", "--save-mapping", "foreign")
    assert first["created"] == 1
    assert asked("import", "items", foreign, "--mapping", "foreign")["unchanged"] == 1
    refused = asked("import", "items", foreign, "--mapping", "unheard", status=1)
    assert refused["error"]["code"] == "mapping.not-found"


def test_refusals_are_answers_with_status_1(asked, tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    refused = asked("import", "items", tmp_path / "x.csv", status=1)
    assert refused["error"]["code"] == "import.column-missing"
    (tmp_path / "y.csv").write_text("code,name\nC1,\n", encoding="utf-8")
    whole = asked("import", "customers", tmp_path / "y.csv", "--on-error", "refuse", status=1)
    assert whole["refused_whole"]
