"""Notice texts: what is written when everything is known, when half of it is, and what is refused."""

import re
import unicodedata
from importlib.resources import files

import pytest

from huikuan.outreach import templates
from huikuan.outreach.rules.kinds import EVERY_TABLE, EVERY_WORD, FRAME, KINDS
from huikuan.outreach.rules.template import (
    Table,
    TemplateFlawedError,
    WordMissingError,
    Words,
    display_width,
    parse,
    text_table,
)

BASICS = {
    "entity_name": "华泰建材有限公司",
    "customer_name": "天河电子有限公司",
    "salutation": "王芳",
    "today": "2026年7月10日",
}
ITEMS = Table(
    titles=("单据号", "未付金额", "逾期天数"),
    rows=(("INV-1", "¥60,000.00", "5"), ("发票二", "¥86,000.00", "15")),
    numbers=frozenset({1, 2}),
    total=("合计", "¥146,000.00", ""),
)
EVERYTHING = Words({**{name: f"<{name}>" for name in EVERY_WORD}, **BASICS}, dict.fromkeys(EVERY_TABLE, ITEMS))


def bare(template):
    """Return the least with which a template can be written: what every message knows, and its subject's words."""
    return Words({**{name: f"<{name}>" for name in re.findall(r"\{(\w+)\}", template.subject)}, **BASICS})


SHIPPED = [(name, language) for name in templates.NOTICES for language in templates.LANGUAGES]


@pytest.mark.parametrize(("name", "language"), SHIPPED)
def test_every_shipped_notice_renders_with_everything_known(name, language):
    rendered = templates.notice(name, language).render(EVERYTHING)
    assert "{" not in rendered.subject + rendered.text + re.sub(r"\{|\}", "", rendered.html.split("<body")[0])
    for group in KINDS[name].must_state:
        assert any(f"<{word}>" in rendered.text or word in EVERY_TABLE for word in group), group
    assert "&lt;call_phone&gt;" in rendered.html, "what comes from data is escaped"
    assert rendered.html.count("<table") == rendered.text.count("INV-1")


@pytest.mark.parametrize(("name", "language"), SHIPPED)
def test_every_shipped_notice_leaves_no_hole_when_little_is_known(name, language):
    rendered = templates.notice(name, language).render(bare(templates.notice(name, language)))
    assert "\n\n\n" not in rendered.text
    for paragraph in rendered.text.strip().split("\n\n"):
        last = paragraph.splitlines()[-1]
        is_salutation = last.startswith(BASICS["salutation"])
        assert is_salutation or not last.rstrip().endswith((":", "：")), f"a heading without anything under it: {last}"


@pytest.mark.parametrize(("name", "language"), SHIPPED)
def test_both_languages_state_the_same_facts(name, language):
    def used(code: str) -> set[str]:
        source = (files("huikuan.outreach") / "templates_lib" / code / f"{name}.txt").read_text(encoding="utf-8")
        return set(re.findall(r"\{(\w+)\}", source))

    assert used(language) == used("zh-hans")


@pytest.mark.parametrize(("name", "language"), SHIPPED)
def test_no_shipped_notice_threatens(name, language):
    text = templates.notice(name, language).render(EVERYTHING).text.lower()
    for word in (
        "后果自负",
        "老赖",
        "失信",
        "黑名单",
        "拘留",
        "曝光",
        "停水",
        "停电",
        "blacklist",
        "arrest",
        "police",
        "or else",
    ):
        assert word not in text


def test_the_vocabularies_have_the_same_keys_but_for_the_names_of_months():
    chinese, english = (set(templates.vocabulary(language)) for language in ("zh-hans", "en"))
    assert {key for key in english if not key.startswith("month.")} == chinese


def test_a_language_that_is_not_offered_reads_english_and_any_chinese_reads_chinese():
    assert templates.notice("friendly", "de").language == "en"
    assert templates.notice("friendly", "zh-CN").language == "zh-hans"


def test_a_template_nobody_wrote_is_refused():
    with pytest.raises(templates.TemplateUnknown):
        templates.notice("threat", "en")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("hello", "first line"),
        ("subject: a\nb\n---\nc", "first line"),
        ("subject: a\n---\n{unknown}", "no placeholder"),
        ("subject: a\n---\nsee {items} here", "alone"),
        ("subject: {items}\n---\nb", "subject"),
        ("subject: a\n---\n{today!r}", "more than a plain name"),
        ("subject: a\n---\n{today:>10}", "more than a plain name"),
        ("subject: a\n---\n{today.year}", "more than a plain name"),
        ("subject: a\n---\n{}", "more than a plain name"),
        ("subject: a\n---\n{today", "expected"),
    ],
)
def test_a_flawed_template_is_refused_when_it_is_read(source, reason):
    with pytest.raises(TemplateFlawedError, match=reason):
        parse("t", "en", source)


@pytest.mark.parametrize("missing", sorted(FRAME))
def test_a_required_word_that_is_missing_is_an_error(missing):
    template = parse("t", "en", "subject: a\n---\nhello")
    with pytest.raises(WordMissingError, match=missing):
        template.render(Words({name: word for name, word in BASICS.items() if name != missing}))


def test_a_word_the_subject_needs_is_required():
    with pytest.raises(WordMissingError, match="amount"):
        parse("t", "en", "subject: {amount}\n---\nhello").render(Words(BASICS))


def test_a_line_without_its_word_and_a_heading_without_its_lines_are_left_out():
    template = parse("t", "en", "subject: a\n---\nHow to pay:\n{bank_account}\nOnline: {payment_url}\n\nLast line")
    assert template.render(Words(BASICS)).text == "Last line\n"
    paid = template.render(Words({**BASICS, "payment_url": "https://pay.example/?a=1&b=2"}))
    assert paid.text == "How to pay:\nOnline: https://pay.example/?a=1&b=2\n\nLast line\n"
    assert '<a href="https://pay.example/?a=1&amp;b=2">' in paid.html


def test_data_cannot_become_html_or_a_placeholder():
    words = Words({**BASICS, "customer_name": '<script>alert("x")</script>', "salutation": "{items}"})
    rendered = parse("t", "en", "subject: {customer_name}\n---\n{customer_name} {salutation}").render(words)
    assert "<script>" not in rendered.html
    assert "{items}" in rendered.text


def test_a_link_that_is_no_web_address_is_not_made_one():
    words = Words({**BASICS, "payment_url": "javascript:alert(1)"})
    assert "<a " not in parse("t", "en", "subject: a\n---\n{payment_url}").render(words).html


def test_numbers_stand_flush_right_also_beside_chinese():
    lines = text_table(ITEMS).splitlines()
    assert lines == [
        "单据号     未付金额  逾期天数",
        "INV-1    ¥60,000.00         5",
        "发票二   ¥86,000.00        15",
        "合计    ¥146,000.00",
    ]
    ends = {display_width(line[: line.index(".00") + 3]) for line in lines[1:]}
    assert len(ends) == 1


def test_display_width_counts_wide_characters_twice():
    assert display_width("ab") == 2
    assert display_width("单据号") == 6
    assert display_width("¥1") == 2
    assert unicodedata.east_asian_width("：") == "F"
    assert display_width("：") == 2
