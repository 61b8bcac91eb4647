"""A database and a home folder for one benchmark, gone afterwards; every step of it is a process of its own."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from huikuan.kernel.refusal import Refusal, gettext_noop

SQLITE = "sqlite"


class StepFailed(Refusal):
    """A measurement that did not happen must not look like one."""

    code = "bench.step-failed"
    text = gettext_noop("The step “{step}” of the benchmark failed:\n{output}")


@contextmanager
def environment(database: str) -> Iterator[dict[str, str]]:
    """Give the environment of an empty installation.

    Args:
        database: "sqlite", or the URL of a PostgreSQL database whose user may create another one beside it.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUIKUAN_")}
    with tempfile.TemporaryDirectory(prefix="huikuan-bench-") as home:
        alone = {**kept, "HUIKUAN_HOME": home, "HUIKUAN_SECRET_KEY": secrets.token_hex(32)}
        if database == SQLITE:
            yield alone
            return
        name = f"huikuan_bench_{secrets.token_hex(4)}"
        with psycopg.connect(database, autocommit=True) as server:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            try:
                yield {**alone, "HUIKUAN_DATABASE_URL": urlunsplit(urlsplit(database)._replace(path=f"/{name}"))}
            finally:
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def step(name: str, items: int, alone: dict[str, str]) -> dict[str, Any]:
    """Do one step in a process of its own and return what it measured. Raises StepFailed, with what it said."""
    program = [sys.executable, "-c", "from huikuan.cli.main import main; main()"]
    done = subprocess.run(  # noqa: S603  our own program
        [*program, "bench", "step", name, "--items", str(items)], env=alone, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise StepFailed(step=name, output=(done.stderr or done.stdout)[-3000:])
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
