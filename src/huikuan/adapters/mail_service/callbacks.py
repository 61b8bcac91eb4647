"""What mail services tell about our mails: verified and read by django-anymail, by secret and, where there is one, by
signature.
"""  # noqa: D205  one sentence

from datetime import datetime
from importlib import import_module
from io import BytesIO
from typing import Any, Final

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.signals import EventType
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest

from huikuan.outreach.callbacks import Call, ForgedError, Heard, Told, UnreadableError

STATES: Final = {
    EventType.DELIVERED: "DELIVERED",
    EventType.BOUNCED: "BOUNCED",
    EventType.REJECTED: "FAILED",
    EventType.FAILED: "FAILED",
}
"""What counts. That a service saw a mail opened does not: whether that may be noted we decide ourselves."""
_CLASSES: Final = {"mailersend": "MailerSend", "sendgrid": "SendGrid"}


def read(call: Call, now: datetime) -> Heard:
    """Return what a call says. Raises ForgedError, UnreadableError."""
    service: str = settings.HUIKUAN_MAIL_SERVICE
    if not settings.HUIKUAN_MAIL_SERVICE_HOOK:
        message = "HUIKUAN_MAIL_SERVICE_HOOK is not set"
        raise ForgedError(message)
    module = import_module(f"anymail.webhooks.{service}")
    view = getattr(module, f"{_CLASSES.get(service, service.capitalize())}TrackingWebhookView")(
        webhook_secret=settings.HUIKUAN_MAIL_SERVICE_HOOK
    )
    request = _request(call)
    try:
        view.run_validators(request)
        events = view.parse_events(request)
    except AnymailWebhookValidationFailure as error:
        raise ForgedError(str(error)) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableError(str(error)) from error
    return Heard(tuple(_told(event, now) for event in events if event.event_type in STATES and event.message_id))


def _told(event: Any, now: datetime) -> Told:  # noqa: ANN401  anymail ships no types
    return Told(
        reference=str(event.message_id),
        key=str((event.metadata or {}).get("key", "")),
        state=STATES[event.event_type],
        at=event.timestamp or now,
        detail=" ".join(filter(None, [event.reject_reason, event.description, event.mta_response])),
        raw=event.esp_event if isinstance(event.esp_event, dict) else {"event": str(event.esp_event)},
    )


def _request(call: Call) -> WSGIRequest:
    """Return the call as anymail wants it."""
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in call.headers.items()}
    return WSGIRequest({
        **headers,
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": call.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(call.body)),
        "wsgi.input": BytesIO(call.body),
    })  # fmt: skip
