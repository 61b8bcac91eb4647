"""Files kept as evidence: what they are and what they belong to. Their bytes lie in the content store."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Index, Q

from huikuan.journal.models.entry import Entry


class StoredFile(models.Model):
    """One file as evidence of one thing: a letter, a photo, a recording. Append-only; the bytes are stored by hash.

    The same bytes kept for two subjects are two rows over one blob. The journal entry beside it holds the hash, so that
    the hash chain covers the file.
    """

    sha256 = models.CharField(max_length=64)
    byte_count = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=100, help_text="As found in the content, not as the sender called it.")
    kind = models.CharField(max_length=20, help_text="A code of journal.rules.media.FileKind.")
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=200, blank=True)
    entity_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True, help_text="Whose evidence it is; null for none.")
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.BigIntegerField(null=True)
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="file")
    kept_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [
            CheckConstraint(name="stored_file_not_empty", condition=Q(byte_count__gte=1)),
        ]
        indexes = [
            Index(name="stored_file_content", fields=["sha256"]),
            Index(name="stored_file_customer", fields=["customer_id", "-kept_at"]),
            Index(name="stored_file_subject", fields=["subject_type", "subject_id"]),
        ]
