"""The offer (有条件减免): penalty given up if the principal arrives in time. What was promised in writing binds."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q
from django.utils.translation import gettext_lazy as _


class Offer(models.Model):
    """A share of the penalty is waived if the named items are paid by a day. Taken or lapsed, never both.

    It is taken by itself in the transaction that books the money, and lapses by itself in the daily run (domain.md §3).
    Amounts are those of `offered_on`, minor units of `currency`; the calculation behind them is kept with them.
    """

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="+")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="offers", db_index=False)
    currency = models.CharField(max_length=3)
    waive_ppm = models.PositiveIntegerField(help_text="Share of the penalty that is waived: 500 000 = half of it.")
    principal_minor = models.BigIntegerField(help_text="What must arrive: open and not held on the day of the offer.")
    penalty_minor = models.BigIntegerField(help_text="Penalty and fixed cost on the day of the offer.")
    waived_minor = models.BigIntegerField(help_text="Of it, what the offer would waive on that day.")
    calculation = models.JSONField(default=list, help_text="The penalty of that day, line by line.")
    offered_on = models.DateField()
    expires_on = models.DateField(help_text="Last value date on which money is in time.")
    closes_on = models.DateField(help_text="Last day on which a bank statement may still bring money in time.")
    step_code = models.CharField(max_length=40, blank=True, help_text="Step of the ladder; blank: made by a person.")
    delivery = models.OneToOneField("outreach.Delivery", models.PROTECT, null=True, related_name="offer")
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    offered_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True, help_text="Null: waits for approval and binds nobody yet.")
    taken_on = models.DateField(null=True, help_text="Value date that completed the payment.")
    taken_at = models.DateTimeField(null=True)
    granted_minor = models.BigIntegerField(null=True, help_text="Penalty that was waived when it was taken.")
    lapsed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True, help_text="Declined, or called off before it was binding.")

    class Meta:
        constraints = [
            CheckConstraint(
                name="offer_taken_or_lapsed_never_both",
                condition=Q(taken_at=None, lapsed_at=None)
                | Q(taken_at=None, withdrawn_at=None)
                | Q(lapsed_at=None, withdrawn_at=None),
            ),
            CheckConstraint(
                name="offer_taken_completely",
                condition=Q(taken_at=None, taken_on=None, granted_minor=None)
                | Q(taken_at__isnull=False, taken_on__isnull=False, granted_minor__isnull=False),
            ),
            CheckConstraint(
                name="offer_taken_in_time_and_approved",
                condition=Q(taken_on=None) | Q(taken_on__lte=F("expires_on"), approved_at__isnull=False),
            ),
            CheckConstraint(name="offer_share_of_penalty", condition=Q(waive_ppm__gte=1, waive_ppm__lte=1_000_000)),
            CheckConstraint(
                name="offer_days_in_order",
                condition=Q(offered_on__lte=F("expires_on"), expires_on__lte=F("closes_on")),
            ),
            CheckConstraint(
                name="offer_waives_at_most_the_penalty",
                condition=Q(principal_minor__gt=0, waived_minor__gte=0, waived_minor__lte=F("penalty_minor")),
            ),
            CheckConstraint(
                name="offer_approved_by_another_person", condition=Q(approved_by=None) | ~Q(approved_by=F("offered_by"))
            ),
        ]
        indexes = [
            Index(name="offer_of_customer", fields=["customer", "-offered_on"]),
            Index(
                name="offer_running",
                fields=["entity", "closes_on"],
                condition=Q(taken_at=None, lapsed_at=None, withdrawn_at=None),
            ),
        ]


class OfferItem(models.Model):
    """One item that an offer names, as it stood on the day of the offer."""

    offer = models.ForeignKey(Offer, models.PROTECT, related_name="items")
    item = models.ForeignKey("receivables.OpenItem", models.PROTECT, related_name="offer_lines")
    principal_minor = models.BigIntegerField(help_text="To be paid.")
    held_minor = models.BigIntegerField(default=0, help_text="Disputed or otherwise held: need not be paid.")
    penalty_minor = models.BigIntegerField(help_text="Penalty and fixed cost.")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="offer_names_an_item_once", fields=["offer", "item"]),
            CheckConstraint(
                name="offer_item_amounts",
                condition=Q(principal_minor__gt=0, held_minor__gte=0, penalty_minor__gte=0),
            ),
        ]


class OfferChange(models.Model):
    """What became of an offer, and what was undone: append-only."""

    class State(models.TextChoices):
        """Where it then stood."""

        PROPOSED = "PROPOSED", _("Waiting for approval")
        RUNNING = "RUNNING", _("Running")
        TAKEN = "TAKEN", _("Taken")
        LAPSED = "LAPSED", _("Lapsed")
        WITHDRAWN = "WITHDRAWN", _("Called off")

    offer = models.ForeignKey(Offer, models.PROTECT, related_name="changes")
    state = models.CharField(max_length=10, choices=State)
    as_of = models.DateField()
    waived_minor = models.BigIntegerField(default=0)
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
