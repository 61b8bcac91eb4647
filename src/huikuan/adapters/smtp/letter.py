"""An e-mail as bytes: text and HTML, Chinese in every part, one stable Message-ID, no way to smuggle in a header."""

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import Header
from email.utils import format_datetime, formataddr
from functools import lru_cache
from typing import Final

from huikuan.outreach.ports import Mail
from huikuan.outreach.references import mail_digest

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_LINE: Final = 76
"""Characters of a line of base64 (RFC 2045 §6.8)."""
_LOCAL_PART: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+")


class LetterUnfitError(ValueError):
    """The mail cannot be written as a message: an address that is none, or a line break where none may be."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes through the conversation: the two envelope addresses and the message."""

    message_id: str
    sender: str
    recipient: str
    content: bytes


def message_id_of(key: str, sender: str) -> str:
    """Return the Message-ID of an idempotency key: the same for every attempt, so that a repeat is recognized."""
    return f"<{mail_digest(key)}@{sender.rpartition('@')[2]}>"


def build(mail: Mail, *, default_sender: str, now: datetime) -> Letter:
    """Return the letter. Raises LetterUnfitError when an address or the subject is unfit."""
    sender = _mailbox(mail.sender_address or default_sender)
    recipient = _mailbox(mail.address)
    message_id = message_id_of(mail.key, sender)
    headers = [
        f"From: {_party('From', mail.sender_name, sender)}",
        f"To: {_party('To', mail.addressee, recipient)}",
        f"Subject: {_words('Subject', mail.subject)}",
        f"Date: {format_datetime(now.astimezone(UTC))}",
        f"Message-ID: {message_id}",
        f"Content-Language: {'zh-Hans' if mail.language.startswith('zh') else _line(mail.language)}",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
    ]
    # Of the key, not by chance: the bytes that left can be made again. Base64 never holds “=_”.
    body = _body(mail.text, mail.html, boundary=f"=_{message_id[1:33]}")
    return Letter(message_id, sender, recipient, "\r\n".join(headers).encode("ascii") + b"\r\n" + body)


def _body(text: str, html: str, *, boundary: str) -> bytes:
    """Return the body with the headers that describe it: the text alone, or text and HTML to choose from."""
    if not html:
        return _part("plain", text)
    return b"".join([
        f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n--{boundary}\r\n'.encode(),
        _part("plain", text),
        f"--{boundary}\r\n".encode(),
        _part("html", html),
        f"--{boundary}--\r\n".encode(),
    ])  # fmt: skip


def _part(subtype: str, text: str) -> bytes:
    content = "\r\n".join(text.splitlines()) + "\r\n"
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    encoded = base64.b64encode(content.encode())
    lines = [encoded[start : start + _LINE] for start in range(0, len(encoded), _LINE)]
    return head.encode() + b"\r\n".join(lines) + b"\r\n"


def _party(header: str, name: str, mailbox: str) -> str:
    """Return a named mailbox; a name in Chinese goes as encoded words of lawful length."""
    if _line(name).isascii():
        return formataddr((name, mailbox))
    return f"{_words(header, name)} <{mailbox}>"


@lru_cache(maxsize=256)
def _words(header: str, text: str) -> str:
    """Return a header's text, folded; what is not ASCII as encoded words (RFC 2047: 75 characters at most each)."""
    charset = "us-ascii" if _line(text).isascii() else "utf-8"
    try:
        return Header(text, charset, header_name=header).encode(linesep="\r\n")
    except (HeaderParseError, UnicodeError) as error:
        raise LetterUnfitError(str(error)) from error


def _line(text: str) -> str:
    """Return a header's text. Raises LetterUnfitError on a line break or another control character."""
    if _CONTROL.search(text):
        message = "a header must be one line"
        raise LetterUnfitError(message)
    return text


def _mailbox(address: str) -> str:
    """Return one mailbox with its domain in ASCII. Raises LetterUnfitError on anything else."""
    local, at, domain = address.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        ascii_domain = ""
    if not at or not ascii_domain or not _LOCAL_PART.fullmatch(local) or not re.fullmatch(r"[\w.-]+", ascii_domain):
        message = f"{address!r} is not a mailbox this server can be given"
        raise LetterUnfitError(message)
    return f"{local}@{ascii_domain}"
