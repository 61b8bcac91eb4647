"""The form of an early-payment discount on a contract."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huikuan.desk.forms.base import DayInput, DeskForm

PPM_OF_PERCENT = 10_000
DAYS_MAX = 365


class ItemDiscountForm(DeskForm):
    """So much percent less on one open item for who pays it within so many days of its issue."""

    name = "item_discount"

    item = forms.TypedChoiceField(label=_("Item"), coerce=int)
    percent = forms.DecimalField(
        label=_("Discount (%)"), min_value=Decimal("0.0001"), max_value=99, max_digits=6, decimal_places=4,
        localize=False,
    )  # fmt: skip
    days = forms.IntegerField(label=_("Days after the issue"), min_value=1, max_value=DAYS_MAX)

    def __init__(self, *args: Any, items: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = [(str(pk), number) for pk, number in items]  # type: ignore[attr-defined]

    @property
    def share_ppm(self) -> int:
        """Return the discount in parts per million; four decimals of a percent are exact."""
        return int(self.cleaned_data["percent"] * PPM_OF_PERCENT)


class DiscountForm(DeskForm):
    """So much percent less for who pays within so many days of the issue."""

    name = "discount"

    contract = forms.TypedChoiceField(label=_("Contract"), coerce=int)
    percent = forms.DecimalField(
        label=_("Discount (%)"), min_value=0, max_value=99, max_digits=6, decimal_places=4, localize=False,
        help_text=_("0 ends the discount."),
    )  # fmt: skip
    days = forms.IntegerField(label=_("Days after the issue"), min_value=1, max_value=DAYS_MAX, initial=10)
    starts_on = forms.DateField(label=_("For items issued from"), widget=DayInput())

    def __init__(self, *args: Any, contracts: Sequence[tuple[int, str]], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contract"].choices = [(str(pk), number) for pk, number in contracts]  # type: ignore[attr-defined]
        self.fields["starts_on"].initial = today

    @property
    def share_ppm(self) -> int:
        """Return the discount in parts per million; four decimals of a percent are exact."""
        return int(self.cleaned_data["percent"] * PPM_OF_PERCENT)
