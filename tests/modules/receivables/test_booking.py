"""Booking items and money, allocating, taking back: what happened, and what did not."""

from datetime import date, timedelta

import pytest

from huikuan.journal.models import Entry
from huikuan.receivables.commands.account import AmountNotPositive, NumberMissing
from huikuan.receivables.commands.allocations import (
    AllocationExceedsItem,
    AllocationExceedsMoney,
    AllocationTooEarly,
    AlreadyReversed,
    ItemNotPayable,
    NothingToAllocate,
    NotReversible,
    PayerUnknown,
    ReversalTooEarly,
    Wish,
    allocate,
    reverse_allocation,
)
from huikuan.receivables.commands.contracts import open_contract
from huikuan.receivables.commands.items import ContractOfOtherCustomer, ItemKindUnknown, ItemNumberTaken, book_item
from huikuan.receivables.commands.receipts import (
    AlreadyRecognized,
    DesignatedItemUnknown,
    ReceiptReferenceTaken,
    assign_receipt,
    book_receipt,
    book_unidentified_receipt,
)
from huikuan.receivables.commands.terms import set_default_terms
from huikuan.receivables.models import Allocation, CustomerHistory, OpenItem, PaymentMonth, Receipt
from huikuan.receivables.rules.terms import Terms
from tests.people import NOON

DAILY = Terms(kind="PER_DAY", rate_ppb=500_000)


@pytest.fixture
def invoice(tianhe, finance):
    """100,000.00 due 2026-01-10, 0.05 % a day."""
    contract = open_contract(customer_id=tianhe.pk, number="HT-1", terms=DAILY, actor=finance, now=NOON)
    return book_item(customer_id=tianhe.pk, number="FP-1", amount_minor=10_000_000, issued_on=date(2025, 12, 11),
                     due_on=date(2026, 1, 10), contract_id=contract.pk, actor=finance, now=NOON)  # fmt: skip


@pytest.fixture
def pay(tianhe, finance):
    """Book money of Tianhe; by default it stays on account."""

    def paying(reference, minor, on, **more):
        return book_receipt(customer_id=tianhe.pk, reference=reference, amount_minor=minor, actor=finance, now=NOON,
                            received_on=date.fromisoformat(on), **more)  # fmt: skip

    return paying


def test_an_item_takes_terms_and_currency_from_the_contract(invoice):
    assert (invoice.terms.kind, invoice.currency, invoice.open_minor) == ("PER_DAY", "CNY", 10_000_000)
    assert CustomerHistory.objects.get().item_count == 1


def test_a_silent_contract_leaves_the_terms_of_the_entity(tianhe, huatai, finance):
    default = set_default_terms(entity=huatai, terms=Terms(kind="PER_DAY", rate_ppb=300_000), actor=finance, now=NOON)
    contract = open_contract(customer_id=tianhe.pk, actor=finance, now=NOON, term_days=30, due_basis="END_OF_MONTH")
    item = book_item(customer_id=tianhe.pk, number="FP-9", amount_minor=1, issued_on=date(2026, 1, 10),
                     contract_id=contract.pk, actor=finance, now=NOON)  # fmt: skip
    assert contract.number == "CON-MAIN-2026-000001"
    assert (item.terms, item.due_on) == (default, date(2026, 2, 28))


def test_one_act_is_one_journal_entry(invoice, finance, tianhe):
    entry = Entry.objects.get(event="receivables.item-booked")
    assert (entry.actor, entry.customer_id, entry.subject_id) == (finance, tianhe.pk, invoice.pk)
    assert entry.facts["amount_minor"] == 10_000_000


REFUSED_ITEMS = [
    ({"number": " "}, NumberMissing),
    ({"amount_minor": 0}, AmountNotPositive),
    ({"number": "FP-1"}, ItemNumberTaken),
    ({"kind": "LOAN"}, ItemKindUnknown),
]


@pytest.mark.parametrize(("fields", "refusal"), REFUSED_ITEMS)
def test_a_bad_item_is_refused_and_changes_nothing(invoice, tianhe, finance, fields, refusal):
    entries = Entry.objects.count()
    with pytest.raises(refusal):
        book_item(**({"customer_id": tianhe.pk, "number": "FP-2", "amount_minor": 1, "issued_on": date(2026, 1, 1),
                      "actor": finance, "now": NOON} | fields))  # fmt: skip
    assert (OpenItem.objects.count(), Entry.objects.count()) == (1, entries)


def test_a_contract_of_somebody_else_is_refused(invoice, binhai, finance):
    with pytest.raises(ContractOfOtherCustomer, match="滨海"):
        book_item(customer_id=binhai.pk, number="FP-2", amount_minor=1, issued_on=date(2026, 1, 1),
                  contract_id=invoice.contract_id, actor=finance, now=NOON)  # fmt: skip


def test_money_stays_on_account_until_it_is_allocated(invoice, pay, finance):
    receipt = pay("YH-1", 4_000_000, "2026-01-20")
    assert receipt.unapplied_minor == 4_000_000
    made = allocate(receipt_id=receipt.pk, actor=finance, now=NOON)
    invoice.refresh_from_db()
    receipt.refresh_from_db()
    assert [(a.amount_minor, a.effective_on, a.basis) for a in made] == [(4_000_000, date(2026, 1, 20), "CONTRACT")]
    assert (invoice.open_minor, invoice.settled_on, receipt.unapplied_minor) == (6_000_000, None, 0)


def test_the_last_cent_settles_and_writes_the_record(invoice, pay):
    pay("YH-1", 4_000_000, "2026-01-20", wish=Wish())
    pay("YH-2", 6_500_000, "2026-02-09", wish=Wish())
    invoice.refresh_from_db()
    assert (invoice.open_minor, invoice.settled_on) == (0, date(2026, 2, 9))
    # 100 000 × 10 d + 60 000 × 20 d at 0.05 %: the 30 days of the second payment are those of its 60 000.
    assert invoice.settled_penalty_minor == 50_000 + 60_000
    assert Receipt.objects.get(reference="YH-2").unapplied_minor == 500_000
    month = PaymentMonth.objects.get()
    assert (month.month_on, month.settled_count, month.late_count, month.any_late_count) == (date(2026, 2, 1), 1, 1, 1)
    assert (month.days_late_sum, month.days_late_worst, month.amount_minor_sum) == (30, 30, 10_000_000)
    assert month.amount_days_sum == 300_000_000
    life = CustomerHistory.objects.get()
    assert (life.first_item_on, life.item_count, life.settled_count, life.late_count) == (date(2025, 12, 11), 1, 1, 1)


def test_the_item_that_the_payer_named_is_paid_and_the_rest_stays(invoice, pay, tianhe, finance):
    named = book_item(
        customer_id=tianhe.pk, number="FP-2", amount_minor=500, issued_on=date(2026, 1, 1), actor=finance, now=NOON
    )
    receipt = pay("YH-1", 800, "2026-01-20", item_number="FP-2")
    named.refresh_from_db()
    invoice.refresh_from_db()
    assert (named.open_minor, invoice.open_minor, receipt.unapplied_minor) == (0, 10_000_000, 300)
    assert Allocation.objects.get().basis == "DESIGNATED"


def test_by_hand_exactly_so(invoice, pay, finance):
    receipt = pay("YH-1", 800, "2026-01-20")
    allocate(receipt_id=receipt.pk, actor=finance, now=NOON, wish=Wish(amounts={invoice.pk: 300}, reason="agreed"))
    assert (Allocation.objects.get().basis, Receipt.objects.get().unapplied_minor) == ("MANUAL", 500)


def test_money_that_came_before_the_invoice_counts_from_its_issue(pay, tianhe, finance):
    receipt = pay("YH-1", 500, "2026-01-05")
    book_item(
        customer_id=tianhe.pk, number="FP-2", amount_minor=500, issued_on=date(2026, 1, 9), actor=finance, now=NOON
    )
    made = allocate(receipt_id=receipt.pk, actor=finance, now=NOON)
    assert made[0].effective_on == date(2026, 1, 9)


REFUSED_WISHES = [
    ({"amounts": {"invoice": 801}}, AllocationExceedsMoney),
    ({"amounts": {"invoice": 0}}, AllocationExceedsItem),
    ({"amounts": {"small": 501}}, AllocationExceedsItem),
    ({"amounts": {"foreign": 1}}, ItemNotPayable),
    ({"amounts": {"dollars": 1}}, ItemNotPayable),
    ({"amounts": {"invoice": 1}, "effective_on": date(2026, 1, 19)}, AllocationTooEarly),
]


@pytest.mark.parametrize("case", REFUSED_WISHES, ids=str)
def test_an_impossible_allocation_is_refused_and_changes_nothing(invoice, pay, binhai, finance, case):
    wish, refusal = case
    tianhe = invoice.customer
    common = {"issued_on": date(2026, 1, 1), "actor": finance, "now": NOON, "amount_minor": 500}
    items = {
        "invoice": invoice,
        "small": book_item(customer_id=tianhe.pk, number="FP-2", **common),
        "foreign": book_item(customer_id=binhai.pk, number="FP-3", **common),
        "dollars": book_item(customer_id=tianhe.pk, number="FP-4", currency="USD", **common),
    }
    receipt = pay("YH-1", 800, "2026-01-20")
    amounts = {items[name].pk: minor for name, minor in wish["amounts"].items()}
    with pytest.raises(refusal):
        allocate(receipt_id=receipt.pk, actor=finance, now=NOON, wish=Wish(**(wish | {"amounts": amounts})))
    assert not Allocation.objects.exists()
    assert not Entry.objects.filter(event="receivables.receipt-allocated").exists()


def test_no_money_left_is_refused(invoice, pay, finance):
    receipt = pay("YH-1", 800, "2026-01-20", wish=Wish())
    with pytest.raises(NothingToAllocate, match="YH-1"):
        allocate(receipt_id=receipt.pk, actor=finance, now=NOON)


def test_booking_a_receipt_twice_is_refused(pay):
    pay("YH-1", 800, "2026-01-20")
    with pytest.raises(ReceiptReferenceTaken, match="YH-1"):
        pay("YH-1", 800, "2026-01-20")


def test_naming_an_item_that_is_not_there_is_refused(pay):
    with pytest.raises(DesignatedItemUnknown, match="FP-77"):
        pay("YH-1", 800, "2026-01-20", item_number="FP-77")
    assert not Receipt.objects.exists()


def test_money_of_nobody_pays_nothing_until_recognized(huatai, invoice, tianhe, yunfeng, finance):
    unknown = book_unidentified_receipt(entity_id=huatai.pk, reference="YH-5", received_on=date(2026, 1, 9),
                                        amount_minor=700, payer_name="李四", actor=finance, now=NOON)  # fmt: skip
    with pytest.raises(PayerUnknown, match="YH-5"):
        allocate(receipt_id=unknown.pk, actor=finance, now=NOON)
    with pytest.raises(DesignatedItemUnknown):
        assign_receipt(receipt_id=unknown.pk, customer_id=yunfeng.pk, actor=finance, now=NOON)
    assign_receipt(receipt_id=unknown.pk, customer_id=tianhe.pk, actor=finance, now=NOON, wish=Wish())
    invoice.refresh_from_db()
    assert invoice.open_minor == 10_000_000 - 700
    with pytest.raises(AlreadyRecognized, match="天河"):
        assign_receipt(receipt_id=unknown.pk, customer_id=tianhe.pk, actor=finance, now=NOON)


def test_a_reversal_opens_the_item_again_from_its_day_on(invoice, pay, finance):
    pay("YH-1", 10_000_000, "2026-01-20", wish=Wish())
    paid = Allocation.objects.get()
    reversal = reverse_allocation(allocation_id=paid.pk, actor=finance, now=NOON, reason="returned by the bank")
    invoice.refresh_from_db()
    assert (invoice.open_minor, invoice.settled_on, invoice.settled_penalty_minor) == (10_000_000, None, 0)
    assert (reversal.amount_minor, reversal.effective_on, reversal.reverses) == (-10_000_000, date(2026, 7, 10), paid)
    assert not PaymentMonth.objects.exists()
    assert CustomerHistory.objects.get().settled_count == 0
    assert Receipt.objects.get().unapplied_minor == 10_000_000


def test_a_mistake_is_undone_as_if_it_had_never_been(invoice, pay, finance):
    pay("YH-1", 10_000_000, "2026-01-20", wish=Wish())
    paid = Allocation.objects.get()
    reversal = reverse_allocation(
        allocation_id=paid.pk, actor=finance, now=NOON, reason="typing error", as_if_never=True
    )
    assert reversal.effective_on == paid.effective_on
    again = allocate(receipt_id=paid.receipt_id, actor=finance, now=NOON)
    assert again[0].effective_on == date(2026, 1, 20)


def test_what_never_was_does_not_delay_the_day_of_settlement(invoice, pay, finance):
    earlier = pay("YH-1", 10_000_000, "2026-01-05")
    pay("YH-2", 10_000_000, "2026-01-20", item_number="FP-1")
    wrong = Allocation.objects.get()
    reverse_allocation(allocation_id=wrong.pk, actor=finance, now=NOON, reason="typing error", as_if_never=True)
    allocate(receipt_id=earlier.pk, actor=finance, now=NOON)
    invoice.refresh_from_db()
    assert (invoice.settled_on, invoice.settled_penalty_minor) == (date(2026, 1, 5), 0)


def test_after_a_reversal_money_and_item_are_free_only_from_its_day_on(invoice, pay, tianhe, finance):
    pay("YH-1", 10_000_000, "2026-01-20", wish=Wish())
    paid = Allocation.objects.get()
    reverse_allocation(allocation_id=paid.pk, actor=finance, now=NOON, reason="returned", effective_on=date(2026, 3, 1))
    early = pay("YH-2", 10_000_000, "2026-02-01")
    with pytest.raises(AllocationTooEarly, match="2026-03-01"):
        allocate(receipt_id=early.pk, actor=finance, now=NOON,
                 wish=Wish(amounts={invoice.pk: 10_000_000}, effective_on=date(2026, 2, 1)))  # fmt: skip
    made = allocate(receipt_id=early.pk, actor=finance, now=NOON)
    assert made[0].effective_on == date(2026, 3, 1)
    other = book_item(
        customer_id=tianhe.pk, number="FP-2", amount_minor=500, issued_on=date(2026, 1, 1), actor=finance, now=NOON
    )
    later = allocate(receipt_id=paid.receipt_id, actor=finance, now=NOON)
    assert (later[0].item, later[0].effective_on) == (other, date(2026, 3, 1))


def test_what_cannot_be_undone(invoice, pay, finance):
    pay("YH-1", 800, "2026-01-20", wish=Wish())
    paid = Allocation.objects.get()
    with pytest.raises(ReversalTooEarly, match="2026-01-20"):
        reverse_allocation(allocation_id=paid.pk, actor=finance, now=NOON, reason="x", effective_on=date(2026, 1, 19))
    reversal = reverse_allocation(allocation_id=paid.pk, actor=finance, now=NOON + timedelta(hours=1), reason="x")
    with pytest.raises(AlreadyReversed):
        reverse_allocation(allocation_id=paid.pk, actor=finance, now=NOON, reason="x")
    with pytest.raises(NotReversible):
        reverse_allocation(allocation_id=reversal.pk, actor=finance, now=NOON, reason="x")
    assert Allocation.objects.count() == 2
