"""Messages that no run decided: what they are about tells their facts at the moment of sending."""

from datetime import UTC, date, datetime, timedelta

import pytest

from huikuan.arrangements.commands.promising import Share, make_promise, withdraw_promise
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.outreach.fakes import FakeChannel, FakeGuard
from huikuan.outreach.models import Delivery
from huikuan.outreach.ports import Allow, DelayUntil, Draft, Intent, Pointless
from huikuan.outreach.rules.kinds import KINDS, subject_of
from huikuan.outreach.worker import Worker
from huikuan.policy.commands import install_default, place_hold
from huikuan.receivables.commands.allocations import Wish, reverse_allocation
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.commands.receipts import book_receipt
from huikuan.receivables.models import Allocation
from huikuan.runs.compose import NoticeComposer
from huikuan.runs.gate import ContactGate
from huikuan.runs.providers import holiday
from huikuan.runs.speech import Speech
from huikuan.runs.telling import provider_of
from tests.people import NOON, TODAY

pytestmark = pytest.mark.django_db

IN_SEPTEMBER = datetime(2026, 9, 21, 4, 0, tzinfo=UTC)


@pytest.fixture
def receipt(tianhe, finance):
    """10 000.00, of which INV-1 takes 6 000.00 whole; INV-2 stays open and is overdue."""
    for number, amount_minor in (("INV-1", 600000), ("INV-2", 900000)):
        book_item(
            customer_id=tianhe.pk, number=number, amount_minor=amount_minor, issued_on=date(2026, 6, 1),
            due_on=date(2026, 7, 1), actor=finance, now=NOON,
        )  # fmt: skip
    return book_receipt(
        customer_id=tianhe.pk, reference="R-1", received_on=TODAY, amount_minor=1000000,
        wish=Wish(amounts={tianhe.items.get(number="INV-1").pk: 600000}), actor=finance, now=NOON,
    )  # fmt: skip


def compose(delivery, now=NOON):
    fresh = Delivery.objects.select_related("customer", "entity", "person").get(pk=delivery.pk)
    return NoticeComposer().compose(fresh, now)


def thanks(queue_one, customer, receipt):
    return queue_one(customer, key="thanks", template="thank_you", step_code="", about=f"receipt:{receipt.pk}")


def test_the_thank_you_states_what_arrived_what_it_settled_and_what_is_still_overdue(queue_one, tianhe, receipt):
    draft = compose(thanks(queue_one, tianhe, receipt))
    assert isinstance(draft, Draft)
    assert draft.subject == "华泰建材有限公司：已收到贵司款项¥10,000.00，谢谢"
    for words in ("2026年7月10日 支付的 ¥10,000.00", "R-1", "1 笔款项已结清", "INV-1", "还有 ¥9,000.00"):
        assert words in draft.text, words
    assert "INV-2" not in draft.text
    assert draft.facts["received_minor"] == 1000000
    assert draft.facts["about"] == f"receipt:{receipt.pk}"


def test_nobody_is_thanked_for_money_that_was_taken_back(queue_one, tianhe, receipt, finance):
    reverse_allocation(allocation_id=Allocation.objects.get().pk, reason="退票", actor=finance, now=NOON)
    draft = compose(thanks(queue_one, tianhe, receipt))
    assert isinstance(draft, Pointless)
    assert draft.reason == "PAYMENT_TAKEN_BACK"


def test_a_reminder_of_a_promise_that_was_withdrawn_meanwhile_is_cancelled(queue_one, tianhe, receipt, owner):
    install_default(entity_id=tianhe.entity_id, starts_on=date(2020, 1, 1), now=NOON)
    tianhe.contact_persons.create(name="王芳", role="PAYER", email="wang@tianhe.example", created_at=NOON)
    promise = make_promise(
        customer_id=tianhe.pk, shares=[Share(TODAY + timedelta(days=5), 100_000)], currency="CNY", made_on=TODAY,
        actor=owner, now=NOON,
    )  # fmt: skip
    withdraw_promise(promise_id=promise.pk, reason="误记", as_of=TODAY, actor=owner, now=NOON)
    late = queue_one(tianhe, key="late", template="promise_reminder", step_code="", about=f"promise:{promise.pk}")
    worker = Worker("EMAIL", clock=lambda: NOON)
    worker.channel, worker.guard = FakeChannel(), FakeGuard()
    worker.drain()
    late.refresh_from_db()
    assert (late.state, late.last_error) == ("CANCELLED", "PROMISE_DECIDED")


def test_the_holiday_note_names_the_closure_and_the_first_day_back(queue_one, tianhe):
    delivery = queue_one(tianhe, key="holiday", template="holiday", step_code="", currency="")
    draft = compose(delivery, IN_SEPTEMBER)
    assert isinstance(draft, Draft)
    calendar = WorkingCalendar("CN")
    first, last = holiday.next_closure(calendar, IN_SEPTEMBER.date())
    assert draft.facts == {
        "closed_from": first.isoformat(), "closed_until": last.isoformat(),
        "back_on": calendar.next_working_day(last).isoformat(), "about": "", "template": "holiday",
        "template_place": "holiday/EMAIL/zh-hans/FRIENDLY", "template_version": 0,
        "as_of": "2026-09-21",
    }  # fmt: skip
    assert f"{first.month}月{first.day}日" in draft.text


def test_without_a_holiday_ahead_there_is_nothing_to_note(queue_one, tianhe):
    draft = compose(queue_one(tianhe, key="holiday", template="holiday", step_code="", currency=""))
    assert isinstance(draft, Pointless)
    assert draft.reason == "NO_HOLIDAY_AHEAD"


def test_a_provider_gives_only_words_of_its_kind(queue_one, tianhe, receipt, django_assert_max_num_queries):
    kind = KINDS["thank_you"]
    provider = provider_of("thank_you")
    delivery = thanks(queue_one, tianhe, receipt)
    speech = Speech("en", "CNY", TODAY)
    with django_assert_max_num_queries(4):
        told = provider(delivery, speech)
    assert told.words.keys() <= kind.words
    assert told.tables.keys() <= kind.tables


@pytest.mark.parametrize("about", ["", "plan", "plan:", ":1", "plan:x", "plan:１"])
def test_what_does_not_name_a_thing_is_an_error(about):
    with pytest.raises(ValueError, match="noun, colon, id"):
        subject_of(about)


def test_a_hold_stops_demands_and_not_the_letter_that_acknowledges_the_dispute(tianhe, owner):
    install_default(entity_id=tianhe.entity_id, starts_on=date(2020, 1, 1), now=NOON)
    place_hold(
        customer_id=tianhe.pk, kind="DISPUTE", starts_on=TODAY, ends_on=TODAY + timedelta(days=9), reason="x",
        actor=owner, now=NOON,
    )  # fmt: skip

    def asked(template):
        intent = Intent(
            entity_id=tianhe.entity_id, customer_id=tianhe.pk, channel="EMAIL", address=tianhe.email,
            is_automatic=True, template=template,
        )  # fmt: skip
        return ContactGate().ask(intent, None, NOON)

    assert isinstance(asked("friendly"), DelayUntil)
    assert isinstance(asked("dispute_ack"), Allow)
    assert isinstance(asked("thank_you"), Allow)
