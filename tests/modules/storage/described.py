"""A program that makes the tables of an empty installation one way or another, and prints what the database is then.

python -m tests.modules.storage.described HOW: at-once, step-by-step, kill (in the middle), empty (drop all), nothing
"""

import json
import os
import re
import signal
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huikuan.project.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.core.management.commands.migrate import Command as StepByStep  # noqa: E402
from django.db import connection  # noqa: E402

from huikuan.storage import triggers  # noqa: E402

_PG = {
    "columns": """
        SELECT table_name, column_name, udt_name, character_maximum_length, is_nullable, column_default, is_identity
        FROM information_schema.columns WHERE table_schema = 'public'""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": """
        SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal""",
    "history": "SELECT 'applied', app || '.' || name FROM django_migrations",
}
_LITE = {
    "columns": """
        SELECT m.name, c.name, c.type, c."notnull", c.dflt_value, c.pk
        FROM sqlite_master m, pragma_table_xinfo(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'""",
    "references": """
        SELECT m.name, f."from", f."table", f."to", f.on_update, f.on_delete
        FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'""",
    "indexes": "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    "uniques": """
        SELECT m.name, 'unique', (SELECT group_concat(c.name, ' ') FROM pragma_index_info(i.name) c)
        FROM sqlite_master m, pragma_index_list(m.name) i WHERE m.type = 'table' AND i.origin <> 'c'""",
    "triggers": "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'",
    "history": "SELECT 'applied', app || '.' || name FROM django_migrations",
}
_NAMED = re.compile(r'CONSTRAINT "?(\w+)"? (CHECK|UNIQUE) ')


def describe() -> dict[str, list[str]]:
    """Return what there is, part by part, without the order of columns: nothing here counts on it."""
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        there = "django_migrations" in connection.introspection.table_names(cursor)
        for part, query in (_PG if connection.vendor == "postgresql" else _LITE).items():
            if part == "history" and not there:
                found[part] = []
                continue
            cursor.execute(query)
            found[part] = sorted(f"{row[0]}: " + " ".join(str(cell) for cell in row[1:]) for row in cursor.fetchall())
        found["columns"] = [line for line in found["columns"] if there and not line.startswith("django_migrations:")]
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
            found["constraints"] = sorted(each for name, sql in cursor.fetchall() for each in _constraints(name, sql))
    return found


def _constraints(table: str, sql: str) -> list[str]:
    """Return the named constraints of a table's definition, each with its own pair of brackets."""
    found = []
    for match in _NAMED.finditer(sql):
        depth, end = 0, match.end()
        while True:
            depth += {"(": 1, ")": -1}.get(sql[end], 0)
            end += 1
            if depth == 0:
                break
        found.append(f"{table}: {sql[match.start() : end]}")
    return found


def _die_at_the_triggers(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _empty() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
            return
    path = connection.settings_dict["NAME"]
    connection.close()
    for ending in ("", "-wal", "-shm"):
        if os.path.exists(f"{path}{ending}"):  # noqa: PTH110  three names that are one database
            os.unlink(f"{path}{ending}")  # noqa: PTH108


def main(how: str) -> None:
    """Do it and print."""
    if how == "kill":
        triggers.install = _die_at_the_triggers
    if how == "empty":
        _empty()
    elif how == "step-by-step":
        call_command(StepByStep(), verbosity=0, interactive=False)
    elif how != "nothing":
        call_command("migrate", verbosity=0, interactive=False)
    sys.stdout.write(json.dumps(describe()))


if __name__ == "__main__":
    main(sys.argv[1])
