"""Every act that makes a limitation period begin anew is written down with its evidence, once."""

from datetime import date, timedelta

import pytest
from django.db import Error, transaction

from huikuan.arrangements.commands.promising import Share, make_promise
from huikuan.cash.commands.receive import allocate_money, receive_money
from huikuan.cash.commands.reverse import Why, reverse_money
from huikuan.desk.queries.timeline import timeline
from huikuan.journal.models import Entry
from huikuan.receivables.commands.limitation import INTERRUPTED, note_interruption, note_part_payments
from huikuan.receivables.models import LimitationEvent, Receipt, ThirdPartyPayment
from huikuan.receivables.queries.limitation import interruptions
from tests.modules.runs.conftest import bill, morning

__all__ = ["bill"]

pytestmark = pytest.mark.django_db

DUE = date(2026, 7, 6)
LATE = DUE + timedelta(days=4)


def _paid(customer, actor, amount_minor, **said) -> Receipt:
    return receive_money(
        entity_id=customer.entity_id, customer_id=customer.pk, reference=f"YH-{Receipt.objects.count()}",
        received_on=LATE, currency="CNY", amount_minor=amount_minor, actor=actor, now=morning(LATE), **said,
    )  # fmt: skip


def _kinds(customer) -> list[tuple[int, str, date]]:
    return [(each.item_id, each.kind, each.happened_on) for each in interruptions(customer_id=customer.pk)]


def test_a_part_payment_interrupts_for_its_item_alone(bill, finance, tianhe):
    paid, part, untouched = (bill(tianhe, f"INV-{n}", DUE + timedelta(days=n), 100_000) for n in range(3))
    receipt = _paid(tianhe, finance, 130_000, payer_name="天河电子")
    assert _kinds(tianhe) == [(part.pk, "PART_PAYMENT", LATE)]
    event = LimitationEvent.objects.get()
    assert (event.who, event.evidence, event.noted_by) == ("天河电子", f"receipt:{receipt.pk}", finance)
    line = next(each for each in timeline(tianhe.pk) if each.what == "Limitation period begins anew")
    assert ("By", "Part payment by the debtor") in [(str(name), str(value)) for name, value in line.reasons]
    assert note_part_payments(customer_ids=[tianhe.pk], actor=None, now=morning(LATE)) == 0
    assert paid.pk != untouched.pk


def test_money_taken_back_no_longer_counts_but_stays_on_record(bill, finance, tianhe):
    bill(tianhe, "INV-1", DUE, 100_000)
    receipt = _paid(tianhe, finance, 40_000)
    reverse_money(receipt_id=receipt.pk, why=Why.MISTAKEN, reason="not his", actor=finance, now=morning(LATE))
    assert interruptions(customer_id=tianhe.pk) == []
    assert LimitationEvent.objects.count() == 1


def test_what_reopens_an_item_finds_the_part_that_stands(bill, finance, tianhe):
    item = bill(tianhe, "INV-1", DUE, 100_000)
    first = _paid(tianhe, finance, 40_000)
    rest = _paid(tianhe, finance, 60_000)
    reverse_money(receipt_id=first.pk, why=Why.BOUNCED, reason="returned", actor=finance, now=morning(LATE))
    assert [(each.item_id, each.evidence) for each in interruptions(customer_id=tianhe.pk)] == [
        (item.pk, f"receipt:{rest.pk}")
    ]


def test_somebody_elses_money_is_no_act_of_the_debtor(bill, finance, tianhe):
    bill(tianhe, "INV-1", DUE, 100_000)
    receipt = _paid(tianhe, finance, 40_000, allocate="NONE")
    ThirdPartyPayment.objects.create(receipt=receipt, payer="滨海贸易", ground="letter", recorded_at=morning(LATE))
    allocate_money(receipt_id=receipt.pk, actor=finance, now=morning(LATE))
    assert interruptions(customer_id=tianhe.pk) == []


def test_a_promise_interrupts_for_what_it_is_about(bill, finance, tianhe):
    named, other = bill(tianhe, "INV-1", DUE, 100_000), bill(tianhe, "INV-2", DUE, 100_000)
    said = {"customer_id": tianhe.pk, "currency": "CNY", "made_on": LATE, "actor": finance, "now": morning(LATE)}
    share = [Share(LATE + timedelta(days=3), 50_000)]
    make_promise(shares=share, item_ids=[named.pk], **said)
    assert _kinds(tianhe) == [(named.pk, "PROMISE", LATE)]
    make_promise(shares=share, **said)
    assert {item for item, _kind, _on in _kinds(tianhe)} == {named.pk, other.pk}


def test_the_same_act_is_written_down_once_and_never_changed(bill, finance, tianhe, binhai):
    mine, foreign = bill(tianhe, "INV-1", DUE, 100_000), bill(binhai, "INV-2", DUE, 100_000)
    said = {
        "customer_id": tianhe.pk, "kind": "TIME_ASKED", "happened_on": LATE, "evidence": "contact:7", "who": "李会计",
        "item_ids": [mine.pk, foreign.pk], "actor": finance, "now": morning(LATE),
    }  # fmt: skip
    assert [note_interruption(**said), note_interruption(**said)] == [1, 0]
    assert Entry.objects.filter(event=INTERRUPTED).count() == 1
    with pytest.raises(Error), transaction.atomic():
        LimitationEvent.objects.update(who="somebody else")
