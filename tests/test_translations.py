"""Every text a user may see is translated, in full, into simplified Chinese."""

from io import BytesIO

import pytest
from babel.messages.mofile import read_mo

from scripts.messages import LOCALES, compiled, merged, placeholders, read, texts, texts_of

REMEDY = "run `make messages`, fill in the translation, run it again"
LOCALE, PATH = "zh_Hans", LOCALES["zh_Hans"]


@pytest.fixture(scope="module")
def found():
    return texts()


@pytest.fixture(scope="module")
def translated():
    assert PATH.exists(), f"{PATH} is missing: {REMEDY}"
    return read(PATH)


def strings_of(message):
    return list(message.string) if isinstance(message.string, list | tuple) else [message.string]


def originals_of(message):
    return list(message.id) if isinstance(message.id, list | tuple) else [message.id]


def test_the_source_has_texts_of_every_kind(found):
    ids = [message.id for message in found if message.id]
    assert any(isinstance(each, str) and "{" in each for each in ids), "no refusal was found: is gettext_noop read?"
    places = {place for message in found for place, _ in message.locations}
    assert any(place.endswith(".html") for place in places), "no text was found in the templates"


def test_every_text_is_translated(found, translated):
    missing = []
    for message in found:
        entry = translated.get(message.id, message.context)
        if message.id and (entry is None or not all(strings_of(entry))):
            missing.append(f"{message.id!r} in {message.locations[0][0]}")
    assert not missing, f"{len(missing)} texts are not translated into {LOCALE}: {REMEDY}:\n" + "\n".join(missing)


def test_no_translation_is_a_guess_or_a_leftover(found, translated):
    fuzzy = [message.id for message in translated if message.id and message.fuzzy]
    gone = [m.id for m in translated if m.id and found.get(m.id, m.context) is None] + list(translated.obsolete)
    assert not fuzzy, f"check these by eye and remove the word fuzzy: {fuzzy}"
    assert not gone, f"no source has these texts any more: {REMEDY}: {gone}"


def test_translations_keep_the_placeholders(translated):
    wrong = []
    for message in translated:
        wanted = placeholders(originals_of(message)[-1]) if message.id else []
        wrong += [
            (message.id, each) for each in strings_of(message) if message.id and placeholders(each or "") != wanted
        ]
    assert not wrong, f"use the same {{names}} in the translation as in the text: {wrong}"


def test_the_compiled_file_is_what_the_readable_one_says(translated):
    mo = PATH.with_suffix(".mo")
    assert mo.exists(), f"{mo} is missing: run `make messages`"
    kept = {(m.context, str(m.id)): m.string for m in read_mo(BytesIO(mo.read_bytes())) if m.id}
    told = {(m.context, str(m.id)): m.string for m in read_mo(BytesIO(compiled(translated))) if m.id}
    assert kept == told, "the .mo is out of date: run `make messages`"


def test_gathering_again_changes_nothing(found, translated):
    again = merged(found, translated, LOCALE)
    assert {(m.context, str(m.id)): m.string for m in again if m.id} == {
        (m.context, str(m.id)): m.string for m in translated if m.id
    }, REMEDY


@pytest.mark.parametrize(
    ("text", "names"),
    [("{customer} owes {amount}.", ["amount", "customer"]), ("%(day)s: %(count)d", ["count", "day"]), ("Nothing", [])],
)
def test_placeholders_are_found(text, names):
    assert placeholders(text) == names


TEMPLATE = """{% load i18n %}
  <p title="{% translate "A title" %}">{{ day|default:_("No day") }}</p>
{% blocktranslate trimmed with name=customer.name %}
     {{ name }} said "no"
  twice.
{% endblocktranslate %}
 {% blocktranslate count days=late %}{{ days }} day late{% plural %}{{ days }} days late{% endblocktranslate %}
{% translate "May" context "month" %}
"""


def test_texts_in_a_template_are_found(tmp_path):
    page = tmp_path / "templates" / "page.html"
    page.parent.mkdir()
    page.write_text(TEMPLATE, encoding="utf-8")
    assert list(texts_of(page)) == [
        ("A title", None),
        ("No day", None),
        ('%(name)s said "no" twice.', None),
        (("%(days)s day late", "%(days)s days late"), None),
        ("May", "month"),
    ]


def test_texts_in_a_program_are_found(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        'a = gettext_noop("One {thing}." "Two.")\nb = ngettext("%(n)s day", "%(n)s days", n)\n'
        'c = pgettext_lazy("month", "May")\nd = gettext(refusal.text)\n',
        encoding="utf-8",
    )
    assert list(texts_of(program)) == [
        ("One {thing}.Two.", None),
        (("%(n)s day", "%(n)s days"), None),
        ("May", "month"),
    ]
