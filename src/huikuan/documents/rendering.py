"""PDF documents from data: layouts are files, data is only ever data, and the work is done in a limited process.

Text reaches a layout as JSON and is printed as it is: no character of it is markup. The same layout, data and language
give the same bytes, on every machine with the same versions of compiler and fonts.
"""

import atexit
import hashlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import IO, Any, Final

import pylopdf_fonts_zh_cn
from django.conf import settings

TIME_MAX_SECONDS: Final = 60
"""For one document; then its process is ended."""
DOCUMENTS_MAX: Final = 2_000
"""Per process: its caches grow with what it has seen."""
LAYOUTS: Final = Path(__file__).resolve().parent / "layouts"
_EPOCH: Final = date(1970, 1, 1)


class RenderingError(RuntimeError):
    """Layout and data do not fit, or the document took more than a document may: a bug, or a damaged image."""


def render_pdf(
    *, layout: str, data: Mapping[str, Any], language: str, images: Mapping[str, bytes] | None = None
) -> bytes:
    """Return a PDF/A document; equal arguments give equal bytes.

    Args:
        layout: A file of `documents/layouts`, without its ending.
        data: What JSON holds. "dated" (ISO day) becomes the date of the file.
        language: "zh-hans" or "en".
        images: PNG or JPEG by the name under which the data speaks of them (`image_name` makes one).

    Raises: RenderingError.
    """
    if not (LAYOUTS / f"{layout}.typ").is_file() or not layout.isidentifier():
        message = f"there is no layout {layout!r}"
        raise RenderingError(message)
    given = images or {}
    head = {
        "layout": layout,
        "language": language,
        "data": json.dumps(data, ensure_ascii=False, sort_keys=True),
        "dated_at": _instant(data.get("dated")),
        "images": {name: len(content) for name, content in given.items()},
    }
    with _borrowed() as process:
        return process.answer(json.dumps(head).encode() + b"\n" + b"".join(given.values()))


def image_name(content: bytes) -> str:
    """Return the name of an image: its SHA-256, so that data which names it says which bytes it means."""
    ending = "png" if content.startswith(b"\x89PNG") else "jpg"
    return f"{hashlib.sha256(content).hexdigest()}.{ending}"


def font_folders() -> list[str]:
    """Return the folders with fonts: the shipped Chinese ones, and HUIKUAN_FONT_FOLDER before them."""
    shipped = str(Path(pylopdf_fonts_zh_cn.sans_path()).parent)
    own = settings.HUIKUAN_FONT_FOLDER
    return [own, shipped] if own else [shipped]


def _instant(dated: object) -> int:
    """Return the date of the file in seconds: midnight UTC of the document's own day, never of the clock."""
    day = date.fromisoformat(dated) if isinstance(dated, str) else _EPOCH
    return int(datetime.combine(day, time(), UTC).timestamp())


def end_processes() -> None:
    """End the idle rendering processes; the next document starts a fresh one."""
    _pool.end()


# --- the processes -----------------------------------------------------------------------------------------


class _Process:
    """A rendering process of ours and the pipes to it."""

    def __init__(self) -> None:
        self.documents_count = 0
        self.is_lost = False
        self.child = subprocess.Popen(  # noqa: S603  our own module, with the folders of fonts
            [sys.executable, "-m", "huikuan.documents.worker", *font_folders()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )

    def answer(self, request: bytes) -> bytes:
        """Send a request and return the PDF; a process that is late or gone is ended. Raises RenderingError."""
        self.documents_count += 1
        late = threading.Timer(TIME_MAX_SECONDS, self.child.kill)
        late.daemon = True
        late.start()
        try:
            stdin, stdout = _pipes(self.child)
            stdin.write(request)
            stdin.flush()
            head = json.loads(stdout.readline() or b"null")
            made = b"" if head is None else stdout.read(head.get("byte_count", 0))
        except OSError as error:
            self.is_lost = True
            message = f"the rendering process ended before its answer: {error}"
            raise RenderingError(message) from error
        finally:
            late.cancel()
        if head is None or len(made) < head.get("byte_count", 0):
            self.is_lost = True
            message = f"the rendering process ended without an answer (time limit {TIME_MAX_SECONDS} s, memory limit)"
            raise RenderingError(message)
        if "error" in head:
            raise RenderingError(head["error"])
        return made

    @property
    def is_fit(self) -> bool:
        """Whether it can take another document."""
        return not self.is_lost and self.child.poll() is None and self.documents_count < DOCUMENTS_MAX

    def end(self) -> None:
        """Close the pipes, which ends it, and wait."""
        if self.is_lost:
            self.child.kill()
        for pipe in _pipes(self.child):
            with suppress(OSError):  # what was still to be written has no reader any more
                pipe.close()
        try:
            self.child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def _pipes(child: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if child.stdin is None or child.stdout is None:
        message = "the rendering process was started without pipes"
        raise RuntimeError(message)
    return child.stdin, child.stdout


class _Pool:
    """Idle processes of this process; as many at work at once as there are processors."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.idle: queue.SimpleQueue[_Process] = queue.SimpleQueue()
        self.room = threading.BoundedSemaphore(max(1, os.cpu_count() or 1))

    def fit_or_new(self) -> _Process:
        """Return an idle process that can take another document, or a new one."""
        try:
            process = self.idle.get_nowait()
        except queue.Empty:
            return _Process()
        if process.is_fit:
            return process
        process.end()
        return _Process()

    def end(self) -> None:
        """End the idle processes; those at work end when their pipes close with us."""
        while not self.idle.empty() and self.owner == os.getpid():
            self.idle.get().end()


_pool = _Pool()
atexit.register(end_processes)


class _borrowed:  # noqa: N801  reads as what it is: `with _borrowed() as process`
    """One process for one document: an idle one, or a new one."""

    def __enter__(self) -> _Process:
        global _pool  # noqa: PLW0603  a forked process must not share its parent's pipes
        if _pool.owner != os.getpid():
            _pool = _Pool()
        self.pool = _pool
        self.pool.room.acquire()
        try:
            self.process = self.pool.fit_or_new()
        except BaseException:
            self.pool.room.release()
            raise
        return self.process

    def __exit__(self, *broken: object) -> None:
        try:
            if self.process.is_fit:
                self.pool.idle.put(self.process)
            else:
                self.process.end()
        finally:
            self.pool.room.release()
