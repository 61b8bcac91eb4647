"""The signature ACS3-HMAC-SHA256: over method, path, query, the x-acs-… headers and the hash of the body."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from huikuan.adapters.sms_approved import Key

ALGORITHM: Final = "ACS3-HMAC-SHA256"
_EMPTY: Final = hashlib.sha256(b"").hexdigest()


def canonical_query(parameters: Mapping[str, str]) -> str:
    """Return the query as it is signed and sent: sorted, percent-encoded by RFC 3986."""
    return "&".join(f"{_quoted(name)}={_quoted(parameters[name])}" for name in sorted(parameters))


def signed_headers(
    key: Key, *, host: str, action: str, version: str, parameters: Mapping[str, str], nonce: str, now: datetime
) -> dict[str, str]:
    """Return the headers of a POST without a body whose parameters stand in the query."""
    headers = {
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": _EMPTY,
        "x-acs-date": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": version,
    }
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    request = f"POST\n/\n{canonical_query(parameters)}\n{lines}\n{names}\n{_EMPTY}"
    told = f"{ALGORITHM}\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(key.secret.encode(), told.encode(), hashlib.sha256).hexdigest()
    return {
        **headers,
        "authorization": f"{ALGORITHM} Credential={key.key_id},SignedHeaders={names},Signature={signature}",
    }


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")
