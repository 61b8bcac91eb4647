"""The forms about a customer's money."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from huikuan.cash.commands.receive import NONE, ORDER
from huikuan.cash.commands.reverse import Why
from huikuan.cash.models import MoneyRequest
from huikuan.desk.forms.base import DayInput, DeskForm
from huikuan.kernel.money import format_decimal, parse_minor
from huikuan.kernel.refusal import Refusal
from huikuan.receivables.models import Assignment
from huikuan.receivables.queries.preview import Payable


class MoneyField(forms.CharField):
    """An amount as a person writes it; becomes minor units of `currency`, which the form sets."""

    currency = "CNY"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=30, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **kwargs)

    def clean(self, value: object) -> int | None:
        """Read the amount; nothing is None where nothing is allowed."""
        text = super().clean(value)
        if not text:
            return None
        try:
            minor = parse_minor(text, self.currency)
        except (Refusal, ValueError) as error:
            said = _now("This is not an amount in {currency}.").format(currency=self.currency)
            raise forms.ValidationError(said) from error
        if minor <= 0:
            raise forms.ValidationError(_now("The amount must be greater than zero."))
        return minor


class ReceiptForm(DeskForm):
    """Money that came."""

    name = "receipt"

    amount = MoneyField(label=_("Amount"))
    received_on = forms.DateField(label=_("Value date"), widget=DayInput())
    reference = forms.CharField(label=_("Reference"), max_length=80, help_text=_("As the bank names the payment."))
    payer_name = forms.CharField(label=_("Payer"), max_length=200, required=False)
    designation = forms.CharField(
        label=_("Item that the payer named"), max_length=60, required=False,
        help_text=_("It is paid before any other (Civil Code 560)."),
    )  # fmt: skip
    paid_by = forms.CharField(
        label=_("Paid by somebody else"), max_length=200, required=False,
        help_text=_("Who pays in the customer's place; then also on what ground."),
    )  # fmt: skip
    ground = forms.CharField(label=_("On what ground"), max_length=300, required=False)
    allocate = forms.ChoiceField(
        label=_("The rest"),
        choices=[(ORDER, _("pays by the order")), (NONE, _("stays on account"))],
    )

    def __init__(self, *args: Any, currency: str, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].currency = currency  # type: ignore[attr-defined]
        self.fields["received_on"].initial = today


class ReasonForm(DeskForm):
    """Why a step is taken back."""

    name = "reason"

    reason = forms.CharField(label=_("Why"), max_length=200)


REVERSALS = (
    (Why.BOUNCED.value, _("It came and went back: open again from today")),
    (Why.MISTAKEN.value, _("It never came, or was booked twice: as if it had never been")),
)
"""What may have happened to money that is taken back."""


class ReversalForm(ReasonForm):
    """Money that goes back, and why."""

    name = "reversal"

    why = forms.ChoiceField(
        label=_("What happened"),
        choices=REVERSALS,
    )


class PayoutForm(ReasonForm):
    """Money on account that shall leave it."""

    name = "payout"

    kind = forms.ChoiceField(
        label=_("What is to be done"),
        choices=[
            (MoneyRequest.Kind.REFUND.value, _("Pay back")),
            (MoneyRequest.Kind.INCOME.value, _("Keep as income")),
        ],
    )
    amount = MoneyField(label=_("Amount"))
    reference = forms.CharField(label=_("Outgoing payment"), max_length=80, required=False)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].currency = currency  # type: ignore[attr-defined]


class GatewayRefundForm(ReasonForm):
    """Money on account that goes back through the gateway it came by."""

    name = "refund"

    amount = MoneyField(label=_("Amount"))

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].currency = currency  # type: ignore[attr-defined]


class WriteOffForm(ReasonForm):
    """So much of an item that is no longer expected."""

    name = "write-off"

    item = forms.TypedChoiceField(label=_("Item"), coerce=int)
    amount = MoneyField(label=_("Amount"), required=False, help_text=_("Empty: all that is open."))

    field_order = ("item", "amount", "reason")

    def __init__(self, *args: Any, items: Sequence[tuple[int, str]], currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = list(items)  # type: ignore[attr-defined]
        self.fields["amount"].currency = currency  # type: ignore[attr-defined]


class ChargeForm(DeskForm):
    """The penalty up to a day, made an item of its own."""

    name = "charge"

    through_on = forms.DateField(label=_("Up to"), widget=DayInput())
    reason = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["through_on"].initial = today


class SetOffForm(DeskForm):
    """What we owe the customer, set off against what the customer owes."""

    name = "set-off"

    amount = MoneyField(label=_("Amount"))
    declared_on = forms.DateField(label=_("Declaration arrived"), widget=DayInput())
    against = forms.CharField(label=_("Against our debt"), max_length=200, help_text=_("The customer's invoice."))
    number = forms.CharField(label=_("Credit note"), max_length=60, help_text=_("A number of your own."))
    file = forms.FileField(label=_("Declaration or agreement"))

    def __init__(self, *args: Any, currency: str, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].currency = currency  # type: ignore[attr-defined]
        self.fields["declared_on"].initial = today


class AssignmentForm(DeskForm):
    """Items that passed to another creditor or debtor."""

    name = "assignment"

    kind = forms.ChoiceField(label=_("What passed"), choices=Assignment.Kind.choices)
    party = forms.CharField(label=_("To whom"), max_length=200)
    items = forms.TypedMultipleChoiceField(label=_("Items"), coerce=int)
    agreed_on = forms.DateField(label=_("Agreed on"), widget=DayInput())
    notified_on = forms.DateField(
        label=_("Other side told on"), widget=DayInput(), required=False,
        help_text=_("It binds the debtor only from the notice on (Civil Code 546)."),
    )  # fmt: skip
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, items: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["items"].choices = list(items)  # type: ignore[attr-defined]


class ByHandForm(DeskForm):
    """How much of a receipt goes to each item; what is left stays on account."""

    name = "byhand"

    def __init__(self, *args: Any, payables: Sequence[Payable], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.payables = payables
        for each in payables:
            field = MoneyField(label=each.number, required=False)
            field.currency = each.currency
            if each.pays_minor:
                field.initial = format_decimal(each.pays_minor, each.currency)
            self.fields[f"item_{each.item_id}"] = field
        self.fields["reason"] = forms.CharField(label=_("Note"), max_length=200, required=False)
        for each_field in self.fields.values():
            each_field.template_name = "desk/field.html"  # type: ignore[attr-defined]

    def rows(self) -> list[tuple[Payable, forms.BoundField]]:
        """Return each item with its field."""
        return [(each, self[f"item_{each.item_id}"]) for each in self.payables]

    def amounts(self) -> dict[int, int]:
        """Return minor units by item id, of those that get anything."""
        said = self.cleaned_data
        return {each.item_id: minor for each in self.payables if (minor := said.get(f"item_{each.item_id}"))}
