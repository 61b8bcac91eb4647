"""How far every single item has climbed, where the policy climbs item by item (`scope: item`)."""

from django.db import models
from django.db.models import Index, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class ItemStep(models.Model):
    """One step of one item. The contact that says it to the customer is a `Decision`: one for all items of the day.

    Only ever added to: an item stands on the last step that it took in the spell (`spell_on`: the day on which its
    customer's case opened).
    """

    class Action(models.TextChoices):
        """What became of the step."""

        TAKEN = "TAKEN", _("Taken")
        SKIPPED = "SKIPPED", _("Passed over: a later step was due as well")
        TOGETHER = "TOGETHER", _("Taken with the customer's other items, before items climbed one by one")

    # No index of their own: those of Meta begin with item and customer.
    run = models.ForeignKey("runs.Run", models.PROTECT, related_name="item_steps", db_index=False)
    item = models.ForeignKey("receivables.OpenItem", models.PROTECT, related_name="steps", db_index=False)
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="item_steps", db_index=False)
    currency = models.CharField(max_length=3)
    step_code = models.CharField(max_length=40)
    rank = models.IntegerField(help_text="In the ladder, on that day.")
    occurrence = models.PositiveIntegerField(default=0)
    action = models.CharField(max_length=10, choices=Action)
    spell_on = models.DateField()
    decided_on = models.DateField()

    class Meta:
        constraints = [
            UniqueConstraint(name="item_step_once_per_spell", fields=["item", "step_code", "spell_on", "occurrence"]),
        ]
        indexes = [Index(name="item_step_of_spell", fields=["customer", "spell_on", "currency"])]
