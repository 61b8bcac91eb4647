"""Contracts and what their cycle bills; credit notes and taking them back; reference rates."""

from datetime import date

import pytest

from huikuan.journal.models import Entry
from huikuan.kernel.money import CurrencyUnknown
from huikuan.receivables.commands.account import AmountNotPositive
from huikuan.receivables.commands.allocations import NothingToAllocate, ReversalTooEarly, Wish
from huikuan.receivables.commands.contracts import (
    ContractEndsBeforeItStarts,
    ContractFieldUnknown,
    ContractNumberTaken,
    FixedDayMissing,
    NothingToBill,
    bill_schedule,
    open_contract,
    set_terms,
)
from huikuan.receivables.commands.credit_notes import (
    CreditNoteNumberTaken,
    CreditNoteUnused,
    apply_credit_note,
    book_credit_note,
    cancel_credit_note,
)
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.commands.terms import (
    Publication,
    ReferenceRateOutOfRange,
    keep_terms,
    publish_reference_rates,
    set_default_terms,
)
from huikuan.receivables.models import Allocation, Contract, DefaultTerms, OpenItem, PenaltyTerms, ReferenceRate
from huikuan.receivables.queries.terms import content_of, reference_frame
from huikuan.receivables.rules.profiles import PROFILES
from huikuan.receivables.rules.terms import Terms
from tests.people import NOON

DAILY = Terms(kind="PER_DAY", rate_ppb=500_000)


@pytest.fixture
def doing(finance):
    return {"actor": finance, "now": NOON}


@pytest.fixture
def lease(tianhe, doing):
    return open_contract(customer_id=tianhe.pk, number="ZL-1", kind="LEASE", effective_on=date(2026, 1, 1),
                         ends_on=date(2026, 4, 15), cycle_months=1, cycle_amount_minor=300_000, due_basis="FIXED_DAY",
                         fixed_day=5, terms=DAILY, **doing)  # fmt: skip


def test_a_cycle_is_billed_once(lease, doing):
    first = bill_schedule(contract_id=lease.pk, through=date(2026, 2, 10), **doing)
    assert [(item.number, item.kind, item.issued_on, item.due_on, item.amount_minor) for item in first] == [
        ("ZL-1-20260101", "RENT", date(2026, 1, 1), date(2026, 1, 5), 300_000),
        ("ZL-1-20260201", "RENT", date(2026, 2, 1), date(2026, 2, 5), 300_000),
    ]
    rest = bill_schedule(contract_id=lease.pk, through=date(2027, 1, 1), **doing)
    assert [(item.number, item.amount_minor) for item in rest] == [
        ("ZL-1-20260301", 300_000),
        ("ZL-1-20260401", 150_000),
    ]
    assert bill_schedule(contract_id=lease.pk, through=date(2027, 1, 1), **doing) == []
    assert Entry.objects.filter(event="receivables.schedule-billed").count() == 2
    assert {item.terms for item in OpenItem.objects.all()} == {lease.terms}


def test_without_a_cycle_nothing_is_billed(tianhe, doing):
    contract = open_contract(customer_id=tianhe.pk, number="HT-1", **doing)
    with pytest.raises(NothingToBill, match="HT-1"):
        bill_schedule(contract_id=contract.pk, through=date(2027, 1, 1), **doing)


UNCLEAR = [
    ({"number": "ZL-1"}, ContractNumberTaken),
    ({"kind": "GIFT"}, ContractFieldUnknown),
    ({"allocation_order": "RANDOM"}, ContractFieldUnknown),
    ({"due_basis": "FIXED_DAY"}, FixedDayMissing),
    ({"fixed_day": 32}, FixedDayMissing),
    ({"effective_on": date(2026, 2, 1), "ends_on": date(2026, 1, 1)}, ContractEndsBeforeItStarts),
    ({"currency": "YUAN"}, CurrencyUnknown),
]


@pytest.mark.parametrize(("fields", "refusal"), UNCLEAR)
def test_an_unclear_contract_is_refused(lease, tianhe, doing, fields, refusal):
    with pytest.raises(refusal):
        open_contract(**({"customer_id": tianhe.pk, "number": "HT-2"} | fields), **doing)
    assert Contract.objects.count() == 1


def test_new_terms_hold_for_new_items_and_for_open_ones_when_asked(lease, doing):
    bill_schedule(contract_id=lease.pk, through=date(2026, 1, 10), **doing)
    milder = Terms(kind="PER_DAY", rate_ppb=100_000)
    set_terms(contract_id=lease.pk, terms=milder, **doing)
    assert content_of(OpenItem.objects.get().terms) == DAILY
    set_terms(contract_id=lease.pk, terms=milder, with_open_items=True, **doing)
    assert content_of(OpenItem.objects.get().terms) == milder
    set_terms(contract_id=lease.pk, terms=None, **doing)
    lease.refresh_from_db()
    assert lease.terms is None


def test_equal_terms_are_stored_once_and_come_back_as_they_were(db):
    for profile in PROFILES.values():
        assert content_of(keep_terms(profile.terms)) == profile.terms
        keep_terms(profile.terms)
    contract_rate = Terms(kind="REFERENCE", reference_code="CN_LPR_1Y", multiple_ppm=4_000_000, basis_days=360,
                          anchor="AT_CONTRACT", anchor_on=date(2026, 1, 1), grace_days=3, grace_mode="FORGIVING",
                          cap_share_ppm=200_000, cap_minor=5, rounding="PER_DAY")  # fmt: skip
    stored = keep_terms(contract_rate)
    stored.refresh_from_db()
    assert content_of(stored) == contract_rate
    assert PenaltyTerms.objects.count() == len(PROFILES) + 1


def test_an_entity_has_one_set_of_default_terms(huatai, doing):
    set_default_terms(entity=huatai, terms=DAILY, **doing)
    set_default_terms(entity=huatai, terms=PROFILES["CN_SALE"].terms, **doing)
    assert content_of(DefaultTerms.objects.get().terms) == PROFILES["CN_SALE"].terms


def test_reference_rates_are_published_and_corrected(db, doing):
    points = [Publication(date(2025, 5, 20), 30_000), Publication(date(2024, 10, 21), 31_000)]
    assert publish_reference_rates(code="CN_LPR_1Y", publications=points, **doing) == 2
    assert publish_reference_rates(code="CN_LPR_1Y", publications=points, **doing) == 0
    assert (
        publish_reference_rates(code="CN_LPR_1Y", publications=[Publication(date(2025, 5, 20), 30_500)], **doing) == 1
    )
    assert Entry.objects.filter(event="receivables.reference-rates-published").count() == 2
    assert reference_frame(date(2025, 5, 20)).tail(2)["rate_ppm"].to_list() == [31_000, 30_500]
    assert reference_frame(date(2025, 5, 19))["rate_ppm"].unique().to_list() == [31_000]
    assert reference_frame(date(2024, 1, 1)).is_empty()
    with pytest.raises(ReferenceRateOutOfRange):
        publish_reference_rates(code="X", publications=[Publication(date(2025, 5, 20), 3_000_000)], **doing)
    assert ReferenceRate.objects.count() == 2


@pytest.fixture
def invoice(tianhe, doing):
    return book_item(customer_id=tianhe.pk, number="FP-1", amount_minor=10_000, issued_on=date(2026, 3, 1), **doing)


def credit(customer, doing, **fields):
    given = {"number": "GZ-1", "amount_minor": 4000, "issued_on": date(2026, 3, 5)}
    return book_credit_note(customer_id=customer.pk, **(given | fields), **doing)


def test_credit_stands_apart_until_applied(invoice, tianhe, doing):
    """Case ERP-16 in its way: what is not set against an item stands on account and the item keeps its balance."""
    note = credit(tianhe, doing)
    invoice.refresh_from_db()
    assert (note.unapplied_minor, invoice.open_minor) == (4000, 10_000)
    made = apply_credit_note(credit_note_id=note.pk, **doing)
    invoice.refresh_from_db()
    assert (made[0].effective_on, invoice.open_minor) == (date(2026, 3, 5), 6000)
    with pytest.raises(NothingToAllocate, match="GZ-1"):
        apply_credit_note(credit_note_id=note.pk, **doing)


def test_credit_for_all_of_an_invoice_leaves_nothing(invoice, tianhe, doing):
    """Case ERP-15."""
    credit(tianhe, doing, amount_minor=10_000, wish=Wish(amounts={invoice.pk: 10_000}))
    invoice.refresh_from_db()
    assert (invoice.open_minor, invoice.settled_on) == (0, date(2026, 3, 5))


def test_credit_with_nothing_to_reduce_stays(tianhe, doing):
    assert credit(tianhe, doing, wish=Wish()).unapplied_minor == 4000


def test_a_cancelled_credit_note_opens_its_items_again(invoice, tianhe, doing):
    note = credit(tianhe, doing, wish=Wish())
    with pytest.raises(ReversalTooEarly, match="2026-03-05"):
        cancel_credit_note(credit_note_id=note.pk, reason="x", effective_on=date(2026, 3, 4), **doing)
    undone = cancel_credit_note(credit_note_id=note.pk, reason="issued in error", **doing)
    invoice.refresh_from_db()
    note.refresh_from_db()
    assert (invoice.open_minor, note.unapplied_minor) == (10_000, 4000)
    assert [(each.amount_minor, each.effective_on) for each in undone] == [(-4000, date(2026, 7, 10))]
    with pytest.raises(CreditNoteUnused):
        cancel_credit_note(credit_note_id=note.pk, reason="again", **doing)
    assert Allocation.objects.count() == 2


def test_a_bad_credit_note_is_refused(invoice, tianhe, doing):
    credit(tianhe, doing)
    with pytest.raises(CreditNoteNumberTaken):
        credit(tianhe, doing)
    with pytest.raises(AmountNotPositive):
        credit(tianhe, doing, number="GZ-2", amount_minor=-1)
