"""The write-off (坏账核销): what the creditor no longer expects to be paid, though it is still owed."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Index, Q
from django.utils.translation import gettext_lazy as _


class WriteOff(models.Model):
    """So much of an item is written off. Append-only: taken back by the reversal of its allocation.

    It lowers the balance by exactly one `Allocation` of its whole amount (a trigger sees to it), so every question
    about a past day answers itself. The debt itself does not end: when money comes after all, the write-off is taken
    back, the money is allocated, and what is left is written off again (`rest_of`).
    """

    class Kind(models.TextChoices):
        """Why nothing more is expected."""

        BAD_DEBT = "BAD_DEBT", _("Bad debt")
        DIFFERENCE = "DIFFERENCE", _("Small difference")
        AGREED = "AGREED", _("Given up by agreement")

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="write_offs")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="write_offs")
    item = models.ForeignKey("receivables.OpenItem", models.PROTECT, related_name="write_offs")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    written_off_on = models.DateField(help_text="From this day on it is not open.")
    kind = models.CharField(max_length=12, choices=Kind)
    reason = models.CharField(max_length=200)
    about = models.CharField(max_length=40, blank=True, help_text="What granted it: “write-off-request:12”.")
    rest_of = models.OneToOneField("self", models.PROTECT, null=True, related_name="rest")
    booked_at = models.DateTimeField()
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            CheckConstraint(name="write_off_amount_positive", condition=Q(amount_minor__gt=0)),
            CheckConstraint(name="write_off_says_why", condition=~Q(reason="")),
        ]
        indexes = [Index(name="write_off_in_entity", fields=["entity", "-written_off_on"])]
