"""The forms of the bank pages: a file, a new account, a receipt by hand."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huikuan.desk.forms.base import DayInput, DeskForm
from huikuan.desk.queries.bank import AccountRow
from huikuan.kernel.money import parse_minor
from huikuan.kernel.refusal import Refusal


class StatementForm(DeskForm):
    """A bank's file, and what it may leave unsaid."""

    name = "statement"

    file = forms.FileField(label=_("Statement file"), help_text=_("camt.053, MT940, CSV, XLS or XLSX, up to 50 MB."))
    account = forms.TypedChoiceField(
        label=_("Bank account"),
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("Only if the file does not say it."),
    )
    profile = forms.ChoiceField(label=_("Layout"), required=False, help_text=_("Found out by itself."))

    def __init__(
        self, *args: Any, accounts: Iterable[AccountRow], profiles: Iterable[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        numbers = [(str(row.pk), f"{row.bank} {row.number} {row.currency}".strip()) for row in accounts]
        self.fields["account"].choices = [("", _("As the file says")), *numbers]  # type: ignore[attr-defined]
        self.fields["profile"].choices = [("", _("As found")), *profiles]  # type: ignore[attr-defined]


class AccountForm(DeskForm):
    """An account on which money arrives."""

    name = "bankaccount"

    number = forms.CharField(label=_("Account number or IBAN"), max_length=60)
    bank = forms.CharField(label=_("Bank or wallet"), max_length=80, required=False)
    currency = forms.CharField(label=_("Currency"), max_length=3, min_length=3)


class ReceiptForm(DeskForm):
    """Money that somebody saw arrive."""

    name = "receipt"

    customer = forms.CharField(label=_("Customer"), max_length=200, help_text=_("Code or name; a part is enough."))
    amount = forms.CharField(label=_("Amount"), max_length=40)
    currency = forms.CharField(label=_("Currency"), max_length=3, min_length=3)
    received_on = forms.DateField(label=_("Received on"), widget=DayInput())
    reference = forms.CharField(
        label=_("Reference"), max_length=80, help_text=_("The bank's, or the number of the cash slip: it counts once.")
    )
    payer_name = forms.CharField(label=_("Payer"), max_length=200, required=False)
    designation = forms.CharField(
        label=_("For the item"), max_length=60, required=False, help_text=_("Only if the payer named one.")
    )
    allocate = forms.ChoiceField(
        label=_("What it pays"),
        choices=[("ORDER", _("What is due, in the order of contract or law")), ("NONE", _("Nothing yet: on account"))],
    )

    def __init__(self, *args: Any, today: date, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["received_on"].initial = today
        self.fields["currency"].initial = currency

    def clean_currency(self) -> str:
        """Return the code in capitals."""
        return str(self.cleaned_data["currency"]).upper()

    def clean_received_on(self) -> date:
        """Money that has not come yet is a promise."""
        day: date = self.cleaned_data["received_on"]
        if day > self.today:
            raise forms.ValidationError(_("This day has not come yet. Log a promise instead."))
        return day

    def clean(self) -> dict[str, Any]:
        """Read the amount in its currency."""
        said: dict[str, Any] = super().clean() or {}
        if "amount" in said and "currency" in said:
            try:
                said["amount_minor"] = parse_minor(said["amount"], said["currency"])
            except Refusal as no:
                self.add_error("amount", _(no.text).format(**no.facts))
        return said
