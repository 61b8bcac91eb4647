"""How fields of forms are drawn: the usual ones without a template each, for a page may hold a hundred of them."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape, escape
from django.utils.safestring import mark_safe

Context = Mapping[str, Any]
INPUTS: Final = ("text", "number", "email", "date", "time", "password", "hidden", "checkbox")


def _attrs(widget: Context) -> str:
    given = ((name, value) for name, value in widget["attrs"].items() if value is not False)
    return "".join(
        f" {escape(name)}" if value is True else f' {escape(name)}="{escape(str(value))}"' for name, value in given
    )


def _input(context: Context) -> str:
    widget = context["widget"]
    value = "" if widget["value"] is None else f' value="{escape(str(widget["value"]))}"'
    return f'<input type="{escape(widget["type"])}" name="{escape(widget["name"])}"{value}{_attrs(widget)}>'


def _textarea(context: Context) -> str:
    widget = context["widget"]
    text = escape(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{escape(widget["name"])}"{_attrs(widget)}>\n{text}</textarea>'


def _select(context: Context) -> str:
    widget = context["widget"]
    groups = (_group(name, options) for name, options, _index in widget["optgroups"])
    return f'<select name="{escape(widget["name"])}"{_attrs(widget)}>{"".join(groups)}</select>'


def _group(name: object, options: list[Context]) -> str:
    drawn = "".join(
        f'<option value="{escape(str(each["value"]))}"{_attrs(each)}>{conditional_escape(each["label"])}</option>'
        for each in options
    )
    return f'<optgroup label="{escape(name)}">{drawn}</optgroup>' if name else drawn


DRAWN: Final[Mapping[str, Callable[[Context], str]]] = {
    **{f"django/forms/widgets/{name}.html": _input for name in INPUTS},
    "django/forms/widgets/textarea.html": _textarea,
    "django/forms/widgets/select.html": _select,
}
"""Templates of Django that are drawn here, to the same effect (tests/modules/desk/test_drawing.py)."""


class FieldRenderer(DjangoTemplates):
    """Draws what `DRAWN` names by itself, and everything else by its template."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:  # noqa: ANN401
        """Return a widget, a field or a form as HTML."""
        draw = DRAWN.get(template_name)
        if draw is None:
            return super().render(template_name, context, request)
        return mark_safe(draw(context))  # noqa: S308  escaped piece by piece
