"""Bytes by their hash in `HUIKUAN_HOME/files`: written aside, made durable, then given their name."""

import hashlib
import os
import tempfile
from pathlib import Path

from django.conf import settings

from huikuan.journal.ports import ContentMissingError


class FolderStore:
    """Implements `journal.ports.ContentStore`."""

    def __init__(self, folder: Path | None = None) -> None:
        """Take a folder; None: `files` in the home folder."""
        self.folder = Path(settings.MEDIA_ROOT) if folder is None else folder

    def put(self, sha256: str, content: bytes) -> None:
        """Keep the content. A file under the name that no longer has its bytes (a broken disk) is replaced."""
        place = self._place(sha256)
        if place.exists() and hashlib.sha256(place.read_bytes()).hexdigest() == sha256:
            return
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, aside = tempfile.mkstemp(dir=place.parent, prefix=".")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(aside).replace(place)
        except BaseException:
            Path(aside).unlink(missing_ok=True)
            raise
        _make_durable(place.parent)

    def get(self, sha256: str) -> bytes:
        """Return what is kept. Raises ContentMissingError."""
        try:
            return self._place(sha256).read_bytes()
        except FileNotFoundError as error:
            raise ContentMissingError(sha256) from error

    def _place(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256


def _make_durable(folder: Path) -> None:
    """Make the new name in the folder survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
