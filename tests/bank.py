"""Bank lines for tests: one account and one file an entity, a line at a time."""

import hashlib
from datetime import date

from huikuan.cash.models import BankAccount, StatementFile, StatementLine
from huikuan.parties.models import Entity
from tests.people import NOON, TODAY


def a_line(
    entity: Entity, amount_minor: int, text: str = "", name: str = "", payer: str = "", on: date = TODAY, **more: object
) -> StatementLine:
    """Return a new line on the entity's account, as a statement would bring it."""
    account, _ = BankAccount.objects.get_or_create(
        entity=entity, number="6222001", currency="CNY", defaults={"opened_at": NOON}
    )
    file, _ = StatementFile.objects.get_or_create(
        entity=entity, account=account, sha256="0" * 64,
        defaults={
            "name": "a.csv", "format": "test", "line_count": 0, "booked_count": 0, "repeated_count": 0,
            "credit_minor": 0, "debit_minor": 0, "imported_at": NOON,
        },
    )  # fmt: skip
    row = file.lines.count() + 1
    return StatementLine.objects.create(
        file=file, account=account, row=row, booked_on=on, currency="CNY", amount_minor=amount_minor, remittance=text,
        counterparty_name=name, counterparty_account=payer,
        key=hashlib.sha256(f"{entity.code} {row}".encode()).hexdigest(), **more,
    )  # fmt: skip
