"""Who climbs which ladder."""

import polars as pl

from huikuan.policy.reading.policy import default_policy, read_policy
from huikuan.policy.rules.segments import assign
from tests.tables import rows

TEXT = """\
format: 1
name: tried
excluded_customers: [K7, 42]
ladders:
  one:
    steps: [{code: a, rank: 1, when: {days_overdue: 1}, task: {kind: CALL, owner: collector}}]
  two:
    steps: [{code: a, rank: 1, when: {days_overdue: 2}, task: {kind: CALL, owner: collector}}]
segments:
  - {code: spared, match: {region: [Xizang]}, ladder: null}
  - {code: small, match: {overdue_below: {CNY: 100, JPY: 100}}, ladder: two}
  - {code: big_c, match: {grade: [C], overdue_at_least: 1000.00, currency: [CNY]}, ladder: one}
  - {code: default, ladder: one}
"""
POLICY = read_policy(TEXT).policy

CUSTOMERS = rows("""
    customer_code:text | region:text | grade | currency | net_overdue_minor | segment  | ladder:text
    K1                 |             | B     | CNY      |            100000 | default  | one
    K2                 | Xizang      | C     | CNY      |            100000 | spared   |
    K3                 |             | B     | CNY      |              9999 | small    | two
    K4                 |             | B     | CNY      |             10000 | default  | one
    K5                 |             | C     | CNY      |            100000 | big_c    | one
    K6                 |             | C     | CNY      |             99999 | default  | one
    K6                 |             | C     | USD      |            100000 | default  | one
    K8                 |             | B     | JPY      |                99 | small    | two
    K8                 |             | B     | JPY      |               100 | default  | one
    K9                 |             | B     | USD      |                 1 | default  | one
    K7                 |             | B     | CNY      |            100000 | excluded |
    42                 |             | B     | CNY      |            100000 | excluded |
""")


def test_the_first_segment_that_matches_wins():
    given = CUSTOMERS.drop("segment", "ladder")
    assert assign(given, policy=POLICY).select(CUSTOMERS.columns).rows() == CUSTOMERS.rows()


def test_a_column_that_is_not_known_matches_nothing():
    given = CUSTOMERS.select("currency").head(1)
    assert assign(given, policy=POLICY).rows() == [("CNY", "default", "one")]


def test_without_a_policy_nobody_is_contacted():
    """KB-26."""
    found = assign(CUSTOMERS.select("currency"), policy=None)
    assert found["ladder"].null_count() == found.height


def test_the_segments_of_the_default_pack():
    given = pl.DataFrame(
        {
            "currency": ["CNY"] * 5,
            "grade": ["A", "B", "A", "B", "N"],
            "industry": ["", "制造业", "贸易", "贸易", ""],
            "contract_kind": [None, "SALE", "PROPERTY", None, "SALE"],
        }
    )
    found = assign(given, policy=default_policy())
    assert found["ladder"].to_list() == ["soft", "manufacturing", "property", "trade", "standard"]
