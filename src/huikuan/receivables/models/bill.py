"""The bill of exchange (汇票) received for items: conditional payment, until its acceptor has paid."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class BillState(models.TextChoices):
    """Where the bill is."""

    HELD = "HELD", _("Held")
    PLEDGED = "PLEDGED", _("Pledged")
    ENDORSED = "ENDORSED", _("Endorsed onward")
    DISCOUNTED = "DISCOUNTED", _("Discounted")
    PRESENTED = "PRESENTED", _("Presented for payment")
    PAID = "PAID", _("Paid")
    DISHONORED = "DISHONORED", _("Dishonored")


class Bill(models.Model):
    """A bill in our hands or passed on. Its receipt pays items like money and is taken back when it is dishonored."""

    class Kind(models.TextChoices):
        """Who promised to pay."""

        BANK = "BANK", _("Bank acceptance bill")
        COMMERCIAL = "COMMERCIAL", _("Commercial acceptance bill")

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="+")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="bills")
    receipt = models.OneToOneField("receivables.Receipt", models.PROTECT, related_name="bill")
    number = models.CharField(max_length=30)
    kind = models.CharField(max_length=10, choices=Kind)
    drawer = models.CharField(max_length=200)
    acceptor = models.CharField(max_length=200)
    payee = models.CharField(max_length=200)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    issued_on = models.DateField()
    matures_on = models.DateField()
    received_on = models.DateField()
    state = models.CharField(max_length=10, choices=BillState, default=BillState.HELD)
    is_with_recourse = models.BooleanField(null=True, help_text="Of what was passed on; null while it is in our hands.")
    holder = models.CharField(max_length=200, blank=True, help_text="To whom it was passed on or pledged.")
    moved_on = models.DateField(help_text="Day of the last change of state.")
    recourse_ends_on = models.DateField(null=True, help_text="Last day of recourse, once it is dishonored.")
    booked_at = models.DateTimeField()
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            UniqueConstraint(name="bill_number_in_entity", fields=["entity", "number"]),
            CheckConstraint(name="bill_amount_positive", condition=Q(amount_minor__gt=0)),
            CheckConstraint(name="bill_matures_after_issue", condition=Q(matures_on__gt=F("issued_on"))),
            CheckConstraint(
                name="bill_recourse_exactly_when_dishonored",
                condition=Q(state="DISHONORED", recourse_ends_on__isnull=False)
                | (~Q(state="DISHONORED") & Q(recourse_ends_on=None)),
            ),
            CheckConstraint(
                name="bill_passed_on_to_somebody",
                condition=~Q(state__in=["PLEDGED", "ENDORSED", "DISCOUNTED"])
                | (~Q(holder="") & Q(is_with_recourse__isnull=False)),
            ),
        ]
        indexes = [
            Index(name="bill_by_maturity", fields=["entity", "state", "matures_on"]),
            Index(name="bill_of_customer", fields=["customer", "matures_on"]),
        ]

    def __str__(self) -> str:
        return self.number


class BillEndorsement(models.Model):
    """One link of the chain on the back of a bill, oldest first; each endorser is liable to the holder."""

    bill = models.ForeignKey(Bill, models.CASCADE, related_name="endorsements")
    position = models.PositiveSmallIntegerField()
    endorser = models.CharField(max_length=200)
    endorsee = models.CharField(max_length=200)
    endorsed_on = models.DateField(null=True)

    class Meta:
        constraints = [UniqueConstraint(name="bill_endorsement_position", fields=["bill", "position"])]


class BillChange(models.Model):
    """One change of a bill's state, with its reason. Append-only."""

    bill = models.ForeignKey(Bill, models.PROTECT, related_name="changes")
    state = models.CharField(max_length=10, choices=BillState)
    changed_on = models.DateField()
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)
