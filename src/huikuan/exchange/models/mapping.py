"""Saved mappings: which heading of somebody's files means which column of ours."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint


class SavedMapping(models.Model):
    """How the files of one origin (an accounting program, a branch) are read; one per list and name."""

    kind = models.CharField(max_length=20, help_text="The list: customers, items …")
    name = models.CharField(max_length=60)
    columns = models.JSONField(default=dict, help_text="Column → heading in the file, or position from 1.")
    date_order = models.CharField(max_length=3, blank=True)
    encoding = models.CharField(max_length=40, blank=True)
    delimiter = models.CharField(max_length=1, blank=True)
    sheet = models.CharField(max_length=60, blank=True)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            UniqueConstraint(name="saved_mapping_one_per_name", fields=["kind", "name"]),
            CheckConstraint(name="saved_mapping_name_not_blank", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}"
