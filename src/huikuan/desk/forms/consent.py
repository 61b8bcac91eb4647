"""The form that writes down what a person agreed to."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from huikuan.desk.forms.base import DayInput, DeskForm
from huikuan.kernel.zones import instant_at
from huikuan.outreach.models import Contact
from huikuan.parties.models import Consent

EVIDENCE_MAX: Final = 300
CHANNELS: Final = [(code, label) for code, label in Contact.Channel.choices if code != Contact.Channel.NOTE]


class ConsentForm(DeskForm):
    """What, on which channel, how it was given, where it is proved, and until when."""

    name = "consent"

    kind = forms.ChoiceField(label=_("Agrees to"), choices=Consent.Kind.choices)
    channel = forms.ChoiceField(label=_("Applies to"), choices=[("", _("Every channel")), *CHANNELS], required=False)
    source = forms.ChoiceField(label=_("Given"), choices=Consent.Source.choices)
    evidence = forms.CharField(
        label=_("Where it can be read or heard"), max_length=EVIDENCE_MAX, help_text=_("A letter, a call, a clause")
    )
    last_on = forms.DateField(
        label=_("Last day"), required=False, widget=DayInput(), help_text=_("Empty: until it is withdrawn")
    )

    def facts(self, time_zone: str) -> Mapping[str, Any]:
        """Return what the command takes; the last day counts whole, on the customer's calendar."""
        given = dict(self.cleaned_data)
        last_on = given.pop("last_on")
        expires_at: datetime | None = None if last_on is None else instant_at(last_on, time.max, time_zone)
        return {**given, "expires_at": expires_at}
