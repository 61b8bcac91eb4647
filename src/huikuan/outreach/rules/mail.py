"""An e-mail as it came, read: who, what, in answer to which message; whether a person or a machine wrote it.

Nothing of it is trusted or opened: attachments are listed by name and size, HTML becomes text, a broken or hostile
message gives what can be read of it. Returned mail by RFC 3464 and by the words of servers that do not know it;
automatic answers by RFC 3834 and by the words that mail programs put into the subject.
"""

import email.policy
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any, Final

from huikuan.outreach.rules.mail_words import (
    AUTO_SUBJECT,
    BOUNCE_SENDER,
    BOUNCE_SUBJECT,
    DELAY_SUBJECT,
    FULL,
    REFUSED,
    UNKNOWN_ADDRESS,
)  # fmt: skip
from huikuan.outreach.rules.plain import plain_text

TEXT_MAX: Final = 100_000
"""Characters of text kept for reading; the message itself is kept whole."""
PARTS_MAX: Final = 200
_POLICY: Final = email.policy.default.clone(max_line_length=None)
_WIDER: Final = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "ascii": "utf-8",
                 "us-ascii": "utf-8", "latin-1": "cp1252", "iso-8859-1": "cp1252"}  # fmt: skip
"""What the labels really mean: senders label GB18030 as its smaller fathers."""

OUR_ID: Final = re.compile(r"<([0-9a-f]{40})@[\w.-]{1,255}>")
"""A Message-ID of ours (adapters.smtp): the digest finds the delivery."""
_STATUS: Final = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_CODE: Final = re.compile(r"\b([45]\d\d)[ -]")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with it, unopened; the size is that of its encoded form."""

    name: str
    media_type: str
    byte_count: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a mail server says became of a message.

    `action`: failed, delayed, delivered or read. `reason`: UNKNOWN_ADDRESS, FULL, REFUSED, EXPIRED or OTHER.
    """

    action: str
    reason: str
    status: str
    recipient: str
    detail: str


@dataclass(frozen=True, slots=True)
class ReadMail:
    """What can be read of a message. `our_ids`: digests of Message-IDs of ours that it answers or gives back."""

    message_id: str = ""
    sender: str = ""
    sender_name: str = ""
    recipients: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    sent_at: datetime | None = None
    our_ids: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    is_automatic: bool = False
    report: Report | None = None
    flaws: tuple[str, ...] = field(default=())


def read_mail(content: bytes) -> ReadMail:
    """Read a message. Never raises for what is in it: what cannot be read is named in `flaws`."""
    try:
        message = message_from_bytes(content, policy=_POLICY)
        parts = list(_walk(message))
    except (RecursionError, ValueError, LookupError, AttributeError, TypeError, MessageError, IndexError) as error:
        return ReadMail(text=_guessed(content[:TEXT_MAX]), flaws=(f"UNREADABLE: {type(error).__name__}",))
    flaws: list[str] = [type(defect).__name__ for defect in getattr(message, "defects", [])]
    text = _text_of(parts, flaws)
    sender_name, sender = _address(message, "From")
    subject = _header(message, "Subject")
    report = _report(message, parts, sender, subject, text)
    return ReadMail(
        message_id=_header(message, "Message-ID")[:300],
        sender=sender,
        sender_name=sender_name,
        recipients=tuple(
            address.lower()
            for name in ("To", "Cc", "Delivered-To", "X-Original-To")
            for _, address in getaddresses([_header(message, name)])
            if "@" in address
        )[:20],
        subject=subject[:300],
        text=text,
        sent_at=_date(message),
        our_ids=_our_ids(message, content, text, is_report=report is not None),
        attachments=tuple(_attachments(parts)),
        is_automatic=_is_automatic(message, subject),
        report=report,
        flaws=tuple(flaws[:10]),
    )


def _walk(message: Message) -> list[Message]:
    """Return the parts, outermost first, not into a message within: that is somebody else's letter."""
    parts: list[Message] = []
    waiting: list[Message] = [message]
    while waiting and len(parts) < PARTS_MAX:
        part = waiting.pop(0)
        parts.append(part)
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            within = part.get_payload()
            waiting = [each for each in within if isinstance(each, Message)] + waiting
    return parts


# --- headers -----------------------------------------------------------------------------------------------


def _header(message: Message, name: str) -> str:
    """Return a header as one line of text, whatever its coding."""
    try:
        value = str(message.get(name, "") or "")
    except (ValueError, IndexError, TypeError, AttributeError, LookupError, MessageError):
        # The header parser of the library stumbles over some broken headers; the raw words are better than none.
        value = next((str(raw) for key, raw in message.raw_items() if key.lower() == name.lower()), "")
    if any("\udc80" <= sign <= "\udcff" for sign in value):
        value = _guessed(value.encode("utf-8", "surrogateescape"))
    if "=?" in value:
        value = _decoded_words(value)
    return " ".join(value.replace("\x00", "").split())


def _decoded_words(value: str) -> str:
    try:
        words = [
            word if isinstance(word, str) else _decoded(word, charset or "ascii")
            for word, charset in decode_header(value)
        ]
    except (ValueError, LookupError, MessageError):
        return value
    return "".join(words)


def _address(message: Message, name: str) -> tuple[str, str]:
    found = getaddresses([_header(message, name)])
    display, address = found[0] if found else ("", "")
    return display[:200], address.strip().lower()[:254] if "@" in address else ""


def _date(message: Message) -> datetime | None:
    try:
        found = parsedate_to_datetime(_header(message, "Date"))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _our_ids(message: Message, content: bytes, text: str, *, is_report: bool) -> tuple[str, ...]:
    """Return digests of the messages it answers; of a report also those anywhere in it: servers quote in many ways."""
    words = f"{_header(message, 'In-Reply-To')} {_header(message, 'References')}"
    if is_report:
        words += content[:TEXT_MAX].decode("ascii", "replace") + text
    return tuple(dict.fromkeys(OUR_ID.findall(words)))[:20]


def _is_automatic(message: Message, subject: str) -> bool:
    """Tell whether a machine answered (RFC 3834 §5): the header, those older than it, or the subject's words."""
    submitted = _header(message, "Auto-Submitted").lower().partition(";")[0].strip()
    older = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply", "X-AutoReply-From", "X-Mail-Autoreply")
    return (
        (submitted not in {"", "no"})
        or any(_header(message, name) for name in older)
        or _header(message, "Precedence").lower() in {"auto_reply", "auto-reply"}
        or bool(AUTO_SUBJECT.search(subject))
    )


# --- bodies ------------------------------------------------------------------------------------------------


def _text_of(parts: list[Message], flaws: list[str]) -> str:
    """Return the readable text: the plain parts, else the HTML ones as text."""
    inline = [part for part in parts if not _is_attachment(part)]
    plain = [_body(part, flaws) for part in inline if part.get_content_type() == "text/plain"]
    words = "\n\n".join(each for each in plain if each.strip())
    if not words:
        html = [_body(part, flaws) for part in inline if part.get_content_type() == "text/html"]
        words = "\n\n".join(plain_text(each) for each in html)
    return words.replace("\x00", "").replace("\r\n", "\n").strip()[:TEXT_MAX]


def _body(part: Message, flaws: list[str]) -> str:
    try:
        payload = part.get_payload(decode=True)
        charset = str(part.get_content_charset() or "utf-8")
    except (ValueError, LookupError, TypeError, AttributeError, MessageError) as error:
        flaws.append(f"PART: {type(error).__name__}")
        return ""
    return _decoded(payload[: 4 * TEXT_MAX], charset) if isinstance(payload, bytes) else ""


def _decoded(content: bytes, charset: str) -> str:
    name = _WIDER.get(charset.lower(), charset)
    try:
        return content.decode(name)
    except (LookupError, UnicodeDecodeError, ValueError):
        return _guessed(content)


def _guessed(content: bytes) -> str:
    """Return bytes as text: UTF-8 or GB18030, as Chinese senders write; what is neither is replaced."""
    for charset in ("utf-8", "gb18030"):
        try:
            return content.decode(charset)
        except UnicodeDecodeError as error:
            if error.start >= len(content) - 4:  # cut within a character
                return content[: error.start].decode(charset)
    return content.decode("utf-8", "replace")


def _is_attachment(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def _attachments(parts: list[Message]) -> list[Attachment]:
    found = []
    for part in parts:
        if part.get_content_maintype() == "multipart" or not _is_attachment(part):
            continue
        payload = part.get_payload()
        size = len(payload) if isinstance(payload, str) else 0
        found.append(Attachment(str(part.get_filename() or "")[:200], part.get_content_type(), size))
    return found[:50]


# --- reports -----------------------------------------------------------------------------------------------


def _report(message: Message, parts: list[Message], sender: str, subject: str, text: str) -> Report | None:
    """Return what a server reports; None when a person or an automatic answer wrote it."""
    for part in parts:
        match part.get_content_type():
            case "message/delivery-status":
                return _by_standard(part, text)
            case "message/disposition-notification":
                fields = _fields(part)
                read = "displayed" in fields.get("disposition", "").lower()
                recipient = _recipient(fields.get("final-recipient", ""))
                return Report("read" if read else "other", "OTHER", "", recipient, fields.get("disposition", "")[:300])
    failed = _header(message, "X-Failed-Recipients")
    is_server = bool(BOUNCE_SENDER.search(sender)) or _header(message, "Return-Path") == "<>"
    if failed or (is_server and (BOUNCE_SUBJECT.search(subject) or DELAY_SUBJECT.search(subject))):
        action = "failed" if failed or BOUNCE_SUBJECT.search(subject) else "delayed"
        status = _STATUS.search(text)
        return Report(
            action, _reason(status[0] if status else "", text), status[0] if status else "", _recipient(failed),
            _first_code_line(text),
        )  # fmt: skip
    return None


def _by_standard(part: Message, text: str) -> Report:
    """Read a delivery status (RFC 3464): the worst of what it says of the recipients."""
    blocks = part.get_payload() if part.is_multipart() else [part]
    found = []
    for block in blocks if isinstance(blocks, list) else []:
        fields = _fields(block) if isinstance(block, Message) else {}
        if "action" in fields:
            found.append(fields)
    worst = ("failed", "delayed", "relayed", "expanded", "delivered")
    found.sort(key=lambda each: worst.index(each["action"].lower()) if each["action"].lower() in worst else len(worst))
    if not found:
        return Report("other", "OTHER", "", "", "")
    fields = found[0]
    status, diagnosis = fields.get("status", "").partition(" ")[0][:20], fields.get("diagnostic-code", "")
    recipient = _recipient(fields.get("original-recipient", "") or fields.get("final-recipient", ""))
    action = fields["action"].lower().strip()
    return Report(
        action if action in {"failed", "delayed", "delivered"} else "other",
        _reason(status, f"{diagnosis} {text[:2000]}"), status, recipient, (diagnosis or status)[:300],
    )  # fmt: skip


def _fields(part: Any) -> dict[str, str]:  # noqa: ANN401  Message[str, str]
    """Return the fields of a status block; some servers leave them in the body."""
    fields = {str(name).lower(): " ".join(str(value).split()) for name, value in part.raw_items()}
    payload = part.get_payload()
    lines = payload.splitlines() if isinstance(payload, str) else []
    if isinstance(payload, list):
        lines = [line for each in payload for line in (str(each).splitlines() if isinstance(each, Message) else [])]
    for line in lines[:200]:
        name, colon, value = line.partition(":")
        if colon and re.fullmatch(r"[A-Za-z-]{3,40}", name.strip()):
            fields.setdefault(name.strip().lower(), value.strip())
    return fields


def _recipient(value: str) -> str:
    """Return the mailbox of “rfc822; name@host”."""
    return value.rpartition(";")[2].strip(" <>").lower()[:254]


def _reason(status: str, words: str) -> str:
    """Return why it did not arrive: by the status code (RFC 3463), else by the words."""
    _, _, detail = status.partition(".")
    by_status = {
        "1": "UNKNOWN_ADDRESS", "2.1": "UNKNOWN_ADDRESS", "2.2": "FULL", "4.7": "EXPIRED", "7": "REFUSED",
    }  # fmt: skip
    for prefix, reason in by_status.items():
        if detail == prefix or detail.startswith(f"{prefix}."):
            return reason
    for reason, pattern in (("UNKNOWN_ADDRESS", UNKNOWN_ADDRESS), ("FULL", FULL), ("REFUSED", REFUSED)):
        if pattern.search(words):
            return reason
    return "OTHER"


def _first_code_line(text: str) -> str:
    return next((line.strip()[:300] for line in text.splitlines() if _CODE.search(line) or _STATUS.search(line)), "")
