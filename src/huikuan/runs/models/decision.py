"""What the run decided for a customer and why."""

from django.db import models
from django.db.models import Index, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class Decision(models.Model):
    """One step taken for one customer and currency, with the rule and the facts that led to it.

    The unique constraint makes a run idempotent on any path: one step once per overdue spell (`spell_on` = day the
    case opened), repeated steps by `occurrence`; pre-due steps use the run's day as their spell.
    """

    class Action(models.TextChoices):
        """What the step led to."""

        TASK = "TASK", _("A task for a person")
        NOTICE = "NOTICE", _("A message to the customer")
        BOTH = "BOTH", _("A message and a task")
        SKIPPED = "SKIPPED", _("Passed over: a later step was due as well")

    # No index of their own: those of Meta begin with run and customer, and a case is found by its customer.
    run = models.ForeignKey("runs.Run", models.PROTECT, related_name="decisions", db_index=False)
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="decisions", db_index=False)
    case = models.ForeignKey("cases.Case", models.PROTECT, null=True, related_name="decisions", db_index=False)
    currency = models.CharField(max_length=3)
    step_code = models.CharField(max_length=40)
    spell_on = models.DateField()
    occurrence = models.PositiveIntegerField(default=0)
    action = models.CharField(max_length=10, choices=Action)
    rule = models.CharField(max_length=120, help_text="Segment and trigger of the policy, e.g. default/friendly@+1")
    facts = models.JSONField(help_text="Days, amounts, grade, holds, last step: what the rule saw.")
    decided_on = models.DateField()

    class Meta:
        constraints = [
            UniqueConstraint(
                name="decision_step_once_per_spell",
                fields=["customer", "currency", "step_code", "spell_on", "occurrence"],
            ),
        ]
        indexes = [
            Index(name="decision_of_customer", fields=["customer", "-decided_on"]),
            Index(name="decision_of_run", fields=["run", "step_code"]),
        ]
