"""`huikuan demo` as a user calls it: an empty home becomes an installation that has been worked with for weeks."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = [sys.executable, "-c", "from huikuan.cli.main import main; main()"]


def huikuan(environment, *words):
    return subprocess.run(
        [*PROGRAM, *words], env=environment, capture_output=True, text=True, timeout=300, check=False
    )  # fmt: skip


def demo(environment, *words):
    done = huikuan(environment, "demo", "--no-serve", "--json", "--items", "380", "--as-of", "2026-03-31", *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def shown(installation):
    return demo(installation)


def test_the_pages_are_full_and_nothing_left_the_machine(installation, shown):
    assert shown["days_replayed"] == 25
    assert [entity["code"] for entity in shown["entities"]] == ["MAIN", "PROP", "LEASE"]
    assert shown["contacts"] > 20
    letters = list((Path(installation["HUIKUAN_HOME"]) / "outbox").glob("*.eml"))
    assert len(letters) == shown["letters"]["sent"] > 10
    assert sum(entity["open_cases"] for entity in shown["entities"]) > 3
    verified = huikuan(installation, "ledger", "verify", "--json")
    assert verified.returncode == 0, verified.stdout
    again = demo(installation)
    assert not again["is_fresh"]
    assert again["contacts"] == shown["contacts"], "a demo that is there is shown, not made twice"
    assert again["entities"] == shown["entities"]
    fresh = demo(installation, "--reset", "--yes")
    assert fresh["is_fresh"]
    assert (fresh["rows"], fresh["contacts"]) == (shown["rows"], shown["contacts"]), "the same story every time"


def test_real_work_is_neither_mixed_with_nor_emptied(installation, tmp_path):
    table = tmp_path / "customers.csv"
    table.write_text("code,name\nREAL,真实客户\n", encoding="utf-8")
    assert huikuan(installation, "import", "customers", str(table)).returncode == 0
    for words in ([], ["--reset", "--yes"]):
        refused = huikuan(installation, "demo", "--no-serve", "--json", *words)
        assert refused.returncode == 1
        assert json.loads(refused.stdout)["error"]["code"] == "demo.home-not-empty"
    assert not (Path(installation["HUIKUAN_HOME"]) / "demo.json").exists()
