"""The open item (未清项)."""

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class OpenItem(models.Model):
    """A receivable: an invoice, a rent or property-fee installment, a debit note.

    `open_minor` and `settled_on` are kept by a database trigger on `Allocation`; nothing else may write them.
    They are what is booked now. What was open on day d is a query over allocations (queries: as-of).
    """

    class Kind(models.TextChoices):
        """What the debt is for."""

        INVOICE = "INVOICE", _("Invoice")
        DEBIT_NOTE = "DEBIT_NOTE", _("Debit note")
        RENT = "RENT", _("Rent")
        PROPERTY_FEE = "PROPERTY_FEE", _("Property fee")
        PENALTY = "PENALTY", _("Late-payment penalty")
        COSTS = "COSTS", _("Costs of enforcement")

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="items")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="items")
    contract = models.ForeignKey("receivables.Contract", models.PROTECT, null=True, related_name="items")
    number = models.CharField(max_length=60)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.INVOICE)
    issued_on = models.DateField()
    due_on = models.DateField(help_text="Last day on which payment is on time.")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    open_minor = models.BigIntegerField()
    settled_on = models.DateField(null=True, help_text="Value date on which the balance reached zero.")
    settled_penalty_minor = models.BigIntegerField(
        default=0, help_text="Penalty accrued up to settlement; a claim beside the paid principal."
    )
    terms = models.ForeignKey("receivables.PenaltyTerms", models.PROTECT, null=True, related_name="items")
    booked_at = models.DateTimeField()

    class Meta:
        constraints = [
            UniqueConstraint(name="item_number_in_entity", fields=["entity", "number"]),
            CheckConstraint(name="item_number_not_blank", condition=~Q(number="")),
            CheckConstraint(name="item_amount_positive", condition=Q(amount_minor__gt=0)),
            CheckConstraint(
                name="item_open_between_zero_and_amount",
                condition=Q(open_minor__gte=0) & Q(open_minor__lte=F("amount_minor")),
            ),
            CheckConstraint(
                name="item_settled_exactly_when_nothing_open",
                condition=Q(open_minor=0, settled_on__isnull=False) | Q(open_minor__gt=0, settled_on=None),
            ),
            CheckConstraint(name="item_settled_penalty_not_negative", condition=Q(settled_penalty_minor__gte=0)),
        ]
        indexes = [
            # The daily run and every list of what is owed read only these.
            Index(name="item_open_of_customer", fields=["customer", "due_on"], condition=Q(settled_on=None)),
            Index(name="item_open_in_entity", fields=["entity", "due_on"], condition=Q(settled_on=None)),
            # As-of reads of the past, and the payment record of the last months.
            Index(name="item_settled", fields=["entity", "settled_on"], condition=Q(settled_on__isnull=False)),
            Index(name="item_of_customer", fields=["customer", "-issued_on"]),
        ]

    def __str__(self) -> str:
        return self.number
