"""What a file is, by its content: the name and the type that a sender gives it prove nothing."""

import re
import zipfile
from enum import StrEnum
from io import BytesIO
from types import MappingProxyType
from typing import Final

MEGABYTE: Final = 1024 * 1024


class FileKind(StrEnum):
    """What a file is evidence of."""

    LETTER = "LETTER"
    """A letter of ours, as it left."""
    RECEIPT = "RECEIPT"
    """A receipt of the post or of the addressee."""
    PHOTO = "PHOTO"
    """A photo, of a visit for instance."""
    RECORDING = "RECORDING"
    """A recorded call."""
    MESSAGE = "MESSAGE"
    """A message as it came in or left."""
    DOCUMENT = "DOCUMENT"
    """Contract, invoice, delivery receipt, statement, agreement."""
    LIST = "LIST"
    """A list of the post, of a bank."""
    STATEMENT = "STATEMENT"
    """A bank statement in the form the bank gives it; kept once a reader has understood it."""
    SEAL = "SEAL"
    """The image of a company seal."""


_IMAGES: Final = frozenset({"image/jpeg", "image/png", "image/webp", "image/heic"})
_AUDIO: Final = frozenset({"audio/mpeg", "audio/wav", "audio/mp4", "audio/ogg", "audio/amr"})
_WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OFFICE: Final = frozenset({_WORD, _SHEET})
_TEXTS: Final = frozenset({"text/plain", "text/csv", "text/html", "message/rfc822"})
_PDF: Final = "application/pdf"
_OLD_SHEET: Final = "application/vnd.ms-excel"
UNKNOWN: Final = "application/octet-stream"

ALLOWED: Final = MappingProxyType(
    {
        FileKind.LETTER: (frozenset({_PDF, _WORD}), 50 * MEGABYTE),
        FileKind.RECEIPT: (frozenset({_PDF}) | _IMAGES, 20 * MEGABYTE),
        FileKind.PHOTO: (_IMAGES, 20 * MEGABYTE),
        FileKind.RECORDING: (_AUDIO, 200 * MEGABYTE),
        FileKind.MESSAGE: (_TEXTS, 50 * MEGABYTE),
        FileKind.DOCUMENT: (frozenset({_PDF}) | _IMAGES | _OFFICE | _TEXTS, 50 * MEGABYTE),
        FileKind.LIST: (frozenset({_SHEET, _PDF}) | _TEXTS, 50 * MEGABYTE),
        FileKind.STATEMENT: (frozenset({_SHEET, _OLD_SHEET, UNKNOWN}) | _TEXTS, 50 * MEGABYTE),
        FileKind.SEAL: (frozenset({"image/png", "image/jpeg"}), 2 * MEGABYTE),
    }
)
"""Per kind: the media types that are taken, and the most bytes."""

_BEGINS: Final = (
    (0, b"%PDF-", _PDF),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OLD_SHEET),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypheix", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftypmp4", "audio/mp4"),
    (4, b"ftypisom", "audio/mp4"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf2", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"#!AMR", "audio/amr"),
)
_IN_RIFF: Final = frozenset({"image/webp", "audio/wav"})
"""Their name stands behind that of the container."""
_MAIL: Final = "message/rfc822"
_MAIL_BEGINS: Final = re.compile(rb"(?:From [^\r\n]*\r?\n)?[!-9;-~]+[ \t]*:")
_TEXT_READ: Final = 64 * 1024


def media_type_of(content: bytes) -> str:
    """Return the media type by the content's first bytes; text only where every character is readable.

    Which kind of text it is cannot be told from the content: "text/plain" stands for all.
    """
    for at, begin, media_type in _BEGINS:
        if content[at : at + len(begin)] == begin and (media_type not in _IN_RIFF or content.startswith(b"RIFF")):
            return media_type
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    return "text/plain" if _is_text(content) else UNKNOWN


def settled_type(content: bytes, declared: str) -> str:
    """Return the type under which a content is kept: what is found in it; for text, the declared sort of text."""
    if declared == _MAIL and _MAIL_BEGINS.match(content):
        return _MAIL  # a mail may hold bytes of any encoding, and even those that no text has
    found = media_type_of(content)
    return declared if found == "text/plain" and declared in _TEXTS else found


def _office(content: bytes) -> str:
    """Return which office file a ZIP archive is; UNKNOWN for other archives, and for those that can run macros."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError):
        return UNKNOWN
    if any(name.endswith("vbaProject.bin") for name in names):
        return UNKNOWN
    if "word/document.xml" in names:
        return _WORD
    return _SHEET if "xl/workbook.xml" in names else UNKNOWN


def _is_text(content: bytes) -> bool:
    head = content[:_TEXT_READ]
    if not head or b"\0" in head:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            head.decode(encoding)
        except UnicodeDecodeError as error:
            if error.start >= len(head) - 4 and len(content) > len(head):  # cut within a character
                return True
            continue
        return True
    return False
