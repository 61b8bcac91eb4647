"""The account statement (对账单): what a period did to an account, frozen, and what the customer said to it."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class StatementState(models.TextChoices):
    """The life of an account statement."""

    MADE = "MADE", _("Made, not sent")
    SENT = "SENT", _("Sent, no answer yet")
    CONFIRMED = "CONFIRMED", _("Confirmed")
    DIFFERS = "DIFFERS", _("Differs")
    SETTLED = "SETTLED", _("Differences resolved")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")


class AccountStatement(models.Model):
    """One customer's account in one currency over one period; its numbers and lines never change (KEPT trigger).

    Opening balance and closing balance are what is open less what is on account on the day before the period and on
    its last day. Penalty runs beside it and is no part of the balance.
    """

    class Answer(models.TextChoices):
        """By which way the customer answered."""

        LINK = "LINK", _("By signed link")
        SLIP = "SLIP", _("By signed slip")

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="+")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="account_statements")
    number = models.CharField(max_length=60, unique=True)
    currency = models.CharField(max_length=3)
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="Last day of the period, included.")
    opening_minor = models.BigIntegerField(help_text="Negative: the customer had money on account.")
    charged_minor = models.BigIntegerField(help_text="Items issued in the period.")
    credited_minor = models.BigIntegerField(help_text="Credit notes.")
    received_minor = models.BigIntegerField(help_text="Money received.")
    written_off_minor = models.BigIntegerField(help_text="Written off, less what was taken back.")
    closing_minor = models.BigIntegerField()
    penalty_minor = models.BigIntegerField(help_text="Of what is open at the end, stated apart.")
    language = models.CharField(max_length=10)
    data = models.JSONField(help_text="Lines of the period and open items at its end, as they were.")
    pdf = models.ForeignKey("journal.StoredFile", models.PROTECT, related_name="+")
    xlsx = models.ForeignKey("journal.StoredFile", models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=StatementState, default=StatementState.MADE)
    sent_count = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    answer_by = models.DateField(null=True, help_text="Until when an answer is asked for.")
    reminder_count = models.PositiveSmallIntegerField(default=0)
    remind_on = models.DateField(null=True, help_text="When the next reminder is due; null: none is.")
    answered_at = models.DateTimeField(null=True)
    answered_via = models.CharField(max_length=10, choices=Answer, blank=True)
    answered_by = models.CharField(max_length=120, blank=True, help_text="Name of the person who answered.")

    class Meta:
        constraints = [
            UniqueConstraint(
                name="account_statement_once_a_period",
                fields=["customer", "currency", "starts_on", "ends_on"],
                condition=~Q(state="WITHDRAWN"),
            ),
            CheckConstraint(name="account_statement_period", condition=Q(ends_on__gte=F("starts_on"))),
            CheckConstraint(
                name="account_statement_adds_up",
                condition=Q(
                    closing_minor=F("opening_minor")
                    + F("charged_minor")
                    - F("credited_minor")
                    - F("received_minor")
                    - F("written_off_minor")
                ),
            ),
            CheckConstraint(
                name="account_statement_answer_by_somebody",
                condition=~Q(state__in=["CONFIRMED", "DIFFERS", "SETTLED"])
                | (Q(answered_at__isnull=False) & ~Q(answered_via="") & ~Q(answered_by="")),
            ),
        ]
        indexes = [
            Index(name="account_statement_of_customer", fields=["customer", "-ends_on"]),
            Index(name="account_statement_by_state", fields=["entity", "state", "-ends_on"]),
            Index(name="account_statement_remind", fields=["remind_on"], condition=Q(remind_on__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.number


class StatementDifference(models.Model):
    """One line that the customer sees differently, followed until it is resolved."""

    class Resolution(models.TextChoices):
        """How it ended."""

        CREDIT_NOTE = "CREDIT_NOTE", _("Credit note")
        CORRECTION = "CORRECTION", _("Our books are corrected")
        EXPLAINED = "EXPLAINED", _("Explained, our figure stands")

    statement = models.ForeignKey(AccountStatement, models.PROTECT, related_name="differences")
    number = models.CharField(max_length=80, help_text="Document of ours or, where we have none, of the customer.")
    ours_minor = models.BigIntegerField(null=True, help_text="Null: not among our lines.")
    theirs_minor = models.BigIntegerField(null=True, help_text="By the customer's books; null: not in them.")
    reason = models.CharField(max_length=500)
    file = models.ForeignKey("journal.StoredFile", models.PROTECT, null=True, related_name="+")
    raised_at = models.DateTimeField()
    resolution = models.CharField(max_length=12, choices=Resolution, blank=True)
    credit_note = models.ForeignKey("receivables.CreditNote", models.PROTECT, null=True, related_name="+")
    explanation = models.CharField(max_length=500, blank=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            CheckConstraint(name="statement_difference_says_why", condition=~Q(reason="")),
            CheckConstraint(
                name="statement_difference_resolved_in_words",
                condition=Q(resolution="", resolved_at=None)
                | (~Q(resolution="") & Q(resolved_at__isnull=False) & ~Q(explanation="")),
            ),
            CheckConstraint(
                name="statement_difference_credit_note",
                condition=Q(credit_note=None) | Q(resolution="CREDIT_NOTE"),
            ),
        ]


class StatementChange(models.Model):
    """One thing that happened to an account statement. Append-only."""

    statement = models.ForeignKey(AccountStatement, models.PROTECT, related_name="changes")
    difference = models.ForeignKey(StatementDifference, models.PROTECT, null=True, related_name="changes")
    state = models.CharField(max_length=10, choices=StatementState)
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    said = models.CharField(max_length=500, blank=True)
    file = models.ForeignKey("journal.StoredFile", models.PROTECT, null=True, related_name="+")
