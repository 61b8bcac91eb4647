#!/usr/bin/env python3
"""Start a private, throw-away PostgreSQL from the programs installed on this machine.

    private_postgres.py run -- CMD …     start, run CMD with HUIKUAN_TEST_DATABASE_URL set, stop, remove
    private_postgres.py start            start one and leave it running; prints its folder and its URL
    private_postgres.py stop FOLDER      stop the one that `start` made and remove its folder
    private_postgres.py available        print the folder of the programs; exit status 1 when there are none

Standard library only: it runs before anything is installed. The server listens on the loopback address
with a random password, on a free port. It trades durability for speed: for tests, never for real data.
"""

from __future__ import annotations

import argparse
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import FrameType

ROLE = "huikuan"
URL_VARIABLE = "HUIKUAN_TEST_DATABASE_URL"
START_ATTEMPTS = 5  # another process may take the free port between finding it and binding it
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "timezone": "UTC",
}


class NoPostgresError(Exception):
    """PostgreSQL cannot be started here; the message says why and what to do."""


@dataclass(frozen=True)
class Cluster:
    """One running server: its programs, the folder that holds everything, and how to connect."""

    programs: Path
    folder: Path
    owner: str | None
    url: str

    def stop(self) -> None:
        """Stop the server without waiting for its clients, and remove every file of it."""
        data = str(self.folder / "data")
        command = [str(self.programs / "pg_ctl"), "stop", "-D", data, "-m", "immediate", "-w"]
        _as_owner(command, owner=self.owner, folder=self.folder, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


def find_programs() -> Path:
    """Return the folder that holds initdb and pg_ctl: the newest Debian one, else the one in PATH."""
    versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    if versions:
        return max(versions, key=lambda path: int(re.sub(r"\D", "", path.parent.name) or 0))
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    message = "PostgreSQL server programs are not installed (Debian: apt-get install postgresql)."
    raise NoPostgresError(message)


def start(*, max_connections: int, shared_buffers: str) -> Cluster:
    """Make a fresh cluster in a new folder and wait until it answers."""
    programs, owner = find_programs(), _owner()
    folder = Path(tempfile.mkdtemp(prefix="huikuan-pg-", dir=_base()))
    try:
        return _start_in(folder, programs, owner, max_connections=max_connections, shared_buffers=shared_buffers)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _start_in(folder: Path, programs: Path, owner: str | None, *, max_connections: int, shared_buffers: str) -> Cluster:
    password = secrets.token_urlsafe(18)
    secret = folder / "password"
    secret.write_text(password + "\n", encoding="utf-8")
    if owner:
        for path in (folder, secret):
            shutil.chown(path, owner)
    initdb = [str(programs / "initdb"), "-D", str(folder / "data"), "-U", ROLE, "-E", "UTF8", "--no-sync"]
    initdb += ["--auth=scram-sha-256", f"--pwfile={secret}", f"--locale={_locale()}"]
    _as_owner(initdb, owner=owner, folder=folder)
    settings = SETTINGS | {
        "max_connections": str(max_connections),
        "shared_buffers": shared_buffers,
        "unix_socket_directories": str(folder),
    }
    for attempt in range(1, START_ATTEMPTS + 1):
        port = _free_port()
        options = " ".join(f"-c {key}={value}" for key, value in {**settings, "port": str(port)}.items())
        command = [str(programs / "pg_ctl"), "start", "-D", str(folder / "data"), "-w", "-t", "60"]
        command += ["-l", str(folder / "log"), "-o", options]
        if _as_owner(command, owner=owner, folder=folder, check=attempt == START_ATTEMPTS).returncode == 0:
            break
    url = f"postgresql://{ROLE}:{password}@127.0.0.1:{port}/postgres"
    (folder / "url").write_text(url + "\n", encoding="utf-8")
    return Cluster(programs=programs, folder=folder, owner=owner, url=url)


def run(command: Sequence[str], *, max_connections: int, shared_buffers: str) -> int:
    """Run the command beside a private server; return its exit status, 128 + n when a signal ended it."""
    child: subprocess.Popen[bytes] | None = None
    stopping: list[int] = []

    def forward(number: int, _frame: FrameType | None) -> None:
        stopping.append(number)
        if child and child.poll() is None:
            child.send_signal(number)

    _on_signals((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), forward)
    cluster = start(max_connections=max_connections, shared_buffers=shared_buffers)
    try:
        if stopping:
            return 128 + stopping[0]
        child = subprocess.Popen(command, env={**os.environ, URL_VARIABLE: cluster.url})
        status = child.wait()
        return status if status >= 0 else 128 - status
    finally:
        cluster.stop()


def stop(folder: Path) -> None:
    """Stop the server that `start` left running in this folder."""
    if not (folder / "url").exists() or not (folder / "data").exists():
        message = f"{folder} was not made by `private_postgres.py start`."
        raise NoPostgresError(message)
    url = (folder / "url").read_text(encoding="utf-8").strip()
    Cluster(programs=find_programs(), folder=folder, owner=_owner(), url=url).stop()


def _on_signals(numbers: Iterable[signal.Signals], handler: Callable[[int, FrameType | None], None]) -> None:
    for number in numbers:
        signal.signal(number, handler)


def _owner() -> str | None:
    """Return the user to run the server as: None is ourselves. PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    message = "PostgreSQL refuses to run as root, and there is no user postgres or nobody to run it as."
    raise NoPostgresError(message)


def _base() -> str | None:
    """Return a folder other users can reach: as root, TMPDIR may lie inside a private home."""
    return "/tmp" if os.geteuid() == 0 else None


def _locale() -> str:
    known = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout.split()
    return next((name for name in known if name.lower().replace("-", "") == "c.utf8"), "C")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _as_owner(
    command: Sequence[str], *, owner: str | None, folder: Path, check: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run a PostgreSQL program as the cluster's owner, in its folder; show its output only on failure."""
    entry = pwd.getpwnam(owner) if owner else None
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        # A file, not a pipe: the server inherits it and would keep a pipe open for ever.
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            text=True,
            check=False,
            user=entry.pw_uid if entry else None,
            group=entry.pw_gid if entry else None,
            extra_groups=[] if entry else None,
        )
        if check and done.returncode:
            output.seek(0)
            log = folder / "log"
            tail = log.read_text(encoding="utf-8", errors="replace")[-2000:] if log.exists() else ""
            message = f"{Path(command[0]).name} failed:\n{output.read()}{tail}"
            raise NoPostgresError(message)
    return done


def main() -> int:
    """Read the command line and do what it says."""
    summary, _, usage = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        description=summary, epilog=usage, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="verb", required=True)
    for verb in ("run", "start"):
        sub = commands.add_parser(verb)
        sub.add_argument("--max-connections", type=int, default=100)
        sub.add_argument("--shared-buffers", default="128MB")
        if verb == "run":
            sub.add_argument("command", nargs=argparse.REMAINDER)
    commands.add_parser("stop").add_argument("folder", type=Path)
    commands.add_parser("available")
    arguments = parser.parse_args()
    try:
        return _dispatch(arguments, parser)
    except NoPostgresError as reason:
        print(f"private_postgres: {reason}", file=sys.stderr)
        return 1


def _dispatch(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    if arguments.verb == "available":
        print(find_programs())
    elif arguments.verb == "stop":
        stop(arguments.folder)
    else:
        size = {"max_connections": arguments.max_connections, "shared_buffers": arguments.shared_buffers}
        if arguments.verb == "run":
            command = arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command
            if not command:
                parser.error("say what to run: private_postgres.py run -- CMD …")
            return run(command, **size)
        cluster = start(**size)
        print(cluster.folder)
        print(cluster.url)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
