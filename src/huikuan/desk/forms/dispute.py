"""Forms of disputes, complaints, offers and public records."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huikuan.arrangements.models import Complaint, Department, Dispute, EnforcementRecord
from huikuan.desk.answers import words_of
from huikuan.desk.forms.base import DayInput, DeskForm
from huikuan.desk.queries.claims import OpenNumber
from huikuan.kernel.money import parse_minor
from huikuan.kernel.refusal import Refusal

SHORT, LONG = 200, 2000
PPM_OF_PERCENT = 10_000


def _words(label: Any, *, required: bool = True) -> forms.CharField:  # noqa: ANN401  lazy text
    return forms.CharField(label=label, max_length=LONG, required=required, widget=forms.Textarea(attrs={"rows": 2}))


def _amount(label: Any, *, required: bool = True) -> forms.CharField:  # noqa: ANN401  lazy text
    widget = forms.TextInput(attrs={"inputmode": "decimal"})
    return forms.CharField(label=label, max_length=30, required=required, widget=widget)


class DisputeForm(DeskForm):
    """An objection to a part of an item."""

    name = "dispute"

    item = forms.TypedChoiceField(label=_("Item"), coerce=int)
    amount = _amount(_("Disputed amount"))
    kind = forms.ChoiceField(label=_("Kind"), choices=Dispute.Kind.choices)
    department = forms.ChoiceField(
        label=_("Department"), choices=[("", _("By the kind")), *Department.choices], required=False
    )
    text = _words(_("What the customer says"))

    def __init__(self, *args: Any, items: Sequence[OpenNumber], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currencies = {each.pk: each.currency for each in items}
        self.fields["item"].choices = [(str(each.pk), each.number) for each in items]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Read the amount in the currency of the item."""
        data = super().clean() or {}
        if data.get("amount") and data.get("item") in self.currencies:
            try:
                data["amount_minor"] = parse_minor(data["amount"], self.currencies[data["item"]])
            except Refusal as no:
                self.add_error("amount", words_of(no))
        return data


class SayForm(DeskForm):
    """One message in a dispute, with or without a file."""

    name = "say"

    text = _words(_("Message"), required=False)
    is_answer = forms.BooleanField(label=_("The customer was told this"), required=False)
    file = forms.FileField(label=_("Evidence"), required=False)


class DecideForm(DeskForm):
    """The decision on a dispute."""

    name = "decide"

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[(code, name) for code, name in Dispute.Decision.choices if code != Dispute.Decision.PAID],
    )
    conceded = _amount(_("Conceded amount"), required=False)
    explanation = _words(_("Reason"))

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.fields["conceded"].help_text = _("For an agreement; empty for a credit note: all that is disputed.")

    def clean(self) -> dict[str, Any]:
        """Read the amount."""
        data = super().clean() or {}
        data["conceded_minor"] = 0
        if data.get("conceded"):
            try:
                data["conceded_minor"] = parse_minor(data["conceded"], self.currency)
            except Refusal as no:
                self.add_error("conceded", words_of(no))
        return data


class ComplaintForm(DeskForm):
    """A complaint as it came in."""

    name = "complaint"

    kind = forms.ChoiceField(
        label=_("Kind"), choices=Complaint.Kind.choices,
        help_text=_("Conduct and personal data pause contact until it is resolved; other complaints do not."),
    )  # fmt: skip
    via = forms.ChoiceField(label=_("Received by"), choices=Complaint.Via.choices)
    department = forms.ChoiceField(label=_("Department"), choices=Department.choices)
    text = _words(_("What the customer says"))


class AnswerForm(DeskForm):
    """What the customer was answered."""

    name = "answer"

    response = _words(_("Answer"))


class ResolveForm(DeskForm):
    """How a complaint was resolved."""

    name = "resolve"

    resolution = _words(_("Resolution"))
    satisfaction = forms.TypedChoiceField(
        label=_("Satisfaction"), coerce=int, empty_value=None, required=False,
        choices=[("", _("Not asked")), *((str(step), str(step)) for step in range(1, 6))],
    )  # fmt: skip


class RecordForm(DeskForm):
    """A public record about the customer."""

    name = "record"

    kind = forms.ChoiceField(label=_("Kind"), choices=EnforcementRecord.Kind.choices)
    number = forms.CharField(label=_("Number of the case"), max_length=80)
    court = forms.CharField(label=_("Court"), max_length=120, required=False)
    published_on = forms.DateField(label=_("Published on"), widget=DayInput())
    source = forms.CharField(label=_("Where it can be looked up"), max_length=SHORT)


class OfferForm(DeskForm):
    """An offer to waive a share of the penalty."""

    name = "offer"

    currency = forms.ChoiceField(label=_("Currency"))
    percent = forms.IntegerField(label=_("Share of the penalty waived (%)"), min_value=1, max_value=100, initial=50)
    expires_on = forms.DateField(label=_("Money must arrive by"), widget=DayInput())

    def __init__(self, *args: Any, currencies: Sequence[str], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["currency"].choices = [(each, each) for each in currencies]  # type: ignore[attr-defined]
        self.fields["expires_on"].initial = today + timedelta(days=7)

    @property
    def waive_ppm(self) -> int:
        """Return the share in parts per million."""
        return int(self.cleaned_data["percent"]) * PPM_OF_PERCENT
