"""The policy as data, one row per version."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint


class PolicyVersion(models.Model):
    """One immutable version of an entity's policy file; the latest whose `starts_on` is not after the day rules it."""

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="policy_versions")
    number = models.PositiveIntegerField(help_text="1, 2, 3 … within the entity.")
    name = models.CharField(max_length=80)
    starts_on = models.DateField()
    source = models.TextField(help_text="The YAML file as uploaded.")
    sha256 = models.CharField(max_length=64)
    note = models.CharField(max_length=300, blank=True)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            UniqueConstraint(name="policy_version_number_in_entity", fields=["entity", "number"]),
            CheckConstraint(name="policy_version_number_positive", condition=Q(number__gte=1)),
        ]
        indexes = [Index(name="policy_version_effective", fields=["entity", "-starts_on", "-number"])]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"
