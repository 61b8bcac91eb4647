"""What the contact guard did not let pass (闸门拦截)."""

from django.db import models
from django.db.models import CheckConstraint, Index, Q
from django.utils.translation import gettext_lazy as _


class ContactRefusal(models.Model):
    """One "no" of the contact guard to a contact that was about to be made: never, or not before an instant.

    Append-only, each beside its journal entry, which says who asked.
    """

    class Answer(models.TextChoices):
        """How the guard said no."""

        REFUSE = "REFUSE", _("Refused")
        DELAY = "DELAY", _("Delayed")

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="+")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="contact_refusals")
    person = models.ForeignKey("parties.ContactPerson", models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=10)
    is_automatic = models.BooleanField()
    at = models.DateTimeField(help_text="When it was asked.")
    answer = models.CharField(max_length=6, choices=Answer)
    until = models.DateTimeField(null=True, help_text="First instant at which it may be asked again.")
    rule = models.CharField(max_length=40)
    text = models.CharField(max_length=1000, help_text="The rule in words, with the wording to change.")
    source = models.CharField(max_length=300, blank=True)
    delivery = models.ForeignKey("outreach.Delivery", models.PROTECT, null=True, related_name="refusals")
    entry = models.OneToOneField("journal.Entry", models.PROTECT, related_name="contact_refusal")

    class Meta:
        constraints = [
            CheckConstraint(
                name="contact_refusal_delay_has_instant",
                condition=Q(answer="DELAY", until__isnull=False) | Q(answer="REFUSE", until=None),
            ),
        ]
        indexes = [
            Index(name="contact_refusal_of_entity", fields=["entity", "-at"]),
            Index(name="contact_refusal_of_customer", fields=["customer", "-at"]),
            Index(name="contact_refusal_of_rule", fields=["entity", "rule", "-at"]),
        ]
