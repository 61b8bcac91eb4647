"""The forms that steer a case: who has it, and when it goes on."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huikuan.desk.forms.base import DayInput, DeskForm

REASON_MAX = 300
USUAL_DAYS = 7


class OwnerForm(DeskForm):
    """To whom a case and its customer are given."""

    name = "owner"

    owner = forms.TypedChoiceField(label=_("Collector"), coerce=int)

    def __init__(self, data: Mapping[str, Any] | None = None, *, collectors: Iterable[tuple[int, str]]) -> None:
        super().__init__(data)
        self.fields["owner"].choices = [("", _("Choose")), *collectors]  # type: ignore[attr-defined]


class NextForm(DeskForm):
    """The day before which nothing happens in a case."""

    name = "next"

    on = forms.DateField(label=_("Not before this day"), widget=DayInput())
    reason = forms.CharField(label=_("Explanation"), max_length=REASON_MAX)

    def __init__(self, data: Mapping[str, Any] | None = None, *, today: date) -> None:
        super().__init__(data)
        self.fields["on"].initial = today + timedelta(days=USUAL_DAYS)
