"""Customers, the persons we talk to at them, and what blocks talking to a person."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from huikuan.parties.rules.contacts import Hours


class Customer(models.Model):
    """A debtor of one creditor entity (客户)."""

    class Size(models.TextChoices):
        """Size class of the customer; fixed at contract date for the SME regulation (law.md §5)."""

        MICRO = "MICRO", _("Micro")
        SMALL = "SMALL", _("Small")
        MEDIUM = "MEDIUM", _("Medium")
        LARGE = "LARGE", _("Large")
        PUBLIC = "PUBLIC", _("Public body")
        PERSON = "PERSON", _("Natural person")

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="customers")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    registration_no = models.CharField(max_length=40, blank=True)
    country = models.CharField(max_length=2, default="CN")
    currency = models.CharField(max_length=3, default="CNY")
    industry = models.CharField(max_length=80, blank=True)
    region = models.CharField(max_length=80, blank=True)
    size_class = models.CharField(max_length=10, choices=Size, blank=True)
    language = models.CharField(max_length=10, default="zh-hans")
    time_zone = models.CharField(max_length=50, default="Asia/Shanghai")
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True, help_text="E.164")
    address = models.CharField(max_length=300, blank=True, db_default="", help_text="Where letters go.")
    other_address = models.CharField(
        max_length=300, blank=True, db_default="", help_text="Tried when a formal letter came back from the other."
    )
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="subsidiaries")
    business_since = models.DateField(null=True, blank=True)
    collector = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="collected_customers"
    )
    sales_owner = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            UniqueConstraint(name="customer_code_in_entity", fields=["entity", "code"]),
            CheckConstraint(name="customer_code_not_blank", condition=~Q(code="")),
            CheckConstraint(name="customer_name_not_blank", condition=~Q(name="")),
            CheckConstraint(name="customer_not_own_parent", condition=Q(parent=None) | ~Q(parent=F("id"))),
        ]
        indexes = [
            Index(name="customer_collector", fields=["collector", "entity"]),
            Index(name="customer_name", fields=["entity", "name"]),
            Index(Upper("email"), name="customer_email"),
            Index(name="customer_phone", fields=["phone"]),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class ContactPerson(models.Model):
    """A natural person who acts for the customer (联系人). Family and outsiders are refused (law.md §6)."""

    class Role(models.TextChoices):
        """What the person is for the customer."""

        PAYER = "PAYER", _("Pays invoices")
        APPROVER = "APPROVER", _("Approves payments")
        LEGAL_REP = "LEGAL_REP", _("Legal representative")
        ACCOUNTANT = "ACCOUNTANT", _("Accountant")
        OTHER = "OTHER", _("Other, acts for the customer")

    class Channel(models.TextChoices):
        """Preferred way to be reached."""

        EMAIL = "EMAIL", _("E-mail")
        SMS = "SMS", _("Text message")
        PHONE = "PHONE", _("Telephone")
        LETTER = "LETTER", _("Letter")

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="contact_persons")
    name = models.CharField(max_length=80)
    role = models.CharField(max_length=20, choices=Role, default=Role.OTHER)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True, help_text="E.164")
    preferred_channel = models.CharField(max_length=10, choices=Channel, blank=True)
    preferred_from = models.TimeField(null=True, help_text="On the customer's clock.")
    preferred_until = models.TimeField(null=True, help_text="The first moment that is no longer preferred.")
    lawful_basis = models.CharField(
        max_length=40, default="NAMED_BY_CUSTOMER", help_text="Why this person's data may be used (PIPL 13)."
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            UniqueConstraint(name="contact_person_once", fields=["customer", "name", "email", "phone"]),
            CheckConstraint(
                name="contact_person_hours",
                condition=Q(preferred_from=None, preferred_until=None)
                | Q(
                    preferred_from__isnull=False, preferred_until__isnull=False, preferred_from__lt=F("preferred_until")
                ),
            ),
        ]
        indexes = [
            Index(Upper("email"), name="contact_person_email"),
            Index(name="contact_person_phone", fields=["phone"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def preferred_hours(self) -> Hours | None:
        """Return when the person likes to be reached, on the customer's clock; None: at any hour."""
        if self.preferred_from is None or self.preferred_until is None:
            return None
        return self.preferred_from, self.preferred_until


class ContactBlock(models.Model):
    """An opt-out or a wrong-person mark: an open row blocks; ending it allows again. Channel "" means every channel.

    It follows the person and also the number and mailbox that he had then: who is written down a second time with the
    same number is not called.
    """

    class Kind(models.TextChoices):
        """Why the person must not be contacted."""

        OPT_OUT = "OPT_OUT", _("Asked not to be contacted")
        WRONG_PERSON = "WRONG_PERSON", _("Does not act for the customer")

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="contact_blocks")
    person = models.ForeignKey(
        ContactPerson, models.PROTECT, null=True, related_name="blocks", help_text="Null: the customer as a whole."
    )
    kind = models.CharField(max_length=20, choices=Kind)
    channel = models.CharField(max_length=10, blank=True)
    phone = models.CharField(max_length=20, blank=True, db_default="", help_text="The number that is blocked with it.")
    email = models.CharField(max_length=254, blank=True, db_default="", help_text="The mailbox blocked with it.")
    reason = models.CharField(max_length=300, blank=True)
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            UniqueConstraint(
                name="contact_block_one_open",
                fields=["person", "kind", "channel"],
                condition=Q(ended_at=None, person__isnull=False),
            ),
            UniqueConstraint(
                name="contact_block_one_open_on_customer",
                fields=["customer", "kind", "channel"],
                condition=Q(ended_at=None, person=None),
            ),
            CheckConstraint(
                name="contact_block_ends_after_begin", condition=Q(ended_at=None) | Q(ended_at__gte=F("begun_at"))
            ),
        ]
        indexes = [
            Index(name="contact_block_phone", fields=["phone"], condition=Q(ended_at=None) & ~Q(phone="")),
            Index(name="contact_block_email", fields=["email"], condition=Q(ended_at=None) & ~Q(email="")),
        ]
