"""Creditor entities (债权主体) and their number sequences."""

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class Entity(models.Model):
    """A creditor: a company of the group, or a client of an agency. Every record belongs to exactly one."""

    class Business(models.TextChoices):
        """What the entity lives from; chooses the variants of ladder and words."""

        SALE = "SALE", _("Sale of goods")
        SERVICE = "SERVICE", _("Services")
        PROPERTY = "PROPERTY", _("Property management")
        LEASING = "LEASING", _("Leasing")

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    business = models.CharField(max_length=20, choices=Business, default=Business.SALE)
    currency = models.CharField(max_length=3, default="CNY")
    country = models.CharField(max_length=2, default="CN")
    time_zone = models.CharField(max_length=50, default="Asia/Shanghai")
    address = models.CharField(max_length=300, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email_from = models.EmailField(blank=True)
    bank_account = models.CharField(max_length=300, blank=True, help_text="How to pay, as printed in notices.")
    payment_url = models.URLField(max_length=500, blank=True)
    registration_no = models.CharField(max_length=40, blank=True, help_text="As printed in the letterhead.")
    counts_clicks = models.BooleanField(
        default=False, db_default=False, help_text="Links in mails lead by way of us, where the law lets us see it."
    )
    seal = models.ForeignKey(
        "journal.StoredFile", models.PROTECT, null=True, related_name="+", help_text="Image of the company seal."
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            CheckConstraint(name="entity_code_not_blank", condition=~Q(code="")),
            CheckConstraint(name="entity_name_not_blank", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class NumberSequence(models.Model):
    """The next free number of one kind in one entity and year (uniform numbering, A8). Taken under a row lock."""

    entity = models.ForeignKey(Entity, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    next_number = models.PositiveBigIntegerField(default=1)

    class Meta:
        constraints = [
            UniqueConstraint(name="number_sequence_one_per_kind", fields=["entity", "kind", "year"]),
            CheckConstraint(name="number_sequence_positive", condition=Q(next_number__gte=1)),
        ]
