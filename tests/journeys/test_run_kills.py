"""Twice is once, and kill -9 at random points is as if nothing had happened: the same tables, hash for hash."""

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

KILLS = 5
URL = "HUIKUAN_DATABASE_URL"


def program(environment, verb):
    command = [sys.executable, "-m", "tests.journeys.run_program", verb]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def twin_of(environment):
    """Give a second installation with the same content."""
    if URL not in environment:
        home = Path(environment["HUIKUAN_HOME"])
        twin = home.with_name("twin")
        shutil.copytree(home, twin)
        yield {**environment, "HUIKUAN_HOME": str(twin)}
        return
    parts = urlsplit(environment[URL])
    name = parts.path.lstrip("/")
    with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}_twin" TEMPLATE "{name}"')
        try:
            yield {**environment, URL: urlunsplit(parts._replace(path=f"/{name}_twin"))}
        finally:
            server.execute(f'DROP DATABASE "{name}_twin" WITH (FORCE)')


@pytest.fixture
def pair(installation):
    """Two installations with the same three thousand items, and no run yet."""
    program(installation, "seed")
    with twin_of(installation) as twin:
        yield installation, twin


def killed_once(environment, chance):
    """Start the run and kill it somewhere; return how many chunks it told of: at most five of the thirty."""
    command = [sys.executable, "-m", "tests.journeys.run_program", "run"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    told = 0
    try:
        assert process.stdout.readline() == "begun\n"
        for _ in range(chance.randint(0, 5)):
            assert "/" in process.stdout.readline(), "the run had finished before it was killed"
            told += 1
        time.sleep(chance.random() * 0.1)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    assert process.returncode == -signal.SIGKILL
    return told


def test_killed_at_five_random_points_and_resumed_is_the_same_as_never_killed(pair):
    victim, untouched = pair
    points = random.randrange(10**6)
    chance = random.Random(points)
    told = [killed_once(victim, chance) for _ in range(KILLS)]
    half_done = json.loads(program(victim, "report"))
    lines = program(victim, "run").split()
    assert lines[-1] == "finished"
    assert len(lines) > 3, f"nothing was left to resume after {told}, seed {points}"

    program(untouched, "run")
    expected = json.loads(program(untouched, "report"))
    assert half_done["runs_decision"] != expected["runs_decision"], "a report that sees no difference proves nothing"
    assert json.loads(program(victim, "report")) == expected, f"seed {points}"

    program(victim, "run")
    assert json.loads(program(victim, "report")) == expected
