"""The mailbox of outreach, over the library's own IMAP client."""

import base64
import imaplib
import re
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any, Final, TypeVar

from django.conf import settings

from huikuan.outreach.mailbox import MailboxTroubleError, RawMail

T = TypeVar("T")

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SIZE: Final = re.compile(rb"RFC822\.SIZE (\d+)")
_TOUCHY: Final = "ID"
"""NetEase (163, 126) lets nobody open a folder who has not said his name (RFC 2971): “Unsafe Login” otherwise."""


def folder_name(name: str) -> str:
    """Return a folder's name as IMAP writes it (RFC 3501 §5.1.3), in quotes.

    >>> folder_name("已处理"), folder_name("R&D")
    ('"&XfJZBHQG-"', '"R&-D"')
    """

    def encoded(match: re.Match[str]) -> str:
        coded = base64.b64encode(match[0].encode("utf-16-be")).decode().rstrip("=")
        return f"&{coded.replace('/', ',')}-"

    plain = re.sub(r"[^\x20-\x7e]+", encoded, name.replace("&", "&-"))
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


class ImapMailbox:
    """One folder of one IMAP server."""

    def __init__(self) -> None:
        """Take the server of the settings (HUIKUAN_IMAP_…). Connects when opened."""
        self.account = f"{settings.HUIKUAN_IMAP_USER}@{settings.HUIKUAN_IMAP_HOST}:{settings.HUIKUAN_IMAP_PORT}"[:200]
        self.folder = settings.HUIKUAN_IMAP_FOLDER[:200]
        self.move_to = settings.HUIKUAN_IMAP_MOVE_TO
        self._imap: imaplib.IMAP4 | None = None

    def open(self) -> int:
        """Sign in and open the folder, to read only unless messages are to be moved."""
        return self._asked(self._opened)

    def uids(self, *, after: int, since: date | None = None) -> list[int]:
        """Return the numbers of messages above `after`."""
        return self._asked(lambda: self._searched(after, since))

    def fetch(self, uid: int, *, bytes_max: int) -> RawMail | None:
        """Return one message without marking it as read."""
        return self._asked(lambda: self._fetched(uid, bytes_max))

    def put_away(self, uid: int) -> None:
        """Move a message to the folder of the settings, if they name one."""
        if self.move_to:
            self._asked(lambda: self._moved(uid))

    def close(self) -> None:
        """Sign out."""
        if self._imap is not None:
            try:
                self._imap.logout()
            except (imaplib.IMAP4.error, OSError):
                with suppress(OSError):
                    self._imap.shutdown()
            self._imap = None

    # --- the conversation ----------------------------------------------------------------------------------

    def _asked(self, ask: Callable[[], T]) -> T:
        """Do one thing with the server; whatever goes wrong there is trouble in its own words."""
        try:
            return ask()
        except (imaplib.IMAP4.error, OSError, UnicodeError, ValueError) as error:
            said = str(error.args[0]) if error.args else type(error).__name__
            raise MailboxTroubleError(f"{self.account}: {said}"[:300]) from error

    @property
    def _open(self) -> imaplib.IMAP4:
        if self._imap is None:
            message = "the mailbox is not open"
            raise imaplib.IMAP4.error(message)
        return self._imap

    def _opened(self) -> int:
        host, port = settings.HUIKUAN_IMAP_HOST, settings.HUIKUAN_IMAP_PORT
        timeout = settings.HUIKUAN_IMAP_TIMEOUT_SECONDS
        if settings.HUIKUAN_IMAP_TLS:
            context = ssl.create_default_context()
            imap: imaplib.IMAP4 = imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=timeout)
        else:
            imap = imaplib.IMAP4(host, port, timeout=timeout)
        self._imap = imap
        imap.login(settings.HUIKUAN_IMAP_USER, settings.HUIKUAN_IMAP_PASSWORD)
        if _TOUCHY in self._capabilities():
            imaplib.Commands.setdefault(_TOUCHY, ("AUTH", "SELECTED"))
            imap._simple_command(_TOUCHY, '("name" "huikuan")')  # noqa: SLF001  imaplib has no other way
        _good(imap.select(folder_name(self.folder), readonly=not self.move_to))
        _, validity = imap.response("UIDVALIDITY")
        if not validity or validity[0] is None:
            message = "the server gives no UIDVALIDITY: it cannot be read safely"
            raise imaplib.IMAP4.error(message)
        return int(validity[0])

    def _capabilities(self) -> set[str]:
        """Return what the server can do, asked after the sign-in: some tell more then."""
        answer = _good(self._open.capability())
        return set(answer[0].decode("ascii", "replace").upper().split()) if answer and answer[0] else set()

    def _searched(self, after: int, since: date | None) -> list[int]:
        criteria = [f"UID {after + 1}:*"]
        if since is not None:
            criteria.append(f"SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}")
        answer = _good(self._open.uid("SEARCH", *criteria))
        found = {int(number) for line in answer if line for number in line.split()}
        # “n:*” names the last message even where its number is below n.
        return sorted(uid for uid in found if uid > after)

    def _fetched(self, uid: int, bytes_max: int) -> RawMail | None:
        answer = _good(self._open.uid("FETCH", str(uid), "(RFC822.SIZE)"))
        size = next((int(found[1]) for line in answer if isinstance(line, bytes) and (found := _SIZE.search(line))), 0)
        wanted = "(BODY.PEEK[])" if size <= bytes_max else f"(BODY.PEEK[]<0.{bytes_max}>)"
        answer = _good(self._open.uid("FETCH", str(uid), wanted))
        content = next((part[1] for part in answer if isinstance(part, tuple)), None)
        return RawMail(uid, content, size <= bytes_max) if content else None

    def _moved(self, uid: int) -> None:
        target, can = folder_name(self.move_to), self._capabilities()
        if "MOVE" in can:
            _good(self._open.uid("MOVE", str(uid), target))
            return
        _good(self._open.uid("COPY", str(uid), target))
        _good(self._open.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Deleted)"))
        if "UIDPLUS" in can:  # without it EXPUNGE would remove what others have marked, too
            _good(self._open.uid("EXPUNGE", str(uid)))


def _good(answer: tuple[str, list[Any]]) -> list[Any]:
    """Return what the server said when it said OK. Raises IMAP4.error with its words otherwise."""
    status, words = answer
    if status != "OK":
        said = words[0].decode("utf-8", "replace") if words and isinstance(words[0], bytes) else status
        raise imaplib.IMAP4.error(said)
    return words
