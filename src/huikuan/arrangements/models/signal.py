"""The delay signal (拖延信号): a fact that says the customer is playing for time, with its evidence."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class Signal(models.Model):
    """A signal of one kind, from the day the facts bear it out to the day they no longer do."""

    class Kind(models.TextChoices):
        """Signals of product.md C3."""

        PROMISES_BROKEN = "PROMISES_BROKEN", _("Promises broken repeatedly")
        VAGUE_PROCESS = "VAGUE_PROCESS", _("“In process” without a step named")
        SHRINKING_PAYMENTS = "SHRINKING_PAYMENTS", _("Part payments shrink")
        UNREACHABLE = "UNREACHABLE", _("Cannot be reached")
        PAYER_CHANGED = "PAYER_CHANGED", _("Pays from another account")
        ENFORCEMENT = "ENFORCEMENT", _("Enforcement record")

    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="signals", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind)
    begun_on = models.DateField()
    ended_on = models.DateField(null=True, help_text="First day on which the facts no longer bear it out.")
    evidence = models.JSONField(help_text="The facts it rests on: what, which rows, which days.")
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            UniqueConstraint(
                name="signal_once_while_it_stands", fields=["customer", "kind"], condition=Q(ended_on=None)
            ),
            CheckConstraint(
                name="signal_ends_after_it_begins", condition=Q(ended_on=None) | Q(ended_on__gte=F("begun_on"))
            ),
        ]
        indexes = [Index(name="signal_of_customer", fields=["customer", "-begun_on"])]


class EnforcementRecord(models.Model):
    """A public record about the customer, entered by hand with its source; ended when it is struck off."""

    class Kind(models.TextChoices):
        """What is on record."""

        ENFORCEMENT = "ENFORCEMENT", _("Subject to enforcement")
        DISHONEST = "DISHONEST", _("Listed as dishonest debtor")
        CONSUMPTION = "CONSUMPTION", _("Restricted from luxury spending")
        LITIGATION = "LITIGATION", _("Being sued")
        BANKRUPTCY = "BANKRUPTCY", _("Bankruptcy petition")

    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="enforcement_records")
    kind = models.CharField(max_length=12, choices=Kind)
    number = models.CharField(max_length=80, help_text="Number of the case.")
    court = models.CharField(max_length=120, blank=True)
    published_on = models.DateField()
    source = models.CharField(max_length=200, help_text="Where it can be looked up.")
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_on = models.DateField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            UniqueConstraint(name="enforcement_record_once", fields=["customer", "number"], condition=Q(ended_on=None)),
        ]
