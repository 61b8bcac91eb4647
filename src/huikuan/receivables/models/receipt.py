"""What can be allocated to items: money that arrived, and credit notes."""

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint


class Receipt(models.Model):
    """Money that arrived (收款). `unapplied_minor` is kept by the trigger on `Allocation`.

    A receipt without customer is bank money nobody has recognized yet: it is never allocated, and a run warns of it.
    """

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="receipts")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, null=True, related_name="receipts")
    reference = models.CharField(max_length=80)
    received_on = models.DateField(help_text="Value date.")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    unapplied_minor = models.BigIntegerField()
    payer_name = models.CharField(max_length=200, blank=True)
    designation = models.CharField(max_length=200, blank=True, help_text="Item number the payer named.")
    booked_at = models.DateTimeField()

    class Meta:
        constraints = [
            UniqueConstraint(name="receipt_reference_in_entity", fields=["entity", "reference"]),
            CheckConstraint(name="receipt_reference_not_blank", condition=~Q(reference="")),
            CheckConstraint(name="receipt_amount_positive", condition=Q(amount_minor__gt=0)),
            CheckConstraint(
                name="receipt_unapplied_between_zero_and_amount",
                condition=Q(unapplied_minor__gte=0) & Q(unapplied_minor__lte=F("amount_minor")),
            ),
            CheckConstraint(
                name="receipt_unknown_payer_not_applied",
                condition=Q(customer__isnull=False) | Q(unapplied_minor=F("amount_minor")),
            ),
        ]
        indexes = [
            Index(name="receipt_on_account", fields=["customer", "currency"], condition=Q(unapplied_minor__gt=0)),
            # What came in within a time is summed without reading the rows.
            Index(name="receipt_in_entity", fields=["entity", "-received_on", "currency", "amount_minor", "customer"]),
        ]

    def __str__(self) -> str:
        return self.reference


class CreditNote(models.Model):
    """A reduction of what is owed (贷项通知单, 红字发票), allocated to items like money but no money."""

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="credit_notes")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="credit_notes")
    number = models.CharField(max_length=60)
    issued_on = models.DateField()
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    unapplied_minor = models.BigIntegerField()
    reason = models.CharField(max_length=200, blank=True)
    booked_at = models.DateTimeField()

    class Meta:
        constraints = [
            UniqueConstraint(name="credit_note_number_in_entity", fields=["entity", "number"]),
            CheckConstraint(name="credit_note_amount_positive", condition=Q(amount_minor__gt=0)),
            CheckConstraint(
                name="credit_note_unapplied_between_zero_and_amount",
                condition=Q(unapplied_minor__gte=0) & Q(unapplied_minor__lte=F("amount_minor")),
            ),
        ]
        indexes = [
            Index(name="credit_note_on_account", fields=["customer", "currency"], condition=Q(unapplied_minor__gt=0)),
        ]

    def __str__(self) -> str:
        return self.number
