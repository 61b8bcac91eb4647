"""A plan lives and dies by its days."""

from datetime import date

import pytest

from huikuan.arrangements.rules.plan import judge
from huikuan.arrangements.rules.promise import Money
from huikuan.arrangements.rules.schedule import Line
from tests.tables import cases

AGREED = date(2026, 7, 1)
LINES = (
    Line(1, date(2026, 7, 10), date(2026, 7, 15), 300),
    Line(2, date(2026, 8, 10), date(2026, 8, 13), 700),
)


@pytest.mark.parametrize(
    "row",
    cases("""
    # 3.00 by 10 July (grace to the 15th), 7.00 by 10 August (grace to the 13th); money as day:minor
    money:text                                   | as_of      | state     | paid | next_on:date | missed:int
    ""                                           | 2026-07-15 | RUNNING   | 0    | 2026-07-15   |
    ""                                           | 2026-07-16 | BROKEN    | 0    |              | 1
    2026-07-15:300                               | 2026-07-16 | RUNNING   | 300  | 2026-08-13   |
    2026-07-16:300                               | 2026-07-16 | BROKEN    | 300  |              | 1
    2026-07-15:299                               | 2026-07-16 | BROKEN    | 299  |              | 1
    2026-07-02:1000                              | 2026-07-02 | FULFILLED | 1000 |              |
    2026-06-30:1000                              | 2026-07-16 | BROKEN    | 0    |              | 1
    2026-07-02:400                               | 2026-08-13 | RUNNING   | 400  | 2026-08-13   |
    2026-07-02:400                               | 2026-08-14 | BROKEN    | 400  |              | 2
    2026-07-02:400 2026-08-13:600                | 2026-08-14 | FULFILLED | 1000 |              |
    2026-07-02:400 2026-08-13:900                | 2026-08-14 | FULFILLED | 1000 |              |
    2026-07-02:100 2026-07-12:100 2026-07-15:100 | 2026-07-20 | RUNNING   | 300  | 2026-08-13   |
    """),
)
def test_judging_a_plan(row):
    pairs = [pair.split(":") for pair in row["money"].split()]
    money = [Money(n, date.fromisoformat(day), int(minor)) for n, (day, minor) in enumerate(pairs)]
    verdict = judge(LINES, money, agreed_on=AGREED, as_of=row["as_of"])
    assert (verdict.state, verdict.paid_minor, verdict.next_on, verdict.missed) == (
        row["state"],
        row["paid"],
        row["next_on"],
        row["missed"],
    )
    assert sum(part.paid_minor for part in verdict.installments) == row["paid"]


def test_a_missed_part_is_not_mended_by_later_money():
    verdict = judge(LINES, [Money(1, date(2026, 7, 20), 1_000)], agreed_on=AGREED, as_of=date(2026, 7, 20))
    assert (verdict.state, verdict.paid_minor, verdict.missed) == ("BROKEN", 1_000, 1)
