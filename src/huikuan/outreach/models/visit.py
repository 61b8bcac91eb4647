"""The field visit (上门): who goes where with which papers, when they arrived, and what they found."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class Visit(models.Model):
    """One appointment of at least two of us (G6). What was planned never changes: another appointment is another visit.

    PLANNED -> UNDER_WAY (a `VisitArrival`) -> DONE (a `VisitReport`). CANCELLED: nobody went.
    What is planned is kept by a trigger (`storage.triggers.KEPT`).
    """

    class State(models.TextChoices):
        """How far it has come."""

        PLANNED = "PLANNED", _("Planned")
        UNDER_WAY = "UNDER_WAY", _("Under way")
        DONE = "DONE", _("Done")
        CANCELLED = "CANCELLED", _("Called off")

    class Purpose(models.TextChoices):
        """Why somebody goes."""

        TALK = "TALK", _("Talk about payment")
        DELIVER = "DELIVER", _("Hand over a letter")
        SIGN = "SIGN", _("Get a statement or plan signed")
        CHECK = "CHECK", _("See how the business is doing")

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="+")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="visits", db_index=False)  # see Meta
    person = models.ForeignKey("parties.ContactPerson", models.PROTECT, related_name="+", help_text="Who is visited.")
    planned_at = models.DateTimeField(help_text="The appointment.")
    planned_on = models.DateField(help_text="Its day on the customer's calendar.")
    place = models.CharField(max_length=300)
    purpose = models.CharField(max_length=10, choices=Purpose)
    note = models.CharField(max_length=300, blank=True, help_text="What to know before going.")
    speaker = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    note_taker = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    companions = models.CharField(max_length=200, blank=True, help_text="Names of others who go.")
    companion_count = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    cancel_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            CheckConstraint(name="visit_by_two_persons", condition=~Q(speaker=F("note_taker"))),
            CheckConstraint(
                name="visit_called_off_with_reason",
                condition=Q(state="CANCELLED") & ~Q(cancel_reason="") | ~Q(state="CANCELLED") & Q(cancel_reason=""),
            ),
            UniqueConstraint(
                name="visit_one_a_day", fields=["customer", "planned_on"], condition=~Q(state="CANCELLED")
            ),
        ]
        indexes = [
            Index(name="visit_of_customer", fields=["customer", "-planned_at"]),
            Index(name="visit_of_day", fields=["entity", "planned_on", "planned_at"]),
        ]

    @property
    def visitor_count(self) -> int:
        """Return how many of us go: speaker, note-taker and whoever else."""
        return 2 + self.companion_count


class VisitDocument(models.Model):
    """One paper on the list of a visit; missing until somebody has packed it."""

    class Code(models.TextChoices):
        """What may be asked for at the door."""

        IDENTITY = "IDENTITY", _("Staff card")
        AUTHORITY = "AUTHORITY", _("Letter of authority")
        CONTRACT = "CONTRACT", _("Contract")
        INVOICE = "INVOICE", _("Invoices")
        DELIVERY = "DELIVERY", _("Signed delivery notes")
        STATEMENT = "STATEMENT", _("Account statement")
        CALCULATION = "CALCULATION", _("Calculation of the penalty")
        LETTER = "LETTER", _("Letter to hand over")
        PLAN = "PLAN", _("Repayment agreement to sign")

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="documents")
    document = models.CharField(max_length=12, choices=Code)
    packed_at = models.DateTimeField(null=True)
    packed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            UniqueConstraint(name="visit_document_once", fields=["visit", "document"]),
            CheckConstraint(
                name="visit_document_packed_by_somebody",
                condition=Q(packed_at=None, packed_by=None) | Q(packed_at__isnull=False, packed_by__isnull=False),
            ),
        ]


class VisitArrival(models.Model):
    """The check-in: when they stood at the door, and where, if the one who checked in agreed to that. Append-only."""

    visit = models.OneToOneField(Visit, models.PROTECT, related_name="arrival")
    attempt = models.OneToOneField("outreach.Attempt", models.PROTECT, related_name="arrival")
    position_consent_at = models.DateTimeField(null=True, help_text="When the visitor agreed that it is kept.")
    latitude_micro = models.IntegerField(null=True, help_text="Millionths of a degree.")
    longitude_micro = models.IntegerField(null=True, help_text="Millionths of a degree.")
    accuracy_m = models.PositiveIntegerField(null=True, help_text="As the phone says, meters.")

    class Meta:
        constraints = [
            CheckConstraint(
                name="visit_position_with_consent",
                condition=Q(latitude_micro=None, longitude_micro=None, accuracy_m=None, position_consent_at=None)
                | Q(
                    position_consent_at__isnull=False,
                    accuracy_m__isnull=False,
                    latitude_micro__range=(-90_000_000, 90_000_000),
                    longitude_micro__range=(-180_000_000, 180_000_000),
                ),
            ),
        ]


class VisitReport(models.Model):
    """What was found and what follows for the ability to pay (G6). Append-only; the outcome is that of its contact."""

    class Premises(models.TextChoices):
        """How the place looks."""

        WORKING = "WORKING", _("Working as usual")
        QUIET = "QUIET", _("Little going on")
        CLOSED = "CLOSED", _("Closed")
        GONE = "GONE", _("Moved away")

    class Stock(models.TextChoices):
        """Goods and equipment that could be seen."""

        PLENTY = "PLENTY", _("Much")
        SOME = "SOME", _("Some")
        NONE = "NONE", _("None")
        UNSEEN = "UNSEEN", _("Not seen")

    class Ability(models.TextChoices):
        """Whether they can pay."""

        ABLE = "ABLE", _("Can pay")
        PARTLY = "PARTLY", _("Can pay in installments")
        UNABLE = "UNABLE", _("Cannot pay")
        UNKNOWN = "UNKNOWN", _("Cannot be said")

    class Willingness(models.TextChoices):
        """Whether they want to."""

        WILLING = "WILLING", _("Willing")
        EVASIVE = "EVASIVE", _("Evasive")
        UNWILLING = "UNWILLING", _("Unwilling")
        UNKNOWN = "UNKNOWN", _("Cannot be said")

    visit = models.OneToOneField(Visit, models.PROTECT, related_name="report")
    contact = models.OneToOneField("outreach.Contact", models.PROTECT, related_name="visit_report")
    findings = models.TextField()
    premises = models.CharField(max_length=10, choices=Premises)
    stock = models.CharField(max_length=10, choices=Stock)
    ability = models.CharField(max_length=10, choices=Ability)
    willingness = models.CharField(max_length=10, choices=Willingness)
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()

    class Meta:
        constraints = [CheckConstraint(name="visit_report_says_something", condition=~Q(findings=""))]
