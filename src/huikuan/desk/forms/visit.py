"""Forms about field visits: the appointment, the check-in, the report, a photo."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from huikuan.desk.forms.base import DeskForm
from huikuan.desk.forms.contact import ContactForm
from huikuan.desk.forms.letters import MomentInput
from huikuan.desk.queries.people import PersonRow
from huikuan.journal.rules.media import ALLOWED, MEGABYTE, FileKind
from huikuan.outreach.commands.visit import Findings, Party, Position
from huikuan.outreach.models import Contact, Visit, VisitDocument, VisitReport

PHOTO_MAX: Final = ALLOWED[FileKind.PHOTO][1]
MICRO: Final = 1_000_000


class VisitForm(DeskForm):
    """An appointment: when, where, whom, who of us, with which papers."""

    name = "visit"

    planned_at = forms.DateTimeField(label=_("Appointment"), widget=MomentInput())
    person = forms.TypedChoiceField(label=_("Who is visited"), coerce=int)
    place = forms.CharField(label=_("Place"), max_length=300)
    purpose = forms.ChoiceField(label=_("Purpose of the visit"), choices=Visit.Purpose.choices)
    speaker = forms.TypedChoiceField(label=_("Speaks"), coerce=int)
    note_taker = forms.TypedChoiceField(label=_("Takes notes"), coerce=int)
    companions = forms.CharField(
        label=_("Others who go"), max_length=200, required=False, help_text=_("Names, parted by commas.")
    )
    note = forms.CharField(label=_("To know before going"), max_length=300, required=False)
    documents = forms.MultipleChoiceField(
        label=_("Documents to take"), choices=VisitDocument.Code.choices, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, persons: Sequence[PersonRow], staff: Sequence[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        people = [(str(each.pk), f"{each.name} · {each.role}") for each in persons if not each.blocks]
        names = [(str(key), name) for key, name in staff]
        for field, choices in (("person", people), ("speaker", names), ("note_taker", names)):
            self.fields[field].choices = choices  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        """Return what `plan_visit` takes."""
        said = self.cleaned_data
        return {
            "planned_at": said["planned_at"],
            "person_id": said["person"],
            "place": said["place"],
            "purpose": said["purpose"],
            "party": Party(said["speaker"], said["note_taker"], said["companions"]),
            "note": said["note"],
            "documents": said["documents"],
        }


class ArrivalForm(forms.Form):
    """The check-in. What the phone says counts only when its owner has ticked the box on this page."""

    consent = forms.BooleanField(required=False)
    latitude = forms.DecimalField(required=False, min_value=-90, max_value=90, max_digits=9, decimal_places=6)
    longitude = forms.DecimalField(required=False, min_value=-180, max_value=180, max_digits=9, decimal_places=6)
    accuracy = forms.IntegerField(required=False, min_value=0, max_value=100_000)

    def position(self) -> Position | None:
        """Return where it is, None without consent or when the phone did not say."""
        said = self.cleaned_data
        known = (said["latitude"], said["longitude"], said["accuracy"])
        if not said["consent"] or None in known:
            return None
        return Position(_micro(said["latitude"]), _micro(said["longitude"]), said["accuracy"])


def _micro(degrees: Decimal) -> int:
    return int(degrees * MICRO)


class ReportForm(ContactForm):
    """What came of a visit: the entry of the contact log, and the judgment of the ability to pay."""

    name = "report"

    premises = forms.ChoiceField(label=_("The place"), choices=VisitReport.Premises.choices)
    stock = forms.ChoiceField(
        label=_("Goods and equipment"), choices=VisitReport.Stock.choices, initial=VisitReport.Stock.UNSEEN
    )
    ability = forms.ChoiceField(
        label=_("Ability to pay"), choices=VisitReport.Ability.choices, initial=VisitReport.Ability.UNKNOWN
    )
    willingness = forms.ChoiceField(
        label=_("Willingness"), choices=VisitReport.Willingness.choices, initial=VisitReport.Willingness.UNKNOWN
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for hidden, code in (("channel", Contact.Channel.VISIT), ("direction", Contact.Direction.OUT)):
            self.fields[hidden].widget = forms.HiddenInput()
            self.fields[hidden].initial = code
            self.fields[hidden].choices = [(code, code)]  # type: ignore[attr-defined]
        for gone in ("visitor_count", "person"):
            del self.fields[gone]
        self.fields["summary"].label = _("What you found")
        self.fields["summary"].required = True
        self.fields["summary"].widget.attrs["rows"] = 5
        self.fields["reason"].widget.attrs["data-reveals"] = ""

    def findings(self) -> Findings:
        """Return what `report_visit` keeps with the visit."""
        said = self.cleaned_data
        return Findings(said["summary"], said["premises"], said["stock"], said["ability"], said["willingness"])

    def facts(self) -> dict[str, Any]:
        """Return what the entry of the log takes; person, channel and instant are those of the check-in."""
        said = self.cleaned_data
        names = ("outcome", "summary", "reason", "named_step", "promised", "next_step", "next_step_on")
        return {name: said[name] for name in names} | {"is_identity_verified": said["identity_verified"]}


class PhotoForm(forms.Form):
    """A photo of the visit."""

    photo = forms.FileField(label=_("Photo"))
    title = forms.CharField(label=_("What it shows"), max_length=200, required=False)

    def clean_photo(self) -> "UploadedFile[bytes]":
        """Refuse what is too large before any of it is read."""
        file: UploadedFile[bytes] = self.cleaned_data["photo"]
        if (file.size or 0) > PHOTO_MAX:
            raise forms.ValidationError(_("At most %(limit)s MB are taken."), params={"limit": PHOTO_MAX // MEGABYTE})
        return file
