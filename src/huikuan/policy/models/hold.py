"""Holds (暂缓): why dunning pauses, and until when at the latest."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q
from django.utils.translation import gettext_lazy as _


class Hold(models.Model):
    """Dunning pauses for a customer, an item, or a disputed part of an item. A hold always has an end (E5)."""

    class Kind(models.TextChoices):
        """Reasons of product.md E5."""

        DISPUTE = "DISPUTE", _("Dispute")
        PROMISE = "PROMISE", _("Promise running")
        PLAN = "PLAN", _("Installment plan running")
        COMPLAINT = "COMPLAINT", _("Complaint")
        INSOLVENCY = "INSOLVENCY", _("Insolvency")
        SPECIAL_PERIOD = "SPECIAL_PERIOD", _("Special period")
        MANUAL = "MANUAL", _("By hand")

    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="holds")
    item = models.ForeignKey("receivables.OpenItem", models.PROTECT, null=True, related_name="holds")
    kind = models.CharField(max_length=20, choices=Kind)
    amount_minor = models.BigIntegerField(null=True, help_text="Held part of the item; null: all of it.")
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="Last day it holds: never empty, a hold does not silently last.")
    reason = models.CharField(max_length=300)
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    placed_at = models.DateTimeField()
    released_on = models.DateField(null=True, help_text="First day it no longer holds, when ended early.")
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            CheckConstraint(name="hold_ends_after_start", condition=Q(ends_on__gte=F("starts_on"))),
            CheckConstraint(name="hold_amount_positive", condition=Q(amount_minor=None) | Q(amount_minor__gt=0)),
            CheckConstraint(name="hold_part_needs_item", condition=Q(amount_minor=None) | Q(item__isnull=False)),
            CheckConstraint(
                name="hold_released_completely",
                condition=Q(released_at=None, released_on=None)
                | Q(released_at__isnull=False, released_on__isnull=False),
            ),
        ]
        indexes = [Index(name="hold_of_customer", fields=["customer", "ends_on"])]
