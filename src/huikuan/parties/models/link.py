"""Links by which a debtor opens one page without signing in (O1)."""

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class SignedLink(models.Model):
    """One page for one customer and one purpose, until a day. The address carries the signature of this row's key.

    A link shows what it was made for and nothing else; what it lets the customer do, it lets him do once (`used_at`).
    """

    class Purpose(models.TextChoices):
        """What the page is for."""

        BILL = "BILL", _("Read the bill")
        PLAN = "PLAN", _("Accept an installment plan")
        STATEMENT = "STATEMENT", _("Confirm a statement of account")

    entity = models.ForeignKey("parties.Entity", models.PROTECT, related_name="+")
    customer = models.ForeignKey("parties.Customer", models.PROTECT, related_name="links")
    purpose = models.CharField(max_length=10, choices=Purpose)
    about = models.CharField(max_length=60, help_text='What it was made for, such as "delivery:12" or "plan:3".')
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    first_opened_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            UniqueConstraint(name="link_one_valid", fields=["purpose", "about"], condition=Q(revoked_at=None)),
            CheckConstraint(name="link_expires_after_issue", condition=Q(expires_at__gt=F("issued_at"))),
        ]
