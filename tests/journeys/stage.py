"""What journeys play on: the command line under a clock of their own, and the real worker with a real mail server."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Any

import pytest
from click.testing import CliRunner

from huikuan.cli.main import huikuan
from huikuan.kernel.zones import zone_of
from huikuan.outreach.worker import Worker
from tests.mail_sink import Sink, mail_sink

SHANGHAI = zone_of("Asia/Shanghai")


@dataclass
class Stage:
    """A clock that stands until it is moved, a mail server, and the `huikuan` command.

    Attributes:
        now: The instant at which everything happens.
        sink: The mail server.
    """

    now: datetime
    sink: Sink
    runner: CliRunner = field(default_factory=CliRunner)

    def at(self, day: str, clock: str = "08:00") -> None:
        """Move the clock to a time of day in Shanghai."""
        self.now = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=SHANGHAI)

    def huikuan(self, *arguments: object) -> Any:
        """Run a command with --json and return what it answers. It must succeed."""
        done = self.runner.invoke(huikuan, [*map(str, arguments), "--json"], catch_exceptions=False)
        assert done.exit_code == 0, f"{arguments}: {done.output}"
        return json.loads(done.stdout)

    def run(self, day: str) -> Any:
        """Run a day in its morning and return what the run of MAIN answers."""
        self.at(day)
        (answer,) = self.huikuan("run", "--as-of", day)["runs"]
        return answer

    def deliver(self, day: str, clock: str = "09:05") -> list[EmailMessage]:
        """Let the worker deliver everything that is due by then; return what arrived."""
        self.at(day, clock)
        before = len(self.sink.accepted)
        worker = Worker(clock=lambda: self.now)
        worker.drain()
        worker.close()
        return self.sink.accepted[before:]


def text_of(mail: EmailMessage) -> str:
    """Return the plain words of a mail."""
    return mail.get_body(("plain",)).get_content()


@pytest.fixture
def stage(transactional_db, monkeypatch, settings) -> Iterator[Stage]:
    """An empty installation on a Friday morning in July 2026, with a mail server."""
    with mail_sink() as sink:
        settings.EMAIL_HOST, settings.EMAIL_PORT = sink.host, sink.port
        playing = Stage(datetime(2026, 7, 10, 8, tzinfo=SHANGHAI), sink)
        monkeypatch.setattr("django.utils.timezone.now", lambda: playing.now)
        yield playing
