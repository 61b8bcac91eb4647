"""The throw-away PostgreSQL that `make test` and `.ci/run` start."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from scripts.private_postgres import NoPostgresError, find_programs

SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "private_postgres.py"
TELL = "import os, sys; print(os.environ['HUIKUAN_TEST_DATABASE_URL'], flush=True); "


@pytest.fixture(autouse=True)
def _needs_the_programs():
    try:
        find_programs()
    except NoPostgresError as reason:
        pytest.skip(str(reason))


def command(code):
    return [sys.executable, str(SCRIPT), "run", "--", sys.executable, "-c", TELL + code]


def is_up(url):
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def test_it_serves_the_command_and_is_gone_with_it():
    ask = "import psycopg; print(psycopg.connect(sys.argv[0] and os.environ['HUIKUAN_TEST_DATABASE_URL'])"
    ask += ".execute('select current_setting(%s)', ['server_encoding']).fetchone()[0]); sys.exit(3)"
    done = subprocess.run(command(ask), capture_output=True, text=True, check=False, timeout=120)
    url, encoding = done.stdout.split()
    assert done.returncode == 3, done.stderr
    assert encoding == "UTF8"
    assert urlsplit(url).hostname == "127.0.0.1"
    assert not is_up(url)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_both(number):
    running = subprocess.Popen(command("import time; time.sleep(60)"), stdout=subprocess.PIPE, text=True)
    with running.stdout:
        url = running.stdout.readline().strip()
        assert is_up(url)
        os.kill(running.pid, number)
        began = time.monotonic()
        assert running.wait(timeout=30) != 0
    assert time.monotonic() - began < 30
    assert not is_up(url)


def test_start_leaves_one_running_until_stop():
    started = subprocess.run([sys.executable, str(SCRIPT), "start"], capture_output=True, text=True, check=True)
    folder, url = started.stdout.split()
    try:
        assert is_up(url)
    finally:
        subprocess.run([sys.executable, str(SCRIPT), "stop", folder], check=True)
    assert not is_up(url)
    assert not Path(folder).exists()


def test_stop_refuses_a_folder_that_is_not_its_own(tmp_path):
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "stop", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "was not made by" in done.stderr
    assert tmp_path.exists()
