"""An e-mail as bytes: text and HTML, Chinese in every part, one stable Message-ID, no way to smuggle in a header."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from huikuan.outreach.ports import Mail
from huikuan.outreach.references import mail_digest

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_LOCAL_PART: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+")
_POLICY: Final = SMTP.clone(max_line_length=200)


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
    message = EmailMessage(policy=_POLICY)
    try:
        message["From"] = Address(_line(mail.sender_name), addr_spec=sender)
        message["To"] = Address(_line(mail.addressee), addr_spec=recipient)
        message["Subject"] = _line(mail.subject)
        message["Date"] = format_datetime(now.astimezone(UTC))
        message["Message-ID"] = message_id
        message["Content-Language"] = "zh-Hans" if mail.language.startswith("zh") else _line(mail.language)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text, subtype="plain", charset="utf-8", cte="base64")
        if mail.html:
            message.add_alternative(mail.html, subtype="html", charset="utf-8", cte="base64")
            # Of the key, not by chance: the bytes that left can be made again. Base64 never holds “=_”.
            message.set_boundary(f"=_{message_id[1:33]}")
        content = message.as_bytes()
    except (MessageError, ValueError) as error:
        raise LetterUnfitError(str(error)) from error
    return Letter(message_id=message_id, sender=sender, recipient=recipient, content=content)


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
