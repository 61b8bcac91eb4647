"""Evidence files: stored once by SHA-256, linked to the journal and to what they prove (L1)."""

import hashlib
from datetime import datetime
from typing import Final

from django.db import models, transaction

from huikuan.journal.commands import record
from huikuan.journal.models import StoredFile
from huikuan.journal.ports import ContentMissingError, content_store
from huikuan.journal.rules.media import ALLOWED, FileKind, settled_type
from huikuan.journal.rules.pixels import PIXELS_MAX, pixel_count
from huikuan.kernel.refusal import Refusal, gettext_noop

_NAME_MAX: Final = 200


class FileEmpty(Refusal):
    """There is nothing in it."""

    code = "journal.file-empty"
    text = gettext_noop("“{name}” is empty. Choose the file again.")


class FileTooLarge(Refusal):
    """Larger than its kind may be."""

    code = "journal.file-too-large"
    text = gettext_noop("“{name}” has {megabytes} MB; at most {limit} MB are taken. Make it smaller and try again.")


class FileTypeRefused(Refusal):
    """The content is not what this place takes, whatever the file is called."""

    code = "journal.file-type-refused"
    text = gettext_noop("“{name}” is {found} by its content. Here these are taken: {allowed}.")


class FileOfTooManyPixels(Refusal):
    """A small file that would fill the memory of whoever opens it."""

    code = "journal.file-of-too-many-pixels"
    text = gettext_noop("“{name}” has {millions} million pixels; at most {limit} million are taken. Make it smaller.")


class FileDamaged(Refusal):
    """The bytes are no longer those that were kept, or are gone."""

    code = "journal.file-damaged"
    text = gettext_noop("The stored file “{name}” is damaged or missing. Restore the file store from its backup.")


def check_file(*, content: bytes, name: str, media_type: str, kind: str) -> str:
    """Return the media type under which a file would be kept, by its content.

    Raises: FileEmpty, FileTooLarge, FileTypeRefused, FileOfTooManyPixels; ValueError for a kind that does not exist.
    """
    allowed, limit = ALLOWED[FileKind(kind)]
    if not content:
        raise FileEmpty(name=name)
    if len(content) > limit:
        raise FileTooLarge(name=name, megabytes=_megabytes(len(content)), limit=_megabytes(limit))
    found = settled_type(content, media_type)
    if found not in allowed:
        raise FileTypeRefused(name=name, found=found, allowed=", ".join(sorted(allowed)))
    if (pixels := pixel_count(content, found)) > PIXELS_MAX:
        raise FileOfTooManyPixels(name=name, millions=pixels // 1_000_000, limit=PIXELS_MAX // 1_000_000)
    return found


def _megabytes(count: int) -> str:
    return f"{count / (1024 * 1024):.1f}".removesuffix(".0")


@transaction.atomic
def keep_file(
    *,
    content: bytes,
    name: str,
    media_type: str,
    kind: str,
    now: datetime,
    actor: models.Model | None = None,
    entity_id: int | None = None,
    customer_id: int | None = None,
    subject: models.Model | None = None,
    title: str = "",
) -> StoredFile:
    """Keep a file as evidence: its bytes once in the content store, its row, and its hash in the journal.

    The same bytes of the same kind for the same customer and subject are one row: keeping them again returns it. Bytes
    are durable before the row is: a transaction that fails leaves bytes that nobody knows, never a row without bytes.

    Args:
        content: The bytes.
        name: What the file is called; only its last part is kept.
        media_type: What the sender says it is; for anything but text the content decides.
        kind: A code of `FileKind`: it says which types and sizes are taken.
        now: Instant of keeping.
        actor: Who brought it; None for the machine.
        entity_id: The creditor entity concerned.
        customer_id: Whose evidence it is.
        subject: The row that it proves something about.
        title: What it shows, in words.

    Raises: FileEmpty, FileTooLarge, FileTypeRefused, FileOfTooManyPixels.
    """
    found = check_file(content=content, name=name, media_type=media_type, kind=kind)
    sha256 = hashlib.sha256(content).hexdigest()
    place = {
        "sha256": sha256,
        "kind": FileKind(kind).value,
        "entity_id": entity_id,
        "customer_id": customer_id,
        "subject_type": "" if subject is None else subject._meta.label_lower,
        "subject_id": None if subject is None else subject.pk,
    }
    kept = StoredFile.objects.filter(**place).first()
    if kept is not None:
        return kept
    content_store().put(sha256, content)
    called = _plain_name(name)
    entry = record(
        "journal.file-kept", now=now, actor=actor, entity_id=entity_id, customer_id=customer_id, subject=subject,
        sha256=sha256, byte_count=len(content), media_type=found, kind=place["kind"], name=called,
    )  # fmt: skip
    return StoredFile.objects.create(
        **place, byte_count=len(content), media_type=found, name=called, title=title[:_NAME_MAX], entry_id=entry,
        kept_by_id=None if actor is None else actor.pk, kept_at=now,
    )  # fmt: skip


def read_file(stored: StoredFile) -> bytes:
    """Return the bytes of a stored file, checked against their hash. Raises FileDamaged."""
    try:
        content = content_store().get(stored.sha256)
    except ContentMissingError as error:
        raise FileDamaged(name=stored.name) from error
    if hashlib.sha256(content).hexdigest() != stored.sha256:
        raise FileDamaged(name=stored.name)
    return content


def _plain_name(name: str) -> str:
    """Return the last part of a name without what could break a header or a path."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(character for character in last if character.isprintable() and character not in '"<>|:*?')
    return plain.strip(" .")[:_NAME_MAX] or "file"
