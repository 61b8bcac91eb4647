"""What outreach needs from a mailbox that is read; wired as "outreach.mailbox" in `settings.HUIKUAN_PORTS`."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string


class MailboxTroubleError(Exception):
    """The mailbox cannot be used now: no connection, no sign-in, no such folder. In the server's words."""


@dataclass(frozen=True, slots=True)
class RawMail:
    """One message as it lies there. `is_whole` False: it is larger than wanted, and only its beginning was taken."""

    uid: int
    content: bytes
    is_whole: bool


class Mailbox(Protocol):
    """One folder of one mailbox. Every method may raise MailboxTroubleError."""

    account: str
    folder: str

    def open(self) -> int:
        """Sign in, open the folder, and return its UIDVALIDITY."""
        ...

    def uids(self, *, after: int, since: date | None = None) -> list[int]:
        """Return the numbers of messages above `after`, in order; `since` leaves out what came before that day."""
        ...

    def fetch(self, uid: int, *, bytes_max: int) -> RawMail | None:
        """Return one message, unchanged and not marked as read; None when it is gone."""
        ...

    def put_away(self, uid: int) -> None:
        """Move a message that has been taken where the settings say; nothing when they say nowhere."""
        ...

    def close(self) -> None:
        """Sign out. Never raises."""
        ...


def mailbox() -> Mailbox:
    """Return the wired mailbox, not opened yet."""
    return cast("Mailbox", import_string(settings.HUIKUAN_PORTS["outreach.mailbox"])())
