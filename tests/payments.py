"""A customer who pays online: the link, the items, the gateway of trials, and callbacks as its provider signs them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from huikuan.adapters.sandbox_pay.gateway import SandboxGateway
from huikuan.cash.commands.payment_reviews import deal_with_news
from huikuan.cash.commands.receive import receive_money
from huikuan.cash.gateways import start_payment, take_callback
from huikuan.cash.models import Payment, PaymentEvent
from huikuan.cash.rules.payment import Verdict
from huikuan.kernel.zones import local_day
from huikuan.parties.commands.links import issue_link
from huikuan.parties.models import Customer, SignedLink, User
from huikuan.receivables.commands.contracts import open_contract
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.models import OpenItem
from huikuan.receivables.rules.terms import Terms
from tests.people import NOON, TODAY

SANDBOX = "huikuan.adapters.sandbox_pay.gateway.SandboxGateway"


@dataclass
class Payer:
    """Tianhe behind its link, with two items: 1,000.00 ten days late at 0.05 % a day, and 250.00 not due."""

    customer: Customer
    link: SignedLink
    late: OpenItem
    fresh: OpenItem

    def begin(self, *items: OpenItem, now: datetime = NOON, gateway: str = "sandbox", with_penalty: bool = False):
        return start_payment(
            link_id=self.link.pk, gateway=gateway, item_ids=[item.pk for item in items or (self.late, self.fresh)],
            with_penalty=with_penalty, is_phone=False, payer_ip="127.0.0.1", language="en", now=now,
        )  # fmt: skip


@pytest.fixture
def sandbox(settings, tmp_path) -> SandboxGateway:
    """Switch the gateway of trials on, with a memory of its own."""
    settings.HUIKUAN_HOME = tmp_path
    settings.HUIKUAN_GATEWAY_PORTS = {"sandbox": SANDBOX}
    return SandboxGateway()


def make_payer(customer: Customer, actor, *, now: datetime = NOON, today=TODAY, prefix: str = "FP") -> Payer:
    contract = open_contract(
        customer_id=customer.pk, number=f"HT-{prefix}", clause="8.2", actor=actor, now=now,
        terms=Terms(kind="PER_DAY", rate_ppb=500_000, source="8.2"),
    )  # fmt: skip
    late = book_item(
        customer_id=customer.pk, number=f"{prefix}-1", amount_minor=100_000, issued_on=today - timedelta(days=40),
        due_on=today - timedelta(days=10), contract_id=contract.pk, actor=actor, now=now,
    )  # fmt: skip
    fresh = book_item(
        customer_id=customer.pk, number=f"{prefix}-2", amount_minor=25_000, issued_on=today - timedelta(days=5),
        due_on=today + timedelta(days=20), contract_id=contract.pk, actor=actor, now=now,
    )  # fmt: skip
    link = issue_link(
        customer_id=customer.pk,
        purpose="BILL",
        about=f"pay:{customer.pk}",
        expires_at=now + timedelta(days=30),
        now=now,
    )
    return Payer(customer, link, late, fresh)


@pytest.fixture
def payer(tianhe, finance, sandbox) -> Payer:
    """Tianhe behind its link."""
    del sandbox
    return make_payer(tianhe, finance)


def press(sandbox: SandboxGateway, payment: Payment, button: str, *, now: datetime = NOON) -> list[Verdict | None]:
    """Press a button of the pay page; return what became of each callback."""
    calls = sandbox.press(payment.number, button, now=now)
    return [take_callback(gateway="sandbox", headers=headers, body=body, now=now) for headers, body in calls]


def a_paid_payment(customer: Customer, *, now: datetime) -> Payment:
    """A payment of 10.00 that came and is on account."""
    receipt = receive_money(
        entity_id=customer.entity_id, customer_id=customer.pk, reference=f"sandbox:{customer.pk}", currency="CNY",
        received_on=local_day(now, "Asia/Shanghai"), amount_minor=1_000, allocate="NONE", actor=None, now=now,
    )  # fmt: skip
    link = issue_link(
        customer_id=customer.pk, purpose="BILL", about=f"pay:{customer.pk}", expires_at=now + timedelta(days=1), now=now
    )
    return Payment.objects.create(
        entity_id=customer.entity_id, customer=customer, link=link, gateway="sandbox", number=f"2026{customer.pk:012}",
        state="PAID", currency="CNY", amount_minor=1_000, penalty_on=receipt.received_on, created_at=now,
        expires_at=now + timedelta(hours=1), ended_at=now, receipt=receipt, provider_reference=f"SBX{customer.pk}",
    )  # fmt: skip


def a_trouble(payment: Payment, *, now: datetime, event_id: str = "E1", is_ours: bool = True, **more) -> PaymentEvent:
    """News that the payment was paid a second time: 9.99 that nobody booked."""
    told = {
        "gateway": "sandbox", "source": "CALLBACK", "state": "PAID", "currency": "CNY", "amount_minor": 999,
        "verdict": Verdict.PAID_AGAIN, "number": payment.number, "payment": payment if is_ours else None, **more,
    }  # fmt: skip
    return PaymentEvent.objects.create(event_id=event_id, heard_at=now, **told)


def make_payments(customer: Customer, actor: User, *, now: datetime) -> dict[str, int]:
    """A payment that came, news that needs a look, and news that was dealt with."""
    payment = a_paid_payment(customer, now=now)
    seen = a_trouble(payment, now=now, event_id="E2")
    deal_with_news(event_id=seen.pk, note="paid back", actor=actor, now=now)
    return {"payment": payment.pk, "news": a_trouble(payment, now=now).pk, "seen_news": seen.pk}
