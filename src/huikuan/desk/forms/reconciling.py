"""The forms about account statements and bills of exchange."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from huikuan.cash.commands.statement_answers import Difference
from huikuan.cash.models import StatementDifference
from huikuan.desk.forms.base import DayInput, DeskForm
from huikuan.desk.forms.money import MoneyField
from huikuan.kernel.money import parse_minor
from huikuan.kernel.refusal import Refusal
from huikuan.receivables.models import Bill
from huikuan.receivables.models.bill import BillState
from huikuan.receivables.rules.bill import NEXT, PASSED_ON

ROWS: Final = 5
NAME_MAX, NUMBER_MAX, REASON_MAX = 120, 80, 500


class PeriodForm(DeskForm):
    """The period of a statement."""

    name = "period"

    starts_on = forms.DateField(label=_("From"), widget=DayInput())
    ends_on = forms.DateField(label=_("Until"), widget=DayInput())


class SlipForm(DeskForm):
    """The signed slip that came back: the balance agrees."""

    name = "slip"

    answered_by = forms.CharField(label=_("Signed by"), max_length=NAME_MAX)
    file = forms.FileField(label=_("Signed slip (PDF or photo)"))


class DifferencesForm(SlipForm):
    """The signed slip that came back: these lines differ. Rows: number, amount in the customer's books, reason."""

    name = "differ"

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    def rows(self) -> list[dict[str, str]]:
        """Return the rows as they were typed, for the page to draw."""
        said = self.data if self.is_bound else {}
        names = ("number", "amount", "reason")
        return [
            {"row": str(row), **{name: said.get(f"{name}_{row}", "") for name in names}} for row in range(1, ROWS + 1)
        ]

    def clean(self) -> dict[str, Any]:
        """Read the rows that are filled in."""
        data = super().clean() or {}
        found = []
        for row in self.rows():
            if not (row["number"] or row["amount"] or row["reason"]):
                continue
            try:
                theirs_minor = parse_minor(row["amount"], self.currency) if row["amount"] else None
            except (Refusal, ValueError) as error:
                said = _now("This is not an amount in {currency}.").format(currency=self.currency)
                raise forms.ValidationError(said) from error
            found.append(Difference(row["number"], theirs_minor, row["reason"]))
        return data | {"differences": found}


class ResolveDifferenceForm(DeskForm):
    """How a difference was resolved."""

    name = "resolve"

    resolution = forms.ChoiceField(label=_("Resolved by"), choices=StatementDifference.Resolution.choices)
    credit_note_number = forms.CharField(label=_("Credit note"), max_length=60, required=False)
    explanation = forms.CharField(label=_("What the customer is told"), max_length=REASON_MAX)


class BillForm(DeskForm):
    """A bill that came in."""

    name = "bill"

    number = forms.CharField(label=_("Bill number"), max_length=30, help_text=_("30 digits if it is electronic."))
    kind = forms.ChoiceField(label=_("Kind"), choices=Bill.Kind.choices)
    amount = MoneyField(label=_("Amount"))
    drawer = forms.CharField(label=_("Drawer"), max_length=200)
    acceptor = forms.CharField(label=_("Acceptor"), max_length=200)
    payee = forms.CharField(label=_("Payee"), max_length=200)
    issued_on = forms.DateField(label=_("Drawn on"), widget=DayInput())
    matures_on = forms.DateField(label=_("Matures"), widget=DayInput())
    received_on = forms.DateField(label=_("Bill received on"), widget=DayInput())
    endorsements = forms.CharField(
        label=_("Endorsements"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line, oldest first: endorser > endorsee."),
    )  # fmt: skip

    def __init__(self, *args: Any, today: date, currency: str, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"received_on": today})
        super().__init__(*args, **kwargs)
        self.today = today
        field = self.fields["amount"]
        assert isinstance(field, MoneyField)  # noqa: S101  declared above
        field.currency = currency

    def clean_received_on(self) -> date:
        """Nothing is received in the future."""
        day: date = self.cleaned_data["received_on"]
        if day > self.today:
            raise forms.ValidationError(_now("This day has not come yet."))
        return day

    def clean_endorsements(self) -> list[tuple[str, str]]:
        """Read the chain."""
        lines = [line.split(">") for line in self.cleaned_data["endorsements"].splitlines() if line.strip()]
        if any(len(line) != 2 or not all(part.strip() for part in line) for line in lines):  # noqa: PLR2004  two sides
            raise forms.ValidationError(_now("Write each endorsement as: endorser > endorsee."))
        return [(endorser.strip()[:200], endorsee.strip()[:200]) for endorser, endorsee in lines]


RECOURSE: Final = (("", "—"), ("1", _("With recourse")), ("0", _("Without recourse")))


class BillMoveForm(DeskForm):
    """Where a bill went."""

    name = "move"

    state = forms.ChoiceField(label=_("What happened"))
    on = forms.DateField(label=_("On"), widget=DayInput())
    holder = forms.CharField(
        label=_("To whom"), max_length=200, required=False, help_text=_("When it is endorsed, discounted or pledged.")
    )
    recourse = forms.ChoiceField(label=_("Recourse"), choices=RECOURSE, required=False)
    note = forms.CharField(
        label=_("Note"),
        max_length=300,
        required=False,
        help_text=_("When it is dishonored: why, by the proof of refusal."),
    )  # fmt: skip

    def __init__(self, *args: Any, state: str, today: date, **kwargs: Any) -> None:
        super().__init__(*args, initial={"on": today}, **kwargs)
        names = dict(BillState.choices)
        self.fields["state"].choices = [  # type: ignore[attr-defined]
            (code, names[code]) for code in _ordered(state)
        ]

    def is_with_recourse(self) -> bool | None:
        """Return whether the bill can come back; None: not said."""
        return {"1": True, "0": False}.get(self.cleaned_data["recourse"])


def _ordered(state: str) -> Sequence[str]:
    """Return where a bill can go, as people think of it: to payment first, passing it on last."""
    return sorted(NEXT[state], key=lambda code: (code in PASSED_ON, BillState.values.index(code)))
