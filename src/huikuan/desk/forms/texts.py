"""The editor of a text, and what is said when one is returned."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huikuan.desk.forms.base import DeskForm
from huikuan.outreach.models import TemplateSlot


class TextForm(DeskForm):
    """A text with the sort of customer it is meant for, and the customer on whom it is tried."""

    name = "text"

    subject = forms.CharField(label=_("Subject"), max_length=200, required=False, strip=True)
    body = forms.CharField(label=_("Text"), widget=forms.Textarea, strip=False, max_length=20000)
    tone = forms.ChoiceField(label=_("Tone"), choices=TemplateSlot.Tone.choices)
    industry = forms.CharField(
        label=_("Only for the industry"), max_length=80, required=False, help_text=_("Blank: any industry.")
    )
    grade = forms.ChoiceField(
        label=_("Only for the grade"), required=False, choices=[("", _("Any grade")), *((g, g) for g in "ABCN")]
    )
    is_long_term = forms.BooleanField(label=_("Only for long-term customers"), required=False)
    note = forms.CharField(label=_("What was changed and why"), max_length=300, required=False)
    customer = forms.CharField(label=_("Try it on the customer (code)"), max_length=40, required=False)

    def __init__(self, *args: Any, is_short: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_short:
            del self.fields["subject"]
        self.fields["customer"].widget.attrs["list"] = "cases-to-try"


class ReturnForm(DeskForm):
    """Why a draft goes back."""

    name = "return"

    reason = forms.CharField(label=_("Reason"), max_length=300)
