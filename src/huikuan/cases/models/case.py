"""The case (案件) and its balance per currency."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class Case(models.Model):
    """One overdue spell of one customer: opens with the first overdue item, closes when nothing is (domain §8)."""

    class Stage(models.TextChoices):
        """How far collection has come."""

        REMINDER = "REMINDER", _("Reminder")
        COLLECTION = "COLLECTION", _("Collection")
        FORMAL = "FORMAL", _("Formal demand")
        LEGAL = "LEGAL", _("Legal")
        AGENCY = "AGENCY", _("Agency")

    class Closing(models.TextChoices):
        """Why it closed."""

        PAID = "PAID", _("Paid")
        SETTLED = "SETTLED", _("Settled by credit or agreement")

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="cases")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="cases", db_index=False)  # see Meta
    number = models.CharField(max_length=40, unique=True)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)
    closing = models.CharField(max_length=10, choices=Closing, blank=True)
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.REMINDER)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="cases")
    next_action = models.CharField(max_length=40, help_text="Step code of the next thing due.")
    next_action_on = models.DateField()

    class Meta:
        constraints = [
            UniqueConstraint(name="case_one_open_per_customer", fields=["customer"], condition=Q(closed_on=None)),
            UniqueConstraint(name="case_one_per_spell", fields=["customer", "opened_on"]),
            CheckConstraint(
                name="case_closes_after_opening", condition=Q(closed_on=None) | Q(closed_on__gte=F("opened_on"))
            ),
        ]
        indexes = [
            Index(name="case_open_in_entity", fields=["entity", "next_action_on"], condition=Q(closed_on=None)),
            Index(name="case_open_of_owner", fields=["owner", "next_action_on"], condition=Q(closed_on=None)),
        ]

    def __str__(self) -> str:
        return self.number


class CaseBalance(models.Model):
    """What a case is about in one currency, as the last run saw it, and how far the ladder has been climbed in it.

    Holds no figure that grows by itself (days, penalty): those are computed when shown, from `oldest_due_on` and the
    items; so a night writes only rows whose facts changed.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="balances", db_index=False)  # see Meta
    currency = models.CharField(max_length=3)
    overdue_minor = models.BigIntegerField()
    open_minor = models.BigIntegerField()
    on_account_minor = models.BigIntegerField(default=0)
    held_minor = models.BigIntegerField(default=0)
    item_count = models.PositiveIntegerField(help_text="Overdue items.")
    oldest_due_on = models.DateField(null=True, help_text="Of the overdue items that are not held.")
    last_step_code = models.CharField(max_length=40, blank=True)
    last_step_rank = models.IntegerField(default=0, help_text="Rank in the ladder; 0: none taken in this spell.")
    last_step_on = models.DateField(null=True)
    last_occurrence = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [UniqueConstraint(name="case_balance_one_per_currency", fields=["case", "currency"])]
        indexes = [Index(name="case_balance_size", fields=["currency", "-overdue_minor"])]
