"""Money that went back: a debit that undoes a payment which came in before (退票, 退汇, returned direct debit)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import Q

from huikuan.cash.models import StatementLine
from huikuan.receivables.commands.returns import NAME_MAX, SUFFIX
from huikuan.receivables.models import OpenItem

LOOK_BACK_DAYS: Final = 60
"""A bank returns a payment within days, a direct debit within eight weeks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """A debit, and the receipt that it most likely takes back: a person decides (`return_receipt`)."""

    line_id: int
    receipt_id: int
    reference: str
    customer_id: int


def returns_among(lines: Sequence[StatementLine]) -> dict[int, Returned]:
    """Return by line id which debits take back which receipts. Two queries, none without a debit.

    The same account, the same amount, at most `LOOK_BACK_DAYS` before, and the same other side (account or name); where
    the bank itself says that it is a reversal, its word is enough for a payer it does not name. Two payments that could
    be meant are never guessed. A receipt that was already taken back is not proposed again.
    """
    debits = [line for line in lines if line.amount_minor < 0]
    if not debits:
        return {}
    days = [line.booked_on for line in debits]
    came_in = StatementLine.objects.filter(
        account_id__in={line.account_id for line in debits},
        amount_minor__in={-line.amount_minor for line in debits},
        booked_on__range=(min(days) - timedelta(days=LOOK_BACK_DAYS), max(days)),
        receipt__customer__isnull=False,
    ).select_related("receipt")
    paid = list(came_in)
    gone = _taken_back(paid)
    found = {}
    for debit in debits:
        meant = [line for line in paid if line.receipt_id not in gone and _is_return(debit, line)]
        if len(meant) == 1 and meant[0].receipt is not None:
            receipt = meant[0].receipt
            found[debit.pk] = Returned(
                line_id=debit.pk, receipt_id=receipt.pk, reference=receipt.reference,
                customer_id=receipt.customer_id or 0,
            )  # fmt: skip
    return found


def _is_return(debit: StatementLine, credit: StatementLine) -> bool:
    between = (debit.booked_on - credit.booked_on).days
    if credit.account_id != debit.account_id or credit.amount_minor != -debit.amount_minor:
        return False
    if not 0 <= between <= LOOK_BACK_DAYS:
        return False
    if debit.counterparty_account and credit.counterparty_account:
        return debit.counterparty_account == credit.counterparty_account
    if debit.counterparty_name and credit.counterparty_name:
        return debit.counterparty_name == credit.counterparty_name
    return debit.is_reversal


def _taken_back(paid: Sequence[StatementLine]) -> set[int]:
    """Return the receipts among these that went back before: a debit note of theirs is there."""
    by_number = {
        (line.receipt.customer_id, f"{line.receipt.reference[-NAME_MAX:]}{SUFFIX}"): line.receipt_id
        for line in paid
        if line.receipt is not None
    }
    if not by_number:
        return set()
    notes = OpenItem.objects.filter(
        Q(number__in={number for _, number in by_number}), customer_id__in={customer for customer, _ in by_number}
    )
    pairs = set(notes.values_list("customer_id", "number"))
    return {receipt_id for key, receipt_id in by_number.items() if key in pairs and receipt_id is not None}
