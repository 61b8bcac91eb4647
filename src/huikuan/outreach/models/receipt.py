"""What providers told us about messages that we gave them."""

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint


class ProviderReceipt(models.Model):
    """One thing that a provider said about one message (回执), kept once however often it is said.

    It may come before the answer to our own call: then it waits (`taken_at` null) until the send settles. What was said
    never changes (`storage.triggers.KEPT`); to which delivery it belongs is found out later.
    """

    provider = models.CharField(max_length=20, help_text="aliyun, tencent, twilio, or the mail service.")
    reference = models.CharField(max_length=200, help_text="The provider's own number of the message.")
    key = models.CharField(max_length=120, blank=True, help_text="Our key of the delivery, where it is echoed.")
    state = models.CharField(max_length=10, help_text="FAILED, DELIVERED, BOUNCED or READ.")
    at = models.DateTimeField(help_text="When it happened, by the provider's account.")
    detail = models.CharField(max_length=300, blank=True, help_text="The provider's reason, in its words.")
    raw = models.JSONField(help_text="As it came.")
    received_at = models.DateTimeField()
    delivery = models.ForeignKey("outreach.Delivery", models.PROTECT, null=True, related_name="receipts")
    taken_at = models.DateTimeField(null=True, help_text="When the delivery took it into account.")

    class Meta:
        constraints = [
            UniqueConstraint(name="receipt_told_once", fields=["provider", "reference", "state"]),
            CheckConstraint(
                name="receipt_tells_a_state", condition=Q(state__in=["FAILED", "DELIVERED", "BOUNCED", "READ"])
            ),
            CheckConstraint(name="receipt_taken_by_delivery", condition=Q(taken_at=None) | Q(delivery__isnull=False)),
        ]
        indexes = [Index(name="receipt_waiting_by_key", fields=["key"], condition=Q(taken_at=None))]
