"""Contacts that have begun and are not in the log yet."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Index, Q


class Attempt(models.Model):
    """A contact the guard allowed and that has begun: a number dialed, a visitor at the door. Append-only.

    It counts for the contact limits from its instant on; the log entry that tells what came of it takes its place.
    """

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="+")
    customer = models.ForeignKey(
        "parties.Customer", models.PROTECT, related_name="attempts", db_index=False
    )  # see Meta
    person = models.ForeignKey("parties.ContactPerson", models.PROTECT, related_name="+")
    channel = models.CharField(max_length=10)
    address = models.CharField(max_length=254, blank=True, help_text="Number dialed.")
    at = models.DateTimeField()
    visitor_count = models.PositiveSmallIntegerField(default=0)
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [CheckConstraint(name="attempt_by_voice_or_visit", condition=Q(channel__in=["PHONE", "VISIT"]))]
        indexes = [
            Index(name="attempt_of_customer", fields=["customer", "-at"]),
            Index(name="attempt_by_address", fields=["address", "-at"]),
        ]
