"""The portfolio of the demo: the same every time, plausible row by row, and right to the cent in the ledger."""

import hashlib
from datetime import UTC, date, datetime

import phonenumbers
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from stdnum.cn import uscc

from huikuan.demo import bargains, clients, words
from huikuan.demo.chance import below, weighted
from huikuan.demo.loading import HomeNotEmpty, load
from huikuan.demo.portfolio import Ground, parts
from huikuan.parties.models import Customer, Membership
from huikuan.policy.models import PolicyVersion
from huikuan.receivables.models import CreditNote, OpenItem, Receipt
from huikuan.receivables.queries.verify import verify
from huikuan.receivables.rules.reference import REFERENCE_SCHEMA
from huikuan.receivables.rules.terms import terms_table

AS_OF = date(2026, 3, 31)
NOW = datetime(2026, 3, 31, 1, 0, tzinfo=UTC)


def ground() -> Ground:
    ids = {name: number for number, name in enumerate(bargains.TERMS, start=1)}
    days = pl.date_range(date(2024, 1, 1), AS_OF, eager=True)
    lpr = pl.DataFrame(
        {"reference_code": "CN_LPR_1Y", "day": days, "cum": pl.int_range(1, days.len() + 1, eager=True) * 30_000}
    ).with_columns(rate_ppm=pl.lit(30_000, pl.Int64))
    return Ground(
        creditors=tuple(clients.Creditor(1 + place, said, (7, 8, 9)) for place, said in enumerate(words.ENTITIES)),
        terms_ids=bargains.TermsIds(ids),
        terms=terms_table({ids[name]: content for name, content in bargains.TERMS.items()}),
        reference=lpr.select(REFERENCE_SCHEMA.names()),
        as_of=AS_OF,
    )


def only_part(items: int):
    (part,) = parts(ground(), items=items)
    return part


def test_the_same_rows_every_time():
    first, second = only_part(800), only_part(800)
    for name in ("customers", "persons", "contracts", "items", "receipts", "credit_notes", "allocations"):
        assert_frame_equal(getattr(first, name), getattr(second, name))


def plainly(key: int, name: str, limit: int) -> int:
    """SplitMix64 in Python's own numbers: what the columns must give with any version of any library."""
    mask = 2**64 - 1
    value = (key * 0x9E3779B97F4A7C15 + int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])) & mask
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & mask
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & mask
    return ((value ^ (value >> 31)) >> 12) % limit


def test_chance_is_the_same_with_every_version_of_every_library():
    label = "colour"  # codespell:ignore colour
    keys = [0, 1, 2, 77, 10**12, 2**62]
    drawn = pl.DataFrame({"key": keys}).select(below(pl.col("key"), label, 1000)).to_series().to_list()
    assert drawn == [plainly(key, label, 1000) for key in keys] == [487, 666, 4, drawn[3], 726, drawn[5]]
    names = pl.DataFrame({"key": range(1000)}).select(drawn=weighted(pl.col("key"), "name", {"a": 90, "b": 10}))
    assert 850 < (names["drawn"] == "a").sum() < 950


def test_a_small_portfolio_begins_like_a_large_one():
    small, large = only_part(400), only_part(1200)
    count = small.customers.height
    assert_frame_equal(small.customers, large.customers.head(count))


def test_parts_continue_the_ids_of_one_another(monkeypatch):
    monkeypatch.setattr("huikuan.demo.portfolio.PART_CUSTOMERS", 10)
    pieces = list(parts(ground(), items=600))
    assert len(pieces) > 2
    for name in ("customers", "persons", "items", "receipts", "credit_notes", "allocations"):
        ids = pl.concat([getattr(piece, name)["id"] for piece in pieces])
        assert sorted(ids) == list(range(1, ids.len() + 1)), name


def test_invented_numbers_are_well_formed_and_nobodys():
    customers = only_part(4000).customers
    at_home = customers.filter(pl.col("country") == "CN")
    for number in at_home["registration_no"]:
        assert uscc.is_valid(number), number
        assert number[2:4] == "99", "no province has this code"
    for phone in customers.filter(pl.col("phone") != "")["phone"]:
        assert phonenumbers.is_valid_number(phonenumbers.parse(phone)), phone
    assert customers["email"].str.ends_with("@example.com").all()
    assert {"CNY", "USD", "EUR", "HKD"} >= set(customers["currency"]) > {"CNY"}


def test_payers_of_every_kind_and_every_sort_of_booking():
    part = only_part(4000)
    assert set(part.customers["payer"]) == set(clients.PAYERS)
    assert part.allocations.filter(pl.col("amount_minor") < 0).height > 0, "reversals"
    assert part.credit_notes.height > 0
    assert part.receipts.filter(pl.col("customer_id").is_null()).height >= 3, "bank money nobody recognized"
    assert part.receipts.filter(pl.col("customer_id").is_not_null() & (pl.col("unapplied_minor") > 0)).height > 0
    assert part.items.filter(pl.col("settled_penalty_minor") > 0).height > 100
    late = part.items.filter((pl.col("open_minor") > 0) & (pl.col("due_on") < AS_OF))
    assert 0.02 < late.height / part.items.height < 0.15
    assert (part.items["issued_on"] <= AS_OF).all()
    assert (part.receipts["received_on"] < AS_OF).all()


@pytest.mark.django_db
def test_everything_adds_up_in_the_ledger():
    loaded = load(items=900, as_of=AS_OF, now=NOW)
    report = verify()
    assert report.is_right, report.examples
    assert report.item_count == loaded.counts["items"] == OpenItem.objects.count()
    assert set(loaded.payers) == set(Customer.objects.values_list("pk", flat=True))
    assert Membership.objects.values("role").distinct().count() == 5
    assert PolicyVersion.objects.count() == 3
    newest = OpenItem.objects.order_by("-pk").first()
    assert newest is not None
    added = OpenItem.objects.create(
        entity_id=newest.entity_id, customer_id=newest.customer_id, number="NEXT", issued_on=AS_OF, due_on=AS_OF,
        currency=newest.currency, amount_minor=1, open_minor=1, booked_at=NOW,
    )  # fmt: skip
    assert added.pk > newest.pk, "the next id follows the loaded ones"


@pytest.mark.django_db
def test_the_demo_never_mixes_with_real_work(tianhe):
    with pytest.raises(HomeNotEmpty):
        load(items=100, as_of=AS_OF, now=NOW)
    assert not Receipt.objects.exists()
    assert not CreditNote.objects.exists()
