"""Programs for the kill test of the run: `python -m tests.journeys.run_program seed|run|report`, each a process.

The clock stands still, so that two installations that did the same hold the same rows, instants included.
"""

import csv
import json
import os
import sys
import tempfile
import time
from datetime import date, datetime, timedelta
from pathlib import Path

import click
import django

os.environ["DJANGO_SETTINGS_MODULE"] = "huikuan.project.settings"
django.setup()

from django.utils import timezone  # noqa: E402

from huikuan.adapters.tables.files import open_table  # noqa: E402
from huikuan.cli.home import ensure_home  # noqa: E402
from huikuan.exchange.commands.importing import ImportOptions, import_table  # noqa: E402
from huikuan.exchange.rules.lists import ListKind  # noqa: E402
from huikuan.parties.models import Entity  # noqa: E402
from huikuan.policy.commands import install_default  # noqa: E402
from huikuan.runs.commands.run import run_day  # noqa: E402
from huikuan.runs.refusals import RunInProgress  # noqa: E402
from tests.modules.runs.state import fingerprint  # noqa: E402

DAY = date(2026, 7, 10)
NOW = datetime.fromisoformat("2026-07-10T08:00+08:00")
CUSTOMERS = 600
ITEMS = 3_000
PATIENCE = 100
CHUNK_ITEMS = 100
"""Small, so that there are thirty places between two commits, and as many within one."""


def rows() -> dict[str, list[list[str]]]:
    """Return an invented ledger: every lateness from two weeks before the due day to a year after, some part paid."""
    customers = [["code", "name", "email", "language"]]
    customers += [
        [f"K{n}", f"客户 {n}", f"k{n}@customer.example" if n % 7 else "", "en" if n % 5 == 0 else "zh-hans"]
        for n in range(CUSTOMERS)
    ]
    items, receipts = [["number", "customer_code", "issued_on", "due_on", "amount"]], []
    for n in range(ITEMS):
        due = DAY + timedelta(days=14 - (n * 7919) % 380)
        amount = 1_000 + (n * 104_729) % 90_000
        owner = f"K{(n * 31) % CUSTOMERS}"
        items.append([f"INV-{n}", owner, str(due - timedelta(days=30)), str(due), f"{amount}.{n % 100:02}"])
        if n % 3 == 0:
            paid = amount if n % 9 == 0 else amount // 2
            day = min(due + timedelta(days=n % 11), DAY)
            receipts.append([f"BANK-{n}", owner, str(day), f"{paid}.00", f"INV-{n}"])
    header = ["reference", "customer_code", "received_on", "amount", "item_number"]
    return {"customers": customers, "items": items, "receipts": [header, *receipts]}


def seed() -> None:
    """Import the ledger as files and put the default policy into force."""
    ensure_home()
    main = Entity.objects.get(code="MAIN")
    with tempfile.TemporaryDirectory() as folder:
        for kind, lines in rows().items():
            path = Path(folder) / f"{kind}.csv"
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(lines)
            outcome = import_table(
                table=open_table(path), kind=ListKind(kind), entity=main, now=NOW, options=ImportOptions()
            )
            assert outcome.error_count == 0, outcome.errors[:3]
    install_default(entity_id=main.pk, starts_on=date(2025, 1, 1), now=NOW)


def run() -> None:
    """Run the day in small chunks and say after each that it is done.

    A server notices a little late that the program before was killed: until then the run is in progress.
    """
    main = Entity.objects.get(code="MAIN")
    click.echo("begun")
    for _ in range(PATIENCE):
        try:
            run_day(
                entity_id=main.pk, as_of=DAY, now=NOW, chunk_items=CHUNK_ITEMS,
                progress=lambda done, total: click.echo(f"{done}/{total}"),
            )  # fmt: skip
        except RunInProgress:
            time.sleep(0.2)
        else:
            click.echo("finished")
            return


def main() -> None:
    timezone.now = lambda: NOW
    verb = sys.argv[1]
    if verb == "report":
        click.echo(json.dumps(fingerprint(), sort_keys=True))
    else:
        {"seed": seed, "run": run}[verb]()


if __name__ == "__main__":
    main()
