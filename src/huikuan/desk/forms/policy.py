"""The form that checks and uploads a policy version."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huikuan.desk.forms.base import DayInput, DeskForm
from huikuan.policy.reading.document import SIZE_MAX


class PolicyForm(DeskForm):
    """The YAML text, as a file or typed, with the day from which it rules."""

    name = "policy"

    file = forms.FileField(label=_("YAML file"), required=False)
    source = forms.CharField(
        label=_("or its text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"class": "editor", "rows": 24, "spellcheck": "false", "wrap": "off"}),
    )
    starts_on = forms.DateField(label=_("Rules from"), widget=DayInput())
    note = forms.CharField(label=_("What changes, and why"), max_length=300, required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].initial = today + timedelta(days=1)

    def clean(self) -> dict[str, Any]:
        """Take the text from the file when there is one."""
        data = super().clean() or {}
        upload = data.get("file")
        if upload is not None:
            if upload.size > SIZE_MAX:
                self.add_error("file", _("This file is too large for a policy."))
                return data
            try:
                data["source"] = upload.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                self.add_error("file", _("This file is not UTF-8 text. Save it as UTF-8 and choose it again."))
                return data
        data["source"] = (data.get("source") or "").replace("\r\n", "\n")
        if not data["source"].strip():
            self.add_error("source", _("Choose a file, or write the text."))
        return data
