"""The lines of a bank statement (银行流水)."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class StatementLine(models.Model):
    """One movement of money on one account, as the bank told it.

    What the bank said never changes: triggers (storage.triggers) refuse an UPDATE of any column but `receipt`, and the
    removal of a line whose money was booked. A line is known by `key`, a hash of what the bank said with `occurrence`:
    the number of the line among equal ones of one day, so that two equal payments are two lines, and the same file or
    an overlapping period read twice is none.

    Open (to be matched) is money that came in, has no receipt and was not set aside: `queries.lines.open_lines`.
    Rows of other modules that point here and are only proposals cascade, so that an import can be withdrawn.
    """

    file = models.ForeignKey("cash.StatementFile", models.PROTECT, related_name="lines")
    account = models.ForeignKey("cash.BankAccount", models.PROTECT, related_name="lines")
    row = models.PositiveIntegerField(help_text="Where in the file: line or row, from 1.")
    booked_on = models.DateField()
    value_on = models.DateField(null=True, help_text="From this day the money is ours; null: booked_on.")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField(help_text="Positive came in, negative went out.")
    charges_minor = models.BigIntegerField(default=0, help_text="Bank charges already taken off the amount.")
    balance_minor = models.BigIntegerField(null=True, help_text="After the line, where the file says so.")
    counterparty_name = models.CharField(max_length=200, blank=True)
    counterparty_account = models.CharField(max_length=60, blank=True)
    remittance = models.TextField(blank=True, help_text="Purpose, remark, 摘要 and 附言: all words that came with it.")
    bank_reference = models.CharField(max_length=80, blank=True)
    end_to_end_id = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=60, blank=True, help_text="The bank's transaction code or word.")
    is_reversal = models.BooleanField(default=False, help_text="The bank says that it undoes an earlier line.")
    occurrence = models.PositiveIntegerField(default=0)
    key = models.CharField(max_length=64)
    receipt = models.OneToOneField("receivables.Receipt", models.PROTECT, null=True, related_name="statement_line")

    class Meta:
        constraints = [
            UniqueConstraint(name="statement_line_once_per_account", fields=["account", "key"]),
            CheckConstraint(name="statement_line_moves_money", condition=~Q(amount_minor=0)),
            CheckConstraint(
                name="statement_line_receipt_only_for_money_in",
                condition=Q(receipt=None) | Q(amount_minor__gt=0),
            ),
        ]
        indexes = [
            Index(name="statement_line_order", fields=["account", "-booked_on", "-id"]),
            Index(name="statement_line_of_file", fields=["file", "row"]),
            Index(
                name="statement_line_open",
                fields=["account", "booked_on"],
                condition=Q(receipt=None, amount_minor__gt=0),
            ),
            Index(name="statement_line_same_payer", fields=["account", "counterparty_account", "amount_minor"]),
        ]


class SetAside(models.Model):
    """A line that is no new money of a customer (搁置). An open row takes it off the list.

    By hand: interest, own transfer. By itself, or confirmed: what a gateway told before, or a bill that was collected.
    """

    class Why(models.TextChoices):
        """What the line is."""

        HAND = "HAND", _("set aside by hand")
        GATEWAY_PAYMENT = "GATEWAY_PAYMENT", _("booked by the gateway")
        GATEWAY_FEE = "GATEWAY_FEE", _("fee of the gateway")
        GATEWAY_REFUND = "GATEWAY_REFUND", _("sent back by the gateway")
        BILL = "BILL", _("bill of exchange collected")

    line = models.ForeignKey(StatementLine, models.CASCADE, related_name="set_asides")
    why = models.CharField(max_length=20, choices=Why, default=Why.HAND, db_default="HAND")
    reason = models.CharField(max_length=200, help_text="In words; by itself: the name of what it was booked as.")
    payment = models.ForeignKey("cash.Payment", models.PROTECT, null=True, related_name="set_asides")
    bill = models.ForeignKey("receivables.Bill", models.PROTECT, null=True, related_name="set_asides")
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            UniqueConstraint(name="set_aside_one_open_per_line", fields=["line"], condition=Q(ended_at=None)),
            CheckConstraint(name="set_aside_reason_not_blank", condition=~Q(reason="")),
            CheckConstraint(
                name="set_aside_names_what_it_is",
                condition=Q(why="HAND", payment=None, bill=None)
                | Q(why="BILL", payment=None, bill__isnull=False)
                | Q(why__in=["GATEWAY_PAYMENT", "GATEWAY_FEE", "GATEWAY_REFUND"], payment__isnull=False, bill=None),
            ),
            UniqueConstraint(name="set_aside_one_open_per_bill", fields=["bill"], condition=Q(ended_at=None)),
        ]
