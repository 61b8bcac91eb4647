"""One call to a provider's web interface, and what is certain about it when it fails.

No retries and no kept connections: a connection that was idle may be closed while we write, and then nobody knows
whether the request arrived. A fresh one tells "could not connect" (nothing left) from "no answer" (it may have left).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from huikuan.outreach.ports import TemporaryRefusal, Unknown

_ONE_EACH: Final = httpx.Limits(max_keepalive_connections=0)
_NEVER_LEFT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.ProxyError)
_BODY_MAX: Final = 300
TOO_MANY: Final = 429
SERVER_ERRORS: Final = range(500, 600)
OK: Final = range(200, 300)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side answered. `content`: the JSON object it sent, None when it sent anything else."""

    status: int
    headers: Mapping[str, str]
    content: dict[str, Any] | None
    text: str

    @property
    def words(self) -> str:
        """Return the answer in one line, for people."""
        return f"HTTP {self.status}: {' '.join(self.text[:_BODY_MAX].split())}"

    @property
    def retry_after_seconds(self) -> int:
        """Return how long we are asked to wait; 0 when nothing is said."""
        said = self.headers.get("retry-after", "")
        return int(said) if said.isascii() and said.isdigit() else 0


def client(timeout_seconds: int) -> httpx.Client:
    """Return a client that follows nobody anywhere and waits no longer than told for any single thing."""
    return httpx.Client(timeout=timeout_seconds, limits=_ONE_EACH, follow_redirects=False, trust_env=False)


def ask(used: httpx.Client, request: httpx.Request) -> Answer | TemporaryRefusal | Unknown:
    """Make one call. Never raises for what the network or the other side does."""
    try:
        response = used.send(request)
    except _NEVER_LEFT as error:
        return TemporaryRefusal(f"NOT_REACHED: {_named(error)}")
    except httpx.HTTPError as error:
        return Unknown(f"NO_ANSWER: {_named(error)}")
    return Answer(response.status_code, response.headers, _object(response.content), response.text)


def without_verdict(answer: Answer) -> TemporaryRefusal | Unknown:
    """Return what an answer means that the provider's contract does not explain.

    A refusal by whoever stands in between is none of the message; an error of the server may come after it took the
    message; so may an answer that cannot be read.
    """
    if answer.status in SERVER_ERRORS or answer.status in OK:
        return Unknown(answer.words)
    return TemporaryRefusal(answer.words, answer.retry_after_seconds)


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
