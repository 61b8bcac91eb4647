"""Bring what the ledger stores in line with its allocations."""

from datetime import datetime

from django.db import transaction

from huikuan.journal.commands import record
from huikuan.parties.models import Customer, User
from huikuan.receivables.commands.history import refresh_history
from huikuan.receivables.queries.verify import Report, corrections, customer_ranges, verify
from huikuan.storage.bulk import update_frame


@transaction.atomic
def repair_ledger(*, actor: User | None, now: datetime) -> Report:
    """Correct balances, days of settlement, aggregates and settled penalties; the allocations themselves are the truth.

    Returns: what is still not right (`balance_of_the_past` needs a person).
    """
    before = verify()
    for low, high in customer_ranges():
        customers = list(Customer.objects.filter(pk__range=(low, high)).values_list("pk", flat=True))
        refresh_history(customer_ids=customers)  # takes the locks
        for correction in corrections(low, high):
            update_frame(correction.table, ["id"], correction.rows.drop("number"))
        refresh_history(customer_ids=customers)
    if not before.is_right:
        record(
            "receivables.ledger-repaired",
            now=now,
            actor=actor,
            differences=before.differences,
            examples=before.examples,
        )
    return verify()
