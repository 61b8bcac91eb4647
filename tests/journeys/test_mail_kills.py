"""kill -9 at every stage of sending, on a real worker and a real mail server: nothing lost, nothing silently twice."""

import json
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest

from huikuan.adapters.smtp.letter import message_id_of
from tests.mail_sink import mail_sink

LATER = "3600"
"""Seconds: every claim of a dead worker has expired by then."""


@pytest.fixture
def sink():
    with mail_sink() as running:
        yield running


@pytest.fixture
def programs(migrated, sink):
    return Programs({**migrated, "HUIKUAN_SMTP_HOST": sink.host, "HUIKUAN_SMTP_PORT": str(sink.port)})


class Programs:
    """The three programs of tests.mail_worker in one installation."""

    def __init__(self, environment):
        self.environment = environment

    def command(self, verb, *options):
        return [sys.executable, "-m", "tests.mail_worker", verb, *options]

    def run(self, verb, *options):
        done = subprocess.run(
            self.command(verb, *options), env=self.environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def report(self):
        return json.loads(self.run("report"))

    @contextmanager
    def worker(self, *options):
        process = subprocess.Popen(
            self.command("work", *options), env=self.environment, stdout=subprocess.PIPE, text=True
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()


def wait_until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def ids(*keys):
    return {message_id_of(key, "ar@huatai.example"): 1 for key in keys}


def states_of(report):
    return {key: row["state"] for key, row in report["deliveries"].items()}


def kill_at(programs, stage, *options):
    """Start a worker and kill it when it has reached the stage."""
    with programs.worker("--stop-at", stage, *options) as process:
        assert process.stdout.readline().strip() == "started"
        assert process.stdout.readline().strip() == stage
        kill(process)


def test_killed_before_the_hand_over_everything_leaves_once(programs, sink):
    programs.run("seed", "--count", "5")
    for hours, stage in enumerate(["idle", "claimed", "composing"]):
        kill_at(programs, stage, "--later-seconds", str(hours * int(LATER)))
        assert len(sink.accepted) == 0, stage
    programs.run("work", "--later-seconds", str(10 * int(LATER)))
    report = programs.report()
    assert states_of(report) == dict.fromkeys(["D0", "D1", "D2", "D3", "D4"], "SENT")
    assert sink.ids() == ids("D0", "D1", "D2", "D3", "D4")
    assert sorted(report["contacts"]) == ["D0", "D1", "D2", "D3", "D4"]


def test_killed_around_the_call_the_one_letter_is_unknown_and_never_repeated(programs, sink):
    programs.run("seed", "--count", "6")
    kill_at(programs, "handed-over", "--skip", "2")
    kill_at(programs, "answered", "--skip", "1", "--later-seconds", LATER)
    programs.run("work", "--later-seconds", str(5 * int(LATER)))
    programs.run("work", "--later-seconds", str(10 * int(LATER)))
    report = programs.report()
    assert states_of(report) == {
        "D0": "SENT", "D1": "SENT", "D2": "UNKNOWN", "D3": "SENT", "D4": "UNKNOWN", "D5": "SENT",
    }  # fmt: skip
    assert report["deliveries"]["D2"]["trail"] == ["QUEUED", "SENDING", "UNKNOWN"]
    assert sink.ids() == ids("D0", "D1", "D3", "D4", "D5"), "D2 had not been given to the server, D4 had"
    assert sorted(report["contacts"]) == ["D0", "D1", "D3", "D5"]


def test_killed_while_connecting_everything_leaves_once(programs, sink):
    programs.run("seed", "--count", "3")
    sink.behavior.hold_greeting = threading.Event()
    with programs.worker() as process:
        assert sink.reached["connected"].wait(30)
        kill(process)
    sink.behavior.hold_greeting.set()
    programs.run("work", "--later-seconds", LATER)
    assert sink.ids() == ids("D0", "D1", "D2")


def test_killed_after_the_final_dot_before_the_answer_the_one_letter_is_unknown(programs, sink):
    programs.run("seed", "--count", "3")
    sink.behavior.hold_answer = threading.Event()
    with programs.worker() as process:
        assert sink.reached["data"].wait(30)
        kill(process)
    sink.behavior.hold_answer.set()
    programs.run("work", "--later-seconds", LATER)
    report = programs.report()
    assert states_of(report) == {"D0": "UNKNOWN", "D1": "SENT", "D2": "SENT"}
    assert sink.ids() == ids("D0", "D1", "D2"), "it had arrived: a second one would have been a second letter"


def test_killed_at_random_points_nothing_is_lost_and_nothing_is_sent_twice(programs, sink):
    programs.run("seed", "--count", "60", "--customers", "20")
    dice = random.Random(20260710)
    sink.behavior.final_seconds = 0.03
    kills = 0
    while len(sink.accepted) < 30:
        target = min(30, len(sink.accepted) + dice.randint(1, 9))
        later = ("--later-seconds", str(kills * int(LATER)))
        with programs.worker(*later) as first, programs.worker(*later) as second:
            wait_until(lambda target=target: len(sink.accepted) >= target)
            for process in (first, second):
                time.sleep(dice.uniform(0, 0.08))
                kill(process)
                kills += 1
    sink.behavior.final_seconds = 0
    programs.run("work", "--later-seconds", str(kills * int(LATER)))
    report = programs.report()
    states = states_of(report)
    assert len(states) == 60
    assert set(states.values()) <= {"SENT", "UNKNOWN"}
    unknown = [key for key, state in states.items() if state == "UNKNOWN"]
    assert len(unknown) <= kills, "one letter per killed worker at most"
    arrived = sink.ids()
    assert set(arrived.values()) == {1}
    assert set(ids(*(set(states) - set(unknown)))) <= set(arrived), "what is SENT has arrived"
    assert set(arrived) <= set(ids(*states))
    assert sorted(report["contacts"]) == sorted(set(states) - set(unknown))


def test_four_workers_share_two_hundred_deliveries_and_send_each_once(programs, sink):
    programs.run("seed", "--count", "200", "--customers", "40")
    with programs.worker() as one, programs.worker() as two, programs.worker() as three, programs.worker() as four:
        assert [process.wait(120) for process in (one, two, three, four)] == [0, 0, 0, 0]
    report = programs.report()
    assert {row["state"] for row in report["deliveries"].values()} == {"SENT"}
    assert sink.ids() == ids(*report["deliveries"])
    assert len(report["contacts"]) == 200


def test_workers_cannot_both_take_the_last_free_place(programs, sink):
    programs.run("seed", "--count", "24", "--customers", "2")
    options = ("--guard", "CountingGuard")
    with (
        programs.worker(*options) as one,
        programs.worker(*options) as two,
        programs.worker(*options) as three,
        programs.worker(*options) as four,
    ):
        assert [process.wait(120) for process in (one, two, three, four)] == [0, 0, 0, 0]
    states = [row["state"] for row in programs.report()["deliveries"].values()]
    assert (states.count("SENT"), states.count("REFUSED")) == (6, 18)
    assert len(sink.accepted) == 6
