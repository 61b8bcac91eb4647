"""The commands themselves, as separate programs in a fresh installation: import, kill, import again, export, aging."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

HUIKUAN = [sys.executable, "-c", "from huikuan.cli.main import main; main()"]
IN_SMALL_BATCHES = """
from huikuan.adapters.tables.delimited import DelimitedTable
from huikuan.cli.main import main
DelimitedTable.batches.__kwdefaults__["size"] = 500
main()
"""
SMALL_BATCHES = [sys.executable, "-c", IN_SMALL_BATCHES]
ITEMS = 20_000


def run(environment, *words, status=0):
    done = subprocess.run([*HUIKUAN, *map(str, words)], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def asked(environment, *words, status=0):
    return json.loads(run(environment, *words, "--json", status=status))


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


def test_from_files_to_the_aging_report_in_an_empty_home(installation, files):
    first = asked(installation, "import", "customers", files / "customers.csv", "--errors", files / "errors.csv")
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
        assert asked(installation, "import", name, files / f"{name}.csv")["created"] > 0
    assert asked(installation, "import", "items", files / "items.csv", "--dry-run")["unchanged"] == 1
    # The vector of domain.md §3: 500.00 + 600.00 = 1 100.00.
    report = asked(installation, "aging", "--as-of", "2026-02-09")
    assert report["rows"][0] == {
        "key": "C1", "currency": "CNY", "items": 1, "total": "60000.00", "current": "0.00", "1-30": "60000.00",
        "31-60": "0.00", "61-90": "0.00", "91-180": "0.00", "181-365": "0.00", ">365": "0.00", "on_account": "0.00",
        "penalty": "1100.00",
    }  # fmt: skip
    assert [row["on_account"] for row in report["totals"]] == ["-7.00"]
    table = run(installation, "aging", "--as-of", "2026-02-09", "--by", "item")
    assert "60,000.00" in table
    run(installation, "export", "items", "--out", files / "out.xlsx")
    assert asked(installation, "import", "items", files / "out.xlsx")["unchanged"] == 1


def test_a_mapping_is_kept_by_name(installation, files):
    asked(installation, "import", "customers", files / "customers.csv")
    foreign = files / "foreign.csv"
    foreign.write_text("Beleg;Kunde;Fällig;Betrag\nX1;C1;31.01.2026;1234.5\n", encoding="utf-8")
    (files / "map.yaml").write_text(
        "columns: {number: Beleg, customer_code: 2, due_on: Fällig, amount: Betrag}\ndate_order: dmy\n",
        encoding="utf-8",
    )
    first = asked(
        installation, "import", "items", foreign, "--mapping", files / "map.yaml", "--save-mapping", "foreign"
    )
    assert first["created"] == 1
    assert asked(installation, "import", "items", foreign, "--mapping", "foreign")["unchanged"] == 1
    refused = asked(installation, "import", "items", foreign, "--mapping", "unheard", status=1)
    assert refused["error"]["code"] == "mapping.not-found"


def test_refusals_are_answers_with_status_1(installation, tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    refused = asked(installation, "import", "items", tmp_path / "x.csv", status=1)
    assert refused["error"]["code"] == "import.column-missing"
    (tmp_path / "y.csv").write_text("code,name\nC1,\n", encoding="utf-8")
    whole = asked(installation, "import", "customers", tmp_path / "y.csv", "--on-error", "refuse", status=1)
    assert whole["refused_whole"]


def rows_in(environment):
    """Count the items as another program sees them."""
    if url := environment.get("HUIKUAN_DATABASE_URL"):
        with psycopg.connect(url) as connection:
            return connection.execute("SELECT count(*) FROM receivables_openitem").fetchone()[0]
    path = Path(environment["HUIKUAN_HOME"]) / "huikuan.sqlite3"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as connection:
        return connection.execute("SELECT count(*) FROM receivables_openitem").fetchone()[0]


def wait_for_rows(environment, more_than):
    """Wait until the import has committed something new."""
    for _ in range(1200):
        if rows_in(environment) > more_than:
            return
        time.sleep(0.05)
    pytest.fail("the import wrote nothing within a minute")


def test_an_import_that_was_killed_is_simply_run_again(installation, tmp_path):
    (tmp_path / "customers.csv").write_text(
        "code,name\n" + "".join(f"C{n},N{n}\n" for n in range(50)), encoding="utf-8"
    )
    lines = (f"I{n:06d},C{n % 50},2026-01-{n % 28 + 1:02d},{n + 1}.25\n" for n in range(ITEMS))
    path = tmp_path / "items.csv"
    path.write_text("number,customer_code,due_on,amount\n" + "".join(lines), encoding="utf-8")
    asked(installation, "import", "customers", tmp_path / "customers.csv")
    killed_at = 0
    for wait in (0.2, 0.6):
        process = subprocess.Popen(
            [*SMALL_BATCHES, "import", "items", str(path)],
            env=installation,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for_rows(installation, more_than=killed_at)
        time.sleep(wait)
        assert process.poll() is None, "it was done before it could be killed"
        process.send_signal(signal.SIGKILL)
        process.wait()
        killed_at = rows_in(installation)
        assert 0 < killed_at < ITEMS
    last = asked(installation, "import", "items", path)
    assert (last["rows"], last["refused"], last["created"] + last["unchanged"]) == (ITEMS, 0, ITEMS)
    report = asked(installation, "aging", "--as-of", "2026-01-31", "--by", "currency")
    assert (report["rows"][0]["items"], report["rows"][0]["total"]) == (
        ITEMS,
        f"{ITEMS * (ITEMS + 1) // 2 + ITEMS // 4}.00",
    )
    run(installation, "ledger", "verify")
