"""An empty database made at once is the database that the whole history of migrations makes."""

import json
import subprocess
import sys
from pathlib import Path

from django.db.migrations.loader import MigrationLoader

ROOT = Path(__file__).resolve().parents[3]
OF_DJANGO = "auth_group_permissions: id "
"""A table that we never use: Django numbers its rows with 32 bits as a model and with 64 in its own history."""


def described(environment, how, *more):
    """Make the tables in a process of its own and return everything that the database says about them."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.modules.storage.described", how, *more],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def test_made_at_once_and_made_step_by_step_are_the_same_database(installation):
    at_once = described(installation, "at-once")
    emptied = described(installation, "empty")
    step_by_step = described(installation, "step-by-step")
    assert emptied["columns"] == []
    assert len(at_once["columns"]) > 1000
    assert at_once.keys() == step_by_step.keys()
    for part, lines in at_once.items():
        assert _without_djangos(lines, step_by_step[part]) == [], f"{part}: only when made at once"
        assert _without_djangos(step_by_step[part], lines) == [], f"{part}: only when made step by step"


def _without_djangos(lines, others):
    return [line for line in sorted(set(lines) - set(others)) if not line.startswith(OF_DJANGO)]


def test_an_empty_database_has_every_migration_on_record_and_is_made_once(installation):
    first = described(installation, "at-once")
    assert described(installation, "at-once") == first
    assert {line.split(": ")[1] for line in first["history"]} == {
        f"{app}.{name}" for app, name in MigrationLoader(None).graph.nodes
    }


def test_killed_while_it_makes_the_tables_nothing_is_left_and_the_next_one_makes_them(installation):
    killed = subprocess.run(
        [sys.executable, "-m", "tests.modules.storage.described", "kill"],
        cwd=ROOT, env=installation, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert killed.returncode == -9
    assert described(installation, "nothing")["columns"] == []
    assert len(described(installation, "at-once")["columns"]) > 1000
