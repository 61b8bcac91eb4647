"""A run that is killed, again and again and anywhere, ends with the same tables as one that nobody touched."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

ROOT = Path(__file__).resolve().parents[3]
DAY, NEXT_DAY = "2026-07-07", "2026-07-10"
MORNING, LATER, NEXT_MORNING = "2026-07-07T00:00:00+00:00", "2026-07-07T03:00:00+00:00", "2026-07-10T00:00:00+00:00"
KILLED = -9


@pytest.fixture
def installations(tmp_path):
    """Make the environment of any number of empty installations; their databases are dropped afterwards."""
    made, server_url = [], os.environ.get("HUIKUAN_TEST_DATABASE_URL", "")
    base = {**os.environ, "PYTHONPATH": str(ROOT)}

    def make(name):
        environment = {**base, "HUIKUAN_HOME": str(tmp_path / name)}
        environment.pop("HUIKUAN_DATABASE_URL", None)
        if server_url:
            database = f"{os.environ.get('HUIKUAN_TEST_DB_NAME', 'test_huikuan')}_kill_{name}_{os.getpid()}"
            made.append(database)
            _on_server(
                server_url, f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)', f'CREATE DATABASE "{database}"'
            )
            environment["HUIKUAN_DATABASE_URL"] = urlunsplit(urlsplit(server_url)._replace(path=f"/{database}"))
        return environment

    yield make
    for database in made:
        _on_server(server_url, f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


def _on_server(url, *statements):
    import psycopg  # noqa: PLC0415  only on PostgreSQL

    with psycopg.connect(url, autocommit=True) as server:
        for statement in statements:
            server.execute(statement)


def program(environment, *words, status=0):
    command = [sys.executable, "-m", "tests.modules.runs.program", *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert status is None or done.returncode == status, f"{words}: {done.returncode}\n{done.stderr[-2000:]}"
    return done


def printed(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_killed_at_every_stage_and_resumed_gives_the_same_tables(installations):
    calm, killed = installations("calm"), installations("killed")
    first, second = f"run={DAY},{MORNING}", f"run={NEXT_DAY},{NEXT_MORNING}"
    first_day, second_day = printed(program(calm, "build", first, "print", second, "print"))

    program(killed, "build", "kill=plan:after:1", first, status=KILLED)
    for kill in ("balances:before:1", "chunk:after:2", "work:after:1"):
        program(killed, f"kill={kill}", first, status=KILLED)
    later = f"run={DAY},{LATER}"
    program(killed, "kill=finish:before:1", later, status=KILLED)
    resumed, repeated = printed(program(killed, later, "print", later, "print"))
    assert resumed == first_day
    assert repeated == first_day

    seed = random.SystemRandom().randrange(10**6)
    chance = random.Random(seed)
    for _ in range(2):  # somewhere between starting and finishing, in the middle of whatever it does then
        program(killed, f"kill=seconds:{chance.uniform(0.02, 0.5):.3f}", second, status=None)
    assert printed(program(killed, second, "print")) == [second_day], f"random kills, seed {seed}"

    # Money that arrives, on the same two installations: everything of it, or nothing.
    money = f"receive=C005,10000000,{NEXT_DAY},{NEXT_MORNING}"
    (received,) = printed(program(calm, money, "print"))
    assert received != second_day
    for kill in ("booking:after:1", "judging:after:1", "refreshing:after:1"):
        program(killed, f"kill={kill}", money, status=KILLED)
        assert printed(program(killed, "print")) == [second_day], f"something of the money is left after {kill}"
    assert printed(program(killed, money, "print")) == [received]
