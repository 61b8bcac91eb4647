"""What outreach needs from outside: a channel that sends, a guard that permits, a composer that writes.

Wired by dotted path in `settings.HUIKUAN_PORTS`: "outreach.guard", "outreach.composer" and "outreach.<channel>" for
each machine channel in lower case. The recording fakes of `outreach.fakes` implement the same protocols.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, Protocol, Self, cast, runtime_checkable

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from huikuan.outreach.models import Delivery
from huikuan.parties.models import ContactPerson, Entity

# --- composing ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Draft:
    """The words of one message and the facts they state; frozen as `Message` when the guard allows it.

    `binds` makes true what the words promise, in the transaction that freezes them: called only when they may leave.
    """

    language: str
    subject: str
    text: str
    html: str
    facts: dict[str, Any]
    binds: Callable[[Delivery, datetime], object] | None = None


@dataclass(frozen=True, slots=True)
class Pointless:
    """There is nothing to say any more: paid, or overtaken by a later notice. `reason` is a stable code."""

    reason: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Later:
    """Everything it would speak of is held: it is composed anew at `at`. A hold never loses a notice."""

    at: datetime
    reason: str


class Composer(Protocol):
    """Writes the message at the moment of sending, from the ledger as it stands then."""

    def having_read(self, deliveries: Collection[Delivery], now: datetime) -> Self:
        """Return one that has read what these deliveries need, for all of them at once: the same answers, sooner."""
        del deliveries, now
        return self

    def compose(self, delivery: Delivery, now: datetime) -> Draft | Pointless | Later:
        """Return the words, or why there are none. Called inside the sending transaction, the customer locked."""
        ...


# --- permitting --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Intent:
    """A contact somebody is about to make: what the guard judges.

    `key` is the delivery's idempotency key, blank for a contact by hand; `address` is the mailbox or number.
    """

    entity_id: int
    customer_id: int
    channel: str
    address: str
    is_automatic: bool
    key: str = ""
    step_code: str = ""
    template: str = ""
    language: str = ""
    words: str = ""
    visitor_count: int = 0


@dataclass(frozen=True, slots=True)
class Allow:
    """Go ahead. `warnings` are shown and kept, they do not stop."""

    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DelayUntil:
    """Not now: the first instant at which it may be asked again, and the rule with its words and source."""

    at: datetime
    rule: str
    text: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Never, as things stand: the rule with its words and source."""

    rule: str
    text: str
    source: str = ""


Answer = Allow | DelayUntil | Refuse


class ContactGuard(Protocol):
    """The one gate every outgoing contact passes (F6). Asked under the lock that counts contacts."""

    def having_read(self, deliveries: Collection[Delivery], now: datetime) -> Self:
        """Return one that has read what it needs of these deliveries, which have their addresses, no two the same."""
        del deliveries, now
        return self

    def ask(self, intent: Intent, person: ContactPerson | None, now: datetime) -> Answer:
        """Return whether this contact may be made now."""
        ...


@dataclass(frozen=True, slots=True)
class ForbiddenPhrase:
    """Words that must not be used, and how to put it instead."""

    phrase: str
    instead: str


class WordingCheck(Protocol):
    """The language check of the contact guard, asked before a text may be used at all."""

    def forbidden(self, text: str, *, entity: Entity, today: date) -> tuple[ForbiddenPhrase, ...]:
        """Return what the entity's rules forbid in a text, in the order of the rules."""
        ...


# --- sending -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mail:
    """One message ready to leave. The key makes a repeated attempt recognizable to the other side."""

    key: str
    sender_address: str
    sender_name: str
    address: str
    addressee: str
    language: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The other side took responsibility for it. `reference` finds it again there."""

    reference: str


@dataclass(frozen=True, slots=True)
class TemporaryRefusal:
    """It certainly did not leave; trying later may help. `retry_after_seconds` 0: the usual back-off."""

    detail: str
    retry_after_seconds: int = 0


@dataclass(frozen=True, slots=True)
class PermanentRefusal:
    """It certainly did not leave, and trying again will not help."""

    detail: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have left: the answer is missing. Never repeated blindly."""

    detail: str


Outcome = Accepted | TemporaryRefusal | PermanentRefusal | Unknown


class Channel(Protocol):
    """A way out: one mail server, one SMS provider."""

    def ready(self) -> TemporaryRefusal | None:
        """Connect and sign in, so that what follows is only the handing over. Nothing leaves here."""
        ...

    def send(self, mail: Mail, now: datetime) -> Outcome:
        """Hand one message over and tell what is certain about it. Never raises for what the other side does."""
        ...

    def close(self) -> None:
        """Give the connection back."""
        ...


@runtime_checkable
class Preparing(Protocol):
    """A channel that can put messages into their final form before they are handed over."""

    def prepare(self, mails: Sequence[Mail], now: datetime) -> None:
        """Make them ready to leave, in place of those before. Nothing leaves here; `send` needs none of it."""
        ...


@runtime_checkable
class Traceable(Protocol):
    """A channel whose other side can be asked whether it took a message."""

    def find(self, mail: Mail, *, handed_over_at: datetime, now: datetime) -> str:
        """Return the reference of a message that may have left, "" when nothing is known of it there."""
        ...


# --- wiring ------------------------------------------------------------------------------------------------


@cache
def _class_at(path: str) -> type[Any]:
    found: type[Any] = import_string(path)
    return found


def _wired(name: str) -> Any:  # noqa: ANN401  the caller knows the protocol
    path = settings.HUIKUAN_PORTS.get(name)
    if path is None:
        message = f"HUIKUAN_PORTS has no {name!r}: nothing implements this port"
        raise ImproperlyConfigured(message)
    return _class_at(path)()


def guard() -> ContactGuard:
    """Return the wired contact guard."""
    return cast("ContactGuard", _wired("outreach.guard"))


def wording_check() -> WordingCheck:
    """Return the wired language check."""
    return cast("WordingCheck", _wired("outreach.wording"))


def composer() -> Composer:
    """Return the wired composer."""
    return cast("Composer", _wired("outreach.composer"))


def channel(kind: str) -> Channel:
    """Return a fresh wired channel for a `Delivery.Channel`. Raises ImproperlyConfigured when none is wired."""
    return cast("Channel", _wired(f"outreach.{kind.lower()}"))


def machine_channels() -> tuple[str, ...]:
    """Return the kinds of `Delivery.Channel` for which an adapter is wired."""
    return tuple(kind for kind in Delivery.Channel.values if f"outreach.{kind.lower()}" in settings.HUIKUAN_PORTS)
