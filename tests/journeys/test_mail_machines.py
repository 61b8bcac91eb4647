"""The machines as programs: serve keeps three running and leaves none behind; doctor says what is wrong."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.mail_sink import mail_sink

HUIKUAN = [sys.executable, "-c", "from huikuan.cli.main import main; main()"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, seconds=40):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def answers(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as page:
            return page.status == 200
    except OSError:
        return False


def offspring(pid):
    """Return the ids of all living descendants."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found += [int(folder.name), *offspring(int(folder.name))]
    return found


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def run(environment, *arguments):
    return subprocess.run(
        [*HUIKUAN, *arguments], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@contextmanager
def serving(environment, port):
    process = subprocess.Popen(
        [*HUIKUAN, "serve", "--port", str(port)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        wait_until(lambda: answers(port))
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
def test_serve_keeps_its_machines_running_and_leaves_none_behind_however_it_ends(installation):
    assert run(installation, "init").returncode == 0
    for ending, status in ((signal.SIGTERM, 0), (signal.SIGINT, 0), (signal.SIGKILL, -signal.SIGKILL)):
        port = free_port()
        with serving(installation, port) as process:
            wait_until(lambda parent=process.pid: len(offspring(parent)) >= 4)
            machines = offspring(process.pid)
            if ending == signal.SIGTERM:
                machines = kill_all_and_wait(process, port, machines)
            process.send_signal(ending)
            assert process.wait(30) == status
            wait_until(lambda pids=machines: not any(is_alive(pid) for pid in pids))
        assert not answers(port)


def kill_all_and_wait(process, port, machines):
    """Kill every machine at once; return those that serve started in their place."""
    for pid in machines:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: len(offspring(process.pid)) >= 4 and answers(port))
    assert not set(machines) & set(offspring(process.pid))
    return offspring(process.pid)


def test_a_port_that_is_taken_is_said_in_one_sentence(installation):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = run(installation, "serve", "--port", str(port))
    assert done.returncode == 1
    assert str(port) in done.stderr
    assert "Traceback" not in done.stderr


def findings_of(done):
    assert "Traceback" not in done.stderr
    return {each["check"]: each for each in json.loads(done.stdout)["findings"]}


def test_the_scheduler_runs_the_day_and_the_doctor_finds_all_well(installation):
    environment = {**installation, "HUIKUAN_RUN_HOUR": "0"}
    assert run(environment, "run", "--as-of", "2026-01-05", "--json").returncode == 0, "gives MAIN the shipped policy"
    assert run(environment, "scheduler", "--once").returncode == 0
    again = json.loads(run(environment, "run", "--json").stdout)["runs"][0]
    assert again["previous_on"] == "2026-01-05", "today had been run: this was its repetition"

    with mail_sink() as sink:
        mail = {"HUIKUAN_SMTP_HOST": sink.host, "HUIKUAN_SMTP_PORT": str(sink.port)}
        well = run({**environment, **mail}, "doctor", "--json")
    found = findings_of(well)
    assert well.returncode == 0
    for check in ("home", "database", "triggers", "policy", "zones", "journal", "deliveries", "mail"):
        assert found[check]["level"] == "ok", found[check]
    ill = run({**environment, **mail}, "doctor", "--json")
    assert (ill.returncode, findings_of(ill)["mail"]["level"]) == (1, "error")
    assert findings_of(ill)["mail"]["remedy"]


def test_the_doctor_says_that_the_database_does_not_answer(installation):
    done = run({**installation, "HUIKUAN_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}, "doctor", "--json")
    assert (done.returncode, findings_of(done)["database"]["level"]) == (1, "error")


def test_a_worker_without_a_mail_server_leaves_the_queue_alone(installation):
    done = run(installation, "worker", "--drain", "--json")
    assert (done.returncode, json.loads(done.stdout)["counts"]) == (0, {})
