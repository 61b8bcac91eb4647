"""A dispute holds what is disputed and nothing else; it is answered on a clock and ends by a decision."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from huikuan.arrangements.commands.disputes import (
    ConcessionOutOfRange,
    DisputeDecided,
    DisputeItemForeign,
    DisputeRunning,
    DisputeTooLarge,
    DisputeWordsMissing,
    decide_dispute,
    escalate_disputes,
    money_arrived,
    open_dispute,
    prolong_dispute_holds,
    say_in_dispute,
)
from huikuan.arrangements.models import Dispute, DisputeMessage
from huikuan.journal.files import read_file
from huikuan.journal.models import Entry
from huikuan.outreach.models import Delivery
from huikuan.policy.models import Hold
from huikuan.policy.queries import running_holds
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.commands.receipts import book_receipt
from huikuan.receivables.models import CreditNote
from huikuan.runs.claim import claim_on
from huikuan.runs.speech import Speech
from huikuan.runs.telling import provider_of
from tests.people import NOON, TODAY


@pytest.fixture
def item(tianhe, finance):
    """5,000.00, overdue since 2026-06-10."""
    return book_item(customer_id=tianhe.pk, number="FP-1", amount_minor=500_000, issued_on=date(2026, 5, 10),
                     due_on=date(2026, 6, 10), actor=finance, now=NOON)  # fmt: skip


@pytest.fixture
def dispute(item, tianhe, owner):
    """1,200.00 of it, for quality."""
    return open_dispute(customer_id=tianhe.pk, item_id=item.pk, amount_minor=120_000, kind="QUALITY", text="三箱破损",
                        actor=owner, now=NOON)  # fmt: skip


def decide(dispute, actor, decision, **more):
    return decide_dispute(dispute_id=dispute.pk, decision=decision, explanation="经核实", actor=actor, now=NOON, **more)


def claim_of(delivery):
    return claim_on(delivery, TODAY)


def test_only_the_disputed_part_is_held_and_the_rest_is_claimed(dispute, tianhe):
    hold = running_holds(tianhe.pk, TODAY).get()
    assert (hold.kind, hold.item_id, hold.amount_minor) == ("DISPUTE", dispute.item_id, 120_000)
    claim = claim_of(Delivery(entity=tianhe.entity, customer=tianhe, currency="CNY"))
    assert (claim.overdue_minor, claim.held_minor) == (380_000, 120_000)


def test_the_clock_the_department_and_the_acknowledgement(dispute):
    # Friday noon: one hour later, and ten working days
    assert dispute.answer_due_at == datetime(2026, 7, 10, 5, 0, tzinfo=UTC)
    assert dispute.resolve_due_on == date(2026, 7, 24)
    assert dispute.department == "QUALITY"
    delivery = Delivery.objects.get()
    assert (delivery.template, delivery.about) == ("dispute_ack", f"dispute:{dispute.pk}")
    told = provider_of("dispute_ack")(delivery, Speech("en", "CNY", TODAY))
    assert told.words["disputed_amount"] == "¥1,200.00"
    assert told.words["undisputed_amount"] == "¥3,800.00"


def test_the_first_answer_stops_the_clock(dispute, owner):
    say_in_dispute(dispute_id=dispute.pk, text="已请质检核实", actor=owner, now=NOON)
    dispute.refresh_from_db()
    assert dispute.answered_at is None
    say_in_dispute(dispute_id=dispute.pk, text="已回电客户", actor=owner, now=NOON, is_answer=True)
    dispute.refresh_from_db()
    assert dispute.answered_at == NOON


def test_evidence_is_kept_by_its_hash(dispute, owner, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    photo = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
    message = say_in_dispute(dispute_id=dispute.pk, text="照片", actor=owner, now=NOON,
                             evidence=("broken.png", "image/png", photo))  # fmt: skip
    assert read_file(message.file) == photo
    with pytest.raises(IntegrityError), transaction.atomic():
        DisputeMessage.objects.update(text="")


def test_a_credit_note_settles_what_was_disputed(dispute, item, owner):
    decide(dispute, owner, "CREDIT_NOTE")
    item.refresh_from_db()
    dispute.refresh_from_db()
    assert item.open_minor == 380_000
    assert (dispute.conceded_minor, CreditNote.objects.get()) == (120_000, dispute.credit_note)
    assert not running_holds(item.customer_id, TODAY).exists()
    notice = Delivery.objects.get(template="dispute_decision")
    told = provider_of("dispute_decision")(notice, Speech("en", "CNY", TODAY))
    assert told.words["credited_amount"] == "¥1,200.00"
    assert told.words["still_open"] == "¥3,800.00"


def test_a_rejected_one_is_pursued_again(dispute, item, owner):
    decide(dispute, owner, "REJECTED")
    item.refresh_from_db()
    assert (item.open_minor, CreditNote.objects.count()) == (500_000, 0)
    assert not running_holds(item.customer_id, TODAY).exists()


def test_an_agreement_concedes_a_part(dispute, item, owner):
    with pytest.raises(ConcessionOutOfRange):
        decide(dispute, owner, "AGREED", conceded_minor=120_001)
    decide(dispute, owner, "AGREED", conceded_minor=70_000)
    item.refresh_from_db()
    assert item.open_minor == 430_000


def test_a_decided_dispute_is_over_and_another_may_be_opened(dispute, item, tianhe, owner):
    decide(dispute, owner, "REJECTED")
    with pytest.raises(DisputeDecided):
        decide(dispute, owner, "REJECTED")
    with pytest.raises(DisputeDecided):
        say_in_dispute(dispute_id=dispute.pk, text="?", actor=owner, now=NOON)
    open_dispute(customer_id=tianhe.pk, item_id=item.pk, amount_minor=1, kind="PRICE", text="again", actor=owner,
                 now=NOON)  # fmt: skip


def test_what_cannot_be_disputed_is_refused_and_leaves_no_trace(dispute, item, tianhe, yunfeng, owner):
    before = (Hold.objects.count(), Entry.objects.count())
    given = {"customer_id": tianhe.pk, "item_id": item.pk, "amount_minor": 1, "kind": "PRICE", "text": "x",
             "actor": owner, "now": NOON}  # fmt: skip
    with pytest.raises(DisputeRunning, match="FP-1"):
        open_dispute(**given)
    with pytest.raises(DisputeItemForeign):
        open_dispute(**given | {"customer_id": yunfeng.pk})
    with pytest.raises(DisputeWordsMissing):
        open_dispute(**given | {"text": "  "})
    decide(dispute, owner, "REJECTED")
    with pytest.raises(DisputeTooLarge):
        open_dispute(**given | {"amount_minor": 500_001})
    assert Hold.objects.count() == before[0]
    with pytest.raises(IntegrityError, match=r"dispute_open_once_per_item|UNIQUE"), transaction.atomic():
        Dispute.objects.bulk_create([Dispute(**_copied(dispute)), Dispute(**_copied(dispute))])


def _copied(dispute):
    names = ("entity_id", "customer_id", "item_id", "currency", "amount_minor", "kind", "department", "text",
             "raised_at", "answer_due_at", "resolve_due_on")  # fmt: skip
    hold = Hold.objects.get(pk=dispute.hold_id)
    hold.pk = None
    hold.save()
    return {name: getattr(dispute, name) for name in names} | {"hold": hold}


def test_money_for_all_of_it_ends_the_dispute(dispute, item, tianhe, finance):
    book_receipt(customer_id=tianhe.pk, reference="R-1", received_on=TODAY, amount_minor=500_000, actor=finance,
                 now=NOON, item_number="FP-1")  # fmt: skip
    assert money_arrived(customer_id=tianhe.pk, as_of=TODAY, now=NOON) == [dispute]
    dispute.refresh_from_db()
    assert (dispute.decision, dispute.conceded_minor) == ("PAID", 0)
    assert money_arrived(customer_id=tianhe.pk, as_of=TODAY, now=NOON) == []


def test_a_late_one_escalates_once_and_its_hold_goes_on(dispute, tianhe):
    late = {"entity_id": tianhe.entity_id, "now": NOON}
    assert escalate_disputes(as_of=date(2026, 7, 24), **late) == []
    assert escalate_disputes(as_of=date(2026, 7, 25), **late) == [dispute]
    assert escalate_disputes(as_of=date(2026, 7, 26), **late) == []
    after = date(2026, 8, 9)
    assert not running_holds(tianhe.pk, after).exists()
    assert prolong_dispute_holds(as_of=after, **late) == 1
    assert running_holds(tianhe.pk, after).get().amount_minor == 120_000
