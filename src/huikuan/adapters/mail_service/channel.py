"""The e-mail channel over any service that django-anymail speaks to, with what is certain about each end."""

from collections.abc import Mapping
from datetime import datetime
from importlib import import_module
from typing import Any, Final

import requests
from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from huikuan.outreach.ports import Accepted, Mail, Outcome, PermanentRefusal, TemporaryRefusal, Unknown

KEY_NAMES: Final[Mapping[str, str]] = {
    "brevo": "api_key",
    "mailersend": "api_token",
    "mailgun": "api_key",
    "postmark": "server_token",
    "resend": "api_key",
    "sendgrid": "api_key",
}
"""Services that are offered, and what anymail calls their key."""
_TAKEN: Final = frozenset({"sent", "queued", "unknown"})
_OF_THE_ACCOUNT: Final = frozenset({401, 402, 403, 408, 429})
_TOO_MANY: Final = 429
_CLIENT_ERRORS: Final = range(400, 500)


class ServiceChannel:
    """Sends through one mail service; each call is a connection of its own."""

    def __init__(self, service: str = "", **options: Any) -> None:
        """Take the service and the key of the settings unless they are given."""
        self.service = service or settings.HUIKUAN_MAIL_SERVICE
        given = {KEY_NAMES[self.service]: settings.HUIKUAN_MAIL_SERVICE_KEY, **options}
        backend = import_module(f"anymail.backends.{self.service}").EmailBackend
        self._backend = backend(
            requests_timeout=settings.EMAIL_TIMEOUT, ignore_unsupported_features=True, fail_silently=False, **given
        )

    def ready(self) -> TemporaryRefusal | None:
        """Nothing is held open: every call stands for itself."""
        return None

    def send(self, mail: Mail, now: datetime) -> Outcome:
        """Send one mail; see the port."""
        del now
        message = _message(mail)
        try:
            self._backend.send_messages([message])
        except AnymailRecipientsRefused as error:
            return PermanentRefusal(_short(error))
        except AnymailAPIError as error:
            return _outcome(error)
        except (AnymailError, ValueError) as error:
            return PermanentRefusal(f"MAIL_UNFIT: {_short(error)}")
        status = vars(message)["anymail_status"]  # anymail puts it there
        if status.message_id is None or not set(status.status or ()) <= _TAKEN:
            return Unknown(f"{self.service}: {status.status} {status.message_id}")
        return Accepted(f"{self.service}:{status.message_id}")

    def close(self) -> None:
        """Nothing is held open."""


def _message(mail: Mail) -> EmailMultiAlternatives:
    sender = mail.sender_address or settings.DEFAULT_FROM_EMAIL
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        from_email=f'"{mail.sender_name}" <{sender}>' if mail.sender_name else sender,
        to=[mail.address],
        headers={"Auto-Submitted": "auto-generated"},
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    # Our key comes back with every receipt; what is opened we note ourselves, where it may be noted.
    message.metadata = {"key": mail.key}  # type: ignore[attr-defined]
    message.track_opens = message.track_clicks = False  # type: ignore[attr-defined]
    return message


def _outcome(error: AnymailAPIError) -> Outcome:
    """Say what is certain after a call that failed."""
    status, words = error.status_code, _short(error)
    if status is None:
        return TemporaryRefusal(words) if _never_left(error.__cause__) else Unknown(words)
    if status in _OF_THE_ACCOUNT:
        waiting = str(error.response.headers.get("retry-after", "")) if error.response is not None else ""
        return TemporaryRefusal(words, int(waiting) if waiting.isascii() and waiting.isdigit() else 0)
    return PermanentRefusal(words) if status in _CLIENT_ERRORS else Unknown(words)


def _never_left(cause: BaseException | None) -> bool:
    """Tell whether no connection came about."""
    if isinstance(cause, requests.exceptions.ConnectTimeout | requests.exceptions.SSLError):
        return True
    reason = getattr(cause.args[0], "reason", None) if cause is not None and cause.args else None
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
