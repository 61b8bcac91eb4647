"""The scorecard of domain.md §4, read by a bookkeeper and checked against its slow twin."""

import json
from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from huikuan.credit.rules.grade import explanation, grade
from huikuan.credit.rules.scorecard import Component, KnockOut, Scorecard
from tests.tables import rows
from tests.twins import grade as twin

TODAY = date(2026, 11, 21)
CARD = Scorecard(
    window_months=12,
    late_after_days=3,
    components=(
        Component("late_share", 30, bands=((0, 100), (10, 80), (25, 50), (50, 20), (None, 0)), missing_percent=50),
        Component("mean_days_late", 15, bands=((0, 100), (5, 80), (15, 50), (30, 20), (None, 0)), missing_percent=50),
        Component("worst_open_days", 15, bands=((0, 100), (10, 80), (30, 50), (60, 20), (None, 0))),
        Component("cooperation_months", 15, bands=((3, 0), (12, 30), (36, 60), (60, 80), (None, 100))),
        Component("size_class", 15, values={"LARGE": 100, "MEDIUM": 70, "SMALL": 40, "MICRO": 20}, missing_percent=40),
        Component("industry", 10, values={"制造": 90, "建筑": 30}, missing_percent=70),
    ),
    thresholds={"A": 80, "B": 60},
    knock_outs=(
        KnockOut("open_overdue_days", 90, "C"),
        KnockOut("broken_plan_months", 12, "C"),
    ),
    new_below_settled=3,
    new_below_months=3,
    new_climbs_as="B",
)
SCHEMA = {
    "customer_id": pl.Int64,
    "size_class": pl.String,
    "industry": pl.String,
    "known_since": pl.Date,
    "settled_count": pl.Int64,
    "late_count": pl.Int64,
    "amount_minor_sum": pl.Int64,
    "amount_days_sum": pl.Int128,
    "worst_days": pl.Int64,
    "plan_broken_on": pl.Date,
    "override_letter": pl.String,
}


def graded(text: str) -> None:
    """Grade the table's customers and compare; what a table does not name is the blameless default."""
    table = rows(text)
    defaults = {
        "size_class": "LARGE",
        "industry": "制造",
        "known_since": date(2018, 1, 1),
        "settled": 20,
        "late": 0,
        "mean_days": 0,
        "worst_days": 0,
        "broken_on": None,
        "override_letter": None,
    }
    table = table.with_columns(pl.lit(v).alias(k) for k, v in defaults.items() if k not in table.columns)
    frame = table.with_columns(
        customer_id=pl.int_range(pl.len()),
        settled_count=pl.col("settled").cast(pl.Int64),
        late_count=pl.col("late").cast(pl.Int64),
        amount_minor_sum=pl.col("settled") * 50_000,
        amount_days_sum=(pl.col("settled") * 50_000 * pl.col("mean_days")).cast(pl.Int128),
        plan_broken_on=pl.col("broken_on").cast(pl.Date),
        override_letter=pl.col("override_letter").cast(pl.String),
    ).select(list(SCHEMA))
    got = grade(frame, scorecard=CARD, as_of=TODAY)
    assert got.select("letter", "score", "knocked_out_by").rows() == (
        table.select("letter", "score", "knocked_out_by").rows()
    )


def test_the_letters_follow_the_payment_record():
    # A: 30+15+15+15+15+9. B: 30*.8 + 15*.5 + 15*.8 + 15*1 + 15*.7 + 9, each rounded. C: all at the bottom.
    graded("""
        customer   | size_class | industry | known_since | settled | late | mean_days | worst_days | letter | score | knocked_out_by:text
        on time    | LARGE      | 制造     | 2018-01-01  | 20      | 0    | 0         | 0          | A      | 99    | ""
        some late  | MEDIUM     | 制造     | 2020-01-01  | 10      | 1    | 15        | 10         | B      | 79    | ""
        most late  | SMALL      | 建筑     | 2025-11-21  | 10      | 9    | 40        | 61         | C      | 14    | ""
        no record  | MICRO      | ""       | 2020-01-01  | 0       | 0    | 0         | 0          | B      | 63    | ""
    """)  # noqa: E501  one customer, one line


def test_knock_outs_cap_at_c_and_a_hand_wins():
    graded("""
        customer        | worst_days | broken_on:date | override_letter:text | letter | score | knocked_out_by:text
        90 days is not  | 90         |                |                      | A      | 84    | ""
        91 days is      | 91         |                |                      | C      | 84    | open_overdue_days
        a broken plan   | 0          | 2026-11-21     |                      | C      | 99    | broken_plan_months
        nearly a year   | 0          | 2025-11-22     |                      | C      | 99    | broken_plan_months
        a year ago      | 0          | 2025-11-21     |                      | A      | 99    | ""
        both            | 91         | 2026-01-01     |                      | C      | 84    | open_overdue_days
        by hand         | 91         |                | B                    | B      | 84    | open_overdue_days
    """)


def test_a_new_customer_is_n_until_three_months_or_three_settled_items():
    graded("""
        customer       | size_class:text | industry:text | known_since:date | settled | letter | score | knocked_out_by:text
        new            | SMALL           | ""            | 2026-09-01       | 2       | N      | 73    | ""
        3 months old   | SMALL           | ""            | 2026-08-21       | 2       | B      | 73    | ""
        3 items        | SMALL           | ""            | 2026-09-01       | 3       | B      | 73    | ""
        unknown start  | ""              | ""            |                  | 0       | N      | 51    | ""
    """)  # noqa: E501  one customer, one line


def test_the_explanation_names_every_component_with_its_facts():
    frame = pl.DataFrame(
        [[7, "LARGE", "制造", date(2018, 1, 1), 20, 1, 1_000_000, 3_000_000, 12, date(2026, 5, 3), None]],
        schema=SCHEMA,
        orient="row",
    )
    text = grade(frame, scorecard=CARD, as_of=TODAY).select(explanation(CARD)).item()
    said = json.loads(text)
    assert list(said["points"]) == [component.code for component in CARD.components]
    assert said["weights"]["late_share"] == 30
    assert sum(said["points"].values()) == said["score"]
    assert said["facts"]["settled_count"] == 20
    assert said["facts"]["mean_days_late"] == 3
    assert said["facts"]["industry"] == "制造"
    assert said["facts"]["plan_broken_on"] == "2026-05-03"


CUSTOMERS = st.builds(
    lambda size, industry, since, settled, late, amount, days, worst, broken, override: {
        "size_class": size,
        "industry": industry,
        "known_since": since,
        "settled_count": settled,
        "late_count": min(late, settled),
        "amount_minor_sum": amount if settled else 0,
        "amount_days_sum": amount * days if settled else 0,
        "worst_days": worst,
        "plan_broken_on": broken,
        "override_letter": override,
    },
    st.sampled_from(["", "LARGE", "MEDIUM", "SMALL", "MICRO", "PUBLIC", "PERSON"]),
    st.sampled_from(["", "制造", "建筑", "贸易"]),
    st.none() | st.dates(date(2015, 1, 1), date(2026, 12, 31)),
    st.integers(0, 50),
    st.integers(0, 50),
    st.integers(1, 10**15),
    st.integers(0, 500),
    st.integers(0, 2000),
    st.none() | st.dates(date(2025, 11, 15), TODAY),
    st.sampled_from([None, None, None, "A", "B", "C"]),
)


@given(st.lists(CUSTOMERS, min_size=1, max_size=8))
def test_the_twin_agrees_on_every_point(customers):
    frame = pl.DataFrame([{"customer_id": n, **c} for n, c in enumerate(customers)], schema=SCHEMA)
    got = grade(frame, scorecard=CARD, as_of=TODAY).to_dicts()
    for row, customer in zip(got, customers, strict=True):
        expected = twin.grade(customer, CARD, TODAY)
        assert {name: row[name] for name in expected} == expected
