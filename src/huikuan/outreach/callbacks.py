"""What an adapter must offer so that a provider's machine can tell us what became of our messages.

Wired by dotted path in `settings.HUIKUAN_CALLBACKS`, by the provider's name as it stands in the address. Only providers
that are in use are wired: to anybody else the address does not exist.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.utils.module_loading import import_string


class ForgedError(Exception):
    """The call does not prove that it comes from the provider: nothing of it is believed."""


class UnreadableError(Exception):
    """The call is not what the provider's contract describes."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it came in. `url`: as the provider must have been given it; `token`: the secret part of it."""

    url: str
    token: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """One thing a provider says about one message.

    Attributes:
        reference: The provider's number of the message.
        key: Our key of the delivery; "" where the provider does not echo it.
        state: One of `rules.receipts.TOLD`.
        at: When it happened.
        detail: Why, in the provider's words.
        raw: As it came.
    """

    reference: str
    key: str
    state: str
    at: datetime
    detail: str
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """A text that somebody sent back. `reference` makes a repeated call recognizable."""

    reference: str
    address: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Heard:
    """What one call said, and the words with which the provider wants to be thanked."""

    told: tuple[Told, ...] = ()
    replies: tuple[Reply, ...] = ()
    answer: str = ""
    media_type: str = "application/json"


Callback = Callable[[Call, datetime], Heard]
"""Reads a call after having verified it. Raises ForgedError, UnreadableError."""


def callback_of(provider: str) -> Callback | None:
    """Return what reads the calls of a provider, None when it is not in use."""
    path = settings.HUIKUAN_CALLBACKS.get(provider)
    return None if path is None else cast("Callback", import_string(path))
