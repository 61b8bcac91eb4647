"""The contact log (沟通记录)."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Index, Q
from django.utils.translation import gettext_lazy as _


class Contact(models.Model):
    """One attempt on one channel with its outcome, by a person or by the machine. Append-only (G2)."""

    class Channel(models.TextChoices):
        """Ways to be in touch."""

        EMAIL = "EMAIL", _("E-mail")
        SMS = "SMS", _("Text message")
        PHONE = "PHONE", _("Telephone")
        LETTER = "LETTER", _("Letter")
        VISIT = "VISIT", _("Visit")
        WECHAT = "WECHAT", _("WeChat")
        NOTE = "NOTE", _("Internal note")

    class Direction(models.TextChoices):
        """Who began it."""

        OUT = "OUT", _("From us")
        IN = "IN", _("From the customer")
        NONE = "NONE", _("Internal")

    class Outcome(models.TextChoices):
        """What came of it."""

        SENT = "SENT", _("Sent")
        NO_ANSWER = "NO_ANSWER", _("No answer")
        BUSY = "BUSY", _("Busy")
        WRONG_NUMBER = "WRONG_NUMBER", _("Wrong number or person")
        REACHED = "REACHED", _("Reached, nothing agreed")
        PROMISED = "PROMISED", _("Promised to pay")
        SAYS_PAID = "SAYS_PAID", _("Says it is paid")
        DISPUTES = "DISPUTES", _("Disputes")
        HARDSHIP = "HARDSHIP", _("In difficulty")
        REFUSES = "REFUSES", _("Refuses")
        CALL_BACK = "CALL_BACK", _("Call back later")
        STOP = "STOP", _("Asks not to be contacted")
        NOTED = "NOTED", _("Noted")

    class Reason(models.TextChoices):
        """Why nothing was paid, as the other side says (G3); the codes of the objection playbook."""

        CASH_FLOW = "CASH_FLOW", _("Cash-flow trouble")
        QUALITY = "QUALITY", _("Problem with goods or service")
        BOSS_ABSENT = "BOSS_ABSENT", _("Boss absent")
        ACCOUNTANT_AWAY = "ACCOUNTANT_AWAY", _("Accountant away")
        IN_PROCESS = "IN_PROCESS", _("In process")
        NO_INVOICE = "NO_INVOICE", _("Invoice missing")
        ALREADY_PAID = "ALREADY_PAID", _("Already paid")
        REFUSES = "REFUSES", _("Refuses")
        BANKRUPT = "BANKRUPT", _("Bankrupt")
        WRONG_PERSON = "WRONG_PERSON", _("Wrong person")

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="+")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="contacts")
    person = models.ForeignKey("parties.ContactPerson", models.PROTECT, null=True, related_name="contacts")
    channel = models.CharField(max_length=10, choices=Channel)
    direction = models.CharField(max_length=5, choices=Direction, default=Direction.OUT)
    address = models.CharField(max_length=254, blank=True, help_text="Number or mailbox used.")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=15, choices=Outcome)
    is_connected = models.BooleanField(default=False, help_text="Somebody answered; counts for the call limit.")
    is_identity_verified = models.BooleanField(default=False)
    summary = models.TextField(blank=True)
    reason = models.CharField(max_length=20, choices=Reason, blank=True, db_default="")
    named_step = models.CharField(
        max_length=200, blank=True, db_default="", help_text="“In process”: the step and its number, as named to us."
    )
    promised_on = models.DateField(null=True)
    promised_minor = models.BigIntegerField(null=True)
    promised_currency = models.CharField(max_length=3, blank=True)
    next_step = models.CharField(max_length=200, blank=True)
    next_step_on = models.DateField(null=True)
    duration_seconds = models.PositiveIntegerField(null=True, help_text="Of a call, from the answer to hanging up.")
    delivery = models.OneToOneField("outreach.Delivery", models.PROTECT, null=True, related_name="contact")
    attempt = models.OneToOneField(
        "outreach.Attempt", models.PROTECT, null=True, related_name="contact", help_text="The dial or check-in it ends."
    )
    logged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    logged_at = models.DateTimeField()

    class Meta:
        constraints = [
            CheckConstraint(
                name="contact_promise_has_day",
                condition=~Q(outcome="PROMISED") | Q(promised_on__isnull=False),
            ),
        ]
        indexes = [
            Index(name="contact_of_customer", fields=["customer", "-at"]),
            Index(name="contact_limits", fields=["customer", "channel", "-at"], condition=Q(direction="OUT")),
            Index(name="contact_by_address", fields=["address", "-at"], condition=Q(direction="OUT")),
        ]
