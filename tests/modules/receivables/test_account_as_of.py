"""What was true on a day, and what one could know then."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from huikuan.receivables.commands.allocations import Wish, reverse_allocation
from huikuan.receivables.commands.contracts import open_contract
from huikuan.receivables.commands.credit_notes import book_credit_note
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.commands.receipts import book_receipt, book_unidentified_receipt
from huikuan.receivables.models import Allocation
from huikuan.receivables.queries.account import account_of
from huikuan.receivables.queries.frames import (
    ALLOCATION_SCHEMA,
    ITEM_SCHEMA,
    ON_ACCOUNT_SCHEMA,
    Scope,
    allocation_frame,
    item_frame,
    on_account_frame,
    unidentified_frame,
)
from huikuan.receivables.rules.terms import Terms

JANUARY_END = date(2026, 1, 31)
FEBRUARY_9 = date(2026, 2, 9)


def at(day):
    return datetime(2026, *day, 4, 0, tzinfo=UTC)


@pytest.fixture
def story(tianhe, binhai, huatai, finance):
    """100,000.00 due 10 January; 40,000.00 of value 20 January, booked on 3 February; returned with effect 1 March."""
    contract = open_contract(customer_id=tianhe.pk, number="HT-1", clause="§ 8.2", actor=finance, now=at((1, 1)),
                             terms=Terms(kind="PER_DAY", rate_ppb=500_000, source="§ 8.2"))  # fmt: skip
    item = book_item(customer_id=tianhe.pk, number="FP-1", amount_minor=10_000_000, issued_on=date(2025, 12, 11),
                     due_on=date(2026, 1, 10), contract_id=contract.pk, actor=finance, now=at((1, 2)))  # fmt: skip
    book_receipt(customer_id=tianhe.pk, reference="YH-1", received_on=date(2026, 1, 20), amount_minor=4_500_000,
                 wish=Wish(amounts={item.pk: 4_000_000}), actor=finance, now=at((2, 3)))  # fmt: skip
    book_credit_note(customer_id=tianhe.pk, number="GZ-1", issued_on=date(2026, 2, 1), amount_minor=7, actor=finance,
                     now=at((2, 3)))  # fmt: skip
    book_item(customer_id=binhai.pk, number="FP-2", amount_minor=100, issued_on=date(2026, 2, 5), actor=finance,
              now=at((2, 5)))  # fmt: skip
    book_unidentified_receipt(entity_id=huatai.pk, reference="YH-9", received_on=date(2026, 2, 6), amount_minor=33,
                              actor=finance, now=at((2, 6)))  # fmt: skip
    reverse_allocation(allocation_id=Allocation.objects.get().pk, effective_on=date(2026, 3, 1), reason="returned",
                       actor=finance, now=at((3, 1)))  # fmt: skip
    return item


OPEN = [
    (date(2025, 12, 10), None, None),  # not issued yet
    (date(2026, 1, 19), None, 10_000_000),
    (date(2026, 1, 20), None, 6_000_000),  # by value date, though booked later
    (date(2026, 2, 28), None, 6_000_000),
    (date(2026, 3, 1), None, 10_000_000),  # returned
    (JANUARY_END, at((1, 31)), 10_000_000),  # nobody could know of the money yet
    (JANUARY_END, at((2, 4)), 6_000_000),
    (date(2026, 3, 2), at((2, 28)), 6_000_000),  # nor of its return
    (JANUARY_END, at((1, 1)), None),  # nor of the item
]


@pytest.mark.parametrize(("day", "known_at", "open_minor"), OPEN)
def test_what_was_open_on_a_day(story, tianhe, day, known_at, open_minor):
    frame = item_frame(Scope(as_of=day, customer_ids=[tianhe.pk], known_at=known_at))
    assert frame.schema == pl.Schema(ITEM_SCHEMA)
    assert frame["open_minor"].to_list() == ([] if open_minor is None else [open_minor])


def test_a_run_goes_through_an_entity_by_ranges_of_customers(story, huatai, jinxiu, tianhe, binhai):
    def numbers(**scope):
        return item_frame(Scope(as_of=FEBRUARY_9, **scope))["number"].to_list()

    assert numbers(entity_id=huatai.pk) == ["FP-1", "FP-2"]
    assert numbers(entity_id=jinxiu.pk) == []
    low, high = sorted([tianhe.pk, binhai.pk])
    assert sorted(numbers(customer_range=(low, low)) + numbers(customer_range=(low + 1, high))) == ["FP-1", "FP-2"]
    assert numbers(customer_ids=[]) == []


def test_allocations_that_count(story, tianhe):
    def counted(day, **scope):
        frame = allocation_frame(Scope(as_of=day, customer_ids=[tianhe.pk], **scope))
        assert frame.schema == pl.Schema(ALLOCATION_SCHEMA)
        return frame["amount_minor"].to_list()

    assert counted(date(2026, 1, 19)) == []
    assert counted(JANUARY_END) == [4_000_000]
    assert counted(JANUARY_END, known_at=at((1, 31))) == []
    assert counted(date(2026, 3, 1)) == [4_000_000, -4_000_000]


def test_money_on_account(story, tianhe, huatai):
    def held(day, **scope):
        frame = on_account_frame(Scope(as_of=day, entity_id=huatai.pk, **scope))
        assert frame.schema == pl.Schema(ON_ACCOUNT_SCHEMA)
        return {customer: minor for customer, _currency, minor in frame.iter_rows()}

    assert held(date(2026, 1, 19)) == {}
    assert held(date(2026, 1, 20)) == {tianhe.pk: 500_000}
    assert held(date(2026, 2, 1)) == {tianhe.pk: 500_007}
    assert held(date(2026, 3, 1)) == {tianhe.pk: 4_500_007}
    assert held(JANUARY_END, known_at=at((1, 31))) == {}


def test_money_of_nobody_is_counted_apart(story, huatai, jinxiu):
    assert unidentified_frame(Scope(as_of=FEBRUARY_9, entity_id=huatai.pk)).rows() == [("CNY", 1, 33)]
    assert unidentified_frame(Scope(as_of=date(2026, 2, 5), entity_id=huatai.pk)).is_empty()
    assert unidentified_frame(Scope(as_of=FEBRUARY_9, entity_id=jinxiu.pk)).is_empty()


def test_the_account_with_its_calculation(story, tianhe):
    """The example of domain.md §3: 500.00 + 600.00 of penalty on 9 February."""
    account = account_of(tianhe.pk, as_of=FEBRUARY_9)
    (item,) = account.items
    assert (item.number, item.contract, item.clause, item.days) == ("FP-1", "HT-1", "§ 8.2", 30)
    # The return of 1 March is known by now, but has no effect on that day yet.
    assert (item.open_minor, item.penalty_minor) == (6_000_000, 110_000)
    assert [(line.first_on, line.last_on, line.days, line.base_minor, line.amount_minor) for line in item.lines] == [
        (date(2026, 1, 11), date(2026, 1, 20), 10, 10_000_000, 50_000),
        (date(2026, 1, 21), date(2026, 2, 9), 20, 6_000_000, 60_000),
    ]
    (sums,) = account.balances
    assert (sums.currency, sums.open_minor, sums.overdue_minor, sums.penalty_minor) == (
        "CNY", 6_000_000, 6_000_000, 110_000,
    )  # fmt: skip


def test_an_account_without_anything_is_empty(yunfeng):
    account = account_of(yunfeng.pk, as_of=FEBRUARY_9)
    assert (account.balances, account.items, account.days) == ((), (), 0)


def test_an_account_costs_few_queries(story, tianhe, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        account_of(tianhe.pk, as_of=FEBRUARY_9)
