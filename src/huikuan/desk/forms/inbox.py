"""Forms of the inbox: whose a message is, and what it promises."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from huikuan.arrangements.commands.promising import Share
from huikuan.desk.forms.agreements import AmountForm, amount_field
from huikuan.desk.forms.base import DayInput, DeskForm

PARTS: Final = 3


class AssignForm(DeskForm):
    """A customer by the code that his page shows."""

    name = "assign"

    customer = forms.CharField(label=_("Customer code"), max_length=40)


class SaidForm(AmountForm):
    """A promise as a reply made it, to be corrected before it is kept on record."""

    name = "said"

    due_on_1 = forms.DateField(label=_("Promised for"), widget=DayInput())
    amount_1 = amount_field(_("Promised amount"), required=True)
    due_on_2 = forms.DateField(label=_("Second day"), widget=DayInput(), required=False)
    amount_2 = amount_field(_("Second amount"))
    due_on_3 = forms.DateField(label=_("Third day"), widget=DayInput(), required=False)
    amount_3 = amount_field(_("Third amount"))

    def clean(self) -> dict[str, Any]:
        """Read the parts; a day goes with an amount."""
        data = super().clean() or {}
        shares = []
        for number in range(1, PARTS + 1):
            day, minor = data.get(f"due_on_{number}"), self.minor(f"amount_{number}")
            if day and minor:
                shares.append(Share(day, minor))
            elif number > 1 and (day or minor):
                self.add_error(f"amount_{number}", _("A part needs a day and an amount."))
        data["shares"] = shares
        return data
