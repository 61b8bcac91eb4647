"""Penalty terms (违约金条款) and the reference rates they may hang on."""

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class PenaltyTerms(models.Model):
    """How a late payment is penalized. Immutable and stored once per content (`fingerprint`); shared by many items.

    The exact meaning of every field: domain.md §3. Rates are exact: ppb = parts per 10**9 of the principal.
    """

    class Kind(models.TextChoices):
        """What the rate is."""

        NONE = "NONE", _("No penalty")
        PER_DAY = "PER_DAY", _("Per day")
        PER_YEAR = "PER_YEAR", _("Per year")
        REFERENCE = "REFERENCE", _("Reference rate")

    class Anchor(models.TextChoices):
        """Which publication of the reference rate counts (law.md §9)."""

        FLOATING = "FLOATING", _("Each day's rate")
        AT_BREACH = "AT_BREACH", _("Rate on the first day late")
        AT_CONTRACT = "AT_CONTRACT", _("Rate on the contract date")

    class GraceMode(models.TextChoices):
        """What grace days mean."""

        FORGIVING = "FORGIVING", _("Nothing when paid within grace, otherwise from the day after due")
        SHIFTING = "SHIFTING", _("Counting starts after grace")

    class Rounding(models.TextChoices):
        """Where the one rounding happens."""

        ONCE = "ONCE", _("Once per item")
        PER_DAY = "PER_DAY", _("The amount of each day")

    fingerprint = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    rate_ppb = models.BigIntegerField(
        default=0, help_text="Per day or per year by kind; margin per year for REFERENCE."
    )
    basis_days = models.PositiveSmallIntegerField(null=True, help_text="360 or 365; null for PER_DAY and NONE.")
    reference_code = models.CharField(max_length=20, blank=True, help_text="CN_LPR_1Y …")
    multiple_ppm = models.BigIntegerField(default=0, help_text="1 500 000 = 1.5 times the reference rate.")
    anchor = models.CharField(max_length=12, choices=Anchor, blank=True)
    anchor_on = models.DateField(null=True, help_text="Contract date for AT_CONTRACT.")
    grace_days = models.PositiveSmallIntegerField(default=0)
    grace_mode = models.CharField(max_length=10, choices=GraceMode, default=GraceMode.SHIFTING)
    cap_share_ppm = models.BigIntegerField(null=True, help_text="Cap as a share of the original amount.")
    cap_minor = models.BigIntegerField(null=True)
    fee_bands = models.JSONField(default=list, help_text="Fixed recovery cost: [[from_minor, fee_minor], …] ascending.")
    rounding = models.CharField(max_length=10, choices=Rounding, default=Rounding.ONCE)
    source = models.CharField(max_length=200, blank=True, help_text="Contract clause or statute the terms come from.")

    class Meta:
        constraints = [
            CheckConstraint(name="terms_rate_not_negative", condition=Q(rate_ppb__gte=0) & Q(multiple_ppm__gte=0)),
            CheckConstraint(
                name="terms_basis_fits_kind",
                condition=Q(kind__in=["NONE", "PER_DAY"], basis_days=None)
                | Q(kind__in=["PER_YEAR", "REFERENCE"], basis_days__in=[360, 365]),
            ),
            CheckConstraint(
                name="terms_reference_complete",
                condition=~Q(kind="REFERENCE") | (~Q(reference_code="") & ~Q(anchor="")),
            ),
            CheckConstraint(
                name="terms_contract_anchor_dated", condition=~Q(anchor="AT_CONTRACT") | Q(anchor_on__isnull=False)
            ),
            CheckConstraint(name="terms_cap_not_negative", condition=Q(cap_minor=None) | Q(cap_minor__gte=0)),
            CheckConstraint(
                name="terms_cap_share_not_negative", condition=Q(cap_share_ppm=None) | Q(cap_share_ppm__gte=0)
            ),
        ]


class ReferenceRate(models.Model):
    """A published reference rate from its day on (LPR …), with the source and whether it was verified (law.md §4)."""

    code = models.CharField(max_length=20)
    starts_on = models.DateField()
    rate_ppm = models.BigIntegerField(help_text="3.00 % a year = 30 000")
    source = models.CharField(max_length=200, blank=True)
    is_verified = models.BooleanField(default=False)

    class Meta:
        constraints = [UniqueConstraint(name="reference_rate_once_per_day", fields=["code", "starts_on"])]


class DefaultTerms(models.Model):
    """The penalty terms of an entity's items whose contract is silent (the statutory profile chosen for it)."""

    entity = models.OneToOneField("parties.Entity", models.CASCADE, related_name="default_terms")
    terms = models.ForeignKey(PenaltyTerms, models.PROTECT, related_name="+")
