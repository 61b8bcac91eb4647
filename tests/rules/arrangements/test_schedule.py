"""Cutting a claim into parts: exact to the cent, on days that exist."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huikuan.arrangements.rules.schedule import (
    Cycle,
    Kind,
    Line,
    PlanBookedAmountImpossible,
    PlanDoesNotAddUp,
    PlanPartEmpty,
    PlanPartsImpossible,
    Shape,
    in_books,
    outside,
    schedule,
    spread,
)
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.policy.reading.policy import default_policy
from tests.tables import cases
from tests.twins import schedule as twin

CHINA = WorkingCalendar("CN")
START = date(2026, 1, 15)


def shape(**changes):
    return Shape(**({"parts_count": 3, "starts_on": START} | changes))


@pytest.mark.parametrize(
    "row",
    cases("""
    total    | parts | first_percent | kind      | amounts:text
    10000000 | 3     | 30            | EVEN      | 3000000 3500000 3500000
    10000    | 3     | 0             | EVEN      | 3333 3333 3334
    100      | 7     | 0             | EVEN      | 14 14 14 14 14 14 16
    10001    | 4     | 30            | EVEN      | 3000 2333 2333 2335
    8650000  | 4     | 30            | DECLINING | 2595000 3027500 2018333 1009167
    60000    | 3     | 0             | DECLINING | 30000 20000 10000
    500      | 1     | 30            | EVEN      | 500
    1000     | 2     | 50            | EVEN      | 500 500
    """),
)
def test_the_parts(row):
    lines = schedule(
        row["total"], "CNY",
        shape(parts_count=row["parts"], first_ppm=row["first_percent"] * 10_000, kind=Kind(row["kind"])), CHINA,
    )  # fmt: skip
    assert [line.amount_minor for line in lines] == [int(each) for each in row["amounts"].split()]


@given(
    total=st.integers(1_000, 5_000), parts=st.integers(1, 12), first_percent=st.integers(0, 80), declining=st.booleans()
)
def test_the_calculator_agrees_with_its_twin_and_adds_up(total, parts, first_percent, declining):
    kind = Kind.DECLINING if declining else Kind.EVEN
    lines = schedule(
        total, "CNY", shape(parts_count=parts, first_ppm=first_percent * 10_000, kind=kind), CHINA
    )  # fmt: skip
    amounts = [line.amount_minor for line in lines]
    assert sum(amounts) == total
    assert amounts == twin.amounts(total, parts=parts, first_percent=first_percent, declining=declining)


@given(total=st.integers(10**6, 10**14), parts=st.integers(1, 60), ppm=st.integers(0, 900_000))
def test_large_claims_add_up_too(total, parts, ppm):
    lines = schedule(total, "CNY", shape(parts_count=parts, first_ppm=ppm), CHINA)
    assert sum(line.amount_minor for line in lines) == total
    days = [line.due_on for line in lines]
    assert days == sorted(set(days))


@pytest.mark.parametrize(
    "row",
    cases("""
    # Spring Festival 2026: off 15 to 23 February, work on Saturdays 14 and 28
    starts_on  | cycle   | working | days:text
    2026-01-31 | MONTHLY | false   | 2026-01-31 2026-02-28 2026-03-31
    2026-01-31 | MONTHLY | true    | 2026-02-02 2026-02-28 2026-03-31
    2026-01-16 | MONTHLY | true    | 2026-01-16 2026-02-24 2026-03-16
    2026-02-16 | WEEKLY  | true    | 2026-02-24 2026-02-25 2026-03-02
    2026-02-16 | WEEKLY  | false   | 2026-02-16 2026-02-23 2026-03-02
    """),
)
def test_the_days(row):
    wanted = shape(starts_on=row["starts_on"], cycle=Cycle(row["cycle"]), is_on_working_days=row["working"])
    lines = schedule(900, "CNY", wanted, CHINA)
    assert [line.due_on.isoformat() for line in lines] == row["days"].split()


@pytest.mark.parametrize(
    "row",
    cases("""
    due_on     | last_on
    2026-02-12 | 2026-02-24
    2026-02-14 | 2026-02-26
    2026-02-20 | 2026-02-26
    2026-07-10 | 2026-07-15
    """),
)
def test_three_working_days_of_grace(row):
    line = schedule(100, "CNY", shape(parts_count=1, starts_on=row["due_on"]), CHINA)[0]
    assert line.last_on == row["last_on"]
    assert line.last_on == twin.after_working_days(row["due_on"], 3, CHINA.is_working_day)


def test_parts_by_hand_must_add_up():
    with pytest.raises(PlanDoesNotAddUp) as no:
        schedule(10_000, "CNY", shape(kind=Kind.CUSTOM, amounts=(5_000, 4_000)), CHINA)
    assert no.value.facts == {"given": "90.00", "total": "100.00", "currency": "CNY", "difference": "10.00"}
    lines = schedule(10_000, "CNY", shape(kind=Kind.CUSTOM, amounts=(5_000, 4_000, 1_000)), CHINA)
    assert [line.amount_minor for line in lines] == [5_000, 4_000, 1_000]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"parts_count": 0}, PlanPartsImpossible),
        ({"parts_count": 61}, PlanPartsImpossible),
        ({"first_ppm": 1_000_001}, PlanPartsImpossible),
        ({"kind": Kind.CUSTOM}, PlanPartsImpossible),
        ({"first_ppm": 1_000_000}, PlanPartEmpty),
        ({"kind": Kind.CUSTOM, "amounts": (100, 0)}, PlanPartEmpty),
    ],
)
def test_what_is_no_plan(changes, refusal):
    with pytest.raises(refusal):
        schedule(100, "CNY", shape(**changes), CHINA)


@pytest.mark.parametrize(
    "row",
    cases("""
    first | second | last_due   | kept | waived | codes:text
    30    | 70     | 2026-07-10 | 0    | 0      | ""
    29    | 71     | 2026-07-10 | 0    | 0      | FIRST_TOO_SMALL
    30    | 70     | 2026-07-11 | 0    | 0      | TOO_LONG
    100   | 0      | 2026-01-10 | 0    | 0      | TOO_FEW_PARTS
    30    | 70     | 2026-07-10 | 9    | 1      | TOO_MUCH_WAIVED
    10    | 90     | 2027-07-10 | 0    | 5      | FIRST_TOO_SMALL TOO_LONG TOO_MUCH_WAIVED
    """),
)
def test_what_needs_approval(row):
    lines = [Line(1, date(2026, 1, 10), date(2026, 1, 13), row["first"])]
    if row["second"]:
        lines.append(Line(2, row["last_due"], row["last_due"], row["second"]))
    found = outside(
        lines, limits=default_policy().plan, agreed_on=date(2026, 1, 10), kept_minor=row["kept"],
        waived_minor=row["waived"],
    )  # fmt: skip
    assert found == row["codes"].split()


@given(owed=st.lists(st.integers(1, 50), min_size=1, max_size=12), data=st.data())
def test_nobody_is_relieved_of_more_than_he_owes(owed, data):
    total = data.draw(st.integers(0, sum(owed)))
    taken = spread(total, owed)
    assert sum(taken) == total
    assert all(0 <= part <= whole for part, whole in zip(taken, owed, strict=True))


@pytest.mark.parametrize(
    "row",
    cases("""
    parts:text     | booked | in_books:text
    4000 3000 3000 | 9000   | 3600 2700 2700
    3333 3333 3334 | 71234  | 23742 23742 23750
    5000 5000      | 1      | 0 1
    10000          | 9000   | 9000
    """),
)
def test_the_parts_in_the_books(row):
    parts = [int(each) for each in row["parts"].split()]
    assert in_books(parts, row["booked"]) == tuple(int(each) for each in row["in_books"].split())


@given(parts=st.lists(st.integers(1, 10**12), min_size=1, max_size=60), booked=st.integers(1, 10**14))
def test_the_books_keep_what_they_carry_and_agree_with_their_twin(parts, booked):
    valued = in_books(parts, booked)
    assert sum(valued) == booked
    assert all(part >= 0 for part in valued)
    assert list(valued) == twin.in_books(parts, booked)


@pytest.mark.parametrize("booked", [0, -1])
def test_a_debt_the_books_carry_at_nothing_has_no_parts_there(booked):
    with pytest.raises(PlanBookedAmountImpossible):
        in_books([100], booked)
