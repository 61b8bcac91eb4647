"""A program that runs days on an installation and can be told where to kill itself: for the tests of interruption.

python -m tests.modules.runs.program WORD …, done one after the other:

build              an empty installation gets its tables and a small ledger
run=DATE,INSTANT   the day
receive=CUSTOMER,MINOR,DATE,INSTANT   money arrives, pays and closes the loop
kill=PLACE:before:2   SIGKILL before (or after) the second call of a place of `PLACES`
kill=seconds:0.35     SIGKILL after so long, wherever it is then
print              the fingerprint of all tables, as one line of JSON
"""

import importlib
import json
import os
import signal
import sys
import threading
from datetime import UTC, date, datetime, timedelta

import django

django.setup()

from django.core.management import call_command  # noqa: E402  the applications must be there first

from huikuan.cash.commands.receive import receive_money  # noqa: E402
from huikuan.parties.models import Customer, Entity  # noqa: E402
from huikuan.policy.commands import install_default  # noqa: E402
from huikuan.receivables.models import Allocation, OpenItem, Receipt  # noqa: E402
from huikuan.runs.commands import run as running  # noqa: E402
from tests.modules.runs.state import fingerprint  # noqa: E402

PLACES = {
    "plan": ("huikuan.runs.commands.run", "_plan"),
    "chunk": ("huikuan.runs.commands.run", "do_chunk"),
    "finish": ("huikuan.runs.commands.run", "_finish"),
    "balances": ("huikuan.runs.commands.writing", "_write_balances"),
    "decisions": ("huikuan.runs.commands.writing", "_write_decisions"),
    "work": ("huikuan.runs.commands.writing", "_write_work"),
    "booking": ("huikuan.cash.commands.receive", "book_receipt"),
    "judging": ("huikuan.cash.commands.closing", "judge_agreements"),
    "refreshing": ("huikuan.cash.commands.closing", "refresh_balances"),
}
BEGAN_ON = date(2026, 1, 1)
MONDAY = date(2026, 7, 6)
CUSTOMERS = 24
CHUNK_ITEMS = 12


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(kill: str) -> None:
    """Lay the mine."""
    name, *rest = kill.split(":")
    if name == "seconds":
        timer = threading.Timer(float(rest[0]), die)
        timer.daemon = True
        timer.start()
        return
    module_name, function_name = PLACES[name]
    module = importlib.import_module(module_name)
    original, left = getattr(module, function_name), int(rest[1])

    def mined(*args, **kwargs):
        nonlocal left
        left -= 1
        if left == 0 and rest[0] == "before":
            die()
        result = original(*args, **kwargs)
        if left == 0 and rest[0] == "after":
            die()
        return result

    setattr(module, function_name, mined)


def build() -> None:
    """Make a small ledger with payers of every kind; the same every time."""
    call_command("migrate", verbosity=0)
    noon = datetime(2026, 1, 1, 4, tzinfo=UTC)
    entity = Entity.objects.create(code="MAIN", name="华泰建材有限公司", created_at=noon)
    install_default(entity_id=entity.pk, starts_on=BEGAN_ON, now=noon)
    for number in range(1, CUSTOMERS + 1):
        customer = Customer.objects.create(
            entity=entity, code=f"C{number:03}", name=f"客户{number}", created_at=noon,
            email=f"c{number}@example.com" if number % 5 else "", industry="制造业" if number % 3 else "",
        )  # fmt: skip
        for position in range(number % 6):
            due_on = MONDAY + timedelta(days=9 - 7 * position - number)
            item = OpenItem.objects.create(
                entity=entity, customer=customer, number=f"INV-{number}-{position}", due_on=due_on,
                issued_on=due_on - timedelta(days=30), currency="USD" if position == 4 else "CNY",
                amount_minor=100_000 * number, open_minor=100_000 * number, booked_at=noon,
            )  # fmt: skip
            if position % 3 == 1:
                receipt = Receipt.objects.create(
                    entity=entity, customer=customer, reference=f"R-{number}-{position}", currency=item.currency,
                    received_on=due_on + timedelta(days=2), amount_minor=70_000, unapplied_minor=70_000, booked_at=noon,
                )  # fmt: skip
                if number % 2:
                    Allocation.objects.create(
                        item=item, receipt=receipt, currency=item.currency, amount_minor=70_000, basis="MANUAL",
                        effective_on=due_on + timedelta(days=2), booked_at=noon,
                    )  # fmt: skip


def receive(code: str, minor: str, day: str, instant: str) -> None:
    """Book money of a customer, which pays by the order."""
    customer = Customer.objects.get(code=code)
    receive_money(
        entity_id=customer.entity_id, customer_id=customer.pk, reference=f"YH-{code}", currency="CNY",
        received_on=date.fromisoformat(day), amount_minor=int(minor), actor=None, now=datetime.fromisoformat(instant),
    )  # fmt: skip


def main(words: list[str]) -> None:
    """Do the words in order."""
    for word in words:
        verb, _, value = word.partition("=")
        if verb == "build":
            build()
        elif verb == "kill":
            arm(value)
        elif verb == "run":
            day, instant = value.split(",")
            running.run_day(
                entity_id=Entity.objects.get().pk,
                as_of=date.fromisoformat(day),
                now=datetime.fromisoformat(instant),
                chunk_items=CHUNK_ITEMS,
            )
        elif verb == "receive":
            receive(*value.split(","))
        else:
            sys.stdout.write(json.dumps(fingerprint()) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
