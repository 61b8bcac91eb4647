"""Where the money of an entity arrives: bank accounts and wallets (收款账户)."""

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint


class BankAccount(models.Model):
    """One account of an entity in one currency: an IBAN, an account number, or a merchant's wallet."""

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="bank_accounts")
    number = models.CharField(max_length=40, help_text="IBAN or number: capitals and digits, no blanks.")
    currency = models.CharField(max_length=3)
    bank = models.CharField(max_length=80, blank=True, help_text="Name of the bank or wallet, as people call it.")
    name = models.CharField(max_length=80, blank=True, help_text="What the account is for.")
    opened_at = models.DateTimeField(help_text="When it was entered here.")

    class Meta:
        constraints = [
            UniqueConstraint(name="bank_account_in_entity", fields=["entity", "number", "currency"]),
            CheckConstraint(name="bank_account_number_not_blank", condition=~Q(number="")),
            CheckConstraint(name="bank_account_currency_not_blank", condition=~Q(currency="")),
        ]

    def __str__(self) -> str:
        return f"{self.bank} {self.number} {self.currency}".strip()
