"""The early-payment discount (现金折扣): less to pay for who pays early."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint


class DiscountTerms(models.Model):
    """So much of the amount is let off when the rest arrives within so many days of the issue: “2 % within 10 days”.

    Of a contract it holds for the items issued from `starts_on`; of an item it overrides the contract's.
    """

    contract = models.OneToOneField("receivables.Contract", models.PROTECT, null=True, related_name="discount_terms")
    item = models.OneToOneField("receivables.OpenItem", models.PROTECT, null=True, related_name="discount_terms")
    share_ppm = models.PositiveIntegerField(help_text="20 000 = 2 %; 0 on an item: none, whatever its contract says.")
    days = models.PositiveSmallIntegerField(help_text="Days after the issue; the last of them is in time.")
    starts_on = models.DateField(help_text="For items issued from this day on.")
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    agreed_at = models.DateTimeField()

    class Meta:
        constraints = [
            CheckConstraint(
                name="discount_terms_of_contract_or_item",
                condition=Q(contract=None, item__isnull=False) | Q(contract__isnull=False, item=None),
            ),
            CheckConstraint(name="discount_terms_share", condition=Q(share_ppm__gte=0, share_ppm__lt=1_000_000)),
        ]


class DiscountRequest(models.Model):
    """An early-payment discount that somebody proposes for one item: waiting, agreed, declined or withdrawn."""

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="+")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="discount_requests")
    item = models.ForeignKey("receivables.OpenItem", models.PROTECT, related_name="discount_requests")
    share_ppm = models.PositiveIntegerField()
    days = models.PositiveSmallIntegerField()
    discount_minor = models.BigIntegerField(help_text="What it lets off, in the item's currency.")
    last_on = models.DateField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    agreed_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            UniqueConstraint(
                name="discount_request_one_open_per_item",
                fields=["item"],
                condition=Q(agreed_at=None, declined_at=None, withdrawn_at=None),
            ),
            CheckConstraint(
                name="discount_request_share", condition=Q(share_ppm__gt=0, share_ppm__lt=1_000_000, days__gt=0)
            ),
            CheckConstraint(name="discount_request_lets_off", condition=Q(discount_minor__gt=0)),
            CheckConstraint(
                name="discount_request_ends_once",
                condition=Q(agreed_at=None, declined_at=None)
                | Q(agreed_at=None, withdrawn_at=None)
                | Q(declined_at=None, withdrawn_at=None),
            ),
        ]


class Discount(models.Model):
    """What was decided about the discount of one item: taken with its credit note, or refused because it came late."""

    item = models.ForeignKey("receivables.OpenItem", models.PROTECT, related_name="discounts")
    discount_minor = models.BigIntegerField(help_text="Let off; or, refused, what was paid too little.")
    last_on = models.DateField(help_text="Last value date in time.")
    paid_on = models.DateField(help_text="Value date that decided.")
    credit_note = models.OneToOneField("receivables.CreditNote", models.PROTECT, null=True, related_name="discount")
    is_taken = models.BooleanField()
    decided_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, help_text="The money went back, or the rest was paid.")

    class Meta:
        constraints = [
            UniqueConstraint(name="discount_decided_once", fields=["item"], condition=Q(undone_at=None)),
            CheckConstraint(
                name="discount_taken_in_time_with_credit_note",
                condition=Q(is_taken=True, credit_note__isnull=False, paid_on__lte=models.F("last_on"))
                | Q(is_taken=False, credit_note=None, paid_on__gt=models.F("last_on")),
            ),
            CheckConstraint(name="discount_amount_positive", condition=Q(discount_minor__gt=0)),
        ]

    @property
    def customer_id(self) -> int:
        """Return whose discount it is; the item must have been read with it."""
        return self.item.customer_id
