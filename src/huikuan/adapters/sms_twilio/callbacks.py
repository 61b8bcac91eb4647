"""Receipts and replies as Twilio posts them: a form, signed over the address and every field."""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings

from huikuan.outreach.callbacks import Call, ForgedError, Heard, Reply, Told, UnreadableError

STATES: Final = {"delivered": "DELIVERED", "undelivered": "FAILED", "failed": "FAILED", "read": "READ"}
"""What counts of MessageStatus; accepted, queued, sending and sent say nothing that we do not know."""
GONE: Final = frozenset({"30005", "30006"})
"""Unknown handset, landline: nobody can be reached there by text message."""
NO_ANSWER: Final = "<Response/>"


def read(call: Call, now: datetime) -> Heard:
    """Return what a call says. Raises ForgedError, UnreadableError."""
    try:
        fields = parse_qsl(call.body.decode("utf-8"), keep_blank_values=True, strict_parsing=True, max_num_fields=100)
    except ValueError as error:
        raise UnreadableError(str(error)) from error
    _demand_signature(call, fields)
    form = dict(fields)
    if "MessageSid" not in form:
        message = "MessageSid is missing"
        raise UnreadableError(message)
    if "MessageStatus" not in form:
        reply = Reply(f"twilio:{form['MessageSid']}", form.get("From", ""), form.get("Body", ""), now)
        return Heard((), (reply,), NO_ANSWER, "text/xml")
    state = STATES.get(form["MessageStatus"])
    if state is None:
        return Heard(answer=NO_ANSWER, media_type="text/xml")
    code = form.get("ErrorCode", "")
    told = Told(
        reference=form["MessageSid"],
        key=dict(parse_qsl(urlsplit(call.url).query)).get("key", ""),
        state="BOUNCED" if code in GONE else state,
        at=now,
        detail=" ".join(filter(None, [code, form.get("ErrorMessage", "")])),
        raw=form,
    )
    return Heard((told,), (), NO_ANSWER, "text/xml")


def signature(url: str, fields: list[tuple[str, str]], token: str) -> str:
    """Return X-Twilio-Signature: HMAC-SHA1 over the address and every field, sorted by name, name and value joined."""
    told = url + "".join(f"{name}{value}" for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.new(token.encode(), told.encode(), hashlib.sha1).digest()).decode("ascii")


def _demand_signature(call: Call, fields: list[tuple[str, str]]) -> None:
    token: str = settings.HUIKUAN_SMS_KEY_SECRET
    given = call.headers.get("X-Twilio-Signature", "")
    if not token or not hmac.compare_digest(given.encode(), signature(call.url, fields, token).encode()):
        message = "X-Twilio-Signature does not fit"
        raise ForgedError(message)
