"""Programs that run together: started, watched, started again, and ended as one."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

logger = logging.getLogger(__name__)

PARENT_PIPE: Final = "HUIKUAN_PARENT_PIPE"
"""Number of the file descriptor that a child reads: it ends when the parent ends, however the parent ends."""
GRACE_SECONDS: Final = 20
"""What a child may take to finish the letter it is sending; then it is killed, which loses nothing."""
RESTART_SECONDS_MAX: Final = 30


def stop_on_signals() -> threading.Event:
    """Return an event that SIGINT and SIGTERM set: whoever waits on it ends what it is doing and goes."""
    stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop.set()

    signal.signal(signal.SIGINT, ask)
    signal.signal(signal.SIGTERM, ask)
    return stop


def end_with_parent() -> None:
    """In a child of `Together`: end when the parent is gone, even if it was killed. Elsewhere: nothing."""
    descriptor = os.environ.get(PARENT_PIPE, "")
    if not descriptor.isdigit():
        return

    def wait() -> None:
        while os.read(int(descriptor), 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE_SECONDS)
        os._exit(1)

    threading.Thread(target=wait, name="end-with-parent", daemon=True).start()


def end_when_orphaned() -> None:
    """In a process forked by a library: end soon after the process that forked it, however that ended."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, name="end-when-orphaned", daemon=True).start()


@dataclass
class Child:
    """One program that is to run."""

    name: str
    arguments: list[str]
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    start_at: float = 0.0


@dataclass
class Together:
    """Runs `huikuan` subcommands side by side; one that ends is started again, ever more patiently."""

    commands: dict[str, list[str]]
    _children: list[Child] = field(default_factory=list)
    _pipe: tuple[int, int] = (-1, -1)

    def run(self, stop: threading.Event) -> None:
        """Start everything, watch until told to stop, end everything."""
        self._pipe = os.pipe()
        self._children = [Child(name, arguments) for name, arguments in self.commands.items()]
        try:
            while not stop.is_set():
                for child in self._children:
                    self._watch(child)
                stop.wait(0.3)
        finally:
            self._end()

    def _watch(self, child: Child) -> None:
        """Start a child that does not run, when its time has come."""
        now = time.monotonic()
        if child.process is not None and child.process.poll() is not None:
            child.failures += 1
            wait = min(2 ** min(child.failures, 10), RESTART_SECONDS_MAX)
            logger.error("%s ended (%s); starting it again in %s s", child.name, child.process.returncode, wait)
            child.process, child.start_at = None, now + wait
        if child.process is None and now >= child.start_at:
            child.process = self._started(child)

    def _started(self, child: Child) -> subprocess.Popen[bytes]:
        reading, _writing = self._pipe
        return subprocess.Popen(  # noqa: S603  our own program
            [sys.executable, "-c", "from huikuan.cli.main import main; main()", *child.arguments],
            env={**os.environ, PARENT_PIPE: str(reading)},
            pass_fds=(reading,),
            # Of its own group: Ctrl-C reaches the parent alone, and it ends the children in order.
            start_new_session=True,
        )

    def _end(self) -> None:
        """Ask every child to end; kill those that take too long."""
        running = [child.process for child in self._children if child.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for descriptor in self._pipe:
            os.close(descriptor)
