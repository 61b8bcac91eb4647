"""What others write to us: replies, automatic answers, returned mail; and how far each mailbox has been read."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class MailFolder(models.Model):
    """How far one folder of a mailbox has been read: everything up to `last_uid` of this validity is taken.

    UIDVALIDITY is the mail server's word that its numbers still mean the same messages (RFC 9051 §2.3.1.1).
    """

    account = models.CharField(max_length=200, help_text="User and server.")
    name = models.CharField(max_length=200)
    uid_validity = models.BigIntegerField()
    last_uid = models.BigIntegerField(default=0)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [UniqueConstraint(name="mail_folder_once", fields=["account", "name"])]


class InboundMessage(models.Model):
    """One message that came in (来信). What came never changes (`storage.triggers.KEPT`); whose it is, is found out.

    The message as it came is a `StoredFile` about this row. Without a customer it waits for a person to assign it.
    """

    class Channel(models.TextChoices):
        """How it came."""

        EMAIL = "EMAIL", _("E-mail")
        SMS = "SMS", _("Text message")
        PORTAL = "PORTAL", _("Customer's page")

    class Kind(models.TextChoices):
        """What it is."""

        REPLY = "REPLY", _("Reply")
        AUTO_REPLY = "AUTO_REPLY", _("Automatic answer")
        BOUNCE = "BOUNCE", _("Returned: did not arrive")
        DELAY = "DELAY", _("Delayed, still being tried")
        RECEIPT = "RECEIPT", _("Proof of delivery")

    class MatchedBy(models.TextChoices):
        """How its customer was found."""

        REFERENCE = "REFERENCE", _("answers our message")
        SENDER = "SENDER", _("sender's address")
        NUMBER = "NUMBER", _("number in the text")
        PERSON = "PERSON", _("assigned by hand")

    key = models.CharField(
        max_length=150, unique=True, help_text="The same message is one row, however often it comes."
    )
    channel = models.CharField(max_length=10, choices=Channel)
    kind = models.CharField(max_length=10, choices=Kind)
    sender = models.CharField(max_length=254, blank=True, help_text="Mailbox or number it came from; may be forged.")
    sender_name = models.CharField(max_length=200, blank=True)
    recipient = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    message_id = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True, help_text="By the sender's account.")
    received_at = models.DateTimeField()
    facts = models.JSONField(default=dict, help_text="Attachments, reason of a return, whom it may be from …")
    entity = models.ForeignKey("parties.Entity", models.PROTECT, null=True, related_name="+", db_index=False)
    customer = models.ForeignKey(
        "parties.Customer", models.PROTECT, null=True, related_name="inbound_messages", db_index=False
    )
    person = models.ForeignKey("parties.ContactPerson", models.PROTECT, null=True, related_name="+")
    delivery = models.ForeignKey(
        "outreach.Delivery", models.PROTECT, null=True, related_name="answers", help_text="What it answers."
    )
    matched_by = models.CharField(max_length=10, choices=MatchedBy, blank=True)
    contact = models.OneToOneField("outreach.Contact", models.PROTECT, null=True, related_name="inbound_message")
    handled_at = models.DateTimeField(null=True, help_text="A person has dealt with it, or nothing needs to be done.")
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            CheckConstraint(name="inbound_message_key_not_blank", condition=~Q(key="")),
            CheckConstraint(
                name="inbound_message_matched_with_customer",
                condition=Q(customer=None, matched_by="") | (Q(customer__isnull=False) & ~Q(matched_by="")),
            ),
            CheckConstraint(
                name="inbound_message_logged_with_customer", condition=Q(contact=None) | Q(customer__isnull=False)
            ),
        ]
        indexes = [
            Index(name="inbound_in_entity", fields=["entity", "-received_at"]),
            Index(name="inbound_open", fields=["entity", "-received_at"], condition=Q(handled_at=None)),
            Index(name="inbound_of_customer", fields=["customer", "-received_at"]),
        ]


class AppliedIntent(models.Model):
    """One proposal about an inbound message that a person followed, and what came of it; taken back by ending it."""

    message = models.ForeignKey(InboundMessage, models.PROTECT, related_name="applied")
    intent = models.CharField(max_length=20, help_text="A code of outreach.rules.intent.Kind.")
    place = models.PositiveSmallIntegerField(default=0, help_text="Which of several of the same kind.")
    subject_type = models.CharField(max_length=60, blank=True, help_text="What it made: a promise, a task, a block.")
    subject_id = models.BigIntegerField(null=True)
    applied_at = models.DateTimeField()
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            UniqueConstraint(
                name="intent_applied_once", fields=["message", "intent", "place"], condition=Q(undone_at=None)
            ),
            CheckConstraint(
                name="applied_intent_undone_after", condition=Q(undone_at=None) | Q(undone_at__gte=F("applied_at"))
            ),
        ]
