"""Who owes or is owed instead (债权转让, 债务转移): recorded and shown; it moves no money."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q
from django.utils.translation import gettext_lazy as _


class Assignment(models.Model):
    """Items that were assigned to another creditor, or whose debt another debtor took over."""

    class Kind(models.TextChoices):
        """What passes on."""

        CLAIM = "CLAIM", _("Claim assigned to another creditor")
        DEBT = "DEBT", _("Debt taken over by another debtor")

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="+")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="assignments")
    kind = models.CharField(max_length=10, choices=Kind)
    party = models.CharField(max_length=200, help_text="The new creditor or debtor.")
    other = models.ForeignKey(
        "parties.Customer", models.PROTECT, null=True, related_name="+", help_text="The new debtor, if a customer."
    )
    agreed_on = models.DateField()
    notified_on = models.DateField(
        null=True, help_text="The debtor was told (Civil Code 546), or the creditor agreed (551); null: not yet."
    )
    note = models.CharField(max_length=300, blank=True)
    items = models.ManyToManyField("receivables.OpenItem", related_name="assignments")
    document = models.ForeignKey("journal.StoredFile", models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            CheckConstraint(name="assignment_names_party", condition=~Q(party="")),
            CheckConstraint(
                name="assignment_notified_after_agreed",
                condition=Q(notified_on=None) | Q(notified_on__gte=F("agreed_on")),
            ),
        ]
        indexes = [Index(name="assignment_of_customer", fields=["customer", "-agreed_on"])]
