"""An import that is killed while it writes, and run again: separate programs in a fresh installation."""

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
    assert rows_in(installation) == ITEMS
    run(installation, "ledger", "verify")
