"""Bank lines decided by the machine and by people: what is booked, what is learned, what is undone."""

from datetime import timedelta

import pytest

from huikuan.cash.commands import matching
from huikuan.cash.commands.matching import (
    CustomerElsewhere,
    LineDecided,
    MatchUndone,
    ThresholdWrong,
    assign_line,
    match_lines,
    reject_proposal,
    set_match_terms,
    undo_match,
)
from huikuan.cash.commands.setting_aside import set_aside
from huikuan.cash.models import KnownPayer, Match, Proposal
from huikuan.cash.queries.match_book import unmatched
from huikuan.journal.models import Entry
from huikuan.receivables.commands.allocations import AllocationExceedsItem
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.models import Receipt
from tests.bank import a_line
from tests.people import NOON, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank(huatai):
    return lambda amount_minor, *told, **more: a_line(huatai, amount_minor, *told, **more)


@pytest.fixture
def owe(tianhe):
    def item(number: str, amount_minor: int, customer=tianhe, days: int = 10):
        return book_item(
            customer_id=customer.pk, number=number, amount_minor=amount_minor, issued_on=TODAY - timedelta(days=60),
            due_on=TODAY - timedelta(days=days), actor=None, now=NOON,
        )  # fmt: skip

    return item


def test_a_sure_line_is_booked_and_pays_its_item(bank, owe, huatai, tianhe):
    item, line = owe("INV-2026-0001", 500_000), bank(500_000, "货款 inv 2026 0001", "天河电子")
    done = match_lines(entity_id=huatai.pk, now=NOON)
    item.refresh_from_db()
    line.refresh_from_db()
    made = Match.objects.get()
    assert (done.lines, done.automatic, done.proposed) == (1, 1, 0)
    assert (item.open_minor, line.receipt.customer, line.receipt.unapplied_minor) == (0, tianhe, 0)
    assert made.is_automatic
    assert made.confidence == 100
    assert {"ITEM_NUMBER", "NAMED_SUM"} <= set(made.reasons)
    assert Entry.objects.filter(event="cash.line-matched").count() == 1
    assert not unmatched(entity_id=huatai.pk).exists()


def test_matching_twice_is_once(bank, owe, huatai):
    owe("INV-2026-0001", 500_000)
    bank(500_000, "INV-2026-0001", "天河电子有限公司")
    match_lines(entity_id=huatai.pk, now=NOON)
    again = match_lines(entity_id=huatai.pk, now=NOON)
    assert again.lines == 0
    assert Receipt.objects.count() == Match.objects.count() == 1


def test_a_dry_run_says_the_same_and_writes_nothing(bank, owe, huatai):
    owe("INV-2026-0001", 500_000)
    bank(500_000, "INV-2026-0001", "天河电子有限公司")
    bank(77, "", "天河电子有限公司")
    done = match_lines(entity_id=huatai.pk, now=NOON, dry_run=True)
    assert (done.lines, done.automatic) == (2, 2)
    assert not Receipt.objects.exists()
    assert not Proposal.objects.exists()


def test_a_matching_cut_short_goes_on_where_it_was(bank, owe, huatai, monkeypatch):
    for number in range(1, 5):
        owe(f"INV-2026-000{number}", 100_000 + number)
        bank(100_000 + number, f"INV-2026-000{number}", "天河电子有限公司")
    teach, calls = matching.teach, []

    def dying(*args, **kwargs):
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return teach(*args, **kwargs)

    monkeypatch.setattr(matching, "teach", dying)
    with pytest.raises(KeyboardInterrupt):
        match_lines(entity_id=huatai.pk, now=NOON)
    assert Match.objects.count() == 2
    monkeypatch.setattr(matching, "teach", teach)
    done = match_lines(entity_id=huatai.pk, now=NOON)
    assert (done.lines, done.automatic) == (2, 2)
    assert Receipt.objects.count() == 4


def test_equal_answers_are_proposed_and_a_person_decides(bank, owe, huatai, tianhe, finance):
    first, second = owe("R-2026-01", 300_000, days=40), owe("R-2026-02", 300_000)
    line = bank(300_000, "房租", "天河电子有限公司")
    match_lines(entity_id=huatai.pk, now=NOON)
    proposal = Proposal.objects.get()
    assert proposal.has_rival
    assert {tuple(part) for each in proposal.candidates for part in each["parts"]} == {
        (first.pk, 300_000), (second.pk, 300_000)
    }  # fmt: skip
    made = assign_line(line_id=line.pk, customer_id=tianhe.pk, parts=[(first.pk, 300_000)], actor=finance, now=NOON)
    assert not made.is_automatic
    assert made.reasons
    assert not unmatched(entity_id=huatai.pk).exists()
    with pytest.raises(LineDecided):
        assign_line(line_id=line.pk, customer_id=tianhe.pk, parts=[], actor=finance, now=NOON)


def test_a_person_splits_a_line_and_leaves_the_rest_on_account(bank, owe, tianhe, finance):
    first, second = owe("A-1", 300), owe("A-2", 500)
    line = bank(1_000, "", "某人")
    made = assign_line(
        line_id=line.pk, customer_id=tianhe.pk, parts=[(first.pk, 300), (second.pk, 200)], actor=finance, now=NOON
    )
    second.refresh_from_db()
    assert (second.open_minor, made.receipt.unapplied_minor, made.confidence) == (300, 500, None)


def test_more_than_is_open_is_refused_and_nothing_is_written(bank, owe, tianhe, finance):
    item, line = owe("A-1", 300), bank(1_000)
    with pytest.raises(AllocationExceedsItem):
        assign_line(line_id=line.pk, customer_id=tianhe.pk, parts=[(item.pk, 400)], actor=finance, now=NOON)
    line.refresh_from_db()
    assert line.receipt is None
    assert not Receipt.objects.exists()
    assert not KnownPayer.objects.exists()


def test_another_entitys_customer_gets_nothing(bank, yunfeng, finance):
    line = bank(1_000)
    with pytest.raises(CustomerElsewhere):
        assign_line(line_id=line.pk, customer_id=yunfeng.pk, parts=[], actor=finance, now=NOON)


def test_a_decision_teaches_the_account_and_the_next_line_is_matched_by_it(bank, owe, huatai, tianhe, finance):
    owe("A-1", 12_345)
    line = bank(500, "", "王小明", "6217000012345678901")
    match_lines(entity_id=huatai.pk, now=NOON)
    assert not Match.objects.exists()
    assign_line(line_id=line.pk, customer_id=tianhe.pk, parts=[], actor=finance, now=NOON)
    assert set(KnownPayer.objects.values_list("kind", "confirmed_count")) == {("ACCOUNT", 1), ("NAME", 1)}
    bank(12_345, "货款", "王小明", "6217 0000 1234 5678 901")
    match_lines(entity_id=huatai.pk, now=NOON)
    made = Match.objects.get(is_automatic=True)
    assert made.customer == tianhe
    assert "ACCOUNT_KNOWN" in made.reasons


def test_a_rejected_customer_is_not_proposed_again_and_the_line_is_never_automatic(bank, owe, huatai, tianhe, finance):
    owe("A-1", 12_345)
    line = bank(12_345, "", "天河电子有限公司", "62170001")
    set_match_terms(entity_id=huatai.pk, threshold=101, charge_minor=0, actor=finance, now=NOON)
    match_lines(entity_id=huatai.pk, now=NOON)
    assert Proposal.objects.get().candidates[0]["customer_id"] == tianhe.pk
    reject_proposal(line_id=line.pk, customer_id=tianhe.pk, actor=finance, now=NOON)
    set_match_terms(entity_id=huatai.pk, threshold=80, charge_minor=0, actor=finance, now=NOON)
    match_lines(entity_id=huatai.pk, now=NOON)
    assert Proposal.objects.get().candidates == []
    assert Proposal.objects.get().rejected == [tianhe.pk]
    assert not Match.objects.exists()
    assert set(KnownPayer.objects.values_list("kind", "rejected_count")) == {("ACCOUNT", 1), ("NAME", 1)}


def test_contradictory_learning_leads_to_no_guess(bank, owe, huatai, tianhe, binhai, finance):
    for customer in (tianhe, binhai):
        line = bank(500, "", "支付宝", "2088001")
        assign_line(line_id=line.pk, customer_id=customer.pk, parts=[], actor=finance, now=NOON)
    bank(7_000, "", "支付宝", "2088001")
    match_lines(entity_id=huatai.pk, now=NOON)
    assert not Match.objects.filter(is_automatic=True).exists()
    assert Proposal.objects.get().has_rival


def test_an_undone_match_opens_the_item_and_the_line_and_takes_back_what_it_taught(
    bank, owe, huatai, tianhe, binhai, finance
):
    item = owe("INV-2026-0001", 500_000)
    line = bank(500_000, "INV-2026-0001", "天河电子有限公司", "62170001")
    match_lines(entity_id=huatai.pk, now=NOON)
    made = Match.objects.get()
    undo_match(match_id=made.pk, reason="wrong customer", actor=finance, now=NOON)
    item.refresh_from_db()
    line.refresh_from_db()
    assert (item.open_minor, item.settled_on) == (500_000, None)
    assert line.receipt.customer is None
    assert list(unmatched(entity_id=huatai.pk)) == [line]
    assert set(KnownPayer.objects.values_list("confirmed_count", "rejected_count")) == {(0, 0)}
    assert match_lines(entity_id=huatai.pk, now=NOON).automatic == 0, "what a person undid is his to decide"
    with pytest.raises(MatchUndone):
        undo_match(match_id=made.pk, reason="again", actor=finance, now=NOON)
    again = assign_line(line_id=line.pk, customer_id=binhai.pk, parts=[], actor=finance, now=NOON)
    assert again.receipt.pk == line.receipt.pk
    assert again.receipt.customer == binhai
    assert Receipt.objects.count() == 1


def test_a_line_set_aside_is_not_matched(bank, owe, huatai, tianhe, finance):
    owe("INV-2026-0001", 500_000)
    line = bank(500_000, "INV-2026-0001", "天河电子有限公司")
    set_aside(line_id=line.pk, reason="own transfer", actor=finance, now=NOON)
    assert match_lines(entity_id=huatai.pk, now=NOON).lines == 0
    with pytest.raises(LineDecided):
        assign_line(line_id=line.pk, customer_id=tianhe.pk, parts=[], actor=finance, now=NOON)


def test_charges_within_the_tolerance_match_and_beyond_it_do_not(bank, owe, huatai, finance):
    owe("INV-2026-0001", 500_000)
    set_match_terms(entity_id=huatai.pk, threshold=80, charge_minor=3_000, actor=finance, now=NOON)
    line = bank(497_500, "INV-2026-0001", "天河电子有限公司")
    match_lines(entity_id=huatai.pk, now=NOON)
    assert "NAMED_CHARGE" in Match.objects.get(line=line).reasons


@pytest.mark.parametrize("threshold", [0, 102])
def test_a_threshold_outside_its_range_is_refused(huatai, finance, threshold):
    with pytest.raises(ThresholdWrong):
        set_match_terms(entity_id=huatai.pk, threshold=threshold, charge_minor=0, actor=finance, now=NOON)


def test_money_that_went_out_is_never_matched(bank, owe, huatai):
    owe("INV-2026-0001", 500_000)
    bank(-500_000, "INV-2026-0001", "天河电子有限公司")
    assert match_lines(entity_id=huatai.pk, now=NOON).lines == 0
