"""`python -m huikuan.bench.mail_server`: an SMTP server on loopback that forgets every message but its hash.

Prints its port; answers each line on its input with what it took since the last one; ends with its input.
"""

import hashlib
import json
import sys
from asyncio import Server

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Hashing:
    """Takes everything and keeps the SHA-256 of it."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.taken: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's
        """Take one message."""
        del server, session
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        self.taken.append(hashlib.sha256(content).hexdigest())
        return "250 2.0.0 taken"


def main() -> None:
    """Serve until the input ends."""
    handler = Hashing()
    controller = _Anywhere(handler, hostname="127.0.0.1", port=0)
    controller.start()
    sys.stdout.write(f"{controller.port}\n")
    sys.stdout.flush()
    for _line in sys.stdin:
        taken, handler.taken = handler.taken, []
        sys.stdout.write(json.dumps(taken) + "\n")
        sys.stdout.flush()
    controller.stop()


class _Anywhere(Controller):
    def _trigger_server(self) -> None:
        """Learn which port the kernel gave for 0 before the controller tries it out."""
        if isinstance(self.server, Server):
            self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
