"""The text tables the other tests are written in."""

from datetime import date

import polars as pl
import pytest

from tests.tables import cases, rows


def test_each_column_takes_the_type_its_cells_have():
    table = rows("""
        item        | due_on     | open_minor | is_disputed
        1 five late | 2025-07-06 |  4_300_000 | false
        # a remark
        2 due today |            |         -7 | true
    """)
    assert table.schema == {
        "item": pl.String,
        "due_on": pl.Date,
        "open_minor": pl.Int64,
        "is_disputed": pl.Boolean,
    }
    assert table.row(0) == ("1 five late", date(2025, 7, 6), 4_300_000, False)
    assert table.row(1) == ("2 due today", None, -7, True)


def test_a_stated_type_wins_over_the_look_of_the_cells():
    table = rows("""
        number:text | paid_on:date | note
        007         |              | ""
    """)
    assert table.schema == {"number": pl.String, "paid_on": pl.Date, "note": pl.String}
    assert table.row(0) == ("007", None, "")


def test_numbers_beyond_64_bits_are_held_exactly():
    table = rows("parts\n170141183460469231731687303715884105727")
    assert table.schema == {"parts": pl.Int128}
    assert table.item() == 2**127 - 1


def test_a_mixed_column_is_text():
    assert rows("mixed\n1\n2025-07-06").to_series().to_list() == ["1", "2025-07-06"]


def test_cases_are_dictionaries():
    assert cases("days | words\n3 | three") == [{"days": 3, "words": "three"}]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no lines"),
        ("a | b\n1", "1 cells under 2 columns"),
        ("a:int\nx", "'x' in column a is no int"),
        ("a:money\n1", "unknown type"),
    ],
)
def test_a_malformed_table_is_refused(text, complaint):
    with pytest.raises(ValueError, match=complaint):
        rows(text)
