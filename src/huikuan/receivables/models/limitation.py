"""What made the limitation period of a claim begin anew (诉讼时效中断, Civil Code 195)."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class LimitationEvent(models.Model):
    """One act that interrupts the limitation period of one item, with its evidence. Append-only.

    Nothing is computed here. An event whose evidence was taken back stays, and `queries.limitation` leaves it out.
    """

    class Kind(models.TextChoices):
        """By what (law.md §4)."""

        PART_PAYMENT = "PART_PAYMENT", _("Part payment by the debtor")
        PROMISE = "PROMISE", _("Promise to pay")
        PLAN_ACCEPTED = "PLAN_ACCEPTED", _("Installment plan accepted")
        STATEMENT_CONFIRMED = "STATEMENT_CONFIRMED", _("Account statement confirmed")
        DEMAND_DELIVERED = "DEMAND_DELIVERED", _("Demand delivered")
        TIME_ASKED = "TIME_ASKED", _("Debtor asked for time")

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="limitation_events", db_index=False)
    item = models.ForeignKey("receivables.OpenItem", models.PROTECT, related_name="limitation_events", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind)
    happened_on = models.DateField(help_text="From this day on the period runs anew.")
    who = models.CharField(max_length=200, blank=True, help_text="On the debtor's side: who paid, signed, asked.")
    evidence = models.CharField(max_length=80, help_text="What proves it: “receipt:12”, “plan:3”, “letter:7”.")
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            UniqueConstraint(name="limitation_event_once", fields=["item", "kind", "evidence"]),
            CheckConstraint(name="limitation_event_has_evidence", condition=~Q(evidence="")),
        ]
        indexes = [Index(name="limitation_event_of_customer", fields=["customer", "-happened_on"])]
