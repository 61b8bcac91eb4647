"""Message texts as rows: who wrote them, who approved them, which one is used. The shipped library is version 0."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class TemplateSlot(models.Model):
    """A place for a text (模板位): one kind on one channel in one language, for one sort of customer."""

    class Channel(models.TextChoices):
        """Where it is written or spoken."""

        EMAIL = "EMAIL", _("E-mail")
        SMS = "SMS", _("Text message")
        LETTER = "LETTER", _("Letter")
        PHONE = "PHONE", _("Telephone")
        VISIT = "VISIT", _("Visit")

    class Tone(models.TextChoices):
        """How it speaks (F2)."""

        FRIENDLY = "FRIENDLY", _("Friendly")
        CONTRACT = "CONTRACT", _("By the contract")
        LEGAL = "LEGAL", _("Legal consequence")

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="template_slots")
    kind = models.CharField(max_length=60, help_text="Of `outreach.rules.kinds` or `outreach.rules.scripts`.")
    channel = models.CharField(max_length=10, choices=Channel)
    language = models.CharField(max_length=10)
    tone = models.CharField(max_length=10, choices=Tone)
    industry = models.CharField(max_length=80, blank=True, help_text="Of the customer; blank: any.")
    grade = models.CharField(max_length=2, blank=True, help_text="Of the customer; blank: any.")
    is_long_term = models.BooleanField(default=False, help_text="Only for customers of many years.")

    class Meta:
        constraints = [
            UniqueConstraint(
                name="template_slot_once",
                fields=["entity", "kind", "channel", "language", "tone", "industry", "grade", "is_long_term"],
            ),
        ]


class TemplateVersion(models.Model):
    """One text of a slot. Append-only: a change is the next version, and what was sent can always be read again."""

    slot = models.ForeignKey(TemplateSlot, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    note = models.CharField(max_length=300, blank=True, help_text="What was changed and why.")
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()

    class Meta:
        constraints = [
            UniqueConstraint(name="template_version_number", fields=["slot", "number"]),
            CheckConstraint(name="template_version_from_one", condition=Q(number__gte=1)),
            CheckConstraint(name="template_version_says_something", condition=~Q(body="")),
        ]


class TemplateVerdict(models.Model):
    """What another person said of a version: approved, or returned with the reason. Append-only, once."""

    version = models.OneToOneField(TemplateVersion, models.PROTECT, related_name="verdict")
    is_approved = models.BooleanField()
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", help_text="Of the version; for the check below."
    )
    judged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    judged_at = models.DateTimeField()
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            CheckConstraint(name="template_verdict_four_eyes", condition=~Q(judged_by=F("drafted_by"))),
        ]


class TemplateActivation(models.Model):
    """A version in use: an open row is the one that is sent; without one the shipped text is (version 0)."""

    slot = models.ForeignKey(TemplateSlot, models.PROTECT, related_name="activations")
    version = models.ForeignKey(TemplateVersion, models.PROTECT, related_name="activations")
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            UniqueConstraint(name="template_one_in_use", fields=["slot"], condition=Q(ended_at=None)),
            CheckConstraint(
                name="template_use_ends_after_begin", condition=Q(ended_at=None) | Q(ended_at__gte=F("begun_at"))
            ),
        ]


class WrittenText(models.Model):
    """Words that a person wrote for one customer; a delivery of kind “text” is about one. Append-only."""

    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="written_texts")
    channel = models.CharField(max_length=10, choices=TemplateSlot.Channel)
    language = models.CharField(max_length=10)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints = [CheckConstraint(name="written_text_says_something", condition=~Q(body=""))]
        indexes = [Index(name="written_text_of_customer", fields=["customer", "-written_at"])]
