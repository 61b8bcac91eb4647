"""Two real processes race for the last call that the contact guard allows: exactly one gets it."""

import os
import sqlite3
import subprocess
import sys
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from huikuan.outreach.models import Contact, ContactRefusal
from huikuan.parties.models import ContactPerson
from huikuan.runs.gate import ContactGate
from tests.guard_racer import NOON, call

PROGRAM = (sys.executable, "-m", "tests.guard_racer")


@pytest.fixture
def environment(transactional_db, tianhe, owner, tmp_path):
    """Return the environment of a program that works on this test's own database, two calls of three made."""
    ContactPerson.objects.create(customer=tianhe, name="王芳", phone="+8613800000001", created_at=NOON)
    for minutes in (20, 10):
        assert call(NOON - timedelta(minutes=minutes), ContactGate()) == "made"
    if connection.vendor == "postgresql":
        url = urlsplit(os.environ["HUIKUAN_TEST_DATABASE_URL"])
        name = connection.settings_dict["NAME"]
        return {**os.environ, "HUIKUAN_DATABASE_URL": urlunsplit(url._replace(path=f"/{name}"))}
    with sqlite3.connect(tmp_path / "huikuan.sqlite3") as copy:
        connection.connection.backup(copy)
    return {**os.environ, "HUIKUAN_HOME": str(tmp_path)}


def test_two_processes_race_for_the_last_allowed_call(environment):
    racers = [
        subprocess.Popen(PROGRAM, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    try:
        assert [racer.stdout.readline() for racer in racers] == ["ready\n", "ready\n"]
        for racer in racers:
            racer.stdin.write("\n")
            racer.stdin.flush()
        said = sorted(racer.communicate(timeout=30)[0] for racer in racers)
    finally:
        for racer in racers:
            racer.kill()
            racer.wait()
    assert said == ["connected_calls_per_day", "made"]
    if connection.vendor == "postgresql":
        assert Contact.objects.filter(is_connected=True).count() == 3
        assert ContactRefusal.objects.get().rule == "connected_calls_per_day"
