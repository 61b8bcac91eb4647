"""Contracts (合同) and the guarantees given for them."""

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class Contract(models.Model):
    """What was agreed: when payment falls due, what lateness costs, which clause says so."""

    class Kind(models.TextChoices):
        """Kinds of contract (A4)."""

        SALE = "SALE", _("Sale")
        LEASE = "LEASE", _("Lease")
        FINANCIAL_LEASE = "FINANCIAL_LEASE", _("Financial lease")
        PROPERTY = "PROPERTY", _("Property management")
        SERVICE = "SERVICE", _("Service or subscription")
        WORKS = "WORKS", _("Works")

    class DueBasis(models.TextChoices):
        """How the due date follows from the issue date."""

        NET_DAYS = "NET_DAYS", _("N days after issue")
        END_OF_MONTH = "END_OF_MONTH", _("N days, then end of that month")
        FIXED_DAY = "FIXED_DAY", _("Fixed day of the month, N days after issue at the earliest")

    class AllocationOrder(models.TextChoices):
        """What money pays first when the payer named nothing (law.md §3, Civil Code 560/561)."""

        PRINCIPAL_FIRST = "PRINCIPAL_FIRST", _("Principal first, oldest due first, by contract")
        STATUTORY = "STATUTORY", _("Statutory order")

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="contracts")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="contracts")
    number = models.CharField(max_length=60)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.SALE)
    signed_on = models.DateField(null=True)
    effective_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    due_basis = models.CharField(max_length=20, choices=DueBasis, default=DueBasis.NET_DAYS)
    term_days = models.PositiveSmallIntegerField(null=True)
    fixed_day = models.PositiveSmallIntegerField(null=True)
    cycle_months = models.PositiveSmallIntegerField(null=True, help_text="Installment cycle of rent or fees.")
    cycle_amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, default="CNY")
    credit_limit_minor = models.BigIntegerField(null=True)
    terms = models.ForeignKey("receivables.PenaltyTerms", models.PROTECT, null=True, related_name="contracts")
    clause = models.CharField(max_length=120, blank=True, help_text="Clause to cite for due date and penalty.")
    acceleration_missed_count = models.PositiveSmallIntegerField(
        null=True, help_text="After N consecutive unpaid installments everything falls due."
    )
    retains_title = models.BooleanField(default=False)
    forum = models.CharField(max_length=200, blank=True, help_text="Court or arbitration agreed.")
    service_address = models.CharField(max_length=300, blank=True)
    allocation_order = models.CharField(max_length=20, choices=AllocationOrder, default=AllocationOrder.PRINCIPAL_FIRST)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            UniqueConstraint(name="contract_number_in_entity", fields=["entity", "number"]),
            CheckConstraint(name="contract_number_not_blank", condition=~Q(number="")),
            CheckConstraint(
                name="contract_fixed_day_is_a_day",
                condition=Q(fixed_day=None) | (Q(fixed_day__gte=1) & Q(fixed_day__lte=31)),
            ),
            CheckConstraint(
                name="contract_ends_after_start",
                condition=Q(ends_on=None) | Q(effective_on=None) | Q(ends_on__gte=F("effective_on")),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Guarantee(models.Model):
    """A guarantee (担保) for a contract. Its period is never suspended or interrupted (Civil Code 692)."""

    class Kind(models.TextChoices):
        """Form of guarantee; unspecified counts as general (Civil Code 686)."""

        GENERAL = "GENERAL", _("General guarantee")
        JOINT = "JOINT", _("Joint and several guarantee")

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="guarantees")
    guarantor = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.GENERAL)
    limit_minor = models.BigIntegerField(null=True)
    period_ends_on = models.DateField(null=True, help_text="Null: six months after each due date.")
