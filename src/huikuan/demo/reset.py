"""Begin the demo again: only an installation that the demo itself filled is ever emptied."""

import json
import shutil
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from huikuan.kernel.refusal import Refusal, gettext_noop

MARK = "demo.json"
"""File of the home folder that says: everything here was invented by the demo."""
_KEPT = frozenset({"django_migrations", "django_content_type", "auth_permission"})


class NotADemo(Refusal):
    """Real work is never thrown away by a demo."""

    code = "demo.not-a-demo"
    text = gettext_noop(
        "{folder} was not filled by the demo, so it is not emptied. Set HUIKUAN_HOME to another folder for the demo."
    )


def mark_of(home: Path) -> Path:
    """Return the path of the mark."""
    return home / MARK


def is_demo() -> bool:
    """Tell whether the installation was filled by the demo."""
    return mark_of(settings.HUIKUAN_HOME).exists()


def put_mark(facts: dict[str, object]) -> None:
    """Mark the installation as a demo, before anything of it is written."""
    mark_of(settings.HUIKUAN_HOME).write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")


def read_mark() -> dict[str, object]:
    """Return what the mark says."""
    facts: dict[str, object] = json.loads(mark_of(settings.HUIKUAN_HOME).read_text(encoding="utf-8"))
    return facts


def empty() -> None:
    """Throw the demo away: every row and every letter. Raises NotADemo."""
    if not is_demo():
        raise NotADemo(folder=str(settings.HUIKUAN_HOME))
    if connection.vendor == "postgresql":
        _truncate()
    else:
        _remove_database()
    shutil.rmtree(settings.HUIKUAN_MAIL_FOLDER, ignore_errors=True)
    mark_of(settings.HUIKUAN_HOME).unlink(missing_ok=True)


def _truncate() -> None:
    tables = sorted(set(connection.introspection.table_names()) - _KEPT)
    names = ", ".join(connection.ops.quote_name(table) for table in tables)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE TABLE {names} RESTART IDENTITY CASCADE")


def _remove_database() -> None:
    connection.close()
    name = str(connection.settings_dict["NAME"])
    for suffix in ("", "-wal", "-shm"):
        Path(name + suffix).unlink(missing_ok=True)
