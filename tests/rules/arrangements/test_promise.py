"""Promises are judged by arrived money only (domain.md §7)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huikuan.arrangements.rules.promise import Money, Part, Promised, judge, last_day, reminder_day
from huikuan.kernel.calendar import WorkingCalendar
from tests.tables import cases
from tests.twins import promise as twin

CHINA = WorkingCalendar("CN")


@pytest.mark.parametrize(
    "row",
    cases("""
    # Spring Festival 2026: off 15 to 23 February, work on Saturdays 14 and 28
    due_on     | last_on    | reminder
    2026-02-12 | 2026-02-13 | 2026-02-11
    2026-02-13 | 2026-02-14 | 2026-02-12
    2026-02-14 | 2026-02-24 | 2026-02-13
    2026-02-17 | 2026-02-24 | 2026-02-14
    2026-02-23 | 2026-02-24 | 2026-02-14
    2026-02-24 | 2026-02-25 | 2026-02-14
    2026-02-27 | 2026-02-28 | 2026-02-26
    2026-07-10 | 2026-07-13 | 2026-07-09
    """),
)
def test_grace_is_one_working_day(row):
    assert last_day(row["due_on"], CHINA) == row["last_on"]
    assert reminder_day(row["due_on"], CHINA) == row["reminder"]


DAY = date(2026, 7, 10)


def one(*, due_on=DAY, last_on=DAY + timedelta(days=3), minor=1_000, made_on=DAY - timedelta(days=5), eligible=None):
    return Promised(7, made_on, (Part(1, due_on, last_on, minor),), eligible or {1: 10**9, 2: 10**9})


@pytest.mark.parametrize(
    "row",
    cases("""
    # promised 10.00 for 10 July, made on the 5th, last day 13 July
    came_on    | minor | as_of      | state   | counted | paid_on:date
    2026-07-10 | 1000  | 2026-07-10 | KEPT    | 1000    | 2026-07-10
    2026-07-13 | 1000  | 2026-07-13 | KEPT    | 1000    | 2026-07-13
    2026-07-13 | 2500  | 2026-07-20 | KEPT    | 1000    | 2026-07-13
    2026-07-14 | 1000  | 2026-07-14 | BROKEN  | 0       | 2026-07-14
    2026-07-14 | 999   | 2026-07-14 | BROKEN  | 0       |
    2026-07-12 | 500   | 2026-07-13 | RUNNING | 500     |
    2026-07-12 | 500   | 2026-07-14 | PARTLY  | 500     |
    2026-07-12 | 499   | 2026-07-14 | BROKEN  | 499     |
    2026-07-05 | 1000  | 2026-07-05 | KEPT    | 1000    | 2026-07-05
    2026-07-04 | 1000  | 2026-07-14 | BROKEN  | 0       |
    2026-07-12 | 1000  | 2026-07-11 | RUNNING | 0       |
    """),
)
def test_a_promise_of_one_part(row):
    verdict = judge([one()], [Money(1, row["came_on"], row["minor"])], as_of=row["as_of"])[0]
    assert (verdict.state, verdict.counted_minor, verdict.parts[0].paid_on) == (
        row["state"],
        row["counted"],
        row["paid_on"],
    )
    assert (verdict.next_on is None) == (row["state"] != "RUNNING")


def test_money_counts_once_for_the_promise_made_first():
    early, late = one(minor=600), one(minor=600)
    money = [Money(1, DAY, 1_000)]
    states = [verdict.state for verdict in judge([early, late], money, as_of=DAY + timedelta(days=9))]
    assert states == ["KEPT", "PARTLY"]


def test_only_money_for_the_promised_items_counts():
    verdict = judge([one(eligible={1: 300})], [Money(1, DAY, 1_000)], as_of=DAY + timedelta(days=9))[0]
    assert (verdict.state, verdict.counted_minor) == ("BROKEN", 300)


def test_the_first_broken_part_breaks_the_promise_and_later_parts_stand_alone():
    parts = (Part(1, DAY, DAY, 100), Part(2, DAY + timedelta(days=9), DAY + timedelta(days=10), 100))
    promise = Promised(7, DAY, parts, {1: 10**9})
    verdict = judge([promise], [Money(1, DAY + timedelta(days=5), 100)], as_of=DAY + timedelta(days=6))[0]
    assert verdict.state == "BROKEN"
    assert [(part.state, part.counted_minor) for part in verdict.parts] == [("BROKEN", 0), ("KEPT", 100)]


DAYS = st.integers(0, 12).map(lambda n: DAY + timedelta(days=n))
ITEMS = st.sampled_from([None, 1, 2])


@st.composite
def stories(draw):
    promises = []
    for _ in range(draw(st.integers(1, 3))):
        made_on = draw(DAYS)
        dues = sorted(set(draw(st.lists(DAYS.filter(lambda day, m=made_on: day >= m), min_size=1, max_size=3))))
        parts = [(due, due + timedelta(days=draw(st.integers(0, 3))), draw(st.integers(1, 20))) for due in dues]
        promises.append({"made_on": made_on, "items": draw(st.sampled_from([set(), {1}, {1, 2}])), "parts": parts})
    promises.sort(key=lambda promise: promise["made_on"])
    receipts = [
        {"id": number, "received_on": draw(DAYS), "lines": {draw(ITEMS): draw(st.integers(1, 25))}}
        for number in range(1, draw(st.integers(0, 4)) + 1)
    ]
    return promises, receipts, draw(DAYS) + timedelta(days=draw(st.integers(0, 4)))


@given(stories())
def test_the_judge_agrees_with_his_twin(story):
    promises, receipts, as_of = story
    given_promises = [
        Promised(
            number,
            each["made_on"],
            tuple(Part(n, due, last, minor) for n, (due, last, minor) in enumerate(each["parts"], start=1)),
            {
                receipt["id"]: sum(
                    minor for item, minor in receipt["lines"].items()
                    if not each["items"] or item is None or item in each["items"]
                )
                for receipt in receipts
            },
        )
        for number, each in enumerate(promises)
    ]  # fmt: skip
    money = [Money(each["id"], each["received_on"], sum(each["lines"].values())) for each in receipts]
    verdicts = judge(given_promises, money, as_of=as_of)
    found = [
        {"state": each.state, "parts": [(part.state, part.counted_minor, part.paid_on) for part in each.parts]}
        for each in verdicts
    ]
    assert found == twin.judged(promises, receipts, as_of=as_of)
    assert sum(each.counted_minor for each in verdicts) <= sum(each.minor for each in money)
