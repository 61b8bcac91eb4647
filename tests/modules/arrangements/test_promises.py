"""Promises: made in a call, judged by money, taken back by a person; what bounces is judged again."""

from datetime import date, timedelta

import pytest

from huikuan.arrangements.commands import promising
from huikuan.arrangements.commands.promises import judge_promises_due, judge_promises_of
from huikuan.arrangements.commands.promising import Share, log_contact, make_promise, withdraw_promise
from huikuan.arrangements.models import Promise, PromiseChange
from huikuan.journal.models import Entry
from huikuan.outreach.commands.contact import ContactForbidden, Promised
from huikuan.outreach.models import Contact, Delivery
from huikuan.outreach.ports import Refuse
from huikuan.parties.models import ContactPerson
from huikuan.policy.models import Hold
from huikuan.receivables.commands.receipts import book_receipt
from huikuan.receivables.commands.returns import return_receipt
from huikuan.receivables.models import OpenItem
from tests.modules.arrangements.conftest import instant
from tests.people import NOON, TODAY

pytestmark = pytest.mark.django_db

DUE = date(2026, 7, 17)
"""A Friday; the last day in time is Monday 20 July."""


def promise_of(customer, actor, *shares, **fields):
    return make_promise(
        customer_id=customer.pk, shares=[Share(*share) for share in shares or [(DUE, 500_000)]], currency="CNY",
        made_on=TODAY, actor=actor, now=NOON, **fields,
    )  # fmt: skip


def pay(customer, minor, on, **fields):
    receipt = book_receipt(
        customer_id=customer.pk, reference=f"R-{on}-{minor}", received_on=on, amount_minor=minor, actor=None,
        now=instant(on), **fields,
    )  # fmt: skip
    judge_promises_of([customer.pk], as_of=on, now=instant(on))
    return receipt


def states(promise):
    return list(PromiseChange.objects.filter(promise=promise).order_by("pk").values_list("state", flat=True))


def test_a_promise_holds_dunning_and_recalls_itself(owing, owner):
    promise = promise_of(owing, owner)
    part = promise.parts.get()
    assert (part.last_on, promise.next_on, promise.state) == (date(2026, 7, 20), date(2026, 7, 20), "RUNNING")
    hold = promise.holds.get()
    assert (hold.kind, hold.starts_on, hold.ends_on, hold.item) == ("PROMISE", TODAY, date(2026, 7, 20), None)
    reminder = Delivery.objects.get()
    assert (reminder.template, reminder.about) == ("promise_reminder", f"promise:{promise.pk}")
    assert reminder.not_before.isoformat() == "2026-07-16T01:00:00+00:00"


def test_a_far_day_is_kept_but_holds_no_longer_than_the_policy_allows(owing, owner):
    promise = promise_of(owing, owner, (TODAY + timedelta(days=60), 500_000))
    assert promise.holds.get().ends_on == TODAY + timedelta(days=44)


def test_the_call_and_its_promise_are_one_act(owing, owner):
    person = ContactPerson.objects.create(
        customer=owing, name="刘会计", role="ACCOUNTANT", phone="+8613900139000", created_at=NOON
    )
    contact = log_contact(
        customer_id=owing.pk, actor=owner, now=NOON, at=NOON, channel="PHONE", direction="OUT", outcome="PROMISED",
        person_id=person.pk, summary="周五付一半", promised=Promised(DUE, 500_000, "CNY"),
    )  # fmt: skip
    promise = Promise.objects.get()
    assert (promise.contact, promise.person, promise.amount_minor, promise.made_on) == (contact, person, 500_000, TODAY)
    past = Promised(TODAY - timedelta(days=1), 500_000, "CNY")
    with pytest.raises(promising.PromiseInPast):
        log_contact(
            customer_id=owing.pk, actor=owner, now=NOON, at=NOON, channel="PHONE", direction="IN", outcome="PROMISED",
            person_id=person.pk, promised=past,
        )  # fmt: skip
    assert Contact.objects.count() == 1


def test_a_forbidden_call_makes_no_promise_and_its_refusal_is_kept(owing, owner):
    class Never:
        def ask(self, intent, person, now):
            return Refuse("night", "not now")

    person = ContactPerson.objects.create(
        customer=owing, name="刘会计", role="ACCOUNTANT", phone="+8613900139000", created_at=NOON
    )
    with pytest.raises(ContactForbidden):
        log_contact(
            customer_id=owing.pk, actor=owner, now=NOON, at=NOON, channel="PHONE", direction="OUT", outcome="PROMISED",
            person_id=person.pk, promised=Promised(DUE, 500_000, "CNY"), guard=Never(),
        )  # fmt: skip
    assert not Promise.objects.exists()
    assert Entry.objects.filter(event__startswith="outreach.contact").count() == 1


def test_money_keeps_a_promise_and_ends_its_hold(owing, owner):
    promise = promise_of(owing, owner)
    pay(owing, 200_000, date(2026, 7, 13))
    pay(owing, 300_000, date(2026, 7, 15))
    promise.refresh_from_db()
    assert (promise.state, promise.counted_minor, promise.decided_on) == ("KEPT", 500_000, date(2026, 7, 15))
    assert states(promise) == ["RUNNING", "KEPT"]
    assert promise.holds.get().released_on == date(2026, 7, 15)
    assert Delivery.objects.get().state == "CANCELLED"


def test_the_night_decides_what_money_did_not(owing, owner):
    kept, broken = promise_of(owing, owner, (DUE, 100_000)), promise_of(owing, owner)
    pay(owing, 349_999, date(2026, 7, 20))
    assert judge_promises_due(entity_id=owing.entity_id, as_of=date(2026, 7, 20), now=instant(DUE)) == []
    night = {"entity_id": owing.entity_id, "as_of": date(2026, 7, 21), "now": instant(date(2026, 7, 21))}
    assert [each.pk for each in judge_promises_due(**night)] == [broken.pk]
    broken.refresh_from_db()
    assert (broken.state, broken.counted_minor) == ("BROKEN", 249_999)
    assert states(kept) == ["RUNNING", "KEPT"]
    assert judge_promises_due(**night) == []
    assert Entry.objects.filter(event="arrangements.promise-broken").count() == 1


def test_half_is_partly_kept(owing, owner):
    promise = promise_of(owing, owner)
    pay(owing, 250_000, DUE)
    judge_promises_due(entity_id=owing.entity_id, as_of=date(2026, 7, 21), now=instant(date(2026, 7, 21)))
    promise.refresh_from_db()
    assert (promise.state, promise.counted_minor) == ("PARTLY", 250_000)


def test_money_that_goes_back_breaks_what_it_kept_and_history_stays(owing, owner):
    promise = promise_of(owing, owner)
    receipt = pay(owing, 500_000, DUE)
    later = date(2026, 7, 24)
    return_receipt(receipt_id=receipt.pk, actor=owner, now=instant(later), reason="退票", returned_on=later)
    changed = judge_promises_of([owing.pk], as_of=later, now=instant(later))
    assert [each.state for each in changed] == ["BROKEN"]
    assert states(promise) == ["RUNNING", "KEPT", "BROKEN"]


def test_a_promise_about_an_item_is_kept_only_by_money_for_it(owing, owner):
    item = OpenItem.objects.get(number="INV-2")
    promise = promise_of(owing, owner, (DUE, 400_000), item_ids=[item.pk])
    assert promise.holds.get().item == item
    pay(owing, 600_000, DUE, item_number="INV-1")
    promise.refresh_from_db()
    assert promise.state == "RUNNING"
    pay(owing, 400_000, date(2026, 7, 20), item_number="INV-2")
    promise.refresh_from_db()
    assert promise.state == "KEPT"


def test_parts_are_judged_one_by_one(owing, owner):
    promise = promise_of(owing, owner, (DUE, 100_000), (date(2026, 7, 31), 200_000))
    assert Delivery.objects.count() == 2
    pay(owing, 100_000, DUE)
    promise.refresh_from_db()
    assert (promise.state, promise.next_on) == ("RUNNING", date(2026, 8, 3))
    judge_promises_due(entity_id=owing.entity_id, as_of=date(2026, 8, 4), now=instant(date(2026, 8, 4)))
    promise.refresh_from_db()
    assert promise.state == "BROKEN"
    assert list(promise.parts.order_by("number").values_list("state", flat=True)) == ["KEPT", "BROKEN"]


def test_a_promise_is_taken_back_with_a_reason(owing, owner):
    promise = promise_of(owing, owner)
    with pytest.raises(promising.PromiseReasonMissing):
        withdraw_promise(promise_id=promise.pk, reason=" ", as_of=TODAY, actor=owner, now=NOON)
    withdraw_promise(promise_id=promise.pk, reason="听错了", as_of=TODAY, actor=owner, now=NOON)
    assert not Hold.objects.filter(released_on=None).exists()
    assert judge_promises_due(entity_id=owing.entity_id, as_of=date(2026, 8, 1), now=NOON) == []
    with pytest.raises(promising.PromiseNotRunning):
        withdraw_promise(promise_id=promise.pk, reason="again", as_of=TODAY, actor=owner, now=NOON)


@pytest.mark.parametrize(
    ("shares", "refusal"),
    [
        ([(DUE, 0)], promising.PromiseEmpty),
        ([(TODAY - timedelta(days=1), 5)], promising.PromiseInPast),
        ([(DUE, 5), (DUE, 6)], promising.PromiseDayTwice),
    ],
)
def test_what_is_no_promise(owing, owner, shares, refusal):
    with pytest.raises(refusal):
        promise_of(owing, owner, *shares)


def test_an_item_of_somebody_else_is_refused(owing, binhai, owner):
    with pytest.raises(promising.PromiseItemForeign):
        promise_of(binhai, owner, item_ids=[OpenItem.objects.get(number="INV-1").pk])
