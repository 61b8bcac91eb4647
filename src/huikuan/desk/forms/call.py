"""The form at the right of the call screen: what came of the call, how long it took, the recording."""

import re
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from huikuan.desk.forms.contact import ContactForm
from huikuan.journal.rules.media import ALLOWED, MEGABYTE, FileKind
from huikuan.outreach.commands.recording import Recording
from huikuan.outreach.models import Contact

RECORDING_MAX: Final = ALLOWED[FileKind.RECORDING][1]
_DURATION: Final = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)")


class RecordingForm(forms.Form):
    """A recording for a call that is in the log; mixed into the form of the call itself."""

    recording = forms.FileField(
        label=_("Recording"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "audio/*,.wav,.mp3,.m4a,.ogg,.amr"}),
        help_text=_("WAV, MP3, M4A, OGG or AMR. Kept as evidence with its SHA-256; it cannot be replaced."),
    )

    def clean_recording(self) -> "UploadedFile[bytes] | None":
        """Refuse what is too large before any of it is read."""
        file: UploadedFile[bytes] | None = self.cleaned_data["recording"]
        if file is not None and (file.size or 0) > RECORDING_MAX:
            limit = RECORDING_MAX // MEGABYTE
            raise forms.ValidationError(_("At most %(limit)s MB are taken."), params={"limit": limit})
        return file

    def handed_in(self) -> Recording | None:
        """Return the recording; None when there is none."""
        file = self.cleaned_data["recording"]
        return None if file is None else Recording(file.read(), file.name or "recording", file.content_type or "")


class CallForm(RecordingForm, ContactForm):
    """An outgoing call. With an attempt in hand the person is the one who was dialed."""

    name = "call"

    attempt = forms.IntegerField(required=False, widget=forms.HiddenInput)
    duration = forms.CharField(
        label=_("Duration"), max_length=9, required=False, help_text=_("Minutes and seconds, 3:25."),
        widget=forms.TextInput(attrs={"data-duration": "", "autocomplete": "off", "placeholder": "0:00"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for hidden, code in (("channel", Contact.Channel.PHONE), ("direction", Contact.Direction.OUT)):
            self.fields[hidden].widget = forms.HiddenInput()
            self.fields[hidden].initial = code
            self.fields[hidden].choices = [(code, code)]  # type: ignore[attr-defined]
        del self.fields["visitor_count"]
        self.fields["reason"].widget.attrs["data-reveals"] = ""

    def clean_duration(self) -> int | None:
        """Return seconds."""
        said = self.cleaned_data["duration"].strip().replace("：", ":")
        if not said:
            return None
        parts = _DURATION.fullmatch(said)
        if parts is None:
            raise forms.ValidationError(_("Write minutes and seconds, 3:25."))
        return int(parts[1] or 0) * 3600 + int(parts[2]) * 60 + int(parts[3])

    def facts(self) -> dict[str, Any]:
        """Return what `end_call` takes, but for the recording."""
        said = self.cleaned_data
        return {
            **super().facts(),
            "attempt_id": said["attempt"],
            "duration_seconds": said["duration"],
        }
