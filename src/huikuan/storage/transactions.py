"""One view of the data for a whole transaction, and one program at a time, on both databases."""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.db import OperationalError, connection, transaction

from huikuan.storage.bulk import is_postgresql

_SERIALIZATION_FAILURES: Final = {"40001", "40P01"}
"""PostgreSQL: could not serialize access, deadlock detected. Both mean: nothing happened, try again."""


@contextmanager
def one_view() -> Iterator[None]:
    """Open a transaction whose reads all see the same moment; what somebody else changes meanwhile makes it fail.

    PostgreSQL: REPEATABLE READ. SQLite: BEGIN IMMEDIATE, nobody else writes. Inside another transaction (a test, a
    command that runs several) it is a part of that one and sees what that one sees.

    Raises: OperationalError on leaving or within, when the transaction must be tried again: see `is_worth_another_try`.
    """
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost and is_postgresql():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def is_worth_another_try(error: OperationalError) -> bool:
    """Tell whether the transaction failed only because somebody else was at the same rows."""
    return getattr(error.__cause__, "sqlstate", None) in _SERIALIZATION_FAILURES


@contextmanager
def only_one(name: str) -> Iterator[bool]:
    """Give True while no other program or thread is inside for the same name, else False at once.

    The database (PostgreSQL, advisory lock of the session) or the operating system (SQLite, a lock on a file beside the
    database) ends it with the program, however that dies.
    """
    with _session_lock(name) if is_postgresql() else _file_lock(name) as is_ours:
        yield is_ours


@contextmanager
def _session_lock(name: str) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
        is_ours = bool(cursor.fetchone()[0])
    try:
        yield is_ours
    finally:
        if is_ours and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])


@contextmanager
def _file_lock(name: str) -> Iterator[bool]:
    database = Path(str(connection.settings_dict["NAME"]))
    beside = database.with_name(f"{database.name}.{hashlib.sha256(name.encode()).hexdigest()[:12]}.lock")
    with beside.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True  # closing the file ends the lock
