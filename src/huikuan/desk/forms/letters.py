"""Forms about letters: what to write, how it was posted, what the post said, and the letterhead."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huikuan.desk.forms.base import DeskForm
from huikuan.outreach.commands.posting import FROM_POST
from huikuan.outreach.models import Letter
from huikuan.parties.models import ContactPerson

ADDRESS_MAX, NOTE_MAX, NAME_MAX, TRACKING_MAX = 300, 300, 80, 40
TEMPLATES = (
    ("demand", _("Formal demand")),
    ("last_notice", _("Final notice")),
    ("lawyers_letter", _("Lawyer's letter, for the law firm")),
)
LANGUAGES = (("zh-hans", _("Chinese")), ("en", _("English")))


class MomentInput(forms.DateTimeInput):
    """A day and a time, picked in the browser's own calendar."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class LetterForm(DeskForm):
    """What is written to whom."""

    name = "letter"

    template = forms.ChoiceField(label=_("Letter"), choices=TEMPLATES)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    currency = forms.ChoiceField(label=_("Currency"))
    person = forms.TypedChoiceField(label=_("To the attention of"), coerce=int, empty_value=None, required=False)
    address = forms.CharField(label=_("Postal address"), max_length=ADDRESS_MAX)
    other_address = forms.CharField(
        label=_("Other postal address"), max_length=ADDRESS_MAX, required=False,
        help_text=_("A formal letter that comes back from the first is written again to this one."),
    )  # fmt: skip

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        language: str,
        address: str,
        other_address: str,
        persons: Sequence[ContactPerson],
        currencies: Sequence[str],
    ) -> None:
        super().__init__(data, initial={"language": language, "address": address, "other_address": other_address})
        choices = [("", _("Nobody in particular")), *((str(each.pk), each.name) for each in persons)]
        self.fields["person"].choices = choices  # type: ignore[attr-defined]
        self.fields["currency"].choices = [(each, each) for each in currencies]  # type: ignore[attr-defined]


class PostingForm(DeskForm):
    """That a letter was handed to the post."""

    name = "posting"

    carrier = forms.ChoiceField(label=_("Carrier"), choices=Letter.Carrier.choices)
    tracking_number = forms.CharField(label=_("Tracking number"), max_length=TRACKING_MAX, required=False)
    at = forms.DateTimeField(label=_("Handed over"), widget=MomentInput())

    def __init__(self, data: Mapping[str, Any] | None = None, *, now: datetime) -> None:
        super().__init__(data, initial={"at": now})


class NewsForm(DeskForm):
    """What the post says about a letter."""

    name = "news"

    state = forms.ChoiceField(label=_("What happened"))
    at = forms.DateTimeField(label=_("When"), widget=MomentInput())
    signed_by = forms.CharField(label=_("Signed by"), max_length=NAME_MAX, required=False)
    note = forms.CharField(label=_("Note"), max_length=NOTE_MAX, required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, now: datetime) -> None:
        super().__init__(data, initial={"at": now})
        choices = [(code, label) for code, label in Letter.State.choices if code in FROM_POST]
        self.fields["state"].choices = choices  # type: ignore[attr-defined]


class LetterheadForm(DeskForm):
    """What stands in letters about the creditor."""

    name = "letterhead"

    address = forms.CharField(label=_("Address"), max_length=ADDRESS_MAX, required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    email_from = forms.EmailField(label=_("E-mail"), required=False)
    registration_no = forms.CharField(label=_("Registration number"), max_length=40, required=False)
    bank_account = forms.CharField(
        label=_("Bank account"), max_length=ADDRESS_MAX, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    payment_url = forms.URLField(label=_("Payment page"), max_length=500, required=False, assume_scheme="https")
