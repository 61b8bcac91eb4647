"""The approval (审批): what one person asks another to allow. Four eyes, by amount levels of the policy."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint

from huikuan.parties.models import Role


class Approval(models.Model):
    """One role's yes or no to one arrangement. An arrangement may need several, each from another person."""

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="+")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="approvals")
    about = models.CharField(max_length=40, help_text="What is to be allowed: plan:12, restructuring:3 …")
    role = models.CharField(max_length=20, choices=Role, help_text="Who may decide.")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField(help_text="The amount that chose the level.")
    reasons = models.JSONField(default=list, help_text="Codes of the limits that are exceeded.")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    is_granted = models.BooleanField(null=True)
    note = models.CharField(max_length=300, blank=True)
    withdrawn_at = models.DateTimeField(null=True, help_text="Asked no longer: what it was about was called off.")

    class Meta:
        constraints = [
            CheckConstraint(
                name="approval_by_another_person", condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by"))
            ),
            CheckConstraint(
                name="approval_decided_completely",
                condition=Q(decided_by=None, decided_at=None, is_granted=None)
                | Q(decided_by__isnull=False, decided_at__isnull=False, is_granted__isnull=False, withdrawn_at=None),
            ),
            UniqueConstraint(
                name="approval_asked_once_per_role",
                fields=["about", "role"],
                condition=Q(decided_at=None, withdrawn_at=None),
            ),
        ]
        indexes = [
            Index(
                name="approval_open",
                fields=["entity", "role", "asked_at"],
                condition=Q(decided_at=None, withdrawn_at=None),
            ),
            Index(name="approval_about", fields=["about"]),
        ]

    @property
    def plan_id(self) -> int | None:
        """Return the plan that it is about; None when it is about something else."""
        noun, _, number = self.about.partition(":")
        return int(number) if noun == "plan" else None
