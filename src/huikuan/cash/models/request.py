"""What somebody asks to do with money that nobody does alone: write off, pay back, keep a difference."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Index, Q
from django.utils.translation import gettext_lazy as _


class MoneyRequest(models.Model):
    """A write-off, a refund or a kept difference (B5): asked by one person, booked when others have said yes.

    What was booked is in the ledger: a `WriteOff`, or a debit note against which money on account was set off.
    """

    class Kind(models.TextChoices):
        """What is to be done."""

        WRITE_OFF = "WRITE_OFF", _("Write off")
        REFUND = "REFUND", _("Pay back")
        INCOME = "INCOME", _("Keep as income")

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="+")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="money_requests")
    kind = models.CharField(max_length=10, choices=Kind)
    item = models.ForeignKey("receivables.OpenItem", models.PROTECT, null=True, related_name="money_requests")
    receipt = models.ForeignKey("receivables.Receipt", models.PROTECT, null=True, related_name="money_requests")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    reference = models.CharField(max_length=80, blank=True, help_text="Of the outgoing payment.")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    declined_at = models.DateTimeField(null=True)
    booked_at = models.DateTimeField(null=True)
    write_off = models.OneToOneField("receivables.WriteOff", models.PROTECT, null=True, related_name="request")
    debit_note = models.OneToOneField("receivables.OpenItem", models.PROTECT, null=True, related_name="payout")

    class Meta:
        constraints = [
            CheckConstraint(name="money_request_amount_positive", condition=Q(amount_minor__gt=0)),
            CheckConstraint(name="money_request_says_why", condition=~Q(reason="")),
            CheckConstraint(
                name="money_request_about_item_or_receipt",
                condition=Q(kind="WRITE_OFF", item__isnull=False, receipt=None)
                | Q(kind__in=["REFUND", "INCOME"], item=None, receipt__isnull=False),
            ),
            CheckConstraint(
                name="money_request_booked_completely",
                condition=Q(booked_at=None, write_off=None, debit_note=None)
                | Q(kind="WRITE_OFF", booked_at__isnull=False, write_off__isnull=False, debit_note=None)
                | Q(kind__in=["REFUND", "INCOME"], booked_at__isnull=False, write_off=None, debit_note__isnull=False),
            ),
            CheckConstraint(name="money_request_not_both_ways", condition=Q(booked_at=None) | Q(declined_at=None)),
        ]
        indexes = [Index(name="money_request_of_customer", fields=["customer", "-asked_at"])]
