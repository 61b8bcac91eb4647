"""Notice texts: what is written when everything is known, when half of it is, and what is refused."""

import unicodedata

import pytest

from huikuan.outreach.rules.kinds import FRAME
from huikuan.outreach.rules.table import Table, display_width, text_table
from huikuan.outreach.rules.template import (
    TemplateFlawedError,
    WordMissingError,
    Words,
    placeholders,
    split_source,
    template_of,
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


@pytest.mark.parametrize("source", ["hello", "subject: a\nb\n---\nc", "subject: a\n--\nc"])
def test_a_file_without_its_two_first_lines_is_refused(source):
    with pytest.raises(TemplateFlawedError, match="first line"):
        split_source("t", source, "EMAIL")


@pytest.mark.parametrize("line", ["{today!r}", "{today:>10}", "{today.year}", "{}", "{today", "}"])
def test_a_placeholder_is_a_plain_name_and_nothing_more(line):
    with pytest.raises(ValueError, match=r"plain name|expected|Single"):
        placeholders(line)


@pytest.mark.parametrize("missing", sorted(FRAME))
def test_a_required_word_that_is_missing_is_an_error(missing):
    template = template_of("t", "en", "a", "hello")
    with pytest.raises(WordMissingError, match=missing):
        template.render(Words({name: word for name, word in BASICS.items() if name != missing}))


def test_a_word_the_subject_needs_is_required():
    with pytest.raises(WordMissingError, match="amount"):
        template_of("t", "en", "{amount}", "hello").render(Words(BASICS))


def test_a_line_without_its_word_and_a_heading_without_its_lines_are_left_out():
    template = template_of("t", "en", "a", "How to pay:\n{bank_account}\nOnline: {payment_url}\n\nLast line")
    assert template.render(Words(BASICS)).text == "Last line\n"
    paid = template.render(Words({**BASICS, "payment_url": "https://pay.example/?a=1&b=2"}))
    assert paid.text == "How to pay:\nOnline: https://pay.example/?a=1&b=2\n\nLast line\n"
    assert '<a href="https://pay.example/?a=1&amp;b=2"' in paid.html


def test_data_cannot_become_html_or_a_placeholder():
    words = Words({**BASICS, "customer_name": '<script>alert("x")</script>', "salutation": "{items}"})
    rendered = template_of("t", "en", "{customer_name}", "{customer_name} {salutation}").render(words)
    assert "<script>" not in rendered.html
    assert "{items}" in rendered.text


def test_a_link_that_is_no_web_address_is_not_made_one():
    words = Words({**BASICS, "payment_url": "javascript:alert(1)"})
    assert "<a " not in template_of("t", "en", "a", "{payment_url}").render(words).html


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
