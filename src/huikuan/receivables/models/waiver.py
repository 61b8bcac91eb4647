"""The waiver (减免): penalty of an item that the creditor gave up."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Index, Q


class PenaltyWaiver(models.Model):
    """So much of an item's penalty is no longer claimed. Append-only: taken back by a row of the opposite sign.

    What is claimed on a day is the penalty of the closed form less the waivers effective by that day, never below zero.
    """

    item = models.ForeignKey("receivables.OpenItem", models.PROTECT, related_name="waivers")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField(help_text="Positive waives; negative only as the reversal of another row.")
    effective_on = models.DateField(help_text="From this day on it is not claimed.")
    about = models.CharField(max_length=80, help_text="What granted it: “offer:12”, “plan:3”.")
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    booked_at = models.DateTimeField()
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            CheckConstraint(
                name="waiver_sign_fits_reversal",
                condition=Q(amount_minor__gt=0, reverses=None) | Q(amount_minor__lt=0, reverses__isnull=False),
            ),
            CheckConstraint(name="waiver_says_what_granted_it", condition=~Q(about="")),
        ]
        indexes = [Index(name="waiver_about", fields=["about"])]
