"""What is known beside a receipt or a credit note: that somebody else paid, that debts were set off."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q


class ThirdPartyPayment(models.Model):
    """Money that somebody else paid in the customer's place (第三人代为清偿, Civil Code 523 and 524)."""

    receipt = models.OneToOneField("receivables.Receipt", models.PROTECT, related_name="third_party")
    payer = models.CharField(max_length=200, help_text="Who paid.")
    ground = models.CharField(max_length=300, help_text="Why, as declared to us: the letter, the agreement.")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            CheckConstraint(name="third_party_payment_is_declared", condition=~Q(payer="") & ~Q(ground="")),
        ]


class SetOff(models.Model):
    """A credit note that sets our debt to the customer off against his (抵销, Civil Code 568), with the declaration."""

    credit_note = models.OneToOneField("receivables.CreditNote", models.PROTECT, related_name="set_off")
    against = models.CharField(max_length=200, help_text="What we owe him: the number of his invoice.")
    declared_on = models.DateField(help_text="Day on which the declaration reached the other side.")
    document = models.ForeignKey("journal.StoredFile", models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [CheckConstraint(name="set_off_says_against_what", condition=~Q(against=""))]
