"""The charge (加收): a penalty, or costs of enforcing a claim, made an item of its own so that money can pay it."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class Charge(models.Model):
    """An item that stands beside another: money pays it before the principal, or after, as law and contract say.

    What is charged of a penalty no longer runs: a `PenaltyWaiver` about the charge takes it off the calculation from
    the same day, so nothing is claimed twice.
    """

    class Kind(models.TextChoices):
        """What it is beside the principal (Civil Code 561)."""

        PENALTY = "PENALTY", _("Late-payment penalty")
        COSTS = "COSTS", _("Costs of enforcement")

    item = models.ForeignKey("receivables.OpenItem", models.PROTECT, related_name="charges")
    booked_as = models.OneToOneField("receivables.OpenItem", models.PROTECT, related_name="charge")
    kind = models.CharField(max_length=10, choices=Kind)
    through_on = models.DateField(help_text="The penalty up to this day, the day included.")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    calculation = models.JSONField(default=list, help_text="The lines of the calculation as they were on that day.")
    reason = models.CharField(max_length=200, blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    booked_at = models.DateTimeField()
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            CheckConstraint(name="charge_amount_positive", condition=Q(amount_minor__gt=0)),
            UniqueConstraint(
                name="charge_penalty_once_a_day",
                fields=["item", "through_on"],
                condition=Q(kind="PENALTY", withdrawn_at=None),
            ),
        ]
