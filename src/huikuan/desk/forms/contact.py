"""The form that logs a call, a visit or a note."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from huikuan.desk.answers import words_of
from huikuan.desk.forms.base import DayInput, DeskForm
from huikuan.desk.queries.people import PersonRow
from huikuan.kernel.money import parse_minor
from huikuan.kernel.refusal import Refusal
from huikuan.outreach.commands.contact import Promised
from huikuan.outreach.models import Contact
from huikuan.outreach.rules.checking import Flaw

CHANNELS = ("PHONE", "VISIT", "WECHAT", "LETTER", "EMAIL", "SMS", "NOTE")
NOT_BY_HAND = ("SENT", "NOTED")
SUMMARY_MAX = 4000
VISITORS_MAX = 20


class ContactForm(DeskForm):
    """One contact. A promise wants its day and amount; a note wants only words."""

    name = "contact"
    wording: Sequence[str] = ()
    """What was found in the words of a summary: shown once, as a warning."""

    channel = forms.ChoiceField(label=_("Channel"), initial="PHONE")
    direction = forms.ChoiceField(
        label=_("Direction"), choices=[("OUT", _("From us")), ("IN", _("From the customer"))], initial="OUT"
    )
    person = forms.TypedChoiceField(label=_("Person"), coerce=int, empty_value=None, required=False)
    visitor_count = forms.IntegerField(
        label=_("Number of visitors"), min_value=1, max_value=VISITORS_MAX, required=False,
        help_text=_("For a visit: how many of us went. The guard wants two at least; name the other one below."),
    )  # fmt: skip
    outcome = forms.ChoiceField(label=_("Outcome"), required=False)
    promised_on = forms.DateField(label=_("Promised for"), widget=DayInput(), required=False)
    promised_amount = forms.CharField(
        label=_("Promised amount"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    summary = forms.CharField(
        label=_("What was said"), required=False, max_length=SUMMARY_MAX, widget=forms.Textarea(attrs={"rows": 3})
    )
    reason = forms.ChoiceField(label=_("Why nothing was paid"), required=False)
    named_step = forms.CharField(
        label=_("Step of their process"), max_length=200, required=False,
        help_text=_("“In process”: which step, with whom, under what number. Twice without one is a delay signal."),
    )  # fmt: skip
    next_step = forms.CharField(label=_("Agreed next step"), max_length=200, required=False)
    next_step_on = forms.DateField(label=_("Next step on"), widget=DayInput(), required=False)
    identity_verified = forms.BooleanField(label=_("Identity of the person verified"), required=False)
    keep_wording = forms.BooleanField(label=_("Keep these words as they are"), required=False)

    def __init__(self, *args: Any, persons: tuple[PersonRow, ...], currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        labels = dict(Contact.Channel.choices)
        self.fields["channel"].choices = [(code, labels[code]) for code in CHANNELS]  # type: ignore[attr-defined]
        outcomes = [(code, label) for code, label in Contact.Outcome.choices if code not in NOT_BY_HAND]
        self.fields["outcome"].choices = [("", _("Choose")), *outcomes]  # type: ignore[attr-defined]
        self.fields["reason"].choices = [("", _("Not said")), *Contact.Reason.choices]  # type: ignore[attr-defined]
        for name in ("outcome", "channel"):
            self.fields[name].widget.attrs["data-reveals"] = ""
        people = [(str(person.pk), f"{person.name} · {person.role}") for person in persons]
        self.fields["person"].choices = [("", _("Nobody in particular")), *people]  # type: ignore[attr-defined]
        if people and not self.is_bound:
            self.fields["person"].initial = next((str(each.pk) for each in persons if each.may_be_called), "")

    def clean(self) -> dict[str, Any]:
        """Check what depends on the channel and the outcome."""
        data = super().clean() or {}
        if data.get("channel") == Contact.Channel.NOTE:
            data["outcome"], data["direction"] = Contact.Outcome.NOTED.value, Contact.Direction.NONE.value
            if not data.get("summary"):
                self.add_error("summary", _("Write the note."))
        elif not data.get("outcome") and "outcome" not in self.errors:
            self.add_error("outcome", _("Choose what came of it."))
        if data.get("channel") != Contact.Channel.VISIT:
            data["visitor_count"] = 0
        elif "visitor_count" in self.fields and not data.get("visitor_count") and "visitor_count" not in self.errors:
            self.add_error("visitor_count", _("Say how many of us went."))
        data["promised"] = self._promise(data) if data.get("outcome") == Contact.Outcome.PROMISED else None
        return data

    def doubtful_words(self, check: Callable[[str], Sequence[Flaw]]) -> bool:
        """Tell whether the summary is worded as no log should be, unless that was said once and kept (G2)."""
        if self.cleaned_data["keep_wording"]:
            return False
        self.wording = [_now(flaw.text).format(**flaw.facts) for flaw in check(self.cleaned_data["summary"])]
        return bool(self.wording)

    def _promise(self, data: dict[str, Any]) -> Promised | None:
        day, text = data.get("promised_on"), data.get("promised_amount")
        if not day and "promised_on" not in self.errors:
            self.add_error("promised_on", _("A promise needs a day."))
        if not text:
            self.add_error("promised_amount", _("A promise needs an amount."))
            return None
        try:
            minor = parse_minor(text, self.currency)
        except Refusal as no:
            self.add_error("promised_amount", words_of(no))
            return None
        return Promised(on=day, amount_minor=minor, currency=self.currency) if day else None

    def facts(self) -> dict[str, Any]:
        """Return what `log_contact` takes."""
        data = self.cleaned_data
        return {
            "channel": data["channel"],
            "direction": data["direction"],
            "outcome": data["outcome"],
            "person_id": data["person"],
            "visitor_count": data["visitor_count"],
            "summary": data["summary"],
            "reason": data["reason"],
            "named_step": data["named_step"],
            "promised": data["promised"],
            "next_step": data["next_step"],
            "next_step_on": data["next_step_on"],
            "is_identity_verified": data["identity_verified"],
        }
