"""The journal entry and its seal."""

from django.conf import settings
from django.db import models
from django.db.models import Index


class Entry(models.Model):
    """One act: who, when, what, to which row, with which facts. Append-only: the database refuses any change."""

    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    event = models.CharField(max_length=60, help_text="Stable code such as receivables.receipt-booked")
    entity_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True, help_text="Whose timeline shows it; null for none.")
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.BigIntegerField(null=True)
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = [
            Index(name="journal_subject", fields=["subject_type", "subject_id"]),
            Index(name="journal_customer", fields=["customer_id", "-at"]),
            Index(name="journal_entity_at", fields=["entity_id", "-at"]),
        ]


class Seal(models.Model):
    """An entry's place in the hash chain. Written afterwards, in order, by one sealer: commands never wait for it."""

    entry = models.OneToOneField(Entry, models.PROTECT, related_name="seal")
    position = models.PositiveBigIntegerField(unique=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)
    sealed_at = models.DateTimeField()
