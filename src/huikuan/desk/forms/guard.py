"""The filter over what the contact guard stopped."""

from django import forms
from django.utils.translation import gettext_lazy as _

from huikuan.desk.forms.base import DayInput, DeskForm
from huikuan.desk.queries.guard_list import RefusalFilter


class RefusalFilterForm(DeskForm):
    """One rule, one customer, a period. What cannot be read narrows nothing."""

    name = "stopped"

    rule = forms.SlugField(required=False, max_length=40, widget=forms.HiddenInput())
    customer = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput())
    first_on = forms.DateField(label=_("From"), required=False, widget=DayInput())
    last_on = forms.DateField(label=_("Until"), required=False, widget=DayInput())

    def wanted(self) -> RefusalFilter:
        """Return what is asked for."""
        self.is_valid()
        given = self.cleaned_data
        return RefusalFilter(
            rule=given.get("rule", ""),
            customer_id=given.get("customer"),
            first_on=given.get("first_on"),
            last_on=given.get("last_on"),
        )

    def query(self) -> dict[str, str]:
        """Return the filter as it stands in the address."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value}
