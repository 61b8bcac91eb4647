"""Risk marks (预警): facts that a person must see, open until they are no longer true."""

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class RiskMark(models.Model):
    """One warning on one customer: an open row stands, the run ends it when the facts no longer hold (C2)."""

    class Kind(models.TextChoices):
        """Warnings of product.md C2 and E7."""

        OVERDUE = "OVERDUE", _("Overdue")
        HIGH_RISK = "HIGH_RISK", _("Overdue more than 30 days")
        STOP_ORDERS = "STOP_ORDERS", _("Two or more overdue items in each of three months: stop new orders")
        LONG_TERM = "LONG_TERM", _("Overdue more than 180 days")
        BLACKLIST = "BLACKLIST", _("Blacklist proposed")

    customer = models.ForeignKey("parties.Customer", models.CASCADE, related_name="risk_marks")
    kind = models.CharField(max_length=20, choices=Kind)
    begun_on = models.DateField()
    ended_on = models.DateField(null=True)
    facts = models.JSONField(default=dict)

    class Meta:
        constraints = [
            UniqueConstraint(name="risk_mark_one_open", fields=["customer", "kind"], condition=Q(ended_on=None)),
            CheckConstraint(
                name="risk_mark_ends_after_begin", condition=Q(ended_on=None) | Q(ended_on__gte=F("begun_on"))
            ),
        ]
