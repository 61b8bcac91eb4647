"""Fields drawn without a template are those that Django's templates draw."""

import re

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates, get_default_renderer

from huikuan.look.drawing import FieldRenderer

NASTY = """<b a='1' b="2">&amp;</b>"""
CHOICES = [("", "—"), ("1", NASTY), (NASTY, "two"), ("group", [(3, "three"), ("x", NASTY)])]
WIDGETS = {
    "text": (forms.TextInput({"maxlength": 3, "required": True, "hidden": False, "title": NASTY}), NASTY),
    "empty text": (forms.TextInput(), None),
    "number": (forms.NumberInput({"min": 0}), 7),
    "email": (forms.EmailInput(), "a@b.example"),
    "day": (forms.DateInput(), "2026-01-01"),
    "time": (forms.TimeInput(), "09:00"),
    "password": (forms.PasswordInput(render_value=True), NASTY),
    "hidden": (forms.HiddenInput(), 12),
    "checked": (forms.CheckboxInput(), True),
    "unchecked": (forms.CheckboxInput(), False),
    "textarea": (forms.Textarea({"rows": 14, "class": "letter"}), f"\n{NASTY}\n"),
    "empty textarea": (forms.Textarea(), ""),
    "select": (forms.Select(choices=CHOICES), NASTY),
    "grouped": (forms.Select({"data-reveals": ""}, choices=CHOICES), 3),
    "several": (forms.SelectMultiple(choices=CHOICES), ["1", "x"]),
    "radios": (forms.RadioSelect(choices=CHOICES[:2]), "1"),
}


def _tidied(html: str) -> str:
    """Drop what browsers drop: blanks between tags."""
    return re.sub(r"\s*\n\s*(?=<)", "", html).strip()


@pytest.mark.parametrize("name", WIDGETS)
def test_a_field_is_drawn_as_django_draws_it(name):
    widget, value = WIDGETS[name]
    given = {"name": 'na"me', "value": value, "attrs": {"id": "id_x"}}
    drawn = widget.render(**given, renderer=FieldRenderer())
    assert _tidied(drawn) == _tidied(widget.render(**given, renderer=DjangoTemplates()))


def test_the_forms_of_the_pages_are_drawn_by_it():
    assert isinstance(get_default_renderer(), FieldRenderer)
