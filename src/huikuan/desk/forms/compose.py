"""The composer: to whom, on which channel, which words."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from huikuan.desk.forms.base import DeskForm
from huikuan.desk.queries.people import PersonRow
from huikuan.outreach.commands.contact import address_of
from huikuan.outreach.rules.checking import SUBJECT_MAX
from huikuan.parties.models import ContactPerson

CHANNELS: Final = (("EMAIL", _("E-mail")), ("SMS", _("Text message")))
BODY_MAX: Final = 20000


class ComposeForm(DeskForm):
    """A message by hand."""

    name = "compose"

    channel = forms.ChoiceField(label=_("Channel"), choices=CHANNELS)
    person = forms.TypedChoiceField(label=_("To"), coerce=int, empty_value=None, required=False)
    currency = forms.ChoiceField(label=_("Currency"))
    subject = forms.CharField(label=_("Subject"), max_length=SUBJECT_MAX, required=False)
    body = forms.CharField(
        label=_("Text"), max_length=BODY_MAX, strip=False, widget=forms.Textarea(attrs={"rows": 14, "class": "letter"})
    )

    def __init__(
        self, *args: Any, persons: Sequence[PersonRow], general: str, currencies: Sequence[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.persons = {each.pk: each.row for each in persons}
        self.general = general
        self.fields["channel"].widget.attrs["data-reveals"] = ""
        choices = [(str(each.pk), f"{each.name} · {each.role}") for each in persons if not each.is_masked]
        self.fields["person"].choices = [("", _("The customer's own address")), *choices]  # type: ignore[attr-defined]
        self.fields["currency"].choices = [(each, each) for each in currencies]  # type: ignore[attr-defined]

    @property
    def to(self) -> ContactPerson | None:
        """Return the person chosen so far, also before the form is complete."""
        chosen = str(self["person"].value() or "")
        return self.persons.get(int(chosen)) if chosen.isdecimal() else None

    def clean(self) -> dict[str, Any]:
        """Refuse an address that does not exist before anybody waits for an answer."""
        said = super().clean() or {}
        channel, person_id = said.get("channel", ""), said.get("person")
        has_address = bool(address_of(self.persons[person_id], channel) if person_id else self.general)
        if channel and "person" not in self.errors and not has_address:
            self.add_error("person", _("There is no address for this channel. Choose somebody else."))
        return said
