"""The forms about a contact person: who he is, and that he must not be contacted."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huikuan.desk.forms.base import DeskForm
from huikuan.parties.models import ContactBlock, ContactPerson

NAME_MAX, PHONE_MAX, REASON_MAX = 80, 30, 300


class PersonForm(DeskForm):
    """A person who acts for the customer; `person_id` is None for a new one."""

    name = "person"

    person_name = forms.CharField(label=_("Name"), max_length=NAME_MAX)
    role = forms.ChoiceField(label=_("Role"), choices=ContactPerson.Role.choices, initial=ContactPerson.Role.OTHER)
    phone = forms.CharField(
        label=_("Telephone"), max_length=PHONE_MAX, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    email = forms.EmailField(label=_("E-mail"), required=False)
    preferred_channel = forms.ChoiceField(label=_("Prefers"), required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, person: ContactPerson | None = None) -> None:
        self.person_id = None if person is None else person.pk
        initial = {} if person is None else {
            "person_name": person.name, "role": person.role, "phone": person.phone, "email": person.email,
            "preferred_channel": person.preferred_channel,
        }  # fmt: skip
        super().__init__(data, initial=initial, auto_id=f"person{self.person_id or ''}_%s")
        choices = [("", _("No preference")), *ContactPerson.Channel.choices]
        self.fields["preferred_channel"].choices = choices  # type: ignore[attr-defined]

    def facts(self) -> dict[str, str]:
        """Return what the commands take."""
        return {("name" if key == "person_name" else key): value for key, value in self.cleaned_data.items()}


class BlockForm(DeskForm):
    """That a person, or the customer as a whole, must not be contacted."""

    name = "block"

    kind = forms.ChoiceField(label=_("Why"), choices=ContactBlock.Kind.choices)
    channel = forms.ChoiceField(label=_("Applies to"), required=False)
    reason = forms.CharField(label=_("Explanation"), max_length=REASON_MAX)

    def __init__(self, data: Mapping[str, Any] | None = None, *, person_id: int | None) -> None:
        self.person_id = person_id
        super().__init__(data, auto_id=f"block{person_id or ''}_%s")
        choices = [("", _("Every channel")), *ContactPerson.Channel.choices]
        self.fields["channel"].choices = choices  # type: ignore[attr-defined]
