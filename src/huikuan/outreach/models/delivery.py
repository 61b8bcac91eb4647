"""The outbox: what is to leave, what left, and what became of it."""

from django.db import models
from django.db.models import CheckConstraint, Index, Q
from django.db.models.functions import Substr
from django.utils.translation import gettext_lazy as _


class Message(models.Model):
    """The words as they left, frozen: composed at the moment of sending from the ledger as it stood then."""

    language = models.CharField(max_length=10)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    facts = models.JSONField(
        help_text="What the words state: items, amounts, days, penalty with calculation, deadline."
    )
    sha256 = models.CharField(max_length=64)
    composed_at = models.DateTimeField()


class Delivery(models.Model):
    """One message to one customer on one channel, from the decision to the proof. The outbox row (design.md §3).

    QUEUED -> SENDING (claimed, and the claim expires) -> SENT | FAILED | UNKNOWN -> DELIVERED | READ | BOUNCED.
    REFUSED: the contact guard said never. CANCELLED: it became pointless (paid, held) or a person withdrew it.
    UNKNOWN: a send was interrupted after it may have left; it is reconciled by a person, never repeated blindly.

    `written_at` is committed with the words, when the guard has allowed them: from then on it counts as a contact.
    `handed_over_at` is committed before the channel is called. A claim that ends without it sent nothing, for certain,
    and goes back to QUEUED; a claim that ends with it may have sent, and becomes UNKNOWN.
    """

    class Channel(models.TextChoices):
        """Machine channels."""

        EMAIL = "EMAIL", _("E-mail")
        SMS = "SMS", _("Text message")

    class State(models.TextChoices):
        """Where the delivery stands."""

        QUEUED = "QUEUED", _("Waiting")
        SENDING = "SENDING", _("Being sent")
        SENT = "SENT", _("Sent")
        FAILED = "FAILED", _("Failed")
        UNKNOWN = "UNKNOWN", _("Unknown: may have left")
        DELIVERED = "DELIVERED", _("Delivered")
        READ = "READ", _("Read")
        BOUNCED = "BOUNCED", _("Bounced")
        REFUSED = "REFUSED", _("Refused by the contact guard")
        CANCELLED = "CANCELLED", _("Cancelled")

    key = models.CharField(max_length=120, unique=True, help_text="Idempotency key: the same contact is one row.")
    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="+")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="deliveries")
    person = models.ForeignKey("parties.ContactPerson", models.PROTECT, null=True, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=Channel)
    address = models.CharField(max_length=254, blank=True, help_text="Chosen when sent; blank until then.")
    template = models.CharField(max_length=60, help_text="A kind of `outreach.rules.kinds`.")
    about = models.CharField(
        max_length=80, blank=True, db_default="", help_text="What it speaks of, “plan:12”; blank: the whole claim."
    )
    step_code = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    as_of = models.DateField(help_text="The run's day that asked for it.")
    priority = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    not_before = models.DateTimeField()
    created_at = models.DateTimeField()
    claimed_by = models.CharField(max_length=80, blank=True)
    claimed_at = models.DateTimeField(null=True)
    claim_expires_at = models.DateTimeField(null=True)
    written_at = models.DateTimeField(null=True, help_text="Composed and allowed: it counts for the contact limits.")
    handed_over_at = models.DateTimeField(null=True, help_text="From here on the channel may have been called.")
    attempt_count = models.PositiveSmallIntegerField(default=0, help_text="Times handed over to the channel.")
    last_error = models.CharField(max_length=500, blank=True, help_text="Why it did not leave (yet), in short.")
    message = models.ForeignKey(Message, models.PROTECT, null=True, related_name="deliveries")
    provider_reference = models.CharField(max_length=254, blank=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            CheckConstraint(
                name="delivery_claimed_while_sending",
                condition=~Q(state="SENDING") | (Q(claimed_at__isnull=False) & Q(claim_expires_at__isnull=False)),
            ),
            CheckConstraint(
                name="delivery_sent_with_message",
                condition=~Q(state__in=["SENT", "UNKNOWN", "DELIVERED", "READ", "BOUNCED"]) | Q(message__isnull=False),
            ),
            CheckConstraint(
                name="delivery_written_with_message", condition=Q(written_at=None) | Q(message__isnull=False)
            ),
            CheckConstraint(
                name="delivery_written_before_handed_over",
                condition=Q(handed_over_at=None) | Q(written_at__isnull=False),
            ),
            CheckConstraint(name="delivery_queued_not_written", condition=~Q(state="QUEUED") | Q(written_at=None)),
        ]
        indexes = [
            Index(name="delivery_queue", fields=["not_before", "-priority"], condition=Q(state="QUEUED")),
            Index(name="delivery_claims", fields=["claim_expires_at"], condition=Q(state="SENDING")),
            Index(
                name="delivery_waiting_of_customer", fields=["customer"], condition=Q(state__in=["QUEUED", "SENDING"])
            ),
            Index(name="delivery_of_customer", fields=["customer", "-created_at"]),
            Index(name="delivery_in_entity", fields=["entity", "-created_at"]),
            Index(name="delivery_by_state", fields=["entity", "state", "-created_at"]),
            Index(name="delivery_about", fields=["about"], condition=~Q(about="")),
            Index(name="delivery_reference", fields=["provider_reference"], condition=~Q(provider_reference="")),
            Index(  # “<digest@domain> answer of the server”: found again by the digest that a reply or a bounce quotes
                Substr("provider_reference", 2, 40),
                name="delivery_mail_digest",
                condition=Q(provider_reference__startswith="<"),
            ),
        ]


class DeliveryEvent(models.Model):
    """One change of state of a delivery, with its detail (server answer, guard rule …). Append-only."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="events")
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=Delivery.State)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [Index(name="delivery_event_order", fields=["delivery", "at"])]
