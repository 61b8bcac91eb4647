"""The recording of a call: kept by hash as evidence beside the entry of the log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from huikuan.journal.files import check_file, keep_file
from huikuan.journal.models import StoredFile
from huikuan.journal.rules.media import FileKind
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.outreach.models import Contact
from huikuan.parties.models import User

SUBJECT: Final = Contact._meta.label_lower


class NotACall(Refusal):
    """Only what was spoken is recorded."""

    code = "outreach.not-a-call"
    text = gettext_noop("Only a call has a recording; this entry is: {channel}.")


class RecordingThere(Refusal):
    """What is kept as evidence is not replaced."""

    code = "outreach.recording-there"
    text = gettext_noop("This call has its recording already ({name}). It stays as it is.")


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording as it was handed in: the content alone says what it is."""

    content: bytes
    name: str
    media_type: str

    def check(self) -> None:
        """Refuse what is no recording. Raises FileEmpty, FileTooLarge, FileTypeRefused."""
        check_file(content=self.content, name=self.name, media_type=self.media_type, kind=FileKind.RECORDING)


def recording_of(contact: Contact) -> StoredFile | None:
    """Return the recording of a call, if it has one. One query."""
    return StoredFile.objects.filter(subject_type=SUBJECT, subject_id=contact.pk, kind=FileKind.RECORDING).first()


@transaction.atomic
def keep_recording(*, contact_id: int, recording: Recording, actor: User, now: datetime) -> StoredFile:
    """Keep the recording of a call that is in the log; the same bytes again are the same file.

    Raises: NotACall, RecordingThere, and what `Recording.check` raises.
    """
    contact = Contact.objects.select_for_update().get(pk=contact_id)
    if contact.channel != Contact.Channel.PHONE:
        raise NotACall(channel=contact.get_channel_display())
    there = recording_of(contact)
    kept = keep_file(
        content=recording.content,
        name=recording.name,
        media_type=recording.media_type,
        kind=FileKind.RECORDING,
        now=now,
        actor=actor,
        entity_id=contact.entity_id,
        customer_id=contact.customer_id,
        subject=contact,
    )
    if there is not None and there.pk != kept.pk:
        raise RecordingThere(name=there.name)
    return kept
