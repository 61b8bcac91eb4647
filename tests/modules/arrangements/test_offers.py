"""An offer is taken or lapses by itself, never both, and its waiver is exact to the cent."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from huikuan.arrangements.commands.offers import (
    NothingToOffer,
    OfferExpiresBeforeToday,
    OfferNeedsAnotherPerson,
    OfferNotWaiting,
    OfferRunning,
    approve_offer,
    lapse_offers,
    make_offer,
    take_offers,
)
from huikuan.arrangements.models import Offer, OfferChange
from huikuan.journal.models import Entry
from huikuan.kernel.money import format_money
from huikuan.outreach.models import Delivery
from huikuan.policy.commands import place_hold
from huikuan.receivables.commands.allocations import Wish
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.commands.receipts import book_receipt
from huikuan.receivables.commands.returns import return_receipt
from huikuan.receivables.commands.terms import set_default_terms
from huikuan.receivables.models import OpenItem, PenaltyWaiver
from huikuan.receivables.queries.account import account_of
from huikuan.receivables.rules.terms import Terms
from huikuan.runs.compose import NoticeComposer
from tests.people import NOON

MONDAY, FRIDAY, NEXT_MONDAY = date(2026, 7, 6), date(2026, 7, 10), date(2026, 7, 13)
HALF = 500_000


@pytest.fixture
def items(tianhe, finance):
    """Two items at 0.05 % a day: 100,000.00 late since 2026-06-16, 33,333.33 late since 2026-06-26."""
    set_default_terms(entity=tianhe.entity, terms=Terms(kind="PER_DAY", rate_ppb=500_000), actor=finance, now=NOON)
    return [
        book_item(customer_id=tianhe.pk, number=number, amount_minor=minor, issued_on=date(2026, 5, 16),
                  due_on=date.fromisoformat(due), actor=finance, now=NOON)
        for number, minor, due in [("FP-1", 10_000_000, "2026-06-16"), ("FP-2", 3_333_333, "2026-06-26")]
    ]  # fmt: skip


@pytest.fixture
def offer(items, tianhe, owner):
    """Half of the penalty until Friday; on Monday it is 100000 x 20 d + 33333.33 x 10 d = 1000.00 + 166.67."""
    return make_offer(customer_id=tianhe.pk, currency="CNY", waive_ppm=HALF, expires_on=FRIDAY, as_of=MONDAY,
                      actor=owner, now=NOON)  # fmt: skip


@pytest.fixture
def pay(items, tianhe, finance):
    """Book money of Tianhe that pays its items."""

    def paying(reference, on, **amounts):
        minor = sum(amounts.values()) or 13_333_333
        return book_receipt(customer_id=tianhe.pk, reference=reference, received_on=on, amount_minor=minor,
                            actor=finance, now=NOON, wish=_wish(amounts))  # fmt: skip

    return paying


def _wish(amounts):
    if not amounts:
        return Wish()
    by_number = {item.number: item.pk for item in OpenItem.objects.all()}
    return Wish(amounts={by_number[number.replace("_", "-")]: minor for number, minor in amounts.items()})


def take(customer, day):
    return take_offers(customer_id=customer.pk, as_of=day, now=NOON)


def test_the_offer_states_what_it_rests_on(offer):
    assert (offer.principal_minor, offer.penalty_minor, offer.waived_minor) == (13_333_333, 116_667, 58_334)
    assert (offer.offered_on, offer.expires_on, offer.closes_on) == (MONDAY, FRIDAY, NEXT_MONDAY)
    assert offer.approved_at is not None
    assert [line["amount_minor"] for line in offer.calculation] == [100_000, 16_667]
    assert offer.items.count() == 2


def test_money_in_time_takes_it_and_half_the_penalty_up_to_the_payment_is_gone(offer, tianhe, pay):
    pay("R-1", date(2026, 7, 9))
    assert take(tianhe, date(2026, 7, 9)) == [offer]
    offer.refresh_from_db()
    # until 9 July: 100000.00 x 23 d = 1150.00 and 33333.33 x 13 d = 216.67; half of 1366.67 is 683.34 (half away)
    assert (offer.taken_on, offer.granted_minor, offer.lapsed_at) == (date(2026, 7, 9), 68_334, None)
    assert sum(PenaltyWaiver.objects.values_list("amount_minor", flat=True)) == 68_334
    assert sum(OpenItem.objects.values_list("settled_penalty_minor", flat=True)) == 136_667 - 68_334
    assert take(tianhe, NEXT_MONDAY + timedelta(days=9)) == []
    assert lapse_offers(entity_id=tianhe.entity_id, as_of=date(2026, 8, 1), now=NOON) == 0


def test_a_part_of_the_money_takes_nothing_and_the_offer_lapses(offer, tianhe, pay):
    pay("R-1", date(2026, 7, 9), FP_1=10_000_000)
    assert take(tianhe, date(2026, 7, 9)) == []
    assert lapse_offers(entity_id=tianhe.entity_id, as_of=NEXT_MONDAY, now=NOON) == 0
    assert lapse_offers(entity_id=tianhe.entity_id, as_of=date(2026, 7, 14), now=NOON) == 1
    offer.refresh_from_db()
    assert (offer.lapsed_at, offer.taken_on) == (NOON, None)
    assert not PenaltyWaiver.objects.exists()
    assert list(offer.changes.order_by("pk").values_list("state", flat=True)) == ["RUNNING", "LAPSED"]


def test_silent_offers_lapse_together_with_one_entry(offer, tianhe):
    before = Entry.objects.count()
    assert lapse_offers(entity_id=tianhe.entity_id, as_of=date(2026, 7, 14), now=NOON) == 1
    assert Entry.objects.count() == before + 1
    assert lapse_offers(entity_id=tianhe.entity_id, as_of=date(2026, 7, 15), now=NOON) == 0


def test_money_a_day_late_takes_nothing(offer, tianhe, pay):
    pay("R-1", date(2026, 7, 11))
    assert take(tianhe, date(2026, 7, 11)) == []
    assert [each.pk for each in take(tianhe, date(2026, 7, 14))] == [offer.pk]
    assert Offer.objects.get().lapsed_at is not None


def test_money_in_time_that_the_bank_reports_later_still_takes_it(offer, tianhe, pay):
    lapse_offers(entity_id=tianhe.entity_id, as_of=date(2026, 7, 14), now=NOON)
    pay("R-1", FRIDAY)
    take(tianhe, date(2026, 7, 15))
    offer.refresh_from_db()
    assert (offer.taken_on, offer.lapsed_at) == (FRIDAY, None)
    assert list(offer.changes.order_by("pk").values_list("state", flat=True)) == ["RUNNING", "LAPSED", "TAKEN"]


def test_money_taken_back_untakes_it_and_the_penalty_revives(offer, tianhe, pay, finance):
    receipt = pay("R-1", date(2026, 7, 9))
    take(tianhe, date(2026, 7, 9))
    return_receipt(receipt_id=receipt.pk, actor=finance, now=NOON, reason="退票", returned_on=NEXT_MONDAY)
    take(tianhe, date(2026, 7, 20))
    offer.refresh_from_db()
    assert (offer.taken_at, offer.granted_minor, offer.lapsed_at) == (None, None, NOON)
    assert sum(PenaltyWaiver.objects.values_list("amount_minor", flat=True)) == 0
    account = account_of(tianhe.pk, as_of=date(2026, 7, 20))
    # 23 + 7 and 13 + 7 days without the money: all of it is claimed again
    assert [item.penalty_minor for item in account.items if item.number != "R-1-RETURN"] == [150_000, 33_333]
    assert list(OfferChange.objects.order_by("pk").values_list("state", flat=True)) == ["RUNNING", "TAKEN", "LAPSED"]


def test_what_was_disputed_need_not_be_paid(items, tianhe, owner, pay):
    place_hold(customer_id=tianhe.pk, kind="DISPUTE", starts_on=MONDAY, ends_on=date(2026, 7, 20), reason="数量",
               actor=owner, now=NOON, item_id=items[1].pk, amount_minor=333_333)  # fmt: skip
    offer = make_offer(customer_id=tianhe.pk, currency="CNY", waive_ppm=HALF, expires_on=FRIDAY, as_of=MONDAY,
                       actor=owner, now=NOON)  # fmt: skip
    assert offer.principal_minor == 13_000_000
    pay("R-1", date(2026, 7, 8), FP_1=10_000_000, FP_2=3_000_000)
    assert take(tianhe, date(2026, 7, 8)) == [offer]
    account = account_of(tianhe.pk, as_of=date(2026, 7, 8))
    line = next(each for each in account.items[0].lines if each.is_waived)
    assert line.amount_minor < 0
    assert account.items[0].penalty_minor == sum(each.amount_minor for each in account.items[0].lines)


def test_money_on_account_counts_as_the_letter_says(offer, tianhe, finance, pay):
    book_receipt(customer_id=tianhe.pk, reference="R-0", received_on=date(2026, 7, 7), amount_minor=3_333_333,
                 actor=finance, now=NOON)  # fmt: skip
    pay("R-1", date(2026, 7, 8), FP_1=10_000_000)
    assert take(tianhe, date(2026, 7, 8)) == [offer]


def test_beyond_the_policy_another_person_must_approve(items, tianhe, owner, colleague, pay):
    offer = make_offer(customer_id=tianhe.pk, currency="CNY", waive_ppm=800_000, expires_on=FRIDAY, as_of=MONDAY,
                       actor=owner, now=NOON)  # fmt: skip
    assert offer.approved_at is None
    pay("R-1", date(2026, 7, 8))
    assert take(tianhe, date(2026, 7, 8)) == []
    with pytest.raises(OfferNeedsAnotherPerson):
        approve_offer(offer_id=offer.pk, as_of=MONDAY, actor=owner, now=NOON)
    approve_offer(offer_id=offer.pk, as_of=MONDAY, actor=colleague, now=NOON)
    assert take(tianhe, date(2026, 7, 8)) == [offer]
    with pytest.raises(OfferNotWaiting):
        approve_offer(offer_id=offer.pk, as_of=MONDAY, actor=colleague, now=NOON)


def test_what_cannot_be_offered_is_refused(offer, items, tianhe, owner):
    again = {"customer_id": tianhe.pk, "waive_ppm": HALF, "as_of": MONDAY, "actor": owner, "now": NOON}
    with pytest.raises(OfferRunning, match="2026-07-10"):
        make_offer(currency="CNY", expires_on=FRIDAY, **again)
    with pytest.raises(NothingToOffer):
        make_offer(currency="USD", expires_on=FRIDAY, **again)
    with pytest.raises(OfferExpiresBeforeToday):
        make_offer(currency="CNY", expires_on=date(2026, 7, 5), **again)


def test_the_database_refuses_an_offer_both_taken_and_lapsed(offer):
    now = datetime(2026, 7, 9, tzinfo=UTC)
    with pytest.raises(IntegrityError, match="offer_taken_or_lapsed_never_both"), transaction.atomic():
        Offer.objects.update(taken_at=now, taken_on=MONDAY, granted_minor=1, lapsed_at=now)


def test_an_offer_made_by_hand_is_sent_once_it_binds(offer, tianhe, owner, pay):
    letter = Delivery.objects.get(template="offer_made")
    assert (letter.state, letter.about, letter.customer) == ("QUEUED", f"offer:{offer.pk}", tianhe)
    draft = NoticeComposer().compose(letter, NOON)
    settles = format_money(offer.principal_minor + offer.penalty_minor - offer.waived_minor, "CNY", "zh-hans")
    assert settles in draft.text
    assert "FP-1" in draft.text
    assert draft.facts["waived_minor"] == offer.waived_minor
    Offer.objects.filter(pk=offer.pk).update(withdrawn_at=NOON)
    assert NoticeComposer().compose(letter, NOON).reason == "OFFER_NOT_RUNNING"


def test_an_offer_that_waits_for_approval_is_not_sent_before(items, tianhe, owner, colleague):
    waiting = make_offer(customer_id=tianhe.pk, currency="CNY", waive_ppm=1_000_000, expires_on=FRIDAY, as_of=MONDAY,
                         actor=owner, now=NOON)  # fmt: skip
    assert waiting.approved_at is None
    assert not Delivery.objects.filter(template="offer_made").exists()
    approve_offer(offer_id=waiting.pk, as_of=MONDAY, actor=colleague, now=NOON)
    assert Delivery.objects.get(template="offer_made").about == f"offer:{waiting.pk}"
