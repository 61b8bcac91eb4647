"""The promise to pay (承诺付款): who promised how much by when, and what the money said of it."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class PromiseState(models.TextChoices):
    """What became of a promise, or of one part of it. Only arrived money decides (domain.md §7)."""

    RUNNING = "RUNNING", _("Running")
    KEPT = "KEPT", _("Kept")
    PARTLY = "PARTLY", _("Partly kept")
    BROKEN = "BROKEN", _("Broken")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")


class Promise(models.Model):
    """Amounts and days that somebody promised; the terms of the debt stay as they are."""

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="+")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="promises", db_index=False)
    person = models.ForeignKey("parties.ContactPerson", models.PROTECT, null=True, related_name="promises")
    contact = models.OneToOneField("outreach.Contact", models.PROTECT, null=True, related_name="promise")
    items = models.ManyToManyField(
        "receivables.OpenItem", related_name="promises", help_text="What it is about; none: any item of the customer."
    )
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField(help_text="Sum of the parts.")
    made_on = models.DateField(help_text="Money dated from this day on counts.")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=PromiseState, default=PromiseState.RUNNING)
    counted_minor = models.BigIntegerField(default=0, help_text="Arrived money that counts for it, at most the amount.")
    next_on = models.DateField(null=True, help_text="Last day of grace of the first part not yet decided.")
    decided_on = models.DateField(null=True)
    holds = models.ManyToManyField("policy.Hold", related_name="promises")
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            CheckConstraint(
                name="promise_counts_no_more_than_promised",
                condition=Q(amount_minor__gt=0) & Q(counted_minor__gte=0) & Q(counted_minor__lte=F("amount_minor")),
            ),
            CheckConstraint(
                name="promise_decided_exactly_when_not_running",
                condition=Q(state="RUNNING", decided_on=None, next_on__isnull=False)
                | (~Q(state="RUNNING") & Q(decided_on__isnull=False, next_on=None)),
            ),
            CheckConstraint(
                name="promise_kept_by_all_the_money",
                condition=~Q(state="KEPT") | Q(counted_minor=F("amount_minor")),
            ),
        ]
        indexes = [
            Index(name="promise_of_customer", fields=["customer", "-made_on"]),
            Index(name="promise_due_in_entity", fields=["entity", "next_on"], condition=Q(state="RUNNING")),
        ]


class PromisePart(models.Model):
    """One amount on one day of a promise, judged on its own."""

    promise = models.ForeignKey(Promise, models.CASCADE, related_name="parts")
    number = models.PositiveSmallIntegerField()
    due_on = models.DateField(help_text="The promised day.")
    last_on = models.DateField(help_text="One working day later: money dated up to here is in time.")
    amount_minor = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=PromiseState, default=PromiseState.RUNNING)
    counted_minor = models.BigIntegerField(default=0)
    paid_on = models.DateField(null=True, help_text="Value date of the money that completed it, in time or late.")

    class Meta:
        constraints = [
            UniqueConstraint(name="promise_part_numbered_once", fields=["promise", "number"]),
            CheckConstraint(name="promise_part_grace_after_day", condition=Q(last_on__gte=F("due_on"))),
            CheckConstraint(
                name="promise_part_counts_no_more_than_promised",
                condition=Q(amount_minor__gt=0) & Q(counted_minor__gte=0) & Q(counted_minor__lte=F("amount_minor")),
            ),
        ]


class PromiseChange(models.Model):
    """One verdict on a promise, with the money it rests on. Append-only: a bounced payment adds another."""

    promise = models.ForeignKey(Promise, models.PROTECT, related_name="changes")
    state = models.CharField(max_length=10, choices=PromiseState)
    counted_minor = models.BigIntegerField()
    as_of = models.DateField()
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [Index(name="promise_change_order", fields=["promise", "at"])]
