"""Aggregates of the payment record, so that a run costs what is open, not what ever was."""

from django.db import models
from django.db.models import UniqueConstraint


class PaymentMonth(models.Model):
    """What a customer settled in a calendar month. Kept by the commands that settle; `huikuan ledger verify` checks it.

    A settlement counts in the month of its value date `settled_on`. days_late = settled_on - due_on, at least 0.
    """

    customer = models.ForeignKey("parties.Customer", models.CASCADE, related_name="payment_months")
    month_on = models.DateField(help_text="First day of the month.")
    settled_count = models.PositiveIntegerField()
    late_count = models.PositiveIntegerField(help_text="Settled more than 3 days after due.")
    any_late_count = models.PositiveIntegerField(help_text="Settled after due, however little.")
    days_late_sum = models.PositiveBigIntegerField()
    days_late_worst = models.PositiveIntegerField()
    amount_minor_sum = models.BigIntegerField()
    amount_days_sum = models.DecimalField(max_digits=38, decimal_places=0, help_text="Sum of amount_minor x days_late.")

    class Meta:
        constraints = [UniqueConstraint(name="payment_month_once", fields=["customer", "month_on"])]


class CustomerHistory(models.Model):
    """Life-time facts of a customer that change only when an item is booked or settled."""

    customer = models.OneToOneField("parties.Customer", models.CASCADE, related_name="history")
    first_item_on = models.DateField(null=True)
    item_count = models.PositiveIntegerField(default=0)
    settled_count = models.PositiveIntegerField(default=0)
    late_count = models.PositiveIntegerField(default=0, help_text="Settled after due, however little.")
