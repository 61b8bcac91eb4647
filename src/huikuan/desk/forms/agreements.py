"""The forms of agreements: a promise, the plan calculator, an acceptance, the comparison, a restructuring."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from huikuan.arrangements.commands.promising import Share
from huikuan.arrangements.models import Plan, Restructuring
from huikuan.arrangements.queries.comparison import Inputs
from huikuan.arrangements.rules.schedule import PARTS_MAX, Cycle, Kind, Shape
from huikuan.desk.answers import words_of
from huikuan.desk.forms.base import DayInput, DeskForm
from huikuan.desk.queries.claims import OpenNumber
from huikuan.desk.queries.people import PersonRow
from huikuan.kernel.days import add_days
from huikuan.kernel.money import format_decimal, parse_minor
from huikuan.kernel.refusal import Refusal
from huikuan.policy.rules.plan import PERCENT, PlanRules

PROMISE_PARTS: Final = 3
"""Parts that the form offers; more are made by more promises."""
FIRST_DAYS: Final = 5
"""Days from today to the first part that the calculator begins with."""


class AmountForm(DeskForm):
    """A form that reads amounts in one currency."""

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    def minor(self, field: str) -> int:
        """Return an amount in minor units; 0 when it is empty, with an error on the field when it is none."""
        text = self.cleaned_data.get(field) or ""
        if not text.strip():
            return 0
        try:
            return parse_minor(text, self.currency)
        except Refusal as no:
            self.add_error(field, words_of(no))
            return 0


def amount_field(label: Any, **given: Any) -> forms.CharField:  # noqa: ANN401  a lazy text
    """Return a field for an amount."""
    given.setdefault("required", False)
    return forms.CharField(
        label=label, max_length=30, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **given
    )  # fmt: skip


class PromiseForm(AmountForm):
    """A promise in up to three parts."""

    name = "promise"

    person = forms.TypedChoiceField(label=_("Promised by"), coerce=int, empty_value=None, required=False)
    item = forms.TypedChoiceField(label=_("Concerns"), coerce=int, empty_value=None, required=False)
    due_on_1 = forms.DateField(label=_("Promised for"), widget=DayInput())
    amount_1 = amount_field(_("Promised amount"), required=True)
    due_on_2 = forms.DateField(label=_("Second day"), widget=DayInput(), required=False)
    amount_2 = amount_field(_("Second amount"))
    due_on_3 = forms.DateField(label=_("Third day"), widget=DayInput(), required=False)
    amount_3 = amount_field(_("Third amount"))
    note = forms.CharField(label=_("What was said"), max_length=300, required=False)

    def __init__(
        self, *args: Any, persons: Sequence[PersonRow], items: Sequence[OpenNumber], currency: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, currency=currency, **kwargs)
        people = [(str(person.pk), f"{person.name} · {person.role}") for person in persons]
        numbers = [(str(item.pk), item.number) for item in items if item.currency == currency]
        self.fields["person"].choices = [("", _("Nobody in particular")), *people]  # type: ignore[attr-defined]
        self.fields["item"].choices = [("", _("The whole customer")), *numbers]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Read the parts; a day goes with an amount."""
        data = super().clean() or {}
        shares = []
        for number in range(1, PROMISE_PARTS + 1):
            day, minor = data.get(f"due_on_{number}"), self.minor(f"amount_{number}")
            if day and minor:
                shares.append(Share(day, minor))
            elif number > 1 and (day or minor):
                self.add_error(f"amount_{number}", _("A part needs a day and an amount."))
        data["shares"] = shares
        return data


class PlanForm(AmountForm):
    """The calculator: what is to be paid in parts, and how it is cut."""

    name = "plan"

    items = forms.TypedMultipleChoiceField(
        label=_("Items"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple(),
    )  # fmt: skip
    first_percent = forms.IntegerField(label=_("First part, percent"), min_value=0, max_value=100)
    parts = forms.IntegerField(label=_("Parts"), min_value=1, max_value=PARTS_MAX)
    kind = forms.ChoiceField(label=_("How it is cut"), choices=Plan.Kind.choices)
    cycle = forms.ChoiceField(label=_("Cycle"), choices=Plan.Cycle.choices)
    starts_on = forms.DateField(label=_("First part on"), widget=DayInput())
    working_days = forms.BooleanField(label=_("Move days off to the next working day"), required=False)
    waived = amount_field(_("Penalty waived while the plan is kept"))
    amounts = forms.CharField(
        label=_("Parts by hand"), required=False, max_length=1000,
        help_text=_("Only for parts by hand: one amount after the other, with spaces between them."),
    )  # fmt: skip
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(
        self, *args: Any, items: Sequence[OpenNumber], limits: PlanRules, today: date, currency: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, currency=currency, **kwargs)
        of_currency = [item for item in items if item.currency == currency]
        self.fields["items"].choices = [(str(item.pk), item.number) for item in of_currency]  # type: ignore[attr-defined]
        usual: dict[str, Any] = {
            "items": [str(item.pk) for item in of_currency if item.due_on < today],
            "first_percent": limits.first_percent,
            "parts": 3,
            "kind": Kind.EVEN.value,
            "cycle": Cycle.MONTHLY.value,
            "starts_on": add_days(today, FIRST_DAYS),
            "working_days": True,
        }
        self.initial = {**usual, **self.initial}

    def clean(self) -> dict[str, Any]:
        """Read the waiver and the parts by hand."""
        data = super().clean() or {}
        data["waived_minor"] = self.minor("waived")
        try:
            data["amounts_minor"] = tuple(parse_minor(each, self.currency) for each in data.get("amounts", "").split())
        except Refusal as no:
            self.add_error("amounts", words_of(no))
        return data

    def shape(self) -> Shape:
        """Return how the claim is to be cut."""
        data = self.cleaned_data
        return Shape(
            parts_count=data["parts"],
            starts_on=data["starts_on"],
            kind=Kind(data["kind"]),
            cycle=Cycle(data["cycle"]),
            first_ppm=data["first_percent"] * PERCENT,
            amounts=data["amounts_minor"],
            is_on_working_days=data["working_days"],
        )


class AcceptanceForm(DeskForm):
    """The signed agreement."""

    name = "acceptance"

    person = forms.TypedChoiceField(label=_("Accepted by"), coerce=int, empty_value=None, required=False)
    file = forms.FileField(label=_("Signed agreement (PDF or photo)"))

    def __init__(self, *args: Any, persons: Sequence[PersonRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(str(person.pk), f"{person.name} · {person.role}") for person in persons]
        self.fields["person"].choices = [("", _("Nobody in particular")), *people]  # type: ignore[attr-defined]


class ComparisonForm(AmountForm):
    """The assumptions of the comparison: shown, and changed at will."""

    name = "compare"

    discount_percent = forms.IntegerField(label=_("A year of waiting costs, percent"), min_value=0, max_value=100)
    waived = amount_field(_("Given up if paid now"))
    offer_percent = forms.IntegerField(label=_("Paid now: chance, percent"), min_value=0, max_value=100)
    offer_days = forms.IntegerField(label=_("Paid now: days"), min_value=0, max_value=3650)
    plan_percent = forms.IntegerField(label=_("Plan: chance of each part, percent"), min_value=0, max_value=100)
    parts_count = forms.IntegerField(label=_("Plan: monthly parts"), min_value=1, max_value=PARTS_MAX)
    suit_percent = forms.IntegerField(label=_("Suit: chance, percent"), min_value=0, max_value=100)
    suit_days = forms.IntegerField(label=_("Suit: days until the money comes"), min_value=0, max_value=3650)
    suit_cost_percent = forms.IntegerField(
        label=_("Suit: cost beside the court's fee, percent"), min_value=0, max_value=100
    )

    def clean(self) -> dict[str, Any]:
        """Read the amount given up."""
        data = super().clean() or {}
        data["waived_minor"] = self.minor("waived")
        return data

    def inputs(self) -> Inputs:
        """Return the assumptions."""
        names = Inputs.__dataclass_fields__
        return Inputs(**{name: value for name, value in self.cleaned_data.items() if name in names})

    @staticmethod
    def shown(inputs: Inputs, currency: str) -> dict[str, Any]:
        """Return assumptions as the form shows them."""
        values: dict[str, Any] = {name: getattr(inputs, name) for name in Inputs.__dataclass_fields__}
        return values | {"waived": format_decimal(inputs.waived_minor, currency)}


class RestructuringForm(AmountForm):
    """What is proposed: more time, or less principal."""

    name = "restructuring"

    kind = forms.ChoiceField(label=_("Proposal"), choices=Restructuring.Kind.choices)
    waived_principal = amount_field(_("Principal given up"))
    extended_to = forms.DateField(label=_("New last day"), widget=DayInput(), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def clean(self) -> dict[str, Any]:
        """Read the amount given up."""
        data = super().clean() or {}
        data["waived_minor"] = self.minor("waived_principal")
        return data
