"""The text message channel over Twilio: free text."""

import re
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

import httpx
from django.conf import settings

from huikuan.adapters import http_calls
from huikuan.outreach.ports import Accepted, Mail, Outcome, PermanentRefusal, TemporaryRefusal, Unknown

PROVIDER: Final = "twilio"
ENDPOINT: Final = "https://api.twilio.com"
CALLED_AT: Final = "/hooks/messages/twilio/"

_LATER: Final = frozenset({14107, 20001, 20003, 20005, 20006, 20429, 21611, 30001, 30002, 63018})
"""It did not leave, and the same message may leave later: too many at once, a full queue, the account."""


class TwilioSms:
    """Sends any text; finds again what it sent by number, day and words."""

    def __init__(self, endpoint: str = ENDPOINT, *, account: tuple[str, str] | None = None, sender: str = "") -> None:
        """Take what the settings say unless it is given. Nothing is opened yet."""
        self.account, token = account or (settings.HUIKUAN_SMS_KEY_ID, settings.HUIKUAN_SMS_KEY_SECRET)
        self.sender = sender or settings.HUIKUAN_SMS_FROM
        self._place = f"{endpoint}/2010-04-01/Accounts/{self.account}/Messages.json"
        self._client = http_calls.client(settings.HUIKUAN_SMS_TIMEOUT_SECONDS)
        self._client.auth = httpx.BasicAuth(self.account, token)

    def ready(self) -> TemporaryRefusal | None:
        """Nothing is held open: every call stands for itself."""
        return None

    def send(self, mail: Mail, now: datetime) -> Outcome:
        """Send one text; see the port."""
        del now
        if not re.fullmatch(r"\+[1-9]\d{6,14}", mail.address):
            return PermanentRefusal(f"SMS_NUMBER_UNFIT: {mail.address}")
        sender = "MessagingServiceSid" if self.sender.startswith("MG") else "From"
        form = {"To": mail.address, sender: self.sender, "Body": mail.text, "StatusCallback": callback_url(mail.key)}
        answer = http_calls.ask(self._client, self._client.build_request("POST", self._place, data=form))
        return _outcome(answer) if isinstance(answer, http_calls.Answer) else answer

    def find(self, mail: Mail, *, handed_over_at: datetime, now: datetime) -> str:
        """Return the reference of a message that may have left, "" when the provider's list does not hold it."""
        del now
        day = handed_over_at.astimezone(UTC).date().isoformat()
        asked = {"To": mail.address, "DateSent": day, "PageSize": "100"}
        answer = http_calls.ask(self._client, self._client.build_request("GET", self._place, params=asked))
        content = answer.content if isinstance(answer, http_calls.Answer) else None
        for each in (content or {}).get("messages") or []:
            if each.get("body") == mail.text and each.get("direction", "outbound-api") == "outbound-api":
                return f"{PROVIDER}:{each['sid']}"
        return ""

    def close(self) -> None:
        """Give the client back."""
        self._client.close()


def callback_url(key: str) -> str:
    """Return the address at which Twilio tells what becomes of a delivery; the key makes it known before its number."""
    return f"{settings.HUIKUAN_BASE_URL.rstrip('/')}{CALLED_AT}?{urlencode({'key': key})}"


def _outcome(answer: http_calls.Answer) -> Outcome:
    content = answer.content or {}
    if answer.status in http_calls.OK:
        reference = content.get("sid")
        return Accepted(f"{PROVIDER}:{reference}") if reference else Unknown(answer.words)
    if answer.status in http_calls.SERVER_ERRORS or not content:
        return http_calls.without_verdict(answer)
    code, words = content.get("code"), str(content.get("message") or "")
    if answer.status == http_calls.TOO_MANY or code in _LATER:
        return TemporaryRefusal(f"{code}: {words}", answer.retry_after_seconds)
    return PermanentRefusal(f"{code}: {words}")
