"""Uniform numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huikuan.kernel.numbers import NumberKind, NumberUnreadable, UniformNumber, format_number, parse_number


def test_all_kinds_have_one_shape():
    assert [format_number(kind, "MAIN", 2026, 42) for kind in NumberKind] == [
        "CUS-MAIN-2026-000042",
        "CON-MAIN-2026-000042",
        "CASE-MAIN-2026-000042",
        "LTR-MAIN-2026-000042",
        "EVD-MAIN-2026-000042",
        "PLAN-MAIN-2026-000042",
        "STMT-MAIN-2026-000042",
    ]


def test_a_number_grows_rather_than_repeats():
    assert format_number(NumberKind.CASE, "MAIN", 2026, 1_234_567) == "CASE-MAIN-2026-1234567"


@given(
    st.sampled_from(NumberKind),
    st.from_regex(r"[A-Z0-9][A-Z0-9_-]{0,10}", fullmatch=True),
    st.integers(1900, 2199),
    st.integers(1, 10**9),
)
def test_every_number_comes_back(kind, entity_code, year, n):
    assert parse_number(format_number(kind, entity_code, year, n)) == UniformNumber(kind, entity_code, year, n)


def test_a_number_typed_carelessly_is_read():
    assert str(parse_number(" case-main-2026-000042 ")) == "CASE-MAIN-2026-000042"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CASE-MAIN-2026-42",
        "DOG-MAIN-2026-000042",
        "CASE-MAIN-26-000042",
        "CASE--2026-000042",
        "CASE-MAIN-2026-000000",
        "CASE-MAIN-0026-000042",
        "CASE-MAIN-2026-00004２",
    ],
)
def test_another_shape_is_refused(text):
    with pytest.raises(NumberUnreadable, match="CASE-MAIN-2026-000042"):
        parse_number(text)


@pytest.mark.parametrize(
    ("entity_code", "year", "n"),
    [("main", 2026, 1), ("", 2026, 1), ("A B", 2026, 1), ("MAIN", 26, 1), ("MAIN", 2026, 0)],
)
def test_a_part_of_another_shape_is_a_mistake_of_the_caller(entity_code, year, n):
    with pytest.raises(ValueError, match="no uniform number"):
        format_number(NumberKind.CASE, entity_code, year, n)
