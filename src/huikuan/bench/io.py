"""The reference for input and output: the same bytes through the database's plainest way, into plain tables."""

import pickle
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from huikuan.bench.stopwatch import median, seconds_of
from huikuan.storage import bulk

WRITTEN = (
    "cases_case",
    "cases_casebalance",
    "cases_task",
    "credit_grade",
    "credit_riskmark",
    "outreach_delivery",
    "runs_decision",
)
"""Tables that a run fills; all of their rows are the first run's when this is measured."""
STATEMENTS = "bench-statements.pickle"
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_SLICE = 1 << 16


@dataclass(slots=True)
class Recorder:
    """Keeps every SELECT that a run reads its facts by."""

    statements: list[tuple[str, Any]] = field(default_factory=list)

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Record while the block runs."""
        original = bulk.read_frame

        def recorded(sql: str, params: Any, schema: Any) -> Any:  # noqa: ANN401  as the original
            self.statements.append((sql, params))
            return original(sql, params, schema)

        places = [
            module
            for name, module in list(sys.modules.items())
            if name.startswith("huikuan.") and getattr(module, "read_frame", None) is original
        ]
        _put(places, recorded)
        try:
            yield
        finally:
            _put(places, original)

    def save(self) -> None:
        """Write them down for the process that measures the reference."""
        _file().write_bytes(pickle.dumps(self.statements))


def _put(places: list[ModuleType], function: Callable[..., Any]) -> None:
    for module in places:
        module.read_frame = function  # type: ignore[attr-defined]


def _file() -> Path:
    return Path(settings.HUIKUAN_HOME) / STATEMENTS


def measure(*, times: int) -> dict[str, Any]:
    """Return the median seconds of reading what the run read, and of writing what it wrote, by the plainest way."""
    statements = pickle.loads(_file().read_bytes())  # noqa: S301  our own file, just written
    side = _PostgreSql() if connection.vendor == "postgresql" else _Sqlite()
    with closing(side):
        read = median(
            [seconds_of(lambda: [side.read(sql, params) for sql, params in statements]) for _ in range(times)]
        )
        held = {table: side.rows(table) for table in WRITTEN}
        wrote = []
        for _ in range(times):
            for table in WRITTEN:
                side.make_plain(table)
            wrote.append(seconds_of(lambda: side.write_all(held)))
    return {"read": read, "write": median(wrote), "statements": len(statements)}


class _PostgreSql:
    """COPY out and in."""

    def __init__(self) -> None:
        self.connection = psycopg.connect(settings.DATABASE_URL)

    def read(self, sql: str, params: Any) -> None:  # noqa: ANN401  as read_frame takes them
        with self.connection.cursor() as cursor, cursor.copy(f"COPY ({sql}) TO STDOUT", params or None) as pipe:
            for _ in pipe:
                pass

    def rows(self, table: str) -> Any:  # noqa: ANN401  bytes here, tuples there
        with self.connection.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT") as pipe:
            return b"".join(bytes(data) for data in pipe)

    def make_plain(self, table: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS plain_{table}")
            cursor.execute(f"CREATE TABLE plain_{table} AS SELECT * FROM {table} WITH NO DATA")  # noqa: S608
        self.connection.commit()

    def write_all(self, held: dict[str, Any]) -> None:
        for table, rows in held.items():
            with self.connection.cursor() as cursor, cursor.copy(f"COPY plain_{table} FROM STDIN") as pipe:
                for start in range(0, len(rows), _SLICE):
                    pipe.write(rows[start : start + _SLICE])
        self.connection.commit()

    def close(self) -> None:
        for table in WRITTEN:
            self.connection.execute(f"DROP TABLE IF EXISTS plain_{table}")
        self.connection.commit()
        self.connection.close()


class _Sqlite:
    """fetchall and executemany."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(str(connection.settings_dict["NAME"]))
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=NORMAL")
        self.connection.execute("PRAGMA cache_size=-65536")

    def read(self, sql: str, params: Any) -> None:  # noqa: ANN401  as read_frame takes them
        plain = _PLACEHOLDER.sub(r":\1", sql).replace("%%", "%")
        values = {name: _text(value) for name, value in params.items()} if isinstance(params, dict) else ()
        self.connection.execute(plain, values).fetchall()

    def rows(self, table: str) -> Any:  # noqa: ANN401  tuples here, bytes there
        return self.connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608  our own names

    def make_plain(self, table: str) -> None:
        self.connection.execute(f"DROP TABLE IF EXISTS plain_{table}")
        self.connection.execute(f"CREATE TABLE plain_{table} AS SELECT * FROM {table} WHERE 0")  # noqa: S608
        self.connection.commit()

    def write_all(self, held: dict[str, Any]) -> None:
        for table, rows in held.items():
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                self.connection.executemany(f"INSERT INTO plain_{table} VALUES ({marks})", rows)  # noqa: S608
        self.connection.commit()

    def close(self) -> None:
        for table in WRITTEN:
            self.connection.execute(f"DROP TABLE IF EXISTS plain_{table}")
        self.connection.commit()
        self.connection.close()


def _text(value: object) -> object:
    """Return a parameter as SQLite holds it."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else value
