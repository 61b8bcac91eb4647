"""What a person at a customer agreed to (同意), and how we know."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class Consent(models.Model):
    """One agreement of one person, on one channel or on all: it holds until it ends or expires.

    Nobody is asked for more than is needed: a consent lifts only the rule that it names, and only for that person.
    """

    class Kind(models.TextChoices):
        """What was agreed to."""

        OUTSIDE_HOURS = "OUTSIDE_HOURS", _("Contact outside the usual hours")
        MORE_OFTEN = "MORE_OFTEN", _("Contact more often than the usual limits")
        VISIT = "VISIT", _("Visits")
        RECORDING = "RECORDING", _("Recording of calls")
        POSITION = "POSITION", _("Position at a visit")
        TRACKING = "TRACKING", _("Seeing whether messages are opened")

    class Source(models.TextChoices):
        """How it was given."""

        WRITTEN = "WRITTEN", _("In writing")
        SPOKEN = "SPOKEN", _("By word of mouth")
        CONTRACT = "CONTRACT", _("In the contract")
        PORTAL = "PORTAL", _("By himself, on the payment page")

    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="consents")
    person = models.ForeignKey("parties.ContactPerson", models.PROTECT, related_name="consents")
    kind = models.CharField(max_length=20, choices=Kind)
    channel = models.CharField(max_length=10, blank=True, help_text="Blank: every channel.")
    source = models.CharField(max_length=10, choices=Source)
    evidence = models.CharField(max_length=300, help_text="Where it can be read or heard: a letter, a call, a clause.")
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField(null=True, help_text="Null: until it is withdrawn.")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            UniqueConstraint(name="consent_one_open", fields=["person", "kind", "channel"], condition=Q(ended_at=None)),
            CheckConstraint(name="consent_has_evidence", condition=~Q(evidence="")),
            CheckConstraint(
                name="consent_expires_after_begin", condition=Q(expires_at=None) | Q(expires_at__gt=F("begun_at"))
            ),
            CheckConstraint(
                name="consent_ends_after_begin", condition=Q(ended_at=None) | Q(ended_at__gte=F("begun_at"))
            ),
        ]
