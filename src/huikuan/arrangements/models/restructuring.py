"""The restructuring (债务重组): more time, or a part of the principal given up, by approval."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Index, Q
from django.utils.translation import gettext_lazy as _


class Restructuring(models.Model):
    """A proposal with the comparison it rests on. Granted: the credit note is booked, or dunning waits."""

    class Kind(models.TextChoices):
        """What is changed."""

        EXTENSION = "EXTENSION", _("Extension")
        PARTIAL_WAIVER = "PARTIAL_WAIVER", _("Partial waiver of principal")

    class State(models.TextChoices):
        """Where it stands."""

        PROPOSED = "PROPOSED", _("Waiting for approval")
        GRANTED = "GRANTED", _("Granted")
        DECLINED = "DECLINED", _("Declined")
        WITHDRAWN = "WITHDRAWN", _("Called off")

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="+")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="restructurings", db_index=False)
    items = models.ManyToManyField("receivables.OpenItem", related_name="restructurings")
    kind = models.CharField(max_length=15, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    currency = models.CharField(max_length=3)
    open_minor = models.BigIntegerField(help_text="Open amount of its items when it was proposed.")
    waived_minor = models.BigIntegerField(default=0)
    extended_to = models.DateField(null=True, help_text="Last day on which paying is accepted as in time.")
    reason = models.CharField(max_length=300)
    comparison = models.JSONField(help_text="The expected recovery of each way, with its inputs, as it was shown.")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    ended_on = models.DateField(null=True, help_text="Day on which it was granted, declined or called off.")
    credit_note = models.OneToOneField("receivables.CreditNote", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            CheckConstraint(
                name="restructuring_gives_what_its_kind_says",
                condition=Q(kind="EXTENSION", extended_to__isnull=False, waived_minor=0)
                | Q(kind="PARTIAL_WAIVER", extended_to=None, waived_minor__gt=0),
            ),
            CheckConstraint(
                name="restructuring_ended_exactly_when_decided",
                condition=Q(state="PROPOSED", ended_on=None) | (~Q(state="PROPOSED") & Q(ended_on__isnull=False)),
            ),
        ]
        indexes = [Index(name="restructuring_of_customer", fields=["customer", "-proposed_at"])]
