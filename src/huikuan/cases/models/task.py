"""The worklist task (待办)."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Index, Q
from django.utils.translation import gettext_lazy as _


class Task(models.Model):
    """One thing for one person to do about one customer. Open until done or cancelled, each with who and when."""

    class Kind(models.TextChoices):
        """What is to be done."""

        CALL = "CALL", _("Call")
        VISIT = "VISIT", _("Visit")
        LETTER = "LETTER", _("Letter")
        REVIEW = "REVIEW", _("Review")
        APPROVE = "APPROVE", _("Decide")
        REPAIR = "REPAIR", _("Repair contact data")

    key = models.CharField(max_length=120, unique=True, help_text="Idempotency key: the same work is one row.")
    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="tasks")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="tasks", db_index=False)  # see Meta
    case = models.ForeignKey("cases.Case", models.PROTECT, null=True, related_name="tasks")
    kind = models.CharField(max_length=10, choices=Kind)
    step_code = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    overdue_minor = models.BigIntegerField(default=0)
    oldest_due_on = models.DateField(null=True)
    script = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=300, blank=True, db_default="", help_text="What the customer said about it.")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="tasks")
    due_on = models.DateField()
    priority = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=15, blank=True)
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            CheckConstraint(name="task_done_or_cancelled_not_both", condition=Q(done_at=None) | Q(cancelled_at=None)),
        ]
        indexes = [
            Index(
                name="task_open_of_owner",
                fields=["owner", "-priority"],
                condition=Q(done_at=None, cancelled_at=None),
            ),
            Index(
                name="task_open_in_entity",
                fields=["entity", "-priority"],
                condition=Q(done_at=None, cancelled_at=None),
            ),
            # All that is counted about open tasks, without reading them: by kind and step, by owner, late or not.
            Index(
                name="task_open_counted",
                fields=["entity", "kind", "step_code", "owner", "due_on"],
                condition=Q(done_at=None, cancelled_at=None),
            ),
            Index(
                name="task_done_in_entity", fields=["entity", "-done_at", "owner"], condition=Q(done_at__isnull=False)
            ),
            Index(name="task_open_of_customer", fields=["customer"], condition=Q(done_at=None, cancelled_at=None)),
            Index(name="task_of_customer", fields=["customer", "-created_at"]),
        ]
