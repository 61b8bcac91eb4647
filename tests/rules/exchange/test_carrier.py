"""The carrier's words: columns, states and times."""

from datetime import UTC, date, datetime, time

import pytest

from huikuan.exchange.rules.carrier import (
    ColumnsMissing,
    StateUnreadable,
    TimeUnreadable,
    find_heading,
    instant_of,
    read_state,
    read_time,
)

NOON = datetime(2026, 7, 10, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("妥投", "SIGNED"), ("已签收", "SIGNED"), ("未妥投", "IN_TRANSIT"), ("收件人拒收", "REFUSED"),
        ("退回妥投", "RETURNED"),
        ("运输中", "IN_TRANSIT"), ("投递并签收", "SIGNED"), ("Delivered", "SIGNED"), ("Undelivered", "IN_TRANSIT"),
        ("Returned to sender", "RETURNED"), ("in_transit", "IN_TRANSIT"),
    ],
)  # fmt: skip
def test_states(word, state):
    assert read_state(word) == state


@pytest.mark.parametrize("word", ["", "?", "lost in space"])
def test_a_word_nobody_uses_is_refused(word):
    with pytest.raises(StateUnreadable):
        read_state(word)


def test_times():
    assert read_time("2026-07-12 10:33") == (date(2026, 7, 12), time(10, 33))
    assert read_time("2026/7/12") == (date(2026, 7, 12), None)
    for wrong in ("", "yesterday", "2026-13-01", "2026-07-12 25:00"):
        with pytest.raises(TimeUnreadable):
            read_time(wrong)


def test_a_day_alone_is_its_beginning_but_never_before_the_posting():
    assert instant_of(date(2026, 7, 10), None, not_before=NOON) == NOON
    assert instant_of(date(2026, 7, 11), None, not_before=NOON) == datetime(2026, 7, 11, tzinfo=UTC)
    assert instant_of(date(2026, 7, 10), time(9), not_before=NOON) == datetime(2026, 7, 10, 9, tzinfo=UTC)


def test_the_heading_is_found_below_a_title():
    heading = find_heading([["EMS 邮件清单"], [], ["序号", "邮件号", "状态", "时间", "签收人"]], "list.csv")
    assert (heading.row, heading.cell(["1", " EA1 ", "妥投"], "tracking"), heading.cell(["1"], "note")) == (
        3,
        "EA1",
        "",
    )
    with pytest.raises(ColumnsMissing, match="state"):
        find_heading([["邮件号", "时间"]], "list.csv")
