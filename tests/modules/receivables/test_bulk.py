"""Very many rows at once do what one after another does."""

from datetime import date

import polars as pl
import pytest

from huikuan.journal.models import Entry
from huikuan.kernel.columns import ColumnOutOfBounds
from huikuan.receivables.commands.account import AmountNotPositive
from huikuan.receivables.commands.allocations import Wish, allocate, reverse_allocation
from huikuan.receivables.commands.bulk import allocate_on_account, book_items, book_receipts
from huikuan.receivables.commands.contracts import open_contract
from huikuan.receivables.commands.credit_notes import book_credit_note
from huikuan.receivables.commands.items import ItemNumberTaken, book_item
from huikuan.receivables.commands.receipts import ReceiptReferenceTaken, book_receipt
from huikuan.receivables.models import Allocation, CustomerHistory, Guarantee, OpenItem, PaymentMonth, Receipt
from huikuan.receivables.queries.verify import verify
from huikuan.receivables.rules.terms import Terms
from tests.people import NOON
from tests.tables import rows

ITEMS = rows("""
    number | issued_on  | due_on     | amount_minor
    FP-1   | 2026-01-01 | 2026-01-31 |         5000
    FP-2   | 2026-01-01 | 2026-02-28 |         2000
    FP-3   | 2026-03-15 | 2026-03-31 |         3000
""")
MONEY = rows("""
    reference | received_on | amount_minor
    YH-1      | 2026-02-10  |         6000
    YH-2      | 2026-03-01  |         2500
""")


def of(customer, frame):
    return frame.with_columns(customer_id=pl.lit(customer.pk, pl.Int64))


@pytest.fixture
def booked(huatai, tianhe, finance):
    book_items(entity_id=huatai.pk, items=of(tianhe, ITEMS), actor=finance, now=NOON)
    return {item.number: item for item in OpenItem.objects.all()}


def test_many_items_are_booked_in_one_act(booked, tianhe, finance):
    assert {number: item.open_minor for number, item in booked.items()} == {"FP-1": 5000, "FP-2": 2000, "FP-3": 3000}
    assert {(item.kind, item.currency, item.terms_id) for item in booked.values()} == {("INVOICE", "CNY", None)}
    assert CustomerHistory.objects.get(customer=tianhe).item_count == 3
    assert Entry.objects.get(event="receivables.items-booked").facts == {"count": 3}


def test_one_bad_row_refuses_all(booked, huatai, binhai, finance):
    more = of(binhai, ITEMS.with_columns(pl.col("number") + "b"))
    common = {"entity_id": huatai.pk, "actor": finance, "now": NOON}
    with pytest.raises(ItemNumberTaken, match="FP-1"):
        book_items(items=pl.concat([more, of(binhai, ITEMS.head(2))]), **common)
    with pytest.raises(ItemNumberTaken, match="FP-3b"):
        book_items(items=pl.concat([more, more.tail(1)]), **common)
    with pytest.raises(AmountNotPositive, match="FP-1b"):
        book_items(items=more.with_columns(amount_minor=pl.lit(0, pl.Int64)), **common)
    with pytest.raises(ColumnOutOfBounds, match="FP-1b"):
        book_items(items=more.with_columns(amount_minor=pl.lit(10**16, pl.Int64)), **common)
    assert OpenItem.objects.count() == 3


def test_named_items_are_paid_as_far_as_they_are_open(booked, huatai, tianhe, binhai, finance):
    money = of(tianhe, MONEY).with_columns(item_id=pl.lit(booked["FP-1"].pk, pl.Int64))
    stranger = of(tianhe, rows("""
        reference | received_on | amount_minor | customer_id:int | item_id:int
        YH-3      | 2026-02-01  |          100 |                 |
    """)).with_columns(customer_id=pl.lit(None, pl.Int64)).select(money.columns)  # fmt: skip
    other = of(binhai, MONEY.head(1)).with_columns(
        reference=pl.lit("YH-4"), item_id=pl.lit(booked["FP-2"].pk, pl.Int64)
    )
    book_receipts(entity_id=huatai.pk, receipts=pl.concat([money, stranger, other]), actor=finance, now=NOON)
    assert dict(Receipt.objects.values_list("reference", "unapplied_minor")) == {
        "YH-1": 1000, "YH-2": 2500, "YH-3": 100, "YH-4": 6000,
    }  # fmt: skip
    paid = Allocation.objects.get()
    assert (paid.item.number, paid.amount_minor, paid.basis) == ("FP-1", 5000, "DESIGNATED")
    assert PaymentMonth.objects.get().settled_count == 1
    with pytest.raises(ReceiptReferenceTaken, match="YH-1"):
        book_receipts(entity_id=huatai.pk, receipts=of(tianhe, MONEY), actor=finance, now=NOON)


def paid_lines(prefix=""):
    found = Allocation.objects.filter(item__number__startswith=prefix, amount_minor__gt=0).select_related(
        "item", "receipt"
    )
    return {
        (a.item.number.removeprefix(prefix), a.receipt.reference.removeprefix(prefix) if a.receipt else "credit",
         a.amount_minor, a.effective_on, a.basis)
        for a in found
    }  # fmt: skip


def test_what_stands_on_account_pays_the_oldest(booked, huatai, tianhe, finance):
    book_receipts(entity_id=huatai.pk, receipts=of(tianhe, MONEY), actor=finance, now=NOON)
    count = allocate_on_account(entity_id=huatai.pk, actor=finance, now=NOON)
    assert paid_lines() == {
        ("FP-1", "YH-1", 5000, date(2026, 2, 10), "STATUTORY"),
        ("FP-2", "YH-1", 1000, date(2026, 2, 10), "STATUTORY"),
        ("FP-2", "YH-2", 1000, date(2026, 3, 1), "STATUTORY"),
        # issued only after the money came
        ("FP-3", "YH-2", 1500, date(2026, 3, 15), "STATUTORY"),
    }
    assert count == 4
    assert allocate_on_account(entity_id=huatai.pk, actor=finance, now=NOON) == 0
    assert verify().is_right


ACCOUNTS = {
    "plain": {},
    "by contract": {"contract": {}},
    "by law": {"contract": {"allocation_order": "STATUTORY"}},
    "secured": {"contract": {}, "loose": True, "guarantee": 4000},
    "secured whole": {"contract": {"allocation_order": "STATUTORY"}, "loose": True, "guarantee": None},
    "heavier": {"contract": {"allocation_order": "STATUTORY"}, "loose": True, "terms": True},
    "same age": {"same_age": True},
    "taken back": {"taken_back": True},
    "with credit": {"credit": True},
}


@pytest.mark.parametrize("account", ACCOUNTS.values(), ids=ACCOUNTS)
def test_at_once_is_the_same_as_one_after_another(account, huatai, tianhe, binhai, finance):
    """Two customers with the same history: one settled at once, the other receipt by receipt."""
    for customer, prefix in ((tianhe, "A-"), (binhai, "B-")):
        _open_account(customer, prefix, finance, **account)
    allocate_on_account(entity_id=huatai.pk, customer_ids=[tianhe.pk], actor=finance, now=NOON)
    for receipt in Receipt.objects.filter(customer=binhai, unapplied_minor__gt=0).order_by("received_on", "pk"):
        if OpenItem.objects.filter(customer=binhai, settled_on=None).exists():
            allocate(receipt_id=receipt.pk, actor=finance, now=NOON)
    if account.get("credit"):
        assert ("FP-1", "credit", 500, date(2026, 1, 15), "STATUTORY") in paid_lines("A-")
    else:
        assert paid_lines("A-") == paid_lines("B-") != set()
    assert verify().is_right


def _open_account(customer, prefix, finance, **account):
    doing = {"actor": finance, "now": NOON}
    contract = None
    if "contract" in account:
        terms = Terms(kind="PER_DAY", rate_ppb=500_000) if account.get("terms") else None
        contract = open_contract(customer_id=customer.pk, number=prefix, terms=terms, **account["contract"], **doing)
    if "guarantee" in account:
        Guarantee.objects.create(contract=contract, guarantor="周大福", limit_minor=account["guarantee"])
    for row in ITEMS.iter_rows(named=True):
        if account.get("same_age"):
            row["due_on"] = date(2026, 1, 31)
        # "loose": the youngest item stands outside the contract
        inside = contract and not (account.get("loose") and row["number"] == "FP-3")
        row["number"] = prefix + row["number"]
        book_item(customer_id=customer.pk, contract_id=contract.pk if inside else None, **row, **doing)
    if account.get("taken_back"):
        book_receipt(customer_id=customer.pk, reference=prefix + "X", received_on=date(2026, 1, 20), amount_minor=5000,
                     wish=Wish(), **doing)  # fmt: skip
        wrong = Allocation.objects.get(receipt__reference=prefix + "X")
        reverse_allocation(allocation_id=wrong.pk, reason="returned", effective_on=date(2026, 2, 20), **doing)
    if account.get("credit"):
        book_credit_note(
            customer_id=customer.pk, number=prefix + "GZ", issued_on=date(2026, 1, 15), amount_minor=500, **doing
        )
    for row in MONEY.iter_rows(named=True):
        row["reference"] = prefix + row["reference"]
        book_receipt(customer_id=customer.pk, **row, **doing)
