"""Frames in and out, on whichever database the run is about."""

from datetime import UTC, date, datetime

import polars as pl
import pyarrow as pa
import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from polars.testing import assert_frame_equal

from huikuan.parties.models import Entity
from huikuan.storage.bulk import TextHasNul, align_sequence, insert_frame, read_frame, update_frame

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
HOSTILE = [
    "",
    " ",
    "\t",
    "a\tb",
    "a\nb",
    "a\r\nb",
    "\r",
    '"',
    '""',
    "a,b",
    "\\",
    "\\N",
    "\\.",
    "NULL",
    "%s%%",
    "'",
    "催收",
    "😀",
    "\u2028",
]
SAMPLE = {
    "id": pl.Int64,
    "amount": pl.Int64,
    "words": pl.String,
    "day": pl.Date,
    "at": pl.Datetime("us", "UTC"),
    "is_open": pl.Boolean,
    "total": pl.Int128,
}


@pytest.fixture
def sample():
    """A table with a column of every type, gone with the transaction."""
    return _make_sample()


def _make_sample():
    kinds = (
        ("boolean", "timestamptz", "numeric(38,0)") if connection.vendor == "postgresql" else ("bool", "text", "text")
    )
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS sample")
        cursor.execute(
            "CREATE TABLE sample (id bigint PRIMARY KEY, amount bigint, words text, day date, "
            f"at {kinds[1]}, is_open {kinds[0]}, total {kinds[2]})"
        )
    return "sample"


def frame_of(*lines):
    return pl.DataFrame(lines, schema=SAMPLE, orient="row")


def read_sample():
    return read_frame("SELECT * FROM sample", (), SAMPLE).sort("id")


def test_what_goes_in_comes_out(sample):
    given_rows = frame_of(
        (1, 2**63 - 1, "x", date(2026, 2, 28), NOON, True, 2**100),
        (2, -(2**63), "", date(1900, 1, 1), datetime(2026, 1, 1, 1, 2, 3, 4, tzinfo=UTC), False, -(2**100)),
        (3, None, None, None, None, None, None),
        (4, 0, "NULL", date(2199, 12, 31), datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), True, 0),
    )
    assert insert_frame(sample, given_rows) == 4
    assert_frame_equal(read_sample(), given_rows)


@pytest.mark.parametrize("text", HOSTILE, ids=repr)
def test_a_hostile_text_survives(sample, text):
    given_rows = frame_of((1, 1, text, None, None, None, None), (2, None, text, None, None, None, None))
    insert_frame(sample, given_rows)
    assert read_sample()["words"].to_list() == [text, text]
    alone = read_frame("SELECT words FROM sample", (), {"words": pl.String})
    assert alone["words"].to_list() == [text, text]


def test_a_single_column_keeps_nulls_apart_from_empty_text(sample):
    insert_frame(sample, pl.DataFrame({"id": [1, 2, 3], "words": ["", None, "a"]}))
    words = read_frame("SELECT words FROM sample ORDER BY id", (), {"words": pl.String})["words"].to_list()
    assert sorted(words, key=str) == ["", None, "a"]
    assert read_frame("SELECT words FROM sample WHERE id = 2", (), {"words": pl.String}).to_dicts() == [{"words": None}]
    assert read_frame("SELECT words FROM sample WHERE id = 1", (), {"words": pl.String}).to_dicts() == [{"words": ""}]


def test_a_null_in_the_very_last_cell_stays_null(sample):
    insert_frame(sample, pl.DataFrame({"id": [1, 2], "amount": [5, None]}, schema={"id": pl.Int64, "amount": pl.Int64}))
    found = read_frame("SELECT id, amount FROM sample ORDER BY id", (), {"id": pl.Int64, "amount": pl.Int64})
    assert sorted(found.rows(), key=str) == [(1, 5), (2, None)]


class RoundTrip(TestCase):
    """Any text, number and day."""

    @given(
        st.lists(
            st.tuples(
                st.integers(-(2**63), 2**63 - 1) | st.none(),
                st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")) | st.none(),
                st.dates(date(1, 1, 1), date(9999, 12, 31)) | st.none(),
                st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)) | st.none(),  # noqa: DTZ001
                st.booleans() | st.none(),
                st.integers(-(10**37), 10**37) | st.none(),
            ),
            max_size=30,
        )
    )
    def test_any_rows_come_back_as_they_were(self, lines):
        sample = _make_sample()
        given_rows = frame_of(*((number, *line) for number, line in enumerate(lines)))
        assert insert_frame(sample, given_rows) == len(lines)
        assert_frame_equal(read_sample(), given_rows)


def test_nul_is_refused_by_name_and_nothing_is_written(sample):
    with pytest.raises(TextHasNul, match="Row 2 of words"):
        insert_frame(sample, pl.DataFrame({"id": [1, 2], "words": ["fine", "a\x00b"]}))
    assert read_sample().is_empty()


def test_no_rows_keep_their_types(sample):
    assert read_sample().schema == pl.Schema(SAMPLE)
    assert insert_frame(sample, frame_of()) == 0


def test_a_number_that_is_none_is_an_error_not_a_guess(sample):
    insert_frame(sample, pl.DataFrame({"id": [1], "words": ["12a"]}))
    with pytest.raises(pa.ArrowInvalid):
        read_frame("SELECT id, words FROM sample", (), {"id": pl.Int64, "words": pl.Int64})


@pytest.mark.parametrize("column", [[0.5], [datetime(2026, 1, 1)], [[1]]], ids=["float", "naive instant", "list"])  # noqa: DTZ001
def test_types_that_lose_something_are_refused(sample, column):
    with pytest.raises(TypeError, match="column amount"):
        insert_frame(sample, pl.DataFrame({"id": [1], "amount": column}))


def test_placeholders_by_position_and_by_name(sample):
    insert_frame(
        sample, pl.DataFrame({"id": [1, 2, 3], "words": ["a%", "b", "%"], "day": [date(2026, 1, d) for d in (1, 2, 3)]})
    )
    schema = {"id": pl.Int64, "words": pl.String}
    found = read_frame("SELECT id, words FROM sample WHERE id >= %s AND day <= %s", [2, date(2026, 1, 2)], schema)
    assert found.to_dicts() == [{"id": 2, "words": "b"}]
    found = read_frame(
        "SELECT id, words FROM sample WHERE words LIKE '%%\\%%' ESCAPE '\\' AND id = %(id)s", {"id": 3}, schema
    )
    assert found.to_dicts() == [{"id": 3, "words": "%"}]


def test_rows_that_exist_are_left_alone(sample):
    insert_frame(sample, pl.DataFrame({"id": [1, 2], "words": ["old", "old"]}))
    fresh = pl.DataFrame({"id": [2, 3, 4], "words": ["new", "new", "new"]})
    assert insert_frame(sample, fresh, on_conflict="ignore") == 2
    assert read_sample()["words"].to_list() == ["old", "old", "new", "new"]
    assert insert_frame(sample, fresh, on_conflict="ignore") == 0


def test_a_conflict_is_an_error_unless_said_otherwise(sample):
    insert_frame(sample, pl.DataFrame({"id": [1], "words": ["old"]}))
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_frame(sample, pl.DataFrame({"id": [5, 1], "words": ["new", "new"]}))
    assert read_sample()["id"].to_list() == [1]


def test_ignoring_conflicts_does_not_ignore_other_rules():
    blank = pl.DataFrame(
        {
            "code": [""],
            "name": ["x"],
            "name_en": [""],
            "business": ["SALE"],
            "currency": ["CNY"],
            "country": ["CN"],
            "time_zone": ["Asia/Shanghai"],
            "address": [""],
            "phone": [""],
            "email_from": [""],
            "bank_account": [""],
            "payment_url": [""],
            "created_at": [NOON],
        }
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_frame("parties_entity", blank, on_conflict="ignore")
    assert not Entity.objects.exists()


def test_only_named_rows_and_columns_change(sample):
    insert_frame(sample, pl.DataFrame({"id": [1, 2, 3], "amount": [10, 20, 30], "words": ["a", "b", "c"]}))
    changed = update_frame(
        sample, ["id"], pl.DataFrame({"id": [2, 9], "words": [None, "z"], "day": [date(2026, 1, 1)] * 2})
    )
    assert changed == 1
    assert read_sample().select("id", "amount", "words", "day").rows() == [
        (1, 10, "a", None),
        (2, 20, None, date(2026, 1, 1)),
        (3, 30, "c", None),
    ]


def test_two_key_columns_both_count(sample):
    insert_frame(sample, pl.DataFrame({"id": [1, 2], "amount": [10, 20], "words": ["a", "a"]}))
    assert (
        update_frame(sample, ["words", "amount"], pl.DataFrame({"words": ["a"], "amount": [20], "is_open": [True]}))
        == 1
    )
    assert read_sample()["is_open"].to_list() == [None, True]


def test_an_update_without_key_or_values_is_a_mistake(sample):
    with pytest.raises(ValueError, match="key columns"):
        update_frame(sample, ["id"], pl.DataFrame({"id": [1]}))
    with pytest.raises(ValueError, match="key columns"):
        update_frame(sample, [], pl.DataFrame({"id": [1], "amount": [1]}))


def test_everything_rolls_back_with_the_transaction(sample):
    insert_frame(sample, pl.DataFrame({"id": [1], "words": ["before"]}))
    before = read_sample()

    def write_and_fail():
        with transaction.atomic():
            insert_frame(sample, pl.DataFrame({"id": [2], "words": ["x"]}))
            insert_frame(sample, pl.DataFrame({"id": [2, 3], "words": ["x", "y"]}), on_conflict="ignore")
            update_frame(sample, ["id"], pl.DataFrame({"id": [1], "words": ["after"]}))
            assert read_sample()["words"].to_list() == ["after", "x", "y"]
            raise KeyError

    with pytest.raises(KeyError):
        write_and_fail()
    assert_frame_equal(read_sample(), before)


def test_django_reads_what_bulk_wrote_and_the_other_way_round():
    Entity.objects.create(code="A", name="甲", created_at=datetime(2026, 1, 1, 1, 2, 3, 400000, tzinfo=UTC))
    schema = {"code": pl.String, "created_at": pl.Datetime("us", "UTC")}
    found = read_frame("SELECT code, created_at FROM parties_entity", (), schema)
    assert found.rows() == [("A", datetime(2026, 1, 1, 1, 2, 3, 400000, tzinfo=UTC))]
    for instant in (NOON, datetime(2026, 1, 1, 1, 2, 3, 400000, tzinfo=UTC)):
        update_frame("parties_entity", ["code"], pl.DataFrame({"code": ["A"], "created_at": [instant]}))
        assert Entity.objects.get(created_at=instant).created_at == instant


def test_the_next_id_follows_rows_with_ids_of_their_own():
    row = Entity.objects.create(code="A", name="甲", created_at=NOON)
    names = [field.column for field in Entity._meta.concrete_fields]
    copied = pl.DataFrame(
        {name: [{"id": row.pk + 70, "code": "B"}.get(name, getattr(row, name))] for name in names},
        schema_overrides={"created_at": pl.Datetime("us", "UTC"), "seal_id": pl.Int64},
    )
    insert_frame("parties_entity", copied)
    align_sequence("parties_entity")
    assert Entity.objects.create(code="C", name="丙", created_at=NOON).pk == row.pk + 71


def test_many_slices_arrive_whole(sample):
    many = pl.DataFrame({"id": range(120_001), "words": ["w"] * 120_001})
    assert insert_frame(sample, many) == 120_001
    assert update_frame(sample, ["id"], many.select("id", amount=pl.col("id") * 2)) == 120_001
    assert read_frame("SELECT sum(amount) AS amount FROM sample", (), {"amount": pl.Int64}).item() == 120_000 * 120_001
