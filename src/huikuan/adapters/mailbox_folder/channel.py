"""The e-mail channel that never leaves the machine: every letter becomes a file that any mail program opens."""

import os
from datetime import datetime
from pathlib import Path

from django.conf import settings

from huikuan.adapters.smtp.letter import LetterUnfitError, build
from huikuan.outreach.ports import Accepted, Mail, Outcome, PermanentRefusal, TemporaryRefusal


class FolderChannel:
    """Writes each letter as `<instant>-<address>-<key>.eml` into the folder `outbox` of the home folder."""

    def __init__(self, folder: Path | None = None, *, default_sender: str = "") -> None:
        """Take the folder of the settings unless another is given."""
        self.folder = folder or Path(settings.HUIKUAN_MAIL_FOLDER)
        self.default_sender = default_sender or settings.DEFAULT_FROM_EMAIL

    def ready(self) -> TemporaryRefusal | None:
        """Have the folder, or say why not."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            return TemporaryRefusal(f"MAIL_FOLDER_UNUSABLE: {error}")
        return None

    def send(self, mail: Mail, now: datetime) -> Outcome:
        """Write one letter. The file appears complete or not at all, and the same key never twice under one instant."""
        try:
            letter = build(mail, default_sender=self.default_sender, now=now)
        except LetterUnfitError as error:
            return PermanentRefusal(f"MAIL_UNFIT: {error}")
        name = f"{now:%Y%m%d-%H%M%S}-{_plain(mail.address)}-{_plain(mail.key)}.eml"
        path, draft = self.folder / name, self.folder / f".{name}.{os.getpid()}"
        try:
            draft.write_bytes(letter.content)
            draft.replace(path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            return TemporaryRefusal(f"MAIL_FOLDER_UNUSABLE: {error}")
        # As a mail server answers: the Message-ID first, by which an answer is recognized.
        return Accepted(reference=f"{letter.message_id} {name}")

    def close(self) -> None:
        """Nothing is held open."""


def _plain(text: str) -> str:
    """Return a text that may stand in a file name: nothing of it can lead out of the folder."""
    return "".join(sign if sign.isalnum() or sign in "@._-" else "_" for sign in text)[:80]
