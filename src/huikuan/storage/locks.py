"""Named locks that end with the transaction, for what no single row stands for (a telephone number, a mailbox)."""

from django.db import connection


def hold(*names: str) -> None:
    """Take every named lock until the current transaction ends, waiting for whoever has one of them.

    Taken in one fixed order, so that two callers with the same names never wait for each other in a circle.
    SQLite: the transaction itself is exclusive (BEGIN IMMEDIATE), there is nothing to take.

    Raises: RuntimeError outside a transaction: the lock would end at once.
    """
    if not connection.in_atomic_block:
        message = "a named lock needs a transaction to live in"
        raise RuntimeError(message)
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for name in sorted(set(names)):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
