"""One SMTP conversation that knows how far it has come: before the final dot nothing can have been accepted."""

import select
import smtplib
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Final

from huikuan.adapters.smtp.letter import Letter
from huikuan.outreach.ports import Accepted, Outcome, PermanentRefusal, TemporaryRefusal, Unknown

_OK: Final = range(200, 300)
_SEND_NOW: Final = 354
_TEMPORARY: Final = range(400, 500)
_PERMANENT: Final = range(500, 600)
_CLOSING: Final = 421
_FRESH_SECONDS: Final = 5
"""A conversation that was answered so shortly ago, and said nothing since, is not asked whether it still stands."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where and how to connect. `answer_seconds_max`: patience after the final dot, when servers scan the mail."""

    host: str
    port: int
    user: str
    password: str
    starttls: bool
    tls: bool
    timeout_seconds: int
    answer_seconds_max: int


class NotReadyError(Exception):
    """The server cannot be reached, or does not let us in. Nothing has left."""


class Conversation:
    """A connection that is signed in, for any number of letters."""

    def __init__(self, server: Server) -> None:
        """Connect, encrypt and sign in. Raises NotReadyError."""
        self.server = server
        self._answered_at = time.perf_counter()
        try:
            self._smtp = self._connected()
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            raise NotReadyError(_words(error)) from error

    def _connected(self) -> smtplib.SMTP:
        server = self.server
        if server.tls:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=server.timeout_seconds, context=ssl.create_default_context()
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=server.timeout_seconds)
        if smtp.sock is not None:
            # The final dot is a write of its own: it must not wait for the acknowledgment of what came before it.
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if server.starttls:
                smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
            if server.user:
                smtp.login(server.user, server.password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def is_alive(self) -> bool:
        """Tell whether the server still answers; asked only when it has been silent for a while."""
        if time.perf_counter() - self._answered_at < _FRESH_SECONDS and not self._has_said_more():
            return True
        try:
            code, _ = self._smtp.noop()
        except (smtplib.SMTPException, OSError):
            return False
        self._answered_at = time.perf_counter()
        return code in _OK

    def _has_said_more(self) -> bool:
        """Tell whether the server spoke unasked, which it only does to end the conversation."""
        return self._smtp.sock is None or bool(select.select([self._smtp.sock], [], [], 0)[0])

    def close(self) -> None:
        """Say good-bye if anybody listens."""
        try:
            self._smtp.quit()
        except (smtplib.SMTPException, OSError):
            self._smtp.close()

    def deliver(self, letter: Letter) -> tuple[Outcome, bool]:
        """Send one letter; return the outcome and whether the connection can be used again."""
        try:
            refusal = self._announce(letter)
            if refusal is None:
                self._body(letter.content)
        except (smtplib.SMTPException, OSError) as error:
            # The final dot was not written: a server cannot take a message whose end it has not seen.
            return TemporaryRefusal(_words(error)), False
        if refusal is not None:
            return refusal
        try:
            return self._end(letter)
        except (smtplib.SMTPException, OSError) as error:
            return Unknown(_words(error)), False

    def _announce(self, letter: Letter) -> tuple[Outcome, bool] | None:
        """Say from whom, to whom, and that the content follows; None when the server wants it."""
        smtp = self._smtp
        size = [f"size={len(letter.content)}"] if smtp.has_extn("size") else []
        code, words = smtp.mail(letter.sender, size)
        if code in _OK:
            code, words = smtp.rcpt(letter.recipient)
        if code in _OK:
            code, words = smtp.docmd("DATA")
        return None if code == _SEND_NOW else self._refused(code, words)

    def _body(self, content: bytes) -> None:
        """Write everything but the end."""
        lines = content.replace(b"\r\n.", b"\r\n..")
        quoted = b"." + lines if lines.startswith(b".") else lines
        self._smtp.send(quoted if quoted.endswith(b"\r\n") else quoted + b"\r\n")

    def _end(self, letter: Letter) -> tuple[Outcome, bool]:
        """Write the final dot and wait for the answer that decides."""
        smtp = self._smtp
        if smtp.sock is not None:
            smtp.sock.settimeout(self.server.answer_seconds_max)
        smtp.send(b".\r\n")
        code, words = smtp.getreply()
        if smtp.sock is not None:
            smtp.sock.settimeout(self.server.timeout_seconds)
        self._answered_at = time.perf_counter()
        if code in _OK:
            return Accepted(reference=f"{letter.message_id} {_decoded(words)}"), True
        if code in _TEMPORARY or code in _PERMANENT:
            return self._refused(code, words)
        return Unknown(f"unreadable answer {code} {_decoded(words)}"), False

    def _refused(self, code: int, words: bytes) -> tuple[Outcome, bool]:
        """Translate a refusal; the conversation is reset for the next letter."""
        detail = f"{code} {_decoded(words)}"
        is_usable = code != _CLOSING and self._is_reset()
        if code in _PERMANENT:
            return PermanentRefusal(detail), is_usable
        return TemporaryRefusal(detail), is_usable

    def _is_reset(self) -> bool:
        try:
            return self._smtp.rset()[0] in _OK
        except (smtplib.SMTPException, OSError):
            return False


def _decoded(words: bytes) -> str:
    return words.decode("utf-8", "replace").replace("\n", " ").strip()


def _words(error: BaseException) -> str:
    """Return what happened in one line, the server's own words where it gave any."""
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
        return f"{error.smtp_code} {_decoded(said)}"
    return f"{type(error).__name__}: {error}"
