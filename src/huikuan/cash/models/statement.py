"""Bank statements as they were imported (银行对账单文件)."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint


class StatementFile(models.Model):
    """What one file says about one account. A file over several accounts is one row for each of them.

    Withdrawing an import ends the row (`withdrawn_at`) and removes its lines; the row and the journal stay.
    """

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="+")
    account = models.ForeignKey("cash.BankAccount", models.PROTECT, related_name="statement_files")
    sha256 = models.CharField(max_length=64, help_text="Of the bytes, hexadecimal.")
    name = models.CharField(max_length=200)
    format = models.CharField(max_length=40, help_text="camt.053.001.08, MT940, or the name of a profile.")
    period_starts_on = models.DateField(null=True)
    period_ends_on = models.DateField(null=True)
    opening_minor = models.BigIntegerField(null=True, help_text="Null where the file states no balance.")
    closing_minor = models.BigIntegerField(null=True)
    line_count = models.PositiveIntegerField(help_text="Lines in the file.")
    booked_count = models.PositiveIntegerField(help_text="Lines that were new.")
    repeated_count = models.PositiveIntegerField(help_text="Lines that an earlier file had already brought.")
    credit_minor = models.BigIntegerField(help_text="Sum of all incoming lines of the file.")
    debit_minor = models.BigIntegerField(help_text="Sum of all outgoing lines of the file, negative.")
    notes = models.JSONField(default=list, help_text="What the reader remarked; codes with facts.")
    imported_at = models.DateTimeField()
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            UniqueConstraint(
                name="statement_file_once_per_account",
                fields=["account", "sha256"],
                condition=Q(withdrawn_at=None),
            ),
            CheckConstraint(
                name="statement_file_counts_agree",
                condition=Q(line_count=F("booked_count") + F("repeated_count")),
            ),
            CheckConstraint(
                name="statement_file_sums_have_signs", condition=Q(credit_minor__gte=0) & Q(debit_minor__lte=0)
            ),
            CheckConstraint(
                name="statement_file_balances_agree",
                condition=Q(opening_minor=None)
                | Q(closing_minor=None)
                | Q(closing_minor=F("opening_minor") + F("credit_minor") + F("debit_minor")),
            ),
            CheckConstraint(
                name="statement_file_period_in_order",
                condition=Q(period_starts_on=None) | Q(period_ends_on__gte=F("period_starts_on")),
            ),
        ]
        indexes = [
            Index(name="statement_file_in_entity", fields=["entity", "-imported_at"]),
            Index(name="statement_file_of_account", fields=["account", "-imported_at"]),
        ]

    def __str__(self) -> str:
        return self.name
