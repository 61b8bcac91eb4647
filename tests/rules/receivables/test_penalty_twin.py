"""The closed form and the day-by-day walk agree to the last part, whatever is paid, reversed, capped or republished."""

from datetime import date, timedelta
from fractions import Fraction

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from huikuan.receivables.rules.lines import penalty_lines
from huikuan.receivables.rules.penalty import penalty
from huikuan.receivables.rules.reference import rates_by_day
from huikuan.receivables.rules.terms import Terms, terms_table
from tests.twins import penalty as twin

ORIGIN = date(2025, 1, 1)
AMOUNTS = st.one_of(st.integers(1, 5000), st.integers(1, 10**12), st.just(10**15))
DAYS = st.integers(0, 160).map(lambda offset: ORIGIN + timedelta(days=offset))
CHANGES = st.dictionaries(DAYS, st.integers(0, 120_000), min_size=1, max_size=5).map(lambda held: sorted(held.items()))


@st.composite
def some_terms(draw):
    kind = draw(st.sampled_from(["NONE", "PER_DAY", "PER_YEAR", "REFERENCE", "REFERENCE"]))
    more = {}
    if kind == "REFERENCE":
        anchor = draw(st.sampled_from(["FLOATING", "AT_BREACH", "AT_CONTRACT"]))
        more = {"reference_code": "LPR", "anchor": anchor, "multiple_ppm": draw(st.integers(0, 4_000_000)),
                "anchor_on": draw(DAYS) if anchor == "AT_CONTRACT" else None}  # fmt: skip
    return Terms(
        kind=kind,
        rate_ppb=draw(st.sampled_from([0, 1, 500_000, 85_000_000])),
        basis_days=draw(st.sampled_from([360, 365])) if kind in {"PER_YEAR", "REFERENCE"} else None,
        grace_days=draw(st.sampled_from([0, 0, 1, 3, 30])),
        grace_mode=draw(st.sampled_from(["SHIFTING", "FORGIVING"])),
        cap_share_ppm=draw(st.sampled_from([None, None, 0, 10_000, 333_333])),
        cap_minor=draw(st.sampled_from([None, None, 0, 777])),
        fee_bands=draw(st.sampled_from([(), ((1, 4000),), ((1, 4000), (3000, 7000), (10**9, 10_000))])),
        rounding=draw(st.sampled_from(["ONCE", "ONCE", "PER_DAY"])),
        **more,
    )


@st.composite
def some_item(draw):
    """Return an item with payments that never leave a negative balance, some of them reversed later."""
    amount = draw(AMOUNTS)
    unpaid, payments = amount, []
    for on in sorted(draw(st.lists(DAYS, max_size=4))):
        paid = draw(st.integers(0, unpaid))
        if not paid:
            continue
        payments.append((on, paid))
        undone = draw(st.sampled_from([None, None, 0, 5, 40]))
        if undone is None:
            unpaid -= paid
        else:
            payments.append((on + timedelta(days=undone), -paid))
    # A payment between another and its reversal may overdraw for a while: the arithmetic must hold even then.
    return {"due_on": draw(DAYS), "amount_minor": amount, "payments": payments, "terms": draw(some_terms())}


@given(items=st.lists(some_item(), min_size=1, max_size=6), changes=CHANGES, as_of=DAYS)
def test_the_closed_form_is_the_walk_through_the_days(items, changes, as_of):
    frame = pl.DataFrame(
        [
            {
                "item_id": number,
                "due_on": item["due_on"],
                "amount_minor": item["amount_minor"],
                "open_minor": item["amount_minor"] - sum(paid for on, paid in item["payments"] if on <= as_of),
                "terms_id": number,
            }
            for number, item in enumerate(items)
        ]
    )
    paid = pl.DataFrame(
        [(number, minor, on) for number, item in enumerate(items) for on, minor in item["payments"]],
        schema={"item_id": pl.Int64, "amount_minor": pl.Int64, "effective_on": pl.Date},
        orient="row",
    )
    published = pl.DataFrame(
        [("LPR", on, ppm) for on, ppm in changes],
        schema={"reference_code": pl.String, "starts_on": pl.Date, "rate_ppm": pl.Int64},
        orient="row",
    )
    inputs = {
        "allocations": paid,
        "terms": terms_table({number: item["terms"] for number, item in enumerate(items)}),
        "reference": rates_by_day(published, through=as_of),
        "as_of": as_of,
    }
    known = [(on, ppm) for on, ppm in changes if on <= as_of]
    answer = penalty(frame, **inputs)
    lines = penalty_lines(frame, **inputs)
    assert answer.drop("days_overdue", "penalty_minor", "fee_minor", "penalty_num", "penalty_den",
                       "is_reference_missing").equals(frame)  # fmt: skip
    for row, item in zip(answer.iter_rows(named=True), items, strict=True):
        wanted = twin.penalty(**item, changes=known, as_of=as_of)
        assert (row["penalty_minor"], row["fee_minor"]) == (wanted.penalty_minor, wanted.fee_minor)
        if item["terms"].rounding == "ONCE":
            assert Fraction(row["penalty_num"], row["penalty_den"]) == wanted.exact
        printed = lines.filter(pl.col("item_id") == row["item_id"])
        assert printed["amount_minor"].sum() == wanted.penalty_minor
