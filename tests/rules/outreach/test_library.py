"""The shipped texts: every one states its facts, leaves no hole, says the same in both languages, threatens nobody."""

import re

import pytest

from huikuan.outreach import templates
from huikuan.outreach.queries.playbook import answers
from huikuan.outreach.rules.checking import flaws_of
from huikuan.outreach.rules.kinds import EVERY_TABLE, EVERY_WORD, KINDS, LADDER, LETTERS, PANELS
from huikuan.outreach.rules.playbook import REASONS, PlaybookFlawedError, parse_playbook
from huikuan.outreach.rules.scripts import CALL, PARTS, SCRIPTS, script_flaws, script_of
from huikuan.outreach.rules.sms import sms_units
from huikuan.outreach.rules.table import Table
from huikuan.outreach.rules.template import Words, placeholders, template_of
from huikuan.policy.reading.guard import guard_pack
from huikuan.policy.rules.wording import check_words

BASICS = {
    "entity_name": "华泰建材有限公司",
    "customer_name": "天河电子有限公司",
    "salutation": "王芳",
    "today": "2026年7月10日",
}
ITEMS = Table(titles=("单据号", "未付金额"), rows=(("INV-1", "¥60,000.00"),), numbers=frozenset({1}))
EVERYTHING = Words({**{name: f"<{name}>" for name in EVERY_WORD | CALL}, **BASICS}, dict.fromkeys(EVERY_TABLE, ITEMS))
WRITTEN = [text for text in templates.library() if text.channel not in templates.SPOKEN]
SPOKEN = [text for text in templates.library() if text.channel in templates.SPOKEN]
ONLY_CHINESE = {"amount_in_capitals"}
"""Capital numerals are a Chinese custom."""


def label(text):
    return f"{text.language}/{text.kind}{'+' if text.variant.is_long_term else ''}.{text.channel}"


written = pytest.mark.parametrize("text", WRITTEN, ids=label)
spoken = pytest.mark.parametrize("text", SPOKEN, ids=label)


def filled(text, words):
    return template_of(text.kind, text.language, text.subject, text.body, channel=text.channel).render(words)


def bare(text):
    """Return the least with which a text can be written: what every message knows, its subject's words, and in a text
    message, which has nothing else, the facts of its kind."""
    facts = templates.kind_of(text.kind, text.channel).must_state_short if text.channel == "SMS" else ()
    names = set(placeholders(text.subject)).union(*facts) - {"payment_url", "call_email", "call_name"}
    return Words({**{name: f"<{name}>" for name in names}, **BASICS})


def test_every_kind_has_an_email_and_a_text_message_in_both_languages_and_every_script_too():
    there = {(text.kind, text.channel, text.language) for text in WRITTEN if not text.variant.is_long_term}
    kinds = [kind for kind in KINDS if kind != "text"]
    sent = {(k, c, lang) for k in kinds for c in ("EMAIL", "SMS") for lang in templates.LANGUAGES}
    assert there == sent | {(k, "LETTER", lang) for k in LETTERS for lang in templates.LANGUAGES}
    assert {(text.kind, text.language) for text in SPOKEN} == {
        (s, lang) for s in SCRIPTS for lang in templates.LANGUAGES
    }
    assert [text.kind for text in WRITTEN if text.variant.is_long_term] == ["friendly", "friendly"]


@written
def test_a_text_with_everything_known_states_every_fact_of_its_kind(text):
    rendered = filled(text, EVERYTHING)
    assert "{" not in rendered.subject + rendered.text + rendered.html
    kind = templates.kind_of(text.kind, text.channel)
    for group in kind.must_state_short if text.channel == "SMS" else kind.must_state:
        assert any(f"<{word}>" in rendered.text or BASICS.get(word, "\n") in rendered.text or word in EVERY_TABLE
                   for word in group), group  # fmt: skip
    assert (
        rendered.html.count("<table")
        == rendered.text.count("INV-1")
        == text.body.count("items}") + text.body.count("_lines}") + text.body.count("{installments}")
    )
    if text.channel == "EMAIL":
        assert "&lt;call_phone&gt;" in rendered.html, "what comes from data is escaped"


@written
def test_a_text_leaves_no_hole_when_little_is_known(text):
    rendered = filled(text, bare(text))
    assert "\n\n\n" not in rendered.text
    assert rendered.text.strip()
    paragraphs = rendered.text.strip().split("\n\n")
    for paragraph, after in zip(paragraphs, [*paragraphs[1:], ""], strict=True):
        last = paragraph.splitlines()[-1]
        is_salutation = last.startswith((BASICS["salutation"], BASICS["customer_name"]))
        is_whole = is_salutation or after in PANELS or not last.rstrip().endswith((":", "："))
        assert is_whole, f"a heading without anything under it: {last}"


@pytest.mark.parametrize("text", [text for text in WRITTEN + SPOKEN if text.language == "en"], ids=label)
def test_both_languages_state_the_same_facts(text):
    same = next(
        each
        for each in WRITTEN + SPOKEN
        if each.language == "zh-hans" and each.kind == text.kind and each.channel == text.channel
        and each.variant == text.variant
    )  # fmt: skip
    used = [set(re.findall(r"\{(\w+)\}", f"{each.subject}\n{each.body}")) for each in (text, same)]
    assert used[0] == used[1] - ONLY_CHINESE


@pytest.mark.parametrize("text", WRITTEN + SPOKEN, ids=label)
def test_no_text_threatens_insults_or_makes_up_a_consequence(text):
    words = f"{text.subject}\n{text.body}"
    assert not check_words(words, guard_pack("guard_cn_default").words, is_property=True)
    kind = templates.kind_of(text.kind, text.channel)
    if text.channel in templates.SPOKEN:
        assert not script_flaws(kind, text.body)
    else:
        assert not flaws_of(kind, channel=text.channel, language=text.language, subject=text.subject, body=text.body)


LETTER = templates.shipped("demand", "LETTER", "en")[0]


@pytest.mark.parametrize(
    ("change", "where", "said"),
    [
        (("[sums]\n", ""), "", "lacks the place [sums]"),
        (("[signature]", "[stamp]"), "[stamp]", "has no place [stamp]"),
        (("[payment]", "Pay: [payment]"), "Pay: [payment]", "has no place [payment]"),
        (("[sums]\n\n", "[sums]\n"), "[sums]", "leave a blank line"),
        (
            ("## Calculation of the late penalty:", "## Calculation\nof the late penalty:"),
            "## Calculation",
            "leave a blank line",
        ),
        (("{announced}", ""), "", "{announced}"),
        (("in difficulty", "waiting for a lawsuit"), "If you dispute", "{announced}"),
    ],
)
def test_a_letter_keeps_the_places_of_its_layout(change, where, said):
    body = LETTER.body.replace(*change)
    found = flaws_of(LETTERS["demand"], channel="LETTER", language="en", subject="Demand", body=body)
    lines = {None: "", **dict(enumerate(body.split("\n"), 1))}
    assert any(lines[flaw.line].startswith(where) and said in flaw.message for flaw in found), found
    assert not flaws_of(
        LETTERS["demand"], channel="LETTER", language="en", subject="Demand", body=LETTER.body.replace("[slip]", "")
    )
    assert set(PANELS) == {"[sums]", "[payment]", "[signature]", "[slip]"}


def test_only_the_lawyers_letter_is_called_so():
    text = templates.shipped("lawyers_letter", "LETTER", "zh-hans")[0]
    for kind, count in (("lawyers_letter", 0), ("demand", 1)):
        found = flaws_of(LETTERS[kind], channel="LETTER", language="zh-hans", subject="律师函", body=text.body)
        assert len(found) == count
    threat = text.body.replace("特此函告", "否则起诉")
    assert flaws_of(LETTERS["lawyers_letter"], channel="LETTER", language="zh-hans", subject="律师函", body=threat)


@pytest.mark.parametrize("kind", LADDER)
def test_a_text_message_of_an_ordinary_claim_is_short(kind):
    given = {
        "item_count": "3", "item_numbers": "INV-20260612等3笔", "amount": "¥146,000.00", "days_overdue": "15",
        "penalty": "¥365.00", "call_phone": "023-63000000", "payment_url": "https://pay.huatai.example/t",
        "first_due_on": "2026年7月25日", "upcoming_count": "3", "upcoming_amount": "¥146,000.00",
        "upcoming_from": "2026年7月25日", "deadline": "2026年7月25日", "offer_until": "2026年7月25日",
        "offer_share": "50%", "offer_amount": "¥146,182.50",
    }  # fmt: skip
    text = templates.shipped(kind, "SMS", "zh-hans")[0]
    rendered = filled(text, Words({**BASICS, **given}))
    assert rendered.text.startswith("【华泰建材有限公司】")
    assert "\n" not in rendered.text
    places, parts = sms_units(rendered.text)
    assert places == len(rendered.text)
    assert parts <= 3


@spoken
def test_a_script_has_its_six_parts_and_asks_for_a_day_with_two_choices(text):
    script = script_of(text.kind, text.language, text.body)
    assert tuple(script.parts) == PARTS
    said = script.filled(EVERYTHING)
    assert any("<date_one>" in line and "<date_two>" in line for line in said["question"])
    assert any("<person_name>" in line for line in said["identity"])
    assert not any("{" in line for lines in said.values() for line in lines)


def test_a_script_leaves_out_what_is_not_known_today():
    text = next(text for text in SPOKEN if text.kind == "first_call" and text.language == "en")
    said = script_of(text.kind, text.language, text.body).filled(Words({**BASICS, "amount": "¥1.00"}))
    assert not any("¥1.00" in line for line in said["facts"]), "its line also needs the number of items"
    assert said["never"]


@pytest.mark.parametrize("language", templates.LANGUAGES)
def test_the_playbook_answers_every_reason_with_two_days(language):
    days = {"date_one": "周三", "date_two": "周五"}
    found = answers(language)
    assert tuple(objection.code for objection in found) == REASONS
    for objection in found:
        asked = objection.on(days).question
        assert asked == "" or ("周三" in asked and "周五" in asked)
        said = f"{objection.answer} {objection.question} {objection.offer} {objection.probe}"
        assert not check_words(said, guard_pack("guard_cn_default").words, is_property=True)
    assert [objection.code for objection in found if not objection.question] == ["WRONG_PERSON"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (('code = "REFUSES"', 'code = "SULKS"'), "every reason once"),
        (("{date_one}", "{some_day}"), "both"),
        (('title = "', 'heading = "'), "heading"),
        (("[[objection]]", "[[objection"), "playbook"),
    ],
)
def test_a_flawed_playbook_is_refused(change, reason):
    source = (templates.FOLDER / "en" / "playbook.toml").read_text("utf-8")
    with pytest.raises(PlaybookFlawedError, match=reason):
        parse_playbook("playbook", source.replace(*change))


def test_the_vocabularies_have_the_same_keys_but_for_the_names_of_months():
    chinese, english = (set(templates.vocabulary(language)) for language in ("zh-hans", "en"))
    assert {key for key in english if not key.startswith("month.")} == chinese


def test_a_language_that_is_not_offered_reads_english_and_any_chinese_reads_chinese():
    assert templates.notice("friendly", "de").language == "en"
    assert templates.notice("friendly", "zh-CN").language == "zh-hans"


def test_a_template_nobody_wrote_is_refused():
    with pytest.raises(templates.TemplateUnknown):
        templates.notice("threat", "en")


def test_a_text_message_counts_as_the_carriers_count_it():
    assert sms_units("a" * 160) == (160, 1)
    assert sms_units("a" * 161) == (161, 2)
    assert sms_units("a" * 159 + "€") == (161, 2)
    assert sms_units("账" * 70) == (70, 1)
    assert sms_units("账" * 71) == (71, 2)
    assert sms_units("账" * 135) == (135, 3)
