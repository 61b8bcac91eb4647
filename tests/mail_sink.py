"""A real SMTP server on loopback that keeps what it accepted and misbehaves on demand."""

import asyncio
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

PATIENCE_SECONDS = 20


@dataclass
class Behavior:
    """How the server treats the next conversations; the plain one accepts everything."""

    rcpt: str = ""
    data: str = ""
    final: str = ""
    rcpt_seconds: float = 0
    final_seconds: float = 0
    drop_in_data: bool = False
    drop_after_data: bool = False
    hold_greeting: threading.Event | None = None
    hold_answer: threading.Event | None = None


@dataclass
class Sink:
    """What arrived, and what the server was asked to do.

    `accepted`: messages that it took responsibility for (answered 250, or dropped the line after taking them).
    """

    behavior: Behavior = field(default_factory=Behavior)
    accepted: list[EmailMessage] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    reached: dict[str, threading.Event] = field(
        default_factory=lambda: {stage: threading.Event() for stage in ("connected", "data")}
    )
    servers: list["MisbehavingServer"] = field(default_factory=list)
    host: str = "127.0.0.1"
    port: int = 0

    def ids(self) -> Counter[str]:
        """Count the Message-IDs: more than one of a kind means something was sent twice."""
        return Counter(message["Message-ID"] for message in self.accepted)

    # aiosmtpd handler -------------------------------------------------------------------------------------

    async def handle_RCPT(self, server, session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        await asyncio.sleep(self.behavior.rcpt_seconds)
        if self.behavior.rcpt:
            return self.behavior.rcpt
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.behavior.final:
            return self.behavior.final
        message = message_from_bytes(envelope.content, policy=default)
        message["X-Envelope-From"] = envelope.mail_from
        message["X-Envelope-To"] = ",".join(envelope.rcpt_tos)
        self.accepted.append(message)
        self.sessions.append(session)
        self.reached["data"].set()
        await held(self.behavior.hold_answer)
        await asyncio.sleep(self.behavior.final_seconds)
        if self.behavior.drop_after_data:
            server.transport.abort()
        return "250 2.0.0 queued as sink"


class MisbehavingServer(SMTP):
    """The server, with the two faults that no handler can cause."""

    def __init__(self, sink: Sink, **options: object) -> None:
        super().__init__(sink, **options)
        self.sink = sink
        sink.servers.append(self)

    async def _handle_client(self) -> None:
        self.sink.reached["connected"].set()
        await held(self.sink.behavior.hold_greeting)
        await super()._handle_client()

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if self.sink.behavior.data:
            await self.push(self.sink.behavior.data)
        elif self.sink.behavior.drop_in_data:
            await self.push("354 go on")
            await self._reader.readline()
            self.transport.abort()
        else:
            await super().smtp_DATA(arg)


async def hang_up(sink: Sink) -> None:
    """End every conversation, also those whose other side was killed."""
    for server in sink.servers:
        if server.transport is not None:
            server.transport.abort()
    current = asyncio.current_task()
    await asyncio.gather(*(task for task in asyncio.all_tasks() if task is not current), return_exceptions=True)


async def held(gate: threading.Event | None) -> None:
    """Wait for a gate without stopping the server's other conversations."""
    for _ in range(PATIENCE_SECONDS * 50):
        if gate is None or gate.is_set():
            return
        await asyncio.sleep(0.02)


@contextmanager
def mail_sink(
    *, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None, login: Callable | None = None
) -> Iterator[Sink]:
    """Run a server on a free port of 127.0.0.1 while the block lasts."""
    sink = Sink()

    class SinkController(Controller):
        def factory(self) -> SMTP:
            return MisbehavingServer(sink, **self.SMTP_kwargs)

        def _trigger_server(self) -> None:
            """Learn which port the kernel gave for 0 before the controller tries it out."""
            self.port = sink.port = self.server.sockets[0].getsockname()[1]
            super()._trigger_server()

    controller = SinkController(
        sink,
        hostname=sink.host,
        port=0,
        ssl_context=tls,
        tls_context=starttls,
        require_starttls=starttls is not None,
        authenticator=login,
        auth_required=login is not None and starttls is not None,
        auth_require_tls=starttls is not None,  # aiosmtpd does not know that an implicit TLS connection is one
    )
    controller.start()
    sink.reached["connected"].clear()
    try:
        yield sink
    finally:
        for gate in (sink.behavior.hold_greeting, sink.behavior.hold_answer):
            if gate is not None:
                gate.set()
        asyncio.run_coroutine_threadsafe(hang_up(sink), controller.loop).result(PATIENCE_SECONDS)
        controller.stop()
