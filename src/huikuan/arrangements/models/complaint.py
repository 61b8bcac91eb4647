"""The complaint (投诉): what a customer is unhappy with, how fast he was answered, whether he is content."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q
from django.utils.translation import gettext_lazy as _

from huikuan.arrangements.models.dispute import Department


class Complaint(models.Model):
    """One line of the complaint register (G5). Open until it is resolved.

    Only a complaint about how we contact the customer holds contact; what is wrong with goods or services is disputed
    for its amount, and the rest is collected meanwhile (decision 0040).
    """

    class Kind(models.TextChoices):
        """What it is about."""

        GOODS = "GOODS", _("Goods")
        SERVICE = "SERVICE", _("Service")
        BILLING = "BILLING", _("Billing")
        CONDUCT = "CONDUCT", _("Conduct of collection")
        PRIVACY = "PRIVACY", _("Personal data")
        OTHER = "OTHER", _("Something else")

    class Via(models.TextChoices):
        """How it reached us."""

        PHONE = "PHONE", _("Telephone")
        EMAIL = "EMAIL", _("E-mail")
        WECHAT = "WECHAT", _("WeChat")
        LETTER = "LETTER", _("Letter")
        VISIT = "VISIT", _("Visit")
        AUTHORITY = "AUTHORITY", _("Authority or hotline")

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="+")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="complaints", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    via = models.CharField(max_length=10, choices=Via)
    text = models.TextField()
    department = models.CharField(max_length=10, choices=Department)
    responsible = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField()
    logged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    response_due_at = models.DateTimeField(help_text="One hour of working time after it was received.")
    hold = models.OneToOneField("policy.Hold", models.PROTECT, null=True, related_name="complaint")
    response = models.TextField(blank=True)
    responded_at = models.DateTimeField(null=True)
    responded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    resolution = models.TextField(blank=True)
    satisfaction = models.PositiveSmallIntegerField(null=True, help_text="1 (not at all) to 5 (very).")
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            CheckConstraint(
                name="complaint_satisfaction_from_1_to_5",
                condition=Q(satisfaction=None) | (Q(satisfaction__gte=1) & Q(satisfaction__lte=5)),
            ),
            CheckConstraint(
                name="complaint_answered_before_resolved",
                condition=Q(resolved_at=None) | (Q(responded_at__lte=F("resolved_at")) & ~Q(resolution="")),
            ),
            CheckConstraint(name="complaint_says_something", condition=~Q(text="")),
        ]
        indexes = [
            Index(name="complaint_in_entity", fields=["entity", "-received_at"]),
            Index(name="complaint_of_customer", fields=["customer", "-received_at"]),
        ]
