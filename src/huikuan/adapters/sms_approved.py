"""What providers of approved text messages have in common: a pair of keys, the approved texts, one client."""

import re
from dataclasses import dataclass
from typing import ClassVar

import httpx
from django.conf import settings

from huikuan.adapters import http_calls
from huikuan.adapters.sms_templates import (
    ApprovedTexts,
    Filled,
    NotApprovedError,
    TemplatesUnreadableError,
    read_approved,
)
from huikuan.outreach.ports import Mail, PermanentRefusal, TemporaryRefusal


@dataclass(frozen=True, slots=True)
class Key:
    """The pair with which requests are signed: its public id and its secret."""

    key_id: str
    secret: str


class ApprovedSms:
    """A channel that sends what the provider has approved, and nothing else. Subclasses make the calls."""

    endpoint_url: ClassVar[str]
    hole: ClassVar[re.Pattern[str]]
    """How the provider writes a hole of an approved text, its name in group 1."""

    def __init__(self, endpoint: str = "", *, key: Key | None = None, texts: ApprovedTexts | None = None) -> None:
        """Take what the settings say unless it is given. Nothing is opened yet."""
        self.endpoint = httpx.URL(endpoint or self.endpoint_url)
        self.key = key or Key(settings.HUIKUAN_SMS_KEY_ID, settings.HUIKUAN_SMS_KEY_SECRET)
        self.texts = texts
        self._client = http_calls.client(settings.HUIKUAN_SMS_TIMEOUT_SECONDS)

    def ready(self) -> TemporaryRefusal | None:
        """Have read the approved texts, or say why not."""
        found = self._approved()
        return found if isinstance(found, TemporaryRefusal) else None

    def close(self) -> None:
        """Give the client back."""
        self._client.close()

    def filled(self, mail: Mail) -> Filled | TemporaryRefusal | PermanentRefusal:
        """Return the approved text that says a message, or why there is none."""
        texts = self._approved()
        if isinstance(texts, TemporaryRefusal):
            return texts
        try:
            return texts.filled(mail.text)
        except NotApprovedError as error:
            return PermanentRefusal(str(error))

    def _approved(self) -> ApprovedTexts | TemporaryRefusal:
        """Return the approved texts, read once."""
        if self.texts is None:
            try:
                self.texts = read_approved(settings.HUIKUAN_SMS_TEMPLATES, self.hole)
            except TemplatesUnreadableError as error:
                return TemporaryRefusal(f"SMS_TEMPLATES_UNREADABLE: {error}")
        return self.texts
