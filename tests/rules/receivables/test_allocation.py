"""What money pays: by the payer's word, the contract, or the law."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huikuan.receivables.rules.allocation import Agreed, oldest_first, pay_out, preview, split_in_proportion
from tests.tables import rows
from tests.twins import allocation as twin

TODAY = date(2026, 7, 10)


def paid(debts, sum_minor, order="PRINCIPAL_FIRST", designated=()):
    return preview(debts, sum_minor=sum_minor, order=order, as_of=TODAY, designated=designated).rows()


def test_costs_interest_principal_of_one_debt():
    """Costs 2,300, interest 5,000, principal 100,000, payment 10,000 gives 2,300 / 5,000 / 2,700 (law.md §3)."""
    debt = rows("""
        item_id | issued_on  | due_on     | open_minor | interest_minor | costs_minor
        1       | 2026-01-01 | 2026-01-31 |   10000000 |         500000 |      230000
    """)
    assert paid(debt, 1_000_000, "STATUTORY") == [(1, 270_000, 500_000, 230_000, "STATUTORY")]
    assert paid(debt, 1_000_000) == [(1, 1_000_000, 0, 0, "CONTRACT")]
    assert paid(debt, 1_000_000, "STATUTORY", designated=[1]) == [(1, 270_000, 500_000, 230_000, "DESIGNATED")]


THREE = rows("""
    item_id | issued_on  | due_on     | open_minor | secured_minor | burden_ppb
    1       | 2026-05-01 | 2026-06-01 |       5000 |             0 |          0
    2       | 2026-05-01 | 2026-06-01 |       2000 |             0 |          0
    3       | 2026-06-01 | 2026-08-01 |       3000 |             0 |          0
""")


def test_oldest_due_first():
    """80 received against 50 and 20 due first and 30 due last: 20 stays open (case TRY-27)."""
    assert [row[:2] for row in paid(THREE, 8000)] == [(1, 5000), (2, 2000), (3, 1000)]


def test_what_the_payer_named_comes_first_and_the_rest_follows_the_order():
    assert paid(THREE, 4000, designated=[3]) == [(3, 3000, 0, 0, "DESIGNATED"), (1, 1000, 0, 0, "CONTRACT")]


def test_more_money_than_debt_leaves_a_rest():
    assert sum(row[1] for row in paid(THREE, 99_999)) == 10_000
    assert paid(THREE, 0) == []
    assert paid(THREE.clear(), 500) == []


STATUTORY = rows("""
    item_id | issued_on  | due_on     | open_minor | secured_minor | burden_ppb
    # not yet due: last, although it is heavy and unsecured
    1       | 2026-07-01 | 2026-08-01 |       1000 |             0 |     900000
    # due and secured
    2       | 2026-01-01 | 2026-02-01 |       1000 |           500 |          0
    # due, unsecured, light
    3       | 2026-01-01 | 2026-02-01 |       1000 |             0 |          0
    # due, unsecured, heavy: first
    4       | 2026-05-01 | 2026-07-10 |       1000 |             0 |     500000
    # like 3, but due earlier
    5       | 2026-01-01 | 2026-01-15 |       1000 |             0 |          0
""")


def test_the_statutory_order_between_debts():
    assert [row[0] for row in paid(STATUTORY, 5000, "STATUTORY")] == [4, 5, 3, 2, 1]


def test_equal_debts_share_in_proportion_to_the_last_cent():
    debts = rows("""
        item_id | issued_on  | due_on     | open_minor
        1       | 2026-01-01 | 2026-02-01 |        100
        2       | 2026-01-01 | 2026-02-01 |        200
        3       | 2026-01-01 | 2026-02-01 |        400
    """)
    assert [row[:2] for row in paid(debts, 500, "STATUTORY")] == [(1, 71), (2, 143), (3, 286)]


def test_what_cannot_be_asked_is_refused():
    with pytest.raises(ValueError, match="LIFO"):
        paid(THREE, 1, order="LIFO")
    with pytest.raises(ValueError, match="-1"):
        paid(THREE, -1)


DEBT = st.fixed_dictionaries(
    {
        "issued_on": st.just(date(2026, 1, 1)),
        "due_on": st.sampled_from([date(2026, 2, 1), date(2026, 7, 10), date(2026, 8, 1)]),
        "open_minor": st.integers(1, 40),
        "interest_minor": st.integers(0, 9),
        "costs_minor": st.integers(0, 4),
        "secured_minor": st.sampled_from([0, 0, 10]),
        "burden_ppb": st.sampled_from([0, 0, 5]),
    }
)


@given(
    debts=st.lists(DEBT, max_size=5),
    sum_minor=st.integers(0, 150),
    order=st.sampled_from(["PRINCIPAL_FIRST", "STATUTORY"]),
    named=st.lists(st.integers(0, 4), max_size=3, unique=True),
)
def test_the_order_is_that_of_paying_coin_by_coin(debts, sum_minor, order, named):
    claims = [debt | {"item_id": number, "principal_minor": debt["open_minor"]} for number, debt in enumerate(debts)]
    designated = [number for number in named if number < len(claims)]
    amounts = ("open_minor", "interest_minor", "costs_minor", "secured_minor", "burden_ppb")
    schema = {"item_id": pl.Int64, "issued_on": pl.Date, "due_on": pl.Date} | dict.fromkeys(amounts, pl.Int64)
    frame = pl.DataFrame([{name: claim[name] for name in schema} for claim in claims], schema=schema)
    answer = preview(frame, sum_minor=sum_minor, order=order, as_of=TODAY, designated=designated)
    wanted = twin.pay_coin_by_coin(claims, sum_minor=sum_minor, order=order, as_of=TODAY, designated=designated)
    found = {row["item_id"]: row for row in answer.iter_rows(named=True)}
    for claim in claims:
        got = found.get(claim["item_id"], {})
        for part in ("costs_minor", "interest_minor", "principal_minor"):
            assert 0 <= got.get(part, 0) <= claim[part]
            apart = got.get(part, 0) - wanted[claim["item_id"]][part]
            assert abs(apart) <= (len(claims) if order == "STATUTORY" else 0), "proportion is exact up to a coin each"
    everything = sum(sum(claim[part] for part in twin.PARTS["STATUTORY"]) for claim in claims)
    assert sum(sum(row[1:4]) for row in answer.rows()) == min(sum_minor, everything)


@given(
    debts=st.lists(DEBT, min_size=1, max_size=5),
    sum_minor=st.integers(0, 150),
    order=st.sampled_from(["PRINCIPAL_FIRST", "STATUTORY"]),
    named=st.lists(st.integers(0, 4), max_size=2, unique=True),
    of_plan=st.frozensets(st.integers(0, 4)),
    due_minor=st.integers(0, 60),
)
def test_a_plan_is_paid_what_is_due_as_coin_by_coin(debts, sum_minor, order, named, of_plan, due_minor):
    claims = [debt | {"item_id": number, "principal_minor": debt["open_minor"]} for number, debt in enumerate(debts)]
    designated = [number for number in named if number < len(claims)]
    agreed = Agreed(debts=of_plan, due_minor=due_minor, rest_due_on=date(2026, 7, 15))
    asked = {"sum_minor": sum_minor, "order": order, "as_of": TODAY, "designated": designated, "agreed": agreed}
    found = {line["item_id"]: line for line in pay_out(claims, **asked)}
    wanted = twin.pay_coin_by_coin(claims, **asked)
    slack = len(claims) * 2 if order == "STATUTORY" else 0
    for claim in claims:
        for part in ("costs_minor", "interest_minor", "principal_minor"):
            got = found.get(claim["item_id"], {}).get(part, 0)
            assert 0 <= got <= claim[part]
            assert abs(got - wanted[claim["item_id"]][part]) <= slack, "proportion is exact up to a coin each"
    paid_sums = [sum(sum(line[part] for part in twin.PARTS["STATUTORY"]) for line in found.values())]
    assert paid_sums == [sum(sum(parts.values()) for parts in wanted.values())]
    if not designated:
        owed = sum(sum(c[part] for part in twin.PARTS["STATUTORY"]) for c in claims if c["item_id"] in of_plan)
        had = sum(sum(found[i][part] for part in twin.PARTS["STATUTORY"]) for i in of_plan & set(found))
        assert had >= min(sum_minor, due_minor, owed), "what is due by the plan comes first"


def test_what_is_due_by_a_plan_comes_first_then_what_is_due_then_the_plans_rest():
    """3 is in a plan with 500 due; 1 and 2 are overdue outside; more of the plan falls due on 1 August."""
    agreed = Agreed(debts=frozenset({3}), due_minor=500, rest_due_on=date(2026, 8, 1))
    claims = [row | {"principal_minor": row["open_minor"], "interest_minor": 0, "costs_minor": 0}
              for row in THREE.iter_rows(named=True)]  # fmt: skip

    def lines(sum_minor):
        answer = pay_out(claims, sum_minor=sum_minor, order="PRINCIPAL_FIRST", as_of=TODAY, agreed=agreed)
        return [(line["item_id"], line["principal_minor"], line["basis"]) for line in answer]

    assert lines(400) == [(3, 400, "CONTRACT")]
    assert lines(600) == [(3, 500, "CONTRACT"), (1, 100, "CONTRACT")]
    assert lines(9_500) == [(3, 2_500, "CONTRACT"), (1, 5_000, "CONTRACT"), (2, 2_000, "CONTRACT")]


def test_what_a_plans_items_cannot_take_waits_on_account():
    """The last installment holds penalty that is no item yet: other debts do not get it."""
    agreed = Agreed(debts=frozenset({3}), due_minor=3_200, rest_due_on=date(2026, 9, 1))
    claims = [row | {"principal_minor": row["open_minor"], "interest_minor": 0, "costs_minor": 0}
              for row in THREE.iter_rows(named=True)]  # fmt: skip
    answer = pay_out(claims, sum_minor=3_300, order="STATUTORY", as_of=TODAY, agreed=agreed)
    assert {line["item_id"]: line["principal_minor"] for line in answer} == {3: 3_000, 1: 71, 2: 29}


@given(sum_minor=st.integers(0, 10**15), weights=st.lists(st.integers(0, 10**12), min_size=1, max_size=8))
def test_proportional_parts_add_up_and_stand_within_one_unit(sum_minor, weights):
    parts = split_in_proportion(sum_minor, weights)
    whole = sum(weights)
    assert sum(parts) == (sum_minor if whole else 0)
    assert all(
        abs(part * whole - sum_minor * weight) < max(whole, 1) for part, weight in zip(parts, weights, strict=True)
    )


PIECE = st.tuples(st.sampled_from([1, 2]), st.sampled_from(["CNY", "USD"]), st.integers(0, 60), st.integers(0, 30))


@given(items=st.lists(PIECE, max_size=8), money=st.lists(PIECE, max_size=6))
def test_whole_ledgers_are_paid_as_one_piece_of_money_after_another(items, money):
    def day(offset):
        return date(2026, 1, 1) + timedelta(days=offset)

    claims = pl.DataFrame(
        [(n, c, cur, day(0), day(d), minor) for n, (c, cur, minor, d) in enumerate(items)],
        schema={"item_id": pl.Int64, "customer_id": pl.Int64, "currency": pl.String, "issued_on": pl.Date,
                "due_on": pl.Date, "open_minor": pl.Int64}, orient="row",
    )  # fmt: skip
    means = pl.DataFrame(
        [(n, c, cur, day(d), minor) for n, (c, cur, minor, d) in enumerate(money)],
        schema={"source_id": pl.Int64, "customer_id": pl.Int64, "currency": pl.String, "received_on": pl.Date,
                "unapplied_minor": pl.Int64}, orient="row",
    )  # fmt: skip
    open_minor = {row["item_id"]: row["open_minor"] for row in claims.iter_rows(named=True)}
    wanted = set()
    for piece in means.sort("received_on", "source_id").iter_rows(named=True):
        mine = claims.filter(
            (pl.col("customer_id") == piece["customer_id"]) & (pl.col("currency") == piece["currency"])
        )
        mine = mine.with_columns(pl.Series("open_minor", [open_minor[i] for i in mine["item_id"]], dtype=pl.Int64))
        for item_id, minor, *_ in preview(
            mine, sum_minor=piece["unapplied_minor"], order="PRINCIPAL_FIRST", as_of=TODAY
        ).rows():
            wanted.add((piece["source_id"], item_id, minor))
            open_minor[item_id] -= minor
    assert set(oldest_first(claims, means).drop("received_on").rows()) == wanted
