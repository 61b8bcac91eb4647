"""Holds: placed with an end, released early, read as a frame."""

from datetime import date, timedelta

import pytest

from huikuan.journal.models import Entry
from huikuan.policy.commands import (
    HoldEndsBeforeStart,
    HoldItemForeign,
    HoldOver,
    HoldPartTooLarge,
    HoldReasonMissing,
    HoldTooLong,
    place_hold,
    release_hold,
    upload_version,
)
from huikuan.policy.models import Hold
from huikuan.policy.queries import holds_frame, running_holds
from huikuan.policy.reading.policy import pack_text
from huikuan.receivables.models import OpenItem
from tests.people import NOON, TODAY


@pytest.fixture
def invoice(tianhe) -> OpenItem:
    return OpenItem.objects.create(
        entity=tianhe.entity, customer=tianhe, number="INV-1", issued_on=date(2026, 6, 1), due_on=date(2026, 7, 1),
        currency="CNY", amount_minor=100_000, open_minor=100_000, booked_at=NOON,
    )  # fmt: skip


def place(customer, actor=None, **more) -> Hold:
    given = {"kind": "DISPUTE", "starts_on": TODAY, "ends_on": TODAY + timedelta(9), "reason": "Wrong quantity", **more}
    return place_hold(customer_id=customer.pk, actor=actor, now=NOON, **given)


def frame(entity, day, **more):
    found = holds_frame(entity_id=entity.pk, as_of=day, **more)
    return found.select("customer_id", "item_id", "amount_minor", "starts_on", "ends_on").rows()


def test_a_hold_is_placed_seen_and_recorded(tianhe, owner, invoice):
    hold = place(tianhe, owner, item_id=invoice.pk, amount_minor=40_000)
    assert (hold.item, hold.amount_minor, hold.placed_by) == (invoice, 40_000, owner)
    assert frame(tianhe.entity, TODAY) == [(tianhe.pk, invoice.pk, 40_000, TODAY, TODAY + timedelta(9))]
    assert list(running_holds(tianhe.pk, TODAY)) == [hold]
    entry = Entry.objects.get(event="policy.hold-placed")
    assert (entry.customer_id, entry.facts["kind"], entry.facts["amount_minor"]) == (tianhe.pk, "DISPUTE", 40_000)


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"reason": "  "}, HoldReasonMissing),
        ({"ends_on": TODAY - timedelta(1)}, HoldEndsBeforeStart),
        ({"ends_on": TODAY + timedelta(30)}, HoldTooLong),
        ({"amount_minor": 1}, HoldPartTooLarge),
    ],
)
def test_what_cannot_be_held_changes_nothing(tianhe, more, refusal):
    with pytest.raises(refusal):
        place(tianhe, **more)
    assert not Hold.objects.exists()
    assert not Entry.objects.exists()


def test_the_part_and_the_item_must_be_the_customers(tianhe, binhai, invoice):
    with pytest.raises(HoldPartTooLarge):
        place(tianhe, item_id=invoice.pk, amount_minor=100_001)
    with pytest.raises(HoldItemForeign, match="INV-1"):
        place(binhai, item_id=invoice.pk)
    assert not Hold.objects.exists()


def test_the_longest_hold_is_the_policys(tianhe):
    assert place(tianhe, ends_on=TODAY + timedelta(29)).ends_on == TODAY + timedelta(29)
    longer = pack_text().replace("DISPUTE: {max_days: 30}", "DISPUTE: {max_days: 40}")
    upload_version(entity_id=tianhe.entity_id, source=longer, starts_on=TODAY, last_run_on=None, actor=None, now=NOON)
    assert place(tianhe, ends_on=TODAY + timedelta(39)).ends_on == TODAY + timedelta(39)
    with pytest.raises(HoldTooLong, match=str(TODAY + timedelta(39))):
        place(tianhe, ends_on=TODAY + timedelta(40))


def test_a_release_ends_the_hold_from_that_day_on(tianhe, owner):
    hold = release_hold(hold_id=place(tianhe).pk, released_on=TODAY + timedelta(3), actor=owner, now=NOON)
    assert (hold.released_on, hold.released_by) == (TODAY + timedelta(3), owner)
    assert frame(tianhe.entity, TODAY + timedelta(2)) == [(tianhe.pk, None, None, TODAY, TODAY + timedelta(2))]
    assert frame(tianhe.entity, TODAY + timedelta(3)) == []
    assert not running_holds(tianhe.pk, TODAY + timedelta(3)).exists()
    with pytest.raises(HoldOver):
        release_hold(hold_id=hold.pk, released_on=TODAY + timedelta(4), actor=owner, now=NOON)
    assert Entry.objects.filter(event="policy.hold-released").count() == 1


def test_a_hold_released_before_it_began_never_held(tianhe):
    hold = place(tianhe, starts_on=TODAY + timedelta(5))
    release_hold(hold_id=hold.pk, released_on=TODAY, actor=None, now=NOON)
    assert frame(tianhe.entity, TODAY + timedelta(5)) == []


def test_a_hold_that_is_over_cannot_be_released(tianhe):
    hold = place(tianhe)
    with pytest.raises(HoldOver):
        release_hold(hold_id=hold.pk, released_on=hold.ends_on + timedelta(1), actor=None, now=NOON)


def test_the_frame_holds_what_the_day_needs(tianhe, binhai, yunfeng):
    place(tianhe, starts_on=TODAY - timedelta(40), ends_on=TODAY - timedelta(30), kind="SPECIAL_PERIOD")
    place(tianhe, starts_on=TODAY - timedelta(40), ends_on=TODAY - timedelta(30), kind="MANUAL")
    place(binhai)
    place(yunfeng)
    place(tianhe, starts_on=TODAY + timedelta(1), ends_on=TODAY + timedelta(2))
    assert [row[0] for row in frame(tianhe.entity, TODAY)] == [binhai.pk]
    past = frame(tianhe.entity, TODAY, stops_clock=frozenset({"SPECIAL_PERIOD"}))
    assert sorted(row[0] for row in past) == sorted([tianhe.pk, binhai.pk])
    assert frame(tianhe.entity, TODAY, customer_ids=[tianhe.pk]) == []
