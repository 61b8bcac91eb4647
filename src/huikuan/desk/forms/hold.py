"""The form that places a hold."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huikuan.desk.forms.base import DayInput, DeskForm
from huikuan.desk.queries.claims import OpenNumber
from huikuan.policy.models import Hold
from huikuan.receivables.queries.account import ItemRow

USUAL_DAYS = 14


class HoldForm(DeskForm):
    """A pause of dunning that always has an end."""

    name = "hold"

    kind = forms.ChoiceField(label=_("Reason"), choices=Hold.Kind.choices)
    item = forms.TypedChoiceField(label=_("Concerns"), coerce=int, empty_value=None, required=False)
    ends_on = forms.DateField(label=_("Last day"), widget=DayInput())
    reason = forms.CharField(label=_("Explanation"), max_length=300)

    def __init__(self, *args: Any, items: Sequence[ItemRow] | Sequence[OpenNumber], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        numbers = [(str(item.pk), item.number) for item in items]
        self.fields["item"].choices = [("", _("The whole customer")), *numbers]  # type: ignore[attr-defined]
        self.fields["ends_on"].initial = today + timedelta(days=USUAL_DAYS)
