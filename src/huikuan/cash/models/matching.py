"""Matching (匹配): what is proposed for a bank line, what was decided, and what was learned from it."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class MatchTerms(models.Model):
    """What an entity sets for matching: from which confidence on by itself, and what bank charges may be missing."""

    entity = models.OneToOneField("parties.Entity", models.PROTECT, related_name="match_terms")
    threshold = models.PositiveSmallIntegerField(default=80, help_text="0 to 100; 101: never by itself.")
    charge_minor = models.PositiveBigIntegerField(default=0, help_text="Bank charges that a payment may lack.")
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [CheckConstraint(name="match_threshold_in_range", condition=Q(threshold__lte=101))]


class Proposal(models.Model):
    """What the matcher would answer for a line that nobody has decided. Made anew by every matching."""

    line = models.OneToOneField("cash.StatementLine", models.CASCADE, related_name="proposal")
    confidence = models.PositiveSmallIntegerField()
    has_rival = models.BooleanField(help_text="Another answer is of nearly equal worth.")
    candidates = models.JSONField(help_text="Best first: customer_id, parts, on_account_minor, score, reasons.")
    rejected = models.JSONField(default=list, help_text="Customers whom a person ruled out for this line.")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [CheckConstraint(name="proposal_confidence_in_range", condition=Q(confidence__lte=100))]


class Match(models.Model):
    """A decision whose money a line is and what it pays. An open row is the match; undoing ends it."""

    line = models.ForeignKey("cash.StatementLine", models.PROTECT, related_name="matches")
    receipt = models.ForeignKey("receivables.Receipt", models.PROTECT, related_name="+")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="+")
    confidence = models.PositiveSmallIntegerField(null=True, help_text="Null: a person found it without a proposal.")
    reasons = models.JSONField(default=list)
    is_automatic = models.BooleanField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    undone_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            UniqueConstraint(name="match_one_open_per_line", fields=["line"], condition=Q(undone_at=None)),
            CheckConstraint(
                name="match_undone_after_made", condition=Q(undone_at=None) | Q(undone_at__gte=F("made_at"))
            ),
        ]
        indexes = [Index(name="match_of_customer", fields=["customer", "-made_at"])]


class KnownPayer(models.Model):
    """For whom an account, or a payer's name, paid before: confirmed and rejected by decisions on lines."""

    class Kind(models.TextChoices):
        """What the payer is known by."""

        ACCOUNT = "ACCOUNT", _("Account")
        NAME = "NAME", _("Name")

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    key = models.CharField(max_length=200, help_text="Capitals, digits and Chinese characters only.")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="known_payers")
    confirmed_count = models.PositiveIntegerField(default=0)
    rejected_count = models.PositiveIntegerField(default=0)
    seen_on = models.DateField(help_text="The latest day of a line that taught it.")

    class Meta:
        constraints = [
            UniqueConstraint(name="known_payer_once", fields=["entity", "kind", "key", "customer"]),
            CheckConstraint(name="known_payer_key_not_blank", condition=~Q(key="")),
        ]
        indexes = [Index(name="known_payer_of_customer", fields=["customer", "kind"])]
