"""Delay signals from facts, each with the facts it rests on; the frames and a reader of files agree."""

from datetime import date, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from huikuan.arrangements.rules.signal import signals
from huikuan.policy.rules.arranging import SignalRules
from tests.twins import signal as twin

DAY = date(2026, 7, 10)
SCHEMAS = {
    "promises": {"id": pl.Int64, "customer_id": pl.Int64, "on": pl.Date},
    "contacts": {"id": pl.Int64, "customer_id": pl.Int64, "on": pl.Date, "channel": pl.String, "direction": pl.String,
                 "is_connected": pl.Boolean, "reason": pl.String, "named_step": pl.String},
    "receipts": {"id": pl.Int64, "customer_id": pl.Int64, "currency": pl.String, "on": pl.Date,
                 "amount_minor": pl.Int64, "payer_name": pl.String, "in_spell": pl.Boolean},
    "records": {"id": pl.Int64, "customer_id": pl.Int64, "on": pl.Date, "number": pl.String},
}  # fmt: skip
RULES = SignalRules(
    counts={"PROMISES_BROKEN": 2, "VAGUE_PROCESS": 2, "SHRINKING_PAYMENTS": 3, "UNREACHABLE": 3, "PAYER_CHANGED": 1,
            "ENFORCEMENT": 1}, unreachable_days=7, priority_percent=130, asks_review=True,
)  # fmt: skip


def found(rules=RULES, **facts):
    frames = {name: pl.DataFrame(facts.get(name, []), schema=schema) for name, schema in SCHEMAS.items()}
    answer = signals(**frames, rules=rules, as_of=DAY)
    return {(row["customer_id"], row["kind"]): row for row in answer.iter_rows(named=True)}


def test_three_payments_in_a_row_each_smaller():
    paid = [(1, 1, "CNY", date(2026, 6, day), minor, "", True) for day, minor in [(1, 500), (9, 300), (20, 100)]]
    paid = [(number, *row[1:]) for number, row in enumerate(paid, start=1)]
    answer = found(receipts=[dict(zip(SCHEMAS["receipts"], row, strict=True)) for row in paid])
    row = answer[1, "SHRINKING_PAYMENTS"]
    assert (row["ids"], row["detail"]) == ([1, 2, 3], "CNY 500 > CNY 300 > CNY 100")


def test_a_kind_that_the_policy_leaves_out_is_not_looked_for():
    broken = [{"id": number, "customer_id": 1, "on": DAY} for number in (1, 2)]
    assert (1, "PROMISES_BROKEN") in found(promises=broken)
    quiet = SignalRules(counts={}, unreachable_days=0, priority_percent=100, asks_review=False)
    assert found(quiet, promises=broken) == {}


IDS = st.integers(1, 3)
DAYS = st.integers(-30, 3).map(lambda days: DAY + timedelta(days=days))


def facts_of(**columns):
    rows = st.lists(st.fixed_dictionaries({"customer_id": IDS, "on": DAYS, **columns}), max_size=9)
    return rows.map(lambda found: [{"id": number, **row} for number, row in enumerate(found, start=1)])


@settings(max_examples=40, deadline=None)
@given(
    promises=facts_of(),
    contacts=facts_of(
        channel=st.sampled_from(["PHONE", "VISIT", "EMAIL"]), direction=st.sampled_from(["OUT", "OUT", "IN"]),
        is_connected=st.sampled_from([False, False, False, True]), reason=st.sampled_from(["", "IN_PROCESS"]),
        named_step=st.sampled_from(["", "OA-1"]),
    ),
    receipts=facts_of(
        currency=st.sampled_from(["CNY", "CNY", "USD"]), amount_minor=st.integers(1, 9),
        payer_name=st.sampled_from(["", "甲", "甲", "乙"]), in_spell=st.sampled_from([True, True, False]),
    ),
    records=facts_of(number=st.sampled_from(["A1", "B2"])),
)  # fmt: skip
def test_the_frames_and_the_reader_find_the_same(promises, contacts, receipts, records):
    given_facts = {"promises": promises, "contacts": contacts, "receipts": receipts, "records": records}
    answer = {key: row["ids"] for key, row in found(**given_facts).items()}
    assert answer == twin.signals(**given_facts, rules=RULES, as_of=DAY)
