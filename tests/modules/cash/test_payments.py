"""Payments through a gateway: whatever is called in, the money is booked exactly once."""

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from huikuan.adapters.signed_event import sign
from huikuan.cash.commands.payments import GatewayCurrency, GatewayOfOther, NothingToPay, OneCurrency, take_news
from huikuan.cash.commands.receive import receive_money
from huikuan.cash.gateways import check_payment, take_callback
from huikuan.cash.jobs import settle_payments
from huikuan.cash.models import Payment, PaymentEvent
from huikuan.cash.ports import CallbackForged, GatewayRefused, GatewayUnknown, GatewayUnsure
from huikuan.cash.rules.payment import News, NewsState, Verdict
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.models import Charge, Receipt
from tests.payments import press
from tests.people import NOON, TODAY

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def receipts():
    return list(Receipt.objects.order_by("pk").values_list("amount_minor", "unapplied_minor"))


def state_of(payment):
    payment.refresh_from_db()
    return payment.state


def open_of(*items):
    for item in items:
        item.refresh_from_db()
    return [item.open_minor for item in items]


def called(sandbox, payment, *, now=NOON, **changed):
    """A callback signed by the gateway, with something changed in it before it was signed."""
    (headers, body) = sandbox.press(payment.number, "pay", now=now)[0]
    body = json.dumps(json.loads(body) | changed).encode()
    headers = {"x-sandbox-signature": sign(body, secret=sandbox._secret, now=now)}
    return take_callback(gateway="sandbox", headers=headers, body=body, now=now)


def test_a_payment_is_booked_on_the_items_it_was_made_for(payer, sandbox):
    payment = payer.begin()
    assert (payment.state, payment.amount_minor) == ("PENDING", 125_000)
    assert press(sandbox, payment, "pay") == [Verdict.BOOKED]
    assert state_of(payment) == "PAID"
    assert open_of(payer.late, payer.fresh) == [0, 0]
    assert receipts() == [(125_000, 0)]
    assert payment.receipt.reference == f"sandbox:{payment.provider_reference}"


def test_only_what_was_chosen_is_paid(payer, sandbox):
    payment = payer.begin(payer.fresh)
    press(sandbox, payment, "pay")
    assert open_of(payer.late, payer.fresh) == [100_000, 0]


def test_the_same_news_counts_once(payer, sandbox):
    payment = payer.begin()
    assert press(sandbox, payment, "twice") == [Verdict.BOOKED, Verdict.REPEATED]
    assert press(sandbox, payment, "pay") == [Verdict.REPEATED]
    assert called(sandbox, payment, event="EV-another-name") is Verdict.REPEATED
    check_payment(payment_id=payment.pk, now=NOON)
    assert receipts() == [(125_000, 0)]
    assert PaymentEvent.objects.count() == 2


def test_a_failure_told_after_the_payment_changes_nothing(payer, sandbox):
    payment = payer.begin()
    press(sandbox, payment, "pay")
    assert called(sandbox, payment, event="EV-late", state="FAILED") is Verdict.OUT_OF_ORDER
    assert state_of(payment) == "PAID"


def test_a_payment_after_a_failure_is_booked(payer, sandbox):
    payment = payer.begin()
    assert press(sandbox, payment, "fail") == [Verdict.MOVED]
    assert state_of(payment) == "FAILED"
    assert press(sandbox, payment, "pay") == [Verdict.BOOKED]
    assert state_of(payment) == "PAID"


@pytest.mark.parametrize("spoil", ["signature", "body", "age", "nothing"])
def test_a_forged_call_is_not_believed(payer, sandbox, spoil):
    payment = payer.begin()
    (headers, body) = sandbox.press(payment.number, "pay", now=NOON)[0]
    now = NOON
    if spoil == "signature":
        headers = {"x-sandbox-signature": sign(body, secret="guessed", now=NOON)}
    elif spoil == "body":
        body = body.replace(b"125000", b"1")
    elif spoil == "age":
        now = NOON + 6 * MINUTE
    else:
        headers = {}
    with pytest.raises(CallbackForged):
        take_callback(gateway="sandbox", headers=headers, body=body, now=now)
    assert (receipts(), PaymentEvent.objects.count(), state_of(payment)) == ([], 0, "PENDING")


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({"amount_minor": 1}, Verdict.AMOUNT_DIFFERS),
        ({"amount_minor": 125_001}, Verdict.AMOUNT_DIFFERS),
        ({"currency": "USD"}, Verdict.CURRENCY_DIFFERS),
        ({"number": "HK404"}, Verdict.UNKNOWN),
    ],
)
def test_money_that_was_not_asked_for_is_shown_and_not_booked(payer, sandbox, changed, verdict):
    payment = payer.begin()
    assert called(sandbox, payment, **changed) is verdict
    assert (receipts(), state_of(payment)) == ([], "PENDING")
    assert PaymentEvent.objects.get().verdict == verdict


def test_a_second_transaction_for_one_payment_is_not_booked_by_itself(payer, sandbox):
    payment = payer.begin()
    press(sandbox, payment, "pay")
    assert called(sandbox, payment, event="EV2", transaction="SBX-other") is Verdict.PAID_AGAIN
    assert len(receipts()) == 1


def test_what_was_paid_at_the_bank_meanwhile_goes_on_account(payer, sandbox, finance):
    payment = payer.begin()
    receive_money(
        entity_id=payer.customer.entity_id, customer_id=payer.customer.pk, reference="BANK-1", received_on=TODAY,
        currency="CNY", amount_minor=100_000, allocate=[(payer.late.pk, 100_000)], actor=finance, now=NOON,
    )  # fmt: skip
    assert press(sandbox, payment, "pay") == [Verdict.BOOKED]
    assert receipts() == [(100_000, 0), (125_000, 100_000)]
    assert open_of(payer.late, payer.fresh) == [0, 0]


def test_money_that_comes_after_the_end_is_booked(payer, sandbox):
    payment = payer.begin()
    calls = sandbox.press(payment.number, "pay", now=NOON)
    Payment.objects.filter(pk=payment.pk).update(state="CLOSED", next_check_at=None, ended_at=NOON)
    late = NOON + 4 * MINUTE
    for headers, body in calls:
        assert take_callback(gateway="sandbox", headers=headers, body=body, now=late) is Verdict.BOOKED
    assert state_of(payment) == "PAID"


def test_nobody_can_pay_after_the_end(payer, sandbox):
    payment = payer.begin()
    with pytest.raises(GatewayRefused):
        sandbox.press(payment.number, "pay", now=NOON + 61 * MINUTE)


def test_the_penalty_is_charged_when_it_is_paid(payer, sandbox):
    payment = payer.begin(payer.late, with_penalty=True)
    assert (payment.amount_minor, payment.penalty_minor) == (100_500, 500)
    press(sandbox, payment, "pay")
    assert receipts() == [(100_500, 0)]
    charge = Charge.objects.get()
    assert (charge.amount_minor, charge.booked_as.open_minor) == (500, 0)


def test_a_penalty_that_has_changed_stays_on_account(payer, sandbox, finance):
    payment = payer.begin(payer.late, with_penalty=True)
    receive_money(
        entity_id=payer.customer.entity_id, customer_id=payer.customer.pk, reference="BANK-1", currency="CNY",
        received_on=TODAY - timedelta(days=5), amount_minor=50_000, allocate=[(payer.late.pk, 50_000)], actor=finance,
        now=NOON,
    )  # fmt: skip
    press(sandbox, payment, "pay")
    assert receipts() == [(50_000, 0), (100_500, 50_500)]
    assert not Charge.objects.exists()


def test_a_payment_nobody_told_us_of_is_found(payer, sandbox):
    payment = payer.begin()
    sandbox.press(payment.number, "pay", now=NOON)
    assert settle_payments(now=NOON)["checked"] == 0
    assert settle_payments(now=NOON + MINUTE) == {"checked": 1, "ended": 1, "refunds": 0}
    assert state_of(payment) == "PAID"


def test_an_unpaid_payment_is_asked_about_ever_more_patiently_and_closed(payer, sandbox):
    payment, now, asked = payer.begin(), NOON, []
    while state_of(payment) == "PENDING":
        now = payment.next_check_at
        asked.append((now - NOON) // MINUTE)
        settle_payments(now=now)
    assert asked == [1, 2, 4, 8, 16, 31, 60, 90]
    assert payment.state == "CLOSED"
    with pytest.raises(GatewayRefused):
        sandbox.press(payment.number, "pay", now=NOON)


class Silent:
    """A gateway whose answers never come."""

    name, currencies = "silent", frozenset({"CNY"})

    def create(self, order):
        raise GatewayUnsure(gateway="silent")

    def query(self, number, handle, *, now):
        raise GatewayUnsure(gateway="silent")


def test_a_gateway_that_never_answers_is_given_up_after_a_day(payer, settings):
    settings.HUIKUAN_GATEWAY_PORTS = {"silent": f"{__name__}.Silent"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("huikuan.cash.ports._gateway_at", lambda path: Silent())
        payment = payer.begin(gateway="silent")
        assert payment.state == "CREATED"
        tries = 0
        while state_of(payment) == "CREATED":
            settle_payments(now=payment.next_check_at)
            tries += 1
    assert (payment.state, tries < 60) == ("CLOSED", True)


def test_the_same_choice_takes_the_payment_up_again(payer):
    first = payer.begin()
    assert payer.begin().pk == first.pk
    assert payer.begin(payer.late).pk != first.pk
    assert payer.begin(now=NOON + 50 * MINUTE).pk != first.pk


def test_what_cannot_be_paid_is_refused(payer, finance, binhai, settings):
    dollars = book_item(
        customer_id=payer.customer.pk, number="USD-1", amount_minor=100, currency="USD", issued_on=TODAY, actor=finance,
        now=NOON,
    )  # fmt: skip
    kuwait = book_item(
        customer_id=payer.customer.pk, number="KWD-1", amount_minor=100, currency="KWD", issued_on=TODAY, actor=finance,
        now=NOON,
    )  # fmt: skip
    foreign = book_item(
        customer_id=binhai.pk, number="OTHER", amount_minor=100, issued_on=TODAY, actor=finance, now=NOON
    )
    with pytest.raises(OneCurrency):
        payer.begin(payer.late, dollars)
    with pytest.raises(GatewayCurrency):
        payer.begin(kuwait)
    with pytest.raises(NothingToPay):
        payer.begin(foreign)
    with pytest.raises(GatewayUnknown):
        payer.begin(gateway="nobody")
    settings.HUIKUAN_GATEWAY_ENTITIES = ["PROP"]
    with pytest.raises(GatewayOfOther):
        payer.begin()
    assert not Payment.objects.exists()


def test_the_database_keeps_one_payment_per_transaction_and_its_events(payer, sandbox):
    payment, other = payer.begin(payer.late), payer.begin(payer.fresh)
    press(sandbox, payment, "pay")
    payment.refresh_from_db()
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.filter(pk=other.pk).update(provider_reference=payment.provider_reference)
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.filter(pk=other.pk).update(state="PAID")
    with pytest.raises(Exception, match="append"), transaction.atomic():
        PaymentEvent.objects.update(verdict="NOTED")


def test_news_of_nothing_changes_nothing(payer):
    payment = payer.begin()
    news = News(event_id="e1", number=payment.number, state=NewsState.PENDING)
    assert take_news(gateway="sandbox", news=news, source="CALLBACK", now=NOON) is Verdict.NOTED
    assert state_of(payment) == "PENDING"


@pytest.mark.django_db(transaction=True)
def test_no_gateway_is_called_inside_a_transaction(payer, sandbox, monkeypatch):
    inside = []
    for name in ("create", "query", "close"):
        real = getattr(type(sandbox), name)

        def spy(self, *args, real=real, **more):
            inside.append(connection.in_atomic_block)
            return real(self, *args, **more)

        monkeypatch.setattr(type(sandbox), name, spy)
    payment = payer.begin()
    check_payment(payment_id=payment.pk, now=NOON + 63 * MINUTE)
    assert inside == [False] * 4
    assert state_of(payment) == "CLOSED"
