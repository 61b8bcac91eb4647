"""The dispute (争议): one item, one amount, one department that must answer. Only that amount is held."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class Department(models.TextChoices):
    """Who answers what a customer objects to or complains of."""

    SERVICE = "SERVICE", _("Customer service")
    SALES = "SALES", _("Sales")
    QUALITY = "QUALITY", _("Quality")
    LOGISTICS = "LOGISTICS", _("Logistics")
    FINANCE = "FINANCE", _("Finance")


class Dispute(models.Model):
    """An objection to a part of an item. Open until it is decided; the rest of the item is pursued (domain.md §7)."""

    class Kind(models.TextChoices):
        """What is objected to."""

        QUALITY = "QUALITY", _("Quality")
        QUANTITY = "QUANTITY", _("Quantity")
        PRICE = "PRICE", _("Price")
        DELIVERY = "DELIVERY", _("Delivery")
        SERVICE = "SERVICE", _("Service")
        INVOICE = "INVOICE", _("Invoice missing or wrong")
        PAID = "PAID", _("Says it is paid")
        OTHER = "OTHER", _("Something else")

    class Decision(models.TextChoices):
        """How it ended."""

        CREDIT_NOTE = "CREDIT_NOTE", _("Credit note")
        REJECTED = "REJECTED", _("Rejected")
        AGREED = "AGREED", _("Agreed on an amount")
        PAID = "PAID", _("Paid after all")
        WITHDRAWN = "WITHDRAWN", _("Withdrawn by the customer")

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="+")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="disputes", db_index=False)
    item = models.ForeignKey("receivables.OpenItem", models.PROTECT, related_name="disputes")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField(help_text="Disputed; at most what was open.")
    kind = models.CharField(max_length=10, choices=Kind)
    department = models.CharField(max_length=10, choices=Department)
    text = models.TextField(help_text="What the customer says.")
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    hold = models.OneToOneField("policy.Hold", models.PROTECT, related_name="dispute")
    answer_due_at = models.DateTimeField(help_text="One hour of working time after it was raised.")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    resolve_due_on = models.DateField(help_text="Ten working days after it was raised.")
    escalated_on = models.DateField(null=True)
    decision = models.CharField(max_length=12, choices=Decision, blank=True)
    conceded_minor = models.BigIntegerField(null=True, help_text="What the customer need not pay.")
    credit_note = models.OneToOneField("receivables.CreditNote", models.PROTECT, null=True, related_name="dispute")
    explanation = models.TextField(blank=True, help_text="Why it was decided so: goes into the notice.")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            UniqueConstraint(name="dispute_open_once_per_item", fields=["item"], condition=Q(decided_at=None)),
            CheckConstraint(name="dispute_amount_positive", condition=Q(amount_minor__gt=0)),
            CheckConstraint(
                name="dispute_decided_completely",
                condition=Q(decided_at=None, decision="", conceded_minor=None, credit_note=None)
                | (Q(decided_at__isnull=False, conceded_minor__gte=0) & ~Q(decision="")),
            ),
            CheckConstraint(
                name="dispute_concedes_by_credit_note",
                condition=Q(conceded_minor=None)
                | Q(conceded_minor=0, credit_note=None)
                | Q(conceded_minor__gt=0, credit_note__isnull=False, decision__in=["CREDIT_NOTE", "AGREED"]),
            ),
            CheckConstraint(
                name="dispute_concedes_at_most_the_disputed",
                condition=Q(conceded_minor=None) | Q(conceded_minor__lte=models.F("amount_minor")),
            ),
        ]
        indexes = [
            Index(name="dispute_of_customer", fields=["customer", "-raised_at"]),
            Index(name="dispute_open", fields=["entity", "resolve_due_on"], condition=Q(decided_at=None)),
        ]


class DisputeMessage(models.Model):
    """One thing said inside the house about a dispute, or a piece of evidence. Append-only."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="messages")
    text = models.TextField(blank=True)
    file = models.ForeignKey("journal.StoredFile", models.PROTECT, null=True, related_name="+")
    is_answer = models.BooleanField(default=False, help_text="The customer was told.")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            CheckConstraint(name="dispute_message_says_something", condition=~Q(text="") | Q(file__isnull=False))
        ]
