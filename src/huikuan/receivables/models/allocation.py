"""The allocation (核销): which money or credit paid which item, and from which day on."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class Allocation(models.Model):
    """One step of an item's balance. Append-only: an error is undone by a row of the opposite sign (`reverses`).

    Triggers (storage migrations) refuse UPDATE and DELETE, refuse a currency, entity or customer that differs between
    the two sides, and move `open_minor`, `settled_on` and `unapplied_minor`; their CHECKs then refuse any excess.
    """

    class Basis(models.TextChoices):
        """Who decided what the money pays: stored because a court will ask (Civil Code 560, 561)."""

        DESIGNATED = "DESIGNATED", _("Named by the payer")
        CONTRACT = "CONTRACT", _("By contract")
        STATUTORY = "STATUTORY", _("Statutory order")
        MANUAL = "MANUAL", _("By hand")

    item = models.ForeignKey("receivables.OpenItem", models.PROTECT, related_name="allocations")
    receipt = models.ForeignKey("receivables.Receipt", models.PROTECT, null=True, related_name="allocations")
    credit_note = models.ForeignKey("receivables.CreditNote", models.PROTECT, null=True, related_name="allocations")
    write_off = models.ForeignKey("receivables.WriteOff", models.PROTECT, null=True, related_name="allocations")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField(help_text="Positive pays; negative only as the reversal of another row.")
    effective_on = models.DateField(help_text="Value date: the item's balance changes from this day on.")
    basis = models.CharField(max_length=12, choices=Basis)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    reason = models.CharField(max_length=200, blank=True)
    booked_at = models.DateTimeField()
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            CheckConstraint(
                name="allocation_from_exactly_one_source",
                condition=Q(receipt__isnull=False, credit_note=None, write_off=None)
                | Q(receipt=None, credit_note__isnull=False, write_off=None)
                | Q(receipt=None, credit_note=None, write_off__isnull=False),
            ),
            UniqueConstraint(
                name="allocation_one_per_write_off",
                fields=["write_off"],
                condition=Q(write_off__isnull=False, reverses=None),
            ),
            CheckConstraint(
                name="allocation_sign_fits_reversal",
                condition=Q(amount_minor__gt=0, reverses=None) | Q(amount_minor__lt=0, reverses__isnull=False),
            ),
        ]
        indexes = [
            Index(name="allocation_of_item", fields=["item", "effective_on"]),
            # What is allocated with effect after a day: the few rows that today's balances have ahead of that day.
            Index(name="allocation_by_day", fields=["effective_on"]),
        ]
