"""The form that sets a grade by hand."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huikuan.credit.models.grade import Letter
from huikuan.desk.forms.base import DayInput, DeskForm

USUAL_DAYS = 90


class OverrideForm(DeskForm):
    """A grade by hand, with reason and end."""

    name = "override"

    letter = forms.ChoiceField(label=_("Grade"), choices=Letter.choices)
    ends_on = forms.DateField(label=_("Last day"), widget=DayInput())
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ends_on"].initial = today + timedelta(days=USUAL_DAYS)
