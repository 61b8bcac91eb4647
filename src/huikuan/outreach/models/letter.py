"""Letters: what was written, frozen, and what the post did with it."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class Letter(models.Model):
    """One letter (信函) to one customer: its words and amounts never change; where it is in the post does.

    MADE -> HANDED_OVER -> IN_TRANSIT -> SIGNED | REFUSED | RETURNED. CANCELLED: it was never posted.
    What is frozen is kept by a trigger (`storage.triggers.KEPT`); every change of state is a `LetterEvent`.
    """

    class State(models.TextChoices):
        """Where the letter is."""

        MADE = "MADE", _("Made, not posted")
        HANDED_OVER = "HANDED_OVER", _("Handed to the post")
        IN_TRANSIT = "IN_TRANSIT", _("On its way")
        SIGNED = "SIGNED", _("Signed for")
        REFUSED = "REFUSED", _("Refused by the addressee")
        RETURNED = "RETURNED", _("Returned")
        CANCELLED = "CANCELLED", _("Withdrawn")

    class Carrier(models.TextChoices):
        """Who carries it."""

        EMS = "EMS", _("EMS")
        REGISTERED = "REGISTERED", _("Registered mail")
        COURIER = "COURIER", _("Courier")
        HAND = "HAND", _("By hand")

    number = models.CharField(max_length=60, unique=True)
    key = models.CharField(max_length=120, unique=True, help_text="Idempotency key: the same letter is one row.")
    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="+")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="letters", db_index=False)  # see Meta
    person = models.ForeignKey("parties.ContactPerson", models.PROTECT, null=True, related_name="+")
    addressee = models.CharField(max_length=200)
    address = models.CharField(max_length=300, blank=True)
    template = models.CharField(max_length=60)
    template_sha256 = models.CharField(max_length=64, help_text="Of the text and the layout it was made from.")
    step_code = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=10)
    currency = models.CharField(max_length=3)
    as_of = models.DateField()
    deadline_on = models.DateField(null=True)
    principal_minor = models.BigIntegerField(help_text="Overdue principal less money on account.")
    penalty_minor = models.BigIntegerField()
    item_count = models.PositiveIntegerField()
    data = models.JSONField(help_text="What the layout was given: with the layout it makes the same bytes again.")
    facts = models.JSONField(help_text="Items, amounts, days, penalty with its calculation, as of the day.")
    words = models.TextField(help_text="The text alone, for the contact guard and for search.")
    pdf = models.ForeignKey("journal.StoredFile", models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    state = models.CharField(max_length=12, choices=State, default=State.MADE)
    state_at = models.DateTimeField(help_text="When it came into this state, by the post's account.")
    carrier = models.CharField(max_length=10, choices=Carrier, blank=True)
    tracking_number = models.CharField(max_length=40, blank=True)
    handed_over_at = models.DateTimeField(null=True)
    signed_by = models.CharField(max_length=80, blank=True)
    contact = models.OneToOneField("outreach.Contact", models.PROTECT, null=True, related_name="letter")

    class Meta:
        constraints = [
            UniqueConstraint(
                name="letter_tracking_number_once", fields=["tracking_number"], condition=~Q(tracking_number="")
            ),
            CheckConstraint(
                name="letter_posted_with_contact",
                condition=Q(state__in=["MADE", "CANCELLED"])
                | Q(contact__isnull=False, handed_over_at__isnull=False) & ~Q(carrier=""),
            ),
            CheckConstraint(name="letter_signed_by_somebody", condition=~Q(state="SIGNED") | ~Q(signed_by="")),
            CheckConstraint(
                name="letter_amounts_not_negative", condition=Q(principal_minor__gte=0, penalty_minor__gte=0)
            ),
        ]
        indexes = [
            Index(name="letter_of_customer", fields=["customer", "-made_at"]),
            Index(name="letter_by_state", fields=["entity", "state", "-made_at"]),
        ]

    def __str__(self) -> str:
        return self.number


class LetterEvent(models.Model):
    """One change of a letter's state, with where we know it from. Append-only."""

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="events", db_index=False)  # see Meta
    at = models.DateTimeField(help_text="When it happened.")
    state = models.CharField(max_length=12, choices=Letter.State)
    detail = models.JSONField(default=dict)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            UniqueConstraint(name="letter_event_once", fields=["letter", "state", "at"]),
        ]
