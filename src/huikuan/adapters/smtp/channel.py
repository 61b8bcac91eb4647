"""The e-mail channel of outreach."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

from django.conf import settings

from huikuan.adapters.smtp.conversation import Conversation, NotReadyError, Server
from huikuan.adapters.smtp.letter import Letter, LetterUnfitError, build
from huikuan.outreach.ports import Mail, Outcome, PermanentRefusal, TemporaryRefusal

ANSWER_SECONDS_MAX: Final = 600
"""RFC 5321 §4.5.3.2.6: wait ten minutes for the answer to the final dot, or risk sending twice."""
LETTERS_PER_CONNECTION_MAX: Final = 100
"""Many servers end a connection after some hundred messages; we do so first, at a moment of our choice."""


def server_from_settings() -> Server:
    """Return the mail server of the settings (HUIKUAN_SMTP_…)."""
    return Server(
        host=settings.EMAIL_HOST,
        port=settings.EMAIL_PORT,
        user=settings.EMAIL_HOST_USER,
        password=settings.EMAIL_HOST_PASSWORD,
        starttls=settings.EMAIL_USE_TLS,
        tls=settings.EMAIL_USE_SSL,
        timeout_seconds=settings.EMAIL_TIMEOUT,
        answer_seconds_max=ANSWER_SECONDS_MAX,
    )


class SmtpChannel:
    """Sends through one SMTP server, over one connection as long as it lasts."""

    def __init__(self, server: Server | None = None, *, default_sender: str = "") -> None:
        """Take the server of the settings unless another is given. Connects at first use."""
        self.server = server or server_from_settings()
        self.default_sender = default_sender or settings.DEFAULT_FROM_EMAIL
        self._conversation: Conversation | None = None
        self._letter_count = 0
        self._prepared: dict[str, tuple[Mail, Letter]] = {}

    def prepare(self, mails: Sequence[Mail], now: datetime) -> None:
        """Write them as bytes; what is unfit is told when it is sent. See the port."""
        self._prepared = {}
        for mail in mails:
            with suppress(LetterUnfitError):
                self._prepared[mail.key] = (mail, build(mail, default_sender=self.default_sender, now=now))

    def ready(self) -> TemporaryRefusal | None:
        """Be connected and signed in, or say why not."""
        if not self.server.host:
            return TemporaryRefusal("SMTP_NOT_CONFIGURED: set HUIKUAN_SMTP_HOST")
        is_worn = self._letter_count >= LETTERS_PER_CONNECTION_MAX
        if self._conversation is not None and (is_worn or not self._conversation.is_alive()):
            self.close()
        if self._conversation is None:
            try:
                self._conversation = Conversation(self.server)
            except NotReadyError as error:
                return TemporaryRefusal(f"SMTP_NOT_READY: {error}")
        return None

    def send(self, mail: Mail, now: datetime) -> Outcome:
        """Send one mail; see the port."""
        try:
            letter = self._letter(mail, now)
        except LetterUnfitError as error:
            return PermanentRefusal(f"MAIL_UNFIT: {error}")
        if self._conversation is None and (refusal := self.ready()) is not None:
            return refusal
        if self._conversation is None:
            message = "ready() promised a conversation"
            raise RuntimeError(message)
        self._letter_count += 1
        outcome, is_usable = self._conversation.deliver(letter)
        if not is_usable:
            self.close()
        return outcome

    def _letter(self, mail: Mail, now: datetime) -> Letter:
        known, letter = self._prepared.pop(mail.key, (None, None))
        if letter is not None and known == mail:
            return letter
        return build(mail, default_sender=self.default_sender, now=now)

    def close(self) -> None:
        """Give the connection back."""
        if self._conversation is not None:
            self._conversation.close()
        self._conversation, self._letter_count = None, 0
