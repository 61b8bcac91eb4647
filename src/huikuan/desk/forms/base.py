"""What all forms of the desk share: one look, dates from the browser's own calendar."""

from typing import Any

from django import forms


class DayInput(forms.DateInput):
    """A day, picked in the browser's own calendar."""

    input_type = "date"

    def __init__(self, **attrs: object) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    """A time of day, picked in the browser's own clock."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class DeskForm(forms.Form):
    """A form drawn field by field with `desk/field.html`; `name` keeps the ids of two forms on a page apart."""

    name = "form"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"{self.name}_%s")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.template_name = "desk/field.html"  # type: ignore[attr-defined]  # Django 5.0, not in the stubs
