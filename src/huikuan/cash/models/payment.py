"""Payments through gateways, what the gateways said of them, and money sent back through them."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from huikuan.cash.rules.payment import Verdict


class Payment(models.Model):
    """A payment that a customer began behind a signed link. The money itself is the `Receipt` that it was booked as."""

    class State(models.TextChoices):
        """From begun to paid, or not."""

        CREATED = "CREATED", _("Begun")
        PENDING = "PENDING", _("To be paid")
        PAID = "PAID", _("Paid")
        FAILED = "FAILED", _("Failed")
        CLOSED = "CLOSED", _("Closed unpaid")
        REFUNDED = "REFUNDED", _("Paid back")

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="+")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="payments")
    link = models.ForeignKey("parties.SignedLink", models.PROTECT, related_name="payments")
    gateway = models.CharField(max_length=20)
    number = models.CharField(max_length=32, unique=True, help_text="Ours, as the gateway knows it.")
    state = models.CharField(max_length=10, choices=State, default=State.CREATED)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    penalty_minor = models.BigIntegerField(default=0, help_text="Part of the amount: penalty up to `penalty_on`.")
    penalty_on = models.DateField()
    address = models.TextField(blank=True, help_text="Page to go to, or text of the QR code.")
    is_code = models.BooleanField(default=False)
    handle = models.CharField(max_length=100, blank=True, help_text="The gateway's name of the order.")
    provider_reference = models.CharField(max_length=64, blank=True, help_text="Its name of the transaction.")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    next_check_at = models.DateTimeField(null=True, help_text="When the gateway is asked; null: no longer.")
    check_count = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    receipt = models.OneToOneField("receivables.Receipt", models.PROTECT, null=True, related_name="payment")

    class Meta:
        constraints = [
            UniqueConstraint(
                name="payment_transaction_in_gateway",
                fields=["gateway", "provider_reference"],
                condition=~Q(provider_reference=""),
            ),
            CheckConstraint(
                name="payment_amounts_positive",
                condition=Q(amount_minor__gt=0, penalty_minor__gte=0, amount_minor__gte=F("penalty_minor")),
            ),
            CheckConstraint(name="payment_expires_after_begin", condition=Q(expires_at__gt=F("created_at"))),
            CheckConstraint(
                name="payment_paid_with_receipt",
                condition=Q(state__in=["PAID", "REFUNDED"], receipt__isnull=False)
                | (~Q(state__in=["PAID", "REFUNDED"]) & Q(receipt=None)),
            ),
            CheckConstraint(
                name="payment_asked_about_while_open",
                condition=Q(state__in=["CREATED", "PENDING"], next_check_at__isnull=False, ended_at=None)
                | (~Q(state__in=["CREATED", "PENDING"]) & Q(next_check_at=None, ended_at__isnull=False)),
            ),
        ]
        indexes = [
            Index(name="payment_to_ask_about", fields=["next_check_at"], condition=Q(next_check_at__isnull=False)),
            Index(name="payment_by_reference", fields=["provider_reference"], condition=~Q(provider_reference="")),
            Index(name="payment_in_entity", fields=["entity", "-created_at"]),
            Index(name="payment_of_customer", fields=["customer", "-created_at"]),
        ]

    def __str__(self) -> str:
        return self.number


class PaymentLine(models.Model):
    """One item that a payment is for."""

    payment = models.ForeignKey(Payment, models.CASCADE, related_name="lines")
    item = models.ForeignKey("receivables.OpenItem", models.PROTECT, related_name="payment_lines")
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            UniqueConstraint(name="payment_line_once", fields=["payment", "item"]),
            CheckConstraint(name="payment_line_positive", condition=Q(amount_minor__gt=0)),
        ]


class PaymentEvent(models.Model):
    """One piece of news of a gateway, verified, and what became of it. Append-only; the same news is kept once."""

    class Source(models.TextChoices):
        """How we heard of it."""

        CALLBACK = "CALLBACK", _("told by the gateway")
        QUERY = "QUERY", _("asked for")

    gateway = models.CharField(max_length=20)
    event_id = models.CharField(max_length=160)
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="events")
    source = models.CharField(max_length=10, choices=Source)
    number = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10)
    provider_reference = models.CharField(max_length=64, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    amount_minor = models.BigIntegerField(null=True)
    verdict = models.CharField(max_length=20, choices=[(str(each), str(each)) for each in Verdict])
    heard_at = models.DateTimeField()

    class Meta:
        constraints = [UniqueConstraint(name="payment_event_once", fields=["gateway", "event_id"])]
        indexes = [Index(name="payment_event_verdict", fields=["verdict", "-heard_at"])]


class PaymentReview(models.Model):
    """A person has dealt with news that told of money and booked none. An open row takes it off the list."""

    event = models.ForeignKey(PaymentEvent, models.PROTECT, related_name="reviews")
    note = models.CharField(max_length=200, help_text="What was found, and done about it.")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            UniqueConstraint(name="payment_review_one_open", fields=["event"], condition=Q(undone_at=None)),
            CheckConstraint(name="payment_review_note_not_blank", condition=~Q(note="")),
            CheckConstraint(
                name="payment_review_undone_after_made",
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__gte=F("made_at"), undone_by__isnull=False),
            ),
        ]


class PaymentRefund(models.Model):
    """Money on account that goes back the way it came: an approved `MoneyRequest`, sent through the gateway."""

    class State(models.TextChoices):
        """Whether the gateway has taken it."""

        WAITING = "WAITING", _("Being sent back")
        SENT = "SENT", _("Sent back")
        FAILED = "FAILED", _("Refused by the gateway")

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    request = models.OneToOneField("cash.MoneyRequest", models.PROTECT, related_name="payment_refund")
    number = models.CharField(max_length=32, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    amount_minor = models.BigIntegerField()
    provider_reference = models.CharField(max_length=64, blank=True)
    said = models.CharField(max_length=300, blank=True, help_text="Why the gateway refused.")
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True)
    try_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            CheckConstraint(name="payment_refund_positive", condition=Q(amount_minor__gt=0)),
            CheckConstraint(
                name="payment_refund_tried_while_waiting",
                condition=Q(state="WAITING", next_try_at__isnull=False) | (~Q(state="WAITING") & Q(next_try_at=None)),
            ),
        ]
        indexes = [Index(name="payment_refund_to_send", fields=["next_try_at"], condition=Q(next_try_at__isnull=False))]
