"""The import of items from CSV, measured beside the plainest way of the same rows into a plain table."""

import csv
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from huikuan.adapters.tables.files import open_table
from huikuan.bench.portfolio import AS_OF, NOW, entity
from huikuan.bench.stopwatch import peak_mib, ratio, seconds_of
from huikuan.exchange.commands.importing import import_table
from huikuan.exchange.rules.lists import ListKind
from huikuan.parties.models import Customer

HEADER = ("number", "customer_code", "kind", "issued_on", "due_on", "amount", "currency")


def write_file(path: Path, items: int) -> None:
    """Write a file of items for the customers there are."""
    codes = list(Customer.objects.filter(entity=entity()).order_by("pk").values_list("code", flat=True))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(items):
            issued_on = AS_OF - timedelta(days=1 + number * 7 % 700)
            due_on, cents = issued_on + timedelta(days=30), 100_000 + number * 7919 % 9_000_000
            amount = "{}.{:02}".format(*divmod(cents, 100))
            code = codes[number % len(codes)]
            writer.writerow((f"IMP-{number:08}", code, "invoice", issued_on, due_on, amount, "CNY"))


def measure(items: int) -> dict[str, Any]:
    """Import the file, then put the same rows into a plain table. The database must hold customers already."""
    path = Path(settings.HUIKUAN_HOME) / "bench-items.csv"
    write_file(path, items)
    outcomes = []
    ours = seconds_of(
        lambda: outcomes.append(import_table(table=open_table(path), kind=ListKind("items"), entity=entity(), now=NOW))
    )
    peak = peak_mib()
    raw = seconds_of(lambda: _raw(path))
    created = outcomes[0].created
    path.unlink()
    return {
        "items": items,
        "created": created,
        "ours": round(ours, 3),
        "raw": round(raw, 3),
        "ratio": ratio(ours, raw),
        "rows_per_second": round(items / ours),
        "peak_mib": peak,
    }


def _raw(path: Path) -> None:
    """Read the file with the csv module and insert its rows as they are: COPY, or executemany."""
    columns = ", ".join(f"{name} text" for name in HEADER)
    if connection.vendor == "postgresql":
        with psycopg.connect(settings.DATABASE_URL) as side:
            side.execute(f"CREATE TABLE plain_items ({columns})")
            with side.cursor().copy("COPY plain_items FROM STDIN (FORMAT csv, HEADER)") as pipe:
                pipe.write(path.read_bytes())
            side.commit()
            side.execute("DROP TABLE plain_items")
        return
    with closing(sqlite3.connect(str(connection.settings_dict["NAME"]))) as side, path.open(encoding="utf-8") as file:
        side.execute("PRAGMA synchronous=NORMAL")
        side.execute(f"CREATE TABLE plain_items ({columns})")
        rows = csv.reader(file)
        next(rows)
        marks = ", ".join("?" * len(HEADER))
        side.executemany(f"INSERT INTO plain_items VALUES ({marks})", rows)  # noqa: S608  our own names
        side.commit()
        side.execute("DROP TABLE plain_items")
        side.commit()
