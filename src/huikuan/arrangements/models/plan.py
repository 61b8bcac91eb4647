"""The installment plan (分期还款协议): its schedule over the original items, and what became of it."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class PlanState(models.TextChoices):
    """The life of a plan. From RUNNING on it has been accepted by the customer."""

    DRAFTED = "DRAFTED", _("Drafted")
    PROPOSED = "PROPOSED", _("Waiting for approval")
    APPROVED = "APPROVED", _("Approved, to be accepted")
    RUNNING = "RUNNING", _("Running")
    FULFILLED = "FULFILLED", _("Fulfilled")
    BROKEN = "BROKEN", _("Broken")
    RENEGOTIATED = "RENEGOTIATED", _("Replaced by another plan")
    WITHDRAWN = "WITHDRAWN", _("Called off")


AGREED = (PlanState.RUNNING, PlanState.FULFILLED, PlanState.BROKEN, PlanState.RENEGOTIATED)
"""States that only an accepted plan can be in."""


class Plan(models.Model):
    """New terms for a debt. A schedule over the original items, never items of its own (decision 0037)."""

    class Kind(models.TextChoices):
        """How the parts are cut."""

        EVEN = "EVEN", _("Even parts")
        DECLINING = "DECLINING", _("Declining parts")
        CUSTOM = "CUSTOM", _("Parts by hand")

    class Cycle(models.TextChoices):
        """How far apart the parts are."""

        MONTHLY = "MONTHLY", _("Monthly")
        WEEKLY = "WEEKLY", _("Weekly")

    class Acceptance(models.TextChoices):
        """How the customer accepted."""

        SIGNATURE = "SIGNATURE", _("Signed agreement on file")
        LINK = "LINK", _("By signed link")

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="+")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="plans", db_index=False)
    number = models.CharField(max_length=60)
    state = models.CharField(max_length=12, choices=PlanState, default=PlanState.DRAFTED)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaced_by")
    currency = models.CharField(max_length=3)
    principal_minor = models.BigIntegerField(help_text="Open amounts of its items when it was drafted.")
    penalty_minor = models.BigIntegerField(help_text="Penalty that the plan keeps.")
    waived_minor = models.BigIntegerField(default=0, help_text="Penalty that it waives as long as it is kept.")
    total_minor = models.BigIntegerField(help_text="Sum of the installments.")
    kind = models.CharField(max_length=10, choices=Kind)
    cycle = models.CharField(max_length=10, choices=Cycle, default=Cycle.MONTHLY)
    is_on_working_days = models.BooleanField(default=False, help_text="A day off moves a part to the next working day.")
    penalty_on = models.DateField(help_text="Day up to which the penalty was calculated.")
    outside = models.JSONField(default=list, help_text="Codes of the policy's limits that it exceeds.")
    drafted_at = models.DateTimeField()
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    agreed_on = models.DateField(null=True, help_text="Day of acceptance; money dated from here on counts.")
    accepted_how = models.CharField(max_length=10, choices=Acceptance, blank=True)
    accepted_person = models.ForeignKey("parties.ContactPerson", models.PROTECT, null=True, related_name="+")
    evidence = models.CharField(max_length=300, blank=True, help_text="What proves the acceptance.")
    paid_minor = models.BigIntegerField(default=0, help_text="Arrived money that counts for it, at most the total.")
    next_on = models.DateField(null=True, help_text="Last day of grace of the first part not yet paid; while running.")
    ends_on = models.DateField(help_text="Last day of grace of the last part.")
    ended_on = models.DateField(null=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            UniqueConstraint(name="plan_number_in_entity", fields=["entity", "number"]),
            UniqueConstraint(
                name="plan_replaced_once",
                fields=["replaces"],
                condition=Q(state__in=[str(state) for state in AGREED]),
            ),
            UniqueConstraint(
                name="plan_running_once_per_currency", fields=["customer", "currency"], condition=Q(state="RUNNING")
            ),
            CheckConstraint(
                name="plan_total_is_principal_and_penalty",
                condition=Q(total_minor=F("principal_minor") + F("penalty_minor"))
                & Q(principal_minor__gt=0, penalty_minor__gte=0, waived_minor__gte=0),
            ),
            CheckConstraint(
                name="plan_paid_between_zero_and_total",
                condition=Q(paid_minor__gte=0) & Q(paid_minor__lte=F("total_minor")),
            ),
            CheckConstraint(
                name="plan_accepted_with_day_and_evidence",
                condition=~Q(state__in=[str(state) for state in AGREED])
                | (Q(agreed_on__isnull=False) & ~Q(accepted_how="") & ~Q(evidence="")),
            ),
            CheckConstraint(
                name="plan_next_exactly_while_running",
                condition=Q(state="RUNNING", next_on__isnull=False) | (~Q(state="RUNNING") & Q(next_on=None)),
            ),
            CheckConstraint(
                name="plan_fulfilled_by_all_the_money",
                condition=~Q(state="FULFILLED") | Q(paid_minor=F("total_minor")),
            ),
        ]
        indexes = [
            Index(name="plan_of_customer", fields=["customer", "-drafted_at"]),
            Index(name="plan_due_in_entity", fields=["entity", "next_on"], condition=Q(state="RUNNING")),
            Index(name="plan_by_state", fields=["entity", "state", "-drafted_at"]),
        ]

    def __str__(self) -> str:
        return self.number


class PlanItem(models.Model):
    """One item in a plan: what was open on it, which part of its penalty the plan keeps, which it waives."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="lines")
    item = models.ForeignKey("receivables.OpenItem", models.PROTECT, related_name="plan_lines")
    principal_minor = models.BigIntegerField()
    penalty_minor = models.BigIntegerField(help_text="Kept by the plan.")
    waived_minor = models.BigIntegerField(default=0, help_text="Waived as long as the plan is kept.")
    holds = models.ManyToManyField("policy.Hold", related_name="plan_lines")

    class Meta:
        constraints = [
            UniqueConstraint(name="plan_item_once", fields=["plan", "item"]),
            CheckConstraint(
                name="plan_item_amounts_not_negative",
                condition=Q(principal_minor__gt=0, penalty_minor__gte=0, waived_minor__gte=0),
            ),
        ]


class Installment(models.Model):
    """One part of a plan: so much by such a day."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="installments")
    number = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    last_on = models.DateField(help_text="Three working days later: after this day the plan is broken.")
    amount_minor = models.BigIntegerField()
    paid_minor = models.BigIntegerField(default=0)
    paid_on = models.DateField(null=True, help_text="Value date of the money that completed it.")

    class Meta:
        constraints = [
            UniqueConstraint(name="installment_numbered_once", fields=["plan", "number"]),
            UniqueConstraint(name="installment_one_per_day", fields=["plan", "due_on"]),
            CheckConstraint(name="installment_grace_after_day", condition=Q(last_on__gte=F("due_on"))),
            CheckConstraint(
                name="installment_paid_between_zero_and_amount",
                condition=Q(amount_minor__gt=0) & Q(paid_minor__gte=0) & Q(paid_minor__lte=F("amount_minor")),
            ),
        ]


class PlanChange(models.Model):
    """One change of a plan's state, with its reason. Append-only."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="changes")
    state = models.CharField(max_length=12, choices=PlanState)
    paid_minor = models.BigIntegerField()
    as_of = models.DateField()
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [Index(name="plan_change_order", fields=["plan", "at"])]
