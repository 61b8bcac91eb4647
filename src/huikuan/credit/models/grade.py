"""The credit grade A/B/C/N with its explanation."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class Letter(models.TextChoices):
    """Grades of domain.md §4."""

    A = "A", _("A: pays on time")
    B = "B", _("B: sometimes late")
    C = "C", _("C: often late")
    N = "N", _("N: new")


class Grade(models.Model):
    """A customer's grade from one day until the next change; the row without end is the current one."""

    customer = models.ForeignKey("parties.Customer", models.CASCADE, related_name="grades")
    letter = models.CharField(max_length=1, choices=Letter)
    score = models.PositiveSmallIntegerField(help_text="0-100")
    begun_on = models.DateField()
    ended_on = models.DateField(null=True)
    explanation = models.JSONField(help_text="Every component with its points and facts.")

    class Meta:
        constraints = [
            UniqueConstraint(name="grade_one_current", fields=["customer"], condition=Q(ended_on=None)),
            CheckConstraint(name="grade_score_in_range", condition=Q(score__lte=100)),
            CheckConstraint(name="grade_ends_after_begin", condition=Q(ended_on=None) | Q(ended_on__gte=F("begun_on"))),
        ]
        indexes = [Index(name="grade_of_customer", fields=["customer", "-begun_on"])]


class GradeOverride(models.Model):
    """A grade set by hand, with reason, approver and an end."""

    customer = models.ForeignKey("parties.Customer", models.CASCADE, related_name="grade_overrides")
    letter = models.CharField(max_length=1, choices=Letter)
    reason = models.CharField(max_length=300)
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="Last day it holds.")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            UniqueConstraint(name="grade_override_one_open", fields=["customer"], condition=Q(ended_at=None)),
            CheckConstraint(name="grade_override_ends_after_start", condition=Q(ends_on__gte=F("starts_on"))),
            CheckConstraint(name="grade_override_has_reason", condition=~Q(reason="")),
        ]
