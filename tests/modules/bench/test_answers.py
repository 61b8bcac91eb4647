"""A ratio means something only when both sides did the same work: what is asserted here are answers, never times."""

import json
import os
import subprocess
import sys

import polars as pl
import pytest

from huikuan.bench import aging, decide, portfolio
from huikuan.bench.day import read_frames
from huikuan.bench.stopwatch import Stopwatch, median, ratio
from huikuan.receivables.models import OpenItem, Receipt
from huikuan.receivables.queries.verify import corrections

PROGRAM = [sys.executable, "-c", "from huikuan.cli.main import main; main()"]


@pytest.fixture
def frames(db):
    portfolio.load(600)
    return read_frames()


def test_the_load_is_exactly_as_large_as_said_and_all_of_it_open(frames):
    assert OpenItem.objects.filter(settled_on=None).count() == OpenItem.objects.count() == 600
    assert frames.facts.items.height == 600
    assert not Receipt.objects.filter(unapplied_minor__lt=0).exists()
    for correction in corrections(1, 2**31):
        assert correction.rows.is_empty(), correction


def test_duckdb_decides_the_same_to_the_last_cent(frames):
    reference = decide.Reference.of(frames)
    reference.decide()
    agreed = decide.check(decide.ours(frames), reference)
    assert agreed["decisions"] > 50
    assert agreed["grades"] > 20
    assert int(agreed["penalty_minor"]) > 0


@pytest.mark.parametrize("table", ["answer", "graded", "marks"])
def test_one_wrong_row_is_noticed(frames, table):
    reference = decide.Reference.of(frames)
    reference.decide()
    change = {
        "answer": "UPDATE answer SET penalty_minor = penalty_minor + 1 WHERE rowid = 3",
        "graded": "UPDATE graded SET score = score + 1 WHERE rowid = 3",
        "marks": "DELETE FROM marks WHERE rowid = 3",
    }[table]
    reference.connection.execute(change)
    with pytest.raises(decide.AnswersDiffer):
        decide.check(decide.ours(frames), reference)


def test_the_aging_agrees_with_a_group_by(db):
    portfolio.load(400)
    found = aging.measure()
    assert found["items"] == 400
    assert found["rows"] > 10


def test_without_duckdb_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(decide.DuckdbMissing, match="duckdb"):
        decide.connect()


def test_watching_adds_up_the_calls_and_leaves_no_trace(huatai):
    watch, original = Stopwatch(), portfolio.entity
    with watch.watching([(portfolio, "entity", "asking")]):
        assert portfolio.entity() == portfolio.entity() == huatai
    assert portfolio.entity is original
    assert set(watch.rounded()) == {"asking"}
    assert watch.seconds["asking"] > 0
    assert median([3.0, 1.0, 2.0]) == 2.0
    assert ratio(3.0, 2.0) == 1.5


@pytest.mark.parametrize("name", ["day", "import", "pages"])
def test_every_benchmark_runs_from_end_to_end(installation, name):
    database = os.environ.get("HUIKUAN_TEST_DATABASE_URL") or "sqlite"
    done = subprocess.run(
        [*PROGRAM, "bench", name, "--items", "300", "--database", database, "--json"],
        env=installation, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found["items"] == 300
    assert found["machine"]["versions"]["polars"] == pl.__version__
    if name == "day":
        assert found["load"]["items"] == found["decide"]["items"] == found["first"]["rows"]["items"] == 300
        assert found["decide"]["agreed"]["decisions"] == found["first"]["rows"]["decisions"]
        assert set(found["targets"]) == {"decide_to_duckdb", "first_run_to_references", "nothing_to_first", "peak_mib"}
        assert found["io"]["statements"] > 10
    elif name == "import":
        assert found["import"]["created"] == 300
    else:
        assert {page["status"] for page in found["pages"]["pages"].values()} == {200}
        assert all(page["queries"] > 0 for page in found["pages"]["pages"].values())
