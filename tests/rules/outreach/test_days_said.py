"""Days as people name them, against a twin that walks the calendar."""
# ruff: noqa: E501  wide characters count twice

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from huikuan.outreach.rules.amounts import amounts_in, numeral
from huikuan.outreach.rules.days_said import days_in
from tests.twins.days_said import phrases


@settings(max_examples=150, deadline=None)
@given(
    day=st.dates(date(2020, 1, 1), date(2040, 12, 31)), n=st.integers(1, 31), weekday=st.integers(0, 6),
    month=st.integers(1, 12),
)  # fmt: skip
@example(day=date(2026, 12, 31), n=1, weekday=0, month=1)
@example(day=date(2027, 1, 31), n=30, weekday=6, month=2)
@example(day=date(2028, 2, 28), n=29, weekday=1, month=2)
@example(day=date(2026, 11, 22), n=31, weekday=6, month=11)
def test_every_phrase_names_the_day_that_the_twin_walks_to(day, n, weekday, month):
    for phrase, expected in phrases(day, n, weekday, month):
        found = days_in(f"付款 {phrase} ok", day)
        assert [each.day for each in found] == ([] if expected is None else [expected]), (phrase, day)


@pytest.mark.parametrize(("text", "days"), [
    ("昨天", ["2026-11-21"]),
    ("上周五", ["2026-11-13"]),
    ("11月18号", ["2026-11-18"]),
    ("28号", ["2026-10-28"]),
    ("last Friday", ["2026-11-13"]),
    ("on 3 December", ["2025-12-03"]),
])  # fmt: skip
def test_of_what_has_been_the_last_such_day_is_meant(text, days):
    assert [each.day.isoformat() for each in days_in(text, date(2026, 11, 22), is_past=True)] == days


@pytest.mark.parametrize("text", [
    "next week", "三个工作日内", "within 3 working days", "周一到周五", "合同3号楼", "5/12", "2026-13-40", "10 days overdue", "第2号线",
])  # fmt: skip
def test_what_names_no_day_is_made_none(text):
    assert days_in(text, date(2026, 11, 22)) == []


@pytest.mark.parametrize(("text", "minor"), [
    ("5万", [5_000_000]), ("3万5", [3_500_000]), ("3万5千", [3_500_000]), ("三万五", [3_500_000]), ("86,000元", [8_600_000]),
    ("一百零五元", [10_500]), ("1.5万元", [1_500_000]), ("10k", [1_000_000]), ("两千万", [2_000_000_000]), ("¥1,234.56", [123_456]),
    ("1,000件", []), ("8千克", []), ("13800138000", []), ("HT-2026-001", []), ("0.001元", []), ("20元和30元", [2000, 3000]),
])  # fmt: skip
def test_amounts(text, minor):
    assert [each.minor for each in amounts_in(text, currency="CNY")] == minor


@pytest.mark.parametrize(
    ("words", "value"),
    [("十", 10), ("二十八", 28), ("一百二十万", 1_200_000), ("一千零一", 1001), ("三百五", 350), ("一二", None)],
)
def test_numerals(words, value):
    assert numeral(words) == value
