"""What the run has written, without what differs for reasons of no interest: ids and the clock of its last minutes."""

import hashlib
import json
from typing import Any

from django.apps import apps
from django.db import connection

APPS = ("cases", "credit", "outreach", "runs", "journal", "parties", "receivables", "policy")
LEFT_OUT = {
    "id",
    "started_at",  # of a run that is gone through again
    "ended_at",
    "done_at",
    "at",
    "subject_id",
    "case_id",  # by its number instead, see _REFERENCES
    "run_id",
    "delivery_id",
    "receipt_id",
}
_REFERENCES = {
    "case_id": ("cases_case", "number"),
    "run_id": ("runs_run", "as_of"),
    "delivery_id": ("outreach_delivery", "key"),
    "receipt_id": ("receivables_receipt", "reference"),
}
_IN_FACTS = {"tasks": ("cases_task", "key"), "receipt_id": ("receivables_receipt", "reference")}
"""Numbers of rows within an entry of the journal: a row that was rolled back has used up its number on PostgreSQL."""
SKIPPED_TABLES = {"runs_runchunk"}


def content() -> dict[str, list[str]]:
    """Return every row of every table, as sorted text, references by natural key."""
    found = {}
    for label in APPS:
        for model in apps.get_app_config(label).get_models():
            table = model._meta.db_table
            if table in SKIPPED_TABLES:
                continue
            found[table] = sorted(_row(table, row) for row in _rows(table))
    if "journal_entry" in found:  # a second pass says that it began and finished; nothing else may be new
        found["journal_entry"] = [row for row in found["journal_entry"] if '"runs.run-' not in row]
    return found


def fingerprint() -> dict[str, str]:
    """Return one hash per table."""
    return {table: hashlib.sha256("\n".join(rows).encode()).hexdigest() for table, rows in content().items()}


def _rows(table: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _row(table: str, row: dict[str, Any]) -> str:
    kept = {name: value for name, value in row.items() if name not in LEFT_OUT}
    for name, (other, natural) in _REFERENCES.items():
        if row.get(name) is not None:
            kept[name] = _named(other, natural, row[name])
    for name, value in kept.items():
        if name in {"facts", "explanation", "detail", "counts", "warnings"} and isinstance(value, str):
            kept[name] = json.loads(value)
    facts = kept.get("facts")
    if isinstance(facts, dict):
        for name, (other, natural) in _IN_FACTS.items():
            if isinstance(facts.get(name), list):
                facts[name] = sorted(_named(other, natural, each) for each in facts[name])
            elif facts.get(name) is not None:
                facts[name] = _named(other, natural, facts[name])
    return f"{table} {json.dumps(kept, sort_keys=True, default=str, ensure_ascii=False)}"


def _named(table: str, natural: str, number: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {natural} FROM {table} WHERE id = %s", [number])
        return str(cursor.fetchone()[0])
