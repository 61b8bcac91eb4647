"""Money of a portfolio's first customer, and a bank statement, as the table of addresses names them."""

from huikuan.cash.models import BankAccount, StatementFile
from huikuan.receivables.commands.charges import charge_costs


def money_of(portfolio, now) -> dict[str, int]:
    """A receipt with what it paid, and costs charged beside an item."""
    receipt = portfolio.customer.receipts.order_by("pk").first()
    charge = charge_costs(
        item_id=portfolio.item.pk, amount_minor=100, charged_on=portfolio.run.as_of, reason="court", actor=None, now=now
    )  # fmt: skip
    return {"receipt": receipt.pk, "allocation": receipt.allocations.first().pk, "charge": charge.pk}


def a_statement(entity, now) -> StatementFile:
    account = BankAccount.objects.create(entity=entity, number="6222009988", currency="CNY", opened_at=now)
    return StatementFile.objects.create(
        entity=entity, account=account, sha256="0" * 64, name="july.csv", format="icbc", line_count=0, booked_count=0,
        repeated_count=0, credit_minor=0, debit_minor=0, imported_at=now,
    )  # fmt: skip
