"""The forms about a contact person: who he is, and that he must not be contacted."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huikuan.desk.forms.base import DeskForm, TimeInput
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
    preferred_from = forms.TimeField(
        label=_("Best reached from"), required=False, widget=TimeInput, help_text=_("On the customer's clock.")
    )
    preferred_until = forms.TimeField(label=_("Best reached until"), required=False, widget=TimeInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, person: ContactPerson | None = None) -> None:
        self.person_id = None if person is None else person.pk
        initial = {} if person is None else {
            "person_name": person.name, "role": person.role, "phone": person.phone, "email": person.email,
            "preferred_channel": person.preferred_channel, "preferred_from": person.preferred_from,
            "preferred_until": person.preferred_until,
        }  # fmt: skip
        super().__init__(data, initial=initial, auto_id=f"person{self.person_id or ''}_%s")
        choices = [("", _("No preference")), *ContactPerson.Channel.choices]
        self.fields["preferred_channel"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> None:
        """Want both ends of the hours, or neither."""
        super().clean()
        ends = [self.cleaned_data.get(name) for name in ("preferred_from", "preferred_until")]
        if any(ends) and None in ends and not self.errors:
            self.add_error("preferred_until", _("Give both times, or neither."))

    def facts(self) -> dict[str, Any]:
        """Return what the commands take."""
        given = dict(self.cleaned_data)
        name, begins, ends = (given.pop(each) for each in ("person_name", "preferred_from", "preferred_until"))
        return {**given, "name": name, "preferred_hours": None if begins is None else (begins, ends)}


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
