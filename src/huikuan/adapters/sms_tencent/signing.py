"""The signature TC3-HMAC-SHA256: a key of the day, of the service, over content type, host and body."""

import hashlib
import hmac
from datetime import UTC, datetime
from typing import Final

from huikuan.adapters.sms_approved import Key

ALGORITHM: Final = "TC3-HMAC-SHA256"
CONTENT_TYPE: Final = "application/json; charset=utf-8"


def authorization(key: Key, *, service: str, host: str, action: str, body: bytes, now: datetime) -> str:
    """Return the header Authorization of a POST to “/”."""
    timestamp = int(now.timestamp())
    day = now.astimezone(UTC).strftime("%Y-%m-%d")
    names = "content-type;host;x-tc-action"
    lines = f"content-type:{CONTENT_TYPE}\nhost:{host}\nx-tc-action:{action.lower()}\n"
    request = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{day}/{service}/tc3_request"
    told = f"{ALGORITHM}\n{timestamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    secret = f"TC3{key.secret}".encode()
    for part in (day, service, "tc3_request"):
        secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(secret, told.encode(), hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Credential={key.key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
