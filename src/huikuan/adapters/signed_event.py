"""Callbacks signed as Stripe signs them: header `t=SECONDS,v1=HEX`, HMAC-SHA256 over `SECONDS.BODY`.

Document: https://docs.stripe.com/webhooks#verify-manually ; the sandbox gateway signs its own in the same way.
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Final

TOLERANCE: Final = timedelta(minutes=5)
"""A signature that is older or younger is not believed: the call may be a recording."""


def sign(body: bytes, *, secret: str, now: datetime) -> str:
    """Return the header for a body."""
    seconds = str(int(now.timestamp()))
    return f"t={seconds},v1={_digest(seconds, body, secret)}"


def is_signed(header: str, body: bytes, *, secret: str, now: datetime) -> bool:
    """Tell whether a header signs a body, now. Several v1 may stand in it while a secret is being changed."""
    parts = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _equals, value in parts if name == "t"]
    if not secret or len(times) != 1 or not (times[0].isascii() and times[0].isdigit() and len(times[0]) <= 12):  # noqa: PLR2004  years to come
        return False
    if abs(datetime.fromtimestamp(int(times[0]), UTC) - now) > TOLERANCE:
        return False
    wanted = _digest(times[0], body, secret)
    return any(name == "v1" and hmac.compare_digest(value.encode(), wanted.encode()) for name, _equals, value in parts)


def _digest(seconds: str, body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
